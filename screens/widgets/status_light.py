"""A state as glyph, word and colour together, so that it reads the same without colour."""

from __future__ import annotations

from textual.content import Content

from screens.theme import COLOURS, GLYPHS, WORDS


def light(status: str, words: str = "", *, width: int = 0) -> Content:
    """`▲ fail`, or the glyph with other `words`; padded to `width` cells where columns must line up."""
    text = f"{GLYPHS.get(status, '?')} {words or WORDS.get(status, 'unknown')}"
    return Content.styled(text.ljust(width), COLOURS.get(status, "$wrong"))


def kind_of(status: str) -> str:
    """The style of a cell in `Rows` for a status."""
    return {"pass": "well", "fail": "wrong", "unknown": "wrong"}.get(status, "quiet")


def worst(statuses: list[str]) -> str:
    """The one that stands for all: fail before unknown before pass; nothing known is unknown."""
    for status in ("fail", "unknown", "pass"):
        if status in statuses:
            return status
    return "not_applicable" if statuses else "unknown"
