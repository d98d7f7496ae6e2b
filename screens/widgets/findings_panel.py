"""The posture of one account beside what one does with it: a light, a name and a sentence for each check, as they come.

Lines keep the order in which the checks answered; nothing jumps. While reading it says how far it is; afterwards, how old it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

from screens.shown import ago, counted
from screens.theme import COLOURS, GLYPHS, WORDS
from screens.widgets.labelled import Labelled, Row
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
        if self._remedies:
            self._lines.show([row for f in self._findings for row in _in_full(f)])
        else:
            self._lines.show(_rows(told_once((f.status.value, f.summary, len(f.remedy)) for f in self._findings)))
        self.set_corner(f"reading… {len(self._findings)} answered")

    def done(self) -> None:
        """All have answered."""
        self._reading = False
        self._read_at = clock.now_ms()
        if not self._findings:
            self._lines.show([(_light("unknown"), "nothing was read")])
        self._tell_age()

    def recorded(self, lines: tuple[PostureLine, ...], at: int | None) -> None:
        """Show what the log has."""
        self._read_at = at
        if not lines:
            self._lines.show([(Content.styled("–", "$quiet"), Content.styled("not read yet", "$quiet"))])
            return
        self._lines.show(_rows(told_once((line.status, line.summary or line.check, 0) for line in lines)))
        self._tell_age()

    def _tell_age(self) -> None:
        if self._reading:
            return
        self.set_corner(ago(clock.now_ms() - self._read_at) if self._read_at is not None else "")


def told_once(findings: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Status, sentence and steps of each finding; of what is unknown for one and the same reason a single sentence with all subjects.

    The status says already that it is not known, so the sentence does not say it again.
    """
    told: list[tuple[str, str, int]] = []
    subjects: dict[str, tuple[int, list[str]]] = {}
    for status, summary, steps in findings:
        subject, not_known, reason = printable(summary).partition(NOT_KNOWN)
        if status != "unknown" or not not_known:
            told.append((status, printable(summary), steps))
            continue
        place, names = subjects.setdefault(reason, (len(told), []))
        names.append(subject)
        sentence = f"{', '.join(names)}: {reason}"
        if len(names) == 1:
            told.append((status, sentence, 0))
        else:
            told[place] = (status, sentence, 0)
    return told


def _rows(told: Iterable[tuple[str, str, int]]) -> list[Row]:
    rows: list[Row] = []
    for status, sentence, steps in told:
        rows.append((_light(status), sentence))
        if steps and status == "fail":
            rows.append(("", Content.styled(f"→ {counted(steps, 'step')} to mend it: f", "$quiet")))
    return rows


def _in_full(finding: Finding) -> list[Row]:
    """Name, sentence, what else there is to say, the steps of the remedy, and where it comes from."""
    title = printable(finding.title or finding.check)
    sentence = printable(finding.summary).removeprefix(f"{title}{NOT_KNOWN}")
    rows: list[Row] = [(_light(finding.status.value), Content.styled(title, "bold")), ("", sentence[:1].upper() + sentence[1:])]
    rows += [("", Content.styled(printable(line), "$quiet")) for line in finding.details]
    rows += [(Content.styled(f"{n:>8}.", "$foreground"), printable(step)) for n, step in enumerate(finding.remedy, 1)]
    evidence = finding.evidence
    if evidence.call:
        about = " ".join(part for part in (evidence.call, evidence.field, evidence.value) if part)
        rows.append((Content.styled(f"{'from':>9}", "$quiet"), Content.styled(printable(about, 200), "$quiet")))
    return [*rows, ("", "")]


def _light(status: str) -> Content:
    return Content.styled(f"{GLYPHS.get(status, '?')} {WORDS.get(status, 'unknown')}", COLOURS.get(status, "$wrong"))

