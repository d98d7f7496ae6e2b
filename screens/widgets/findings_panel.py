"""The posture of one account beside what one does with it: a light, a name and a sentence for each check, as they come.

Lines keep the order in which the checks answered; nothing jumps. While reading it says how far it is; afterwards, how old it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from screens.shown import ago
from screens.theme import COLOURS, GLYPHS, WORDS
from screens.widgets.line import Line
from screens.widgets.panel import ScrollPanel
from vault import clock
from vault.text import printable

if TYPE_CHECKING:
    from custodian.posture.finding import Finding
    from vault.events import PostureLine


class FindingsPanel(ScrollPanel):
    """Shows findings, live or as recorded. With `remedies` the steps of what failed are written out."""

    DEFAULT_CSS = "FindingsPanel { min-height: 5; }"

    def __init__(self, title: str = "Posture, live", *, remedies: bool = False, id: str | None = None) -> None:
        self._lines = Line("")
        super().__init__(title, self._lines, id=id)
        self._remedies = remedies
        self._findings: list[Finding] = []
        self._read_at: int | None = None
        self._reading = False

    def on_mount(self) -> None:
        """Keep the age true."""
        self.set_interval(5, self._tell_age)

    def begin(self) -> None:
        """A reading has begun."""
        self._findings.clear()
        self._reading = True
        self.set_corner("reading…")
        self._show([Content.styled("… asking AWS", "$quiet")])

    def add(self, finding: Finding) -> None:
        """One more answer."""
        self._findings.append(finding)
        self._show([part for f in self._findings for part in self._about(f)])
        self.set_corner(f"reading… {len(self._findings)} answered")

    def done(self) -> None:
        """All have answered."""
        self._reading = False
        self._read_at = clock.now_ms()
        if not self._findings:
            self._show([Content.styled("? unknown: nothing was read", "$wrong")])
        self._tell_age()

    def recorded(self, lines: tuple[PostureLine, ...], at: int | None) -> None:
        """Show what the log has."""
        self._read_at = at
        if not lines:
            self._show([Content.styled("– not read yet", "$quiet")])
            return
        self._show(
            [_line(line.status, printable(line.check), printable(line.summary)) for line in lines]
        )
        self._tell_age()

    def _about(self, finding: Finding) -> list[Content]:
        status = finding.status.value
        told = [_line(status, finding.title or finding.check, finding.summary)]
        if self._remedies:
            told += [Content.styled(f"      {printable(line)}", "$quiet") for line in finding.details]
            told += [Content(f"      {n}. {printable(step)}") for n, step in enumerate(finding.remedy, 1)]
            evidence = finding.evidence
            if evidence.call:
                about = " ".join(p for p in (evidence.call, evidence.field, evidence.value) if p)
                told.append(Content.styled(f"      from {printable(about, 200)}", "$quiet"))
        elif finding.remedy and status == "fail":
            told.append(Content.styled(f"      → {len(finding.remedy)} steps to mend it: f", "$quiet"))
        return told

    def _show(self, parts: list[Content]) -> None:
        self._lines.set_text(Content("\n").join(parts), layout=True)

    def _tell_age(self) -> None:
        if self._reading:
            return
        self.set_corner(ago(clock.now_ms() - self._read_at) if self._read_at is not None else "")


def _line(status: str, name: str, summary: str) -> Content:
    return Content.assemble(
        (f"{GLYPHS[status]} {WORDS[status]:<8}", COLOURS[status]), (f"{name}: ", "bold"), summary
    )
