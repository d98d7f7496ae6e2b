"""Text from outside, made harmless before anybody reads it.

Account names, reasons, AWS replies and imported notes are written by other people. A terminal obeys escape sequences,
reorders text at bidirectional marks and hides zero-width characters; a log line can be forged with a line break. So
every such text passes `printable` on its way to a screen or a terminal. What is stored stays as it was said.
"""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Zero-width joiners are format characters too, yet scripts and emoji need them; they neither move nor reorder anything.
_HARMLESS_FORMAT = {"\u200c", "\u200d"}


def printable(text: str, limit: int | None = None) -> str:
    """Return `text` as one line without control, format, surrogate or private characters.

    Line breaks and tabs become a space; every other character that could act on a terminal becomes U+FFFD, so that
    its presence stays visible. With `limit`, text longer than that many characters is cut in the middle.
    """
    shown = "".join(_one(c) for c in text)
    if limit is not None and len(shown) > limit:
        head = (limit - 1 + 1) // 2
        tail = limit - 1 - head
        shown = shown[:head] + "…" + (shown[-tail:] if tail else "")
    return shown


def _one(character: str) -> str:
    if character in "\n\r\t\v\f\x85\u2028\u2029":
        return " "
    category = unicodedata.category(character)
    if category in ("Cc", "Cs", "Co", "Cn") or (category == "Cf" and character not in _HARMLESS_FORMAT):
        return REPLACEMENT
    return character
