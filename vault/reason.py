"""Whether a reason says something.

A checkout's reason is what a reviewer reads months later. These rules refuse what says nothing, mechanically and
the same for every client, because the fold applies them too: they belong to rules version 1 and never change within it.
They cannot tell a true reason from a false one; that is the reviewer's part.
"""

from __future__ import annotations

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "1234567890")
_FILLER = frozenset(
    "test testing tests asdf qwerty foo bar baz xxx yyy zzz abc abcd none nothing reason because todo tbd na n/a "
    "lorem ipsum dolor sit amet blah bla whatever stuff something anything checkout root access aws login".split()
)


def judge(reason: str, minimum: int) -> str | None:
    """Why `reason` is not good enough, as a clause a person can act on; None where it is.

    `minimum` is the policy's shortest length in characters, spaces at the ends and doubled ones not counted.
    """
    text = " ".join(reason.split())
    if not text:
        return "the reason is empty"
    if len(text) < minimum:
        return f"the reason has {len(text)} character{'s' * (len(text) != 1)}, at least {minimum} are asked for"
    letters = "".join(c for c in text.casefold() if c.isalnum())
    if len(set(letters)) < 5:
        return "the reason repeats a few characters and says nothing"
    if _repeats(letters):
        return "the reason repeats itself and says nothing"
    words = [w.strip(".,;:!?()[]\"'").casefold() for w in text.split(" ")]
    said = [w for w in words if w and w not in _FILLER and not _walks(w)]
    if not said:
        return "the reason holds only filler words"
    if text.isascii() and sum(len([c for c in w if c.isalnum()]) for w in said) < min(6, minimum):
        return "the reason holds hardly anything but filler words"
    return None


def _repeats(letters: str) -> bool:
    """True where the text is one short piece over and over: its smallest period fits at least twice."""
    period = (letters + letters).find(letters, 1)
    return period <= len(letters) // 2


def _walks(word: str) -> bool:
    """True for a word typed by walking along a keyboard row, in pieces of at least three keys."""
    if len(word) < 3 or not word.isalnum():
        return False
    at = 0
    while at < len(word):
        run = max(_run(word, at, row) for row in (*_ROWS, *(r[::-1] for r in _ROWS)))
        if run < 3:
            return False
        at += run
    return True


def _run(word: str, at: int, row: str) -> int:
    start = row.find(word[at])
    if start < 0:
        return 0
    n = 0
    while at + n < len(word) and start + n < len(row) and word[at + n] == row[start + n]:
        n += 1
    return n
