"""Reads a base32 seed as people and pages write it: with spaces or dashes, in lower case, without the padding.

What is not base32 is named by its place and never guessed: a 0 could be an O, a 1 an I or an L, an 8 a B, and a seed
with the wrong guess makes codes that AWS refuses on the one day they are needed. No message quotes the seed.
"""

from __future__ import annotations

import base64
import string

from vault.errors import WrongUsage

SHORTEST = 10
"""Bytes. 80 bits is the least that authenticator apps have ever issued; AWS gives 320 bits."""
LONGEST = 128
"""Bytes, a whole SHA-512 block: more is not a seed."""

_ALPHABET = frozenset(string.ascii_uppercase + "234567")
_LOOKS_LIKE = {"0": "the letter O", "1": "the letter I or L", "8": "the letter B", "9": "the letter G"}
_SEPARATORS = frozenset(" -\t\r\n\u00a0\u202f\u2009")


def decode(text: str) -> bytes:
    """The seed in `text`, or WrongUsage that says what is wrong with it and where."""
    if len(text) > 1000:
        raise _bad(f"it has {len(text)} characters; a seed is never that long")
    typed = [c for c in text.strip() if c not in _SEPARATORS]
    while typed and typed[-1] == "=":
        typed.pop()
    letters = []
    for place, character in enumerate(typed, start=1):
        # Only ASCII letters are folded: str.upper turns some other scripts' letters into ASCII ones.
        letter = character.upper() if character.isascii() else character
        if letter not in _ALPHABET:
            likely = _LOOKS_LIKE.get(letter)
            what = (
                f"character {place} is a {letter}"
                if likely
                else f"character {place} is none of A to Z and 2 to 7"
            )
            raise _bad(
                f"{what}, which base32 does not have" if likely else what,
                f"Look at the source again: it may be {likely}." if likely else "",
            )
        letters.append(letter)
    if not letters:
        raise _bad("it is empty")
    if len(letters) % 8 in (1, 3, 6):
        raise _bad(
            f"it has {len(letters)} characters, which no seed has: at least one is missing or too many"
        )
    seed = base64.b32decode("".join(letters) + "=" * (-len(letters) % 8))
    if not SHORTEST <= len(seed) <= LONGEST:
        raise _bad(f"it has {len(seed)} bytes; a seed has {SHORTEST} to {LONGEST}")
    return seed


def _bad(why: str, hint: str = "") -> WrongUsage:
    return WrongUsage(
        "cannot read the seed",
        why,
        hint or "Copy it again from where it was shown: letters A to Z and digits 2 to 7.",
    )
