"""How the command line shows a state: a glyph, a word and, where it may, a colour."""

from __future__ import annotations

from custodian import output
from custodian.posture.finding import Status, glyph, word

_COLOURS = {
    Status.PASS: output.BLUE,
    Status.FAIL: output.ORANGE,
    Status.UNKNOWN: output.ORANGE,
    Status.NOT_APPLICABLE: output.GREY,
}


def marked(status: str) -> str:
    """Glyph and word of a status, such as `● pass`."""
    return output.coloured(f"{glyph(status)} {word(status)}", _COLOURS[Status(status)])
