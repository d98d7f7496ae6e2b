"""An account's findings boiled down: one light, a few words for a table, the lines the log keeps.

What a screen or a command prints about posture in one line is decided here, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from custodian.posture.finding import Finding, Status, glyph, worst
from vault.text import printable

if TYPE_CHECKING:
    from vault.events import PostureLine

_LINE_LIMIT = 1000
"""What the log takes as a summary (`vault.events.Line`)."""


def light(lines: Sequence[Finding | PostureLine]) -> str:
    """Glyph and words for a column: `▲ 2 fail`, `? 1 unknown`, `● pass`, `– n/a`; `? not read` where there is nothing."""
    if not lines:
        return f"{glyph(Status.UNKNOWN)} not read"
    statuses = [Status(line.status) for line in lines]
    status = worst(statuses)
    if status is Status.NOT_APPLICABLE:
        return f"{glyph(status)} n/a"
    if status is Status.PASS:
        return f"{glyph(status)} pass"
    return f"{glyph(status)} {statuses.count(status)} {status.value}"


def posture_lines(findings: Sequence[Finding]) -> tuple[PostureLine, ...]:
    """The findings as the log keeps them: check, status and summary."""
    from vault.events import PostureLine

    return tuple(PostureLine(f.check, f.status.value, printable(f.summary, _LINE_LIMIT)) for f in findings)
