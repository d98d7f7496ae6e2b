"""The posture of one account beside what one does with it: a light, a name and a sentence for each check, as they come.

Lines keep the order in which the checks answered; nothing jumps. While reading it says how far it is; afterwards, how old it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from screens.shown import ago, counted
from screens.theme import COLOURS, GLYPHS, WORDS
from screens.widgets.labelled import Labelled
from screens.widgets.panel import ScrollPanel
from vault import clock
from vault.text import printable

if TYPE_CHECKING:
    from custodian.posture.finding import Finding
    from vault.events import PostureLine


LIGHT = 10
"""Cells of the glyph, its word, and the space after them."""
NOT_KNOWN = ": not known, because "
"""How the posture engine words what it could not read; the light says that already."""


class FindingsPanel(ScrollPanel):
    """Shows findings, live or as recorded. With `remedies` the steps of what failed are written out."""

    DEFAULT_CSS = "FindingsPanel { min-height: 5; }"

    def __init__(self, title: str = "Posture, live", *, remedies: bool = False, id: str | None = None) -> None:
        self._lines = Labelled(LIGHT)
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
        self._lines.show([(Content.styled("…", "$quiet"), Content.styled("asking AWS", "$quiet"))])

    def add(self, finding: Finding) -> None:
        """One more answer."""
        self._findings.append(finding)
        self._lines.show([(_light(f.status.value), self._about(f)) for f in self._findings])
        self.set_corner(f"reading… {len(self._findings)} answered")

    def done(self) -> None:
        """All have answered."""
        self._reading = False
        self._read_at = clock.now_ms()
        if not self._findings:
            self._lines.show([(_light("unknown"), Content("nothing was read"))])
        self._tell_age()

    def recorded(self, lines: tuple[PostureLine, ...], at: int | None) -> None:
        """Show what the log has."""
        self._read_at = at
        if not lines:
            self._lines.show([(Content.styled("–", "$quiet"), Content.styled("not read yet", "$quiet"))])
            return
        self._lines.show([(_light(line.status), _sentence(line.status, line.summary or line.check)) for line in lines])
        self._tell_age()

    def _about(self, finding: Finding) -> Content:
        told = [_sentence(finding.status.value, finding.summary)]
        if self._remedies:
            told = [Content.styled(printable(finding.title or finding.check), "bold"), *told]
            told += [Content.styled(f"  {printable(line)}", "$quiet") for line in finding.details]
            told += [Content(f"  {n}. {printable(step)}") for n, step in enumerate(finding.remedy, 1)]
            evidence = finding.evidence
            if evidence.call:
                about = " ".join(p for p in (evidence.call, evidence.field, evidence.value) if p)
                told.append(Content.styled(f"  from {printable(about, 200)}", "$quiet"))
            told.append(Content(""))
        elif finding.remedy and finding.status.value == "fail":
            told.append(Content.styled(f"→ {counted(len(finding.remedy), 'step')} to mend it: f", "$quiet"))
        return Content("\n").join(told)

    def _tell_age(self) -> None:
        if self._reading:
            return
        self.set_corner(ago(clock.now_ms() - self._read_at) if self._read_at is not None else "")


def _light(status: str) -> Content:
    return Content.styled(f"{GLYPHS.get(status, '?')} {WORDS.get(status, 'unknown')}", COLOURS.get(status, "$wrong"))


def _sentence(status: str, summary: str) -> Content:
    """The sentence; of what is unknown its subject and the reason, since the light has said that it is unknown."""
    shown = printable(summary)
    return Content(shown.replace(NOT_KNOWN, ": ", 1) if status == "unknown" else shown)
