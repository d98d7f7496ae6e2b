"""Bringing an identity back from its words on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.shown import counted
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.wizard.step import Step
from vault.errors import WrongUsage

if TYPE_CHECKING:
    from screens.wizard.founding import Founding

ABOUT = (
    "Type the 33 words of a sheet in their order, with a space between them. "
    "Where the identity was shared over several sheets, type one after the "
    "other; it is back as soon as they are enough."
)
SHEET = 33


class Restore(Step):
    """One sheet after the other, Enter takes it. A word that is not on the list is named with its place."""

    question = "Which words bring your identity back?"
    next_step = "take this sheet"

    def __init__(self, founding: Founding) -> None:
        super().__init__(founding)
        self._sheets: list[str] = []

    def header_title(self) -> str:
        return "recovery words"

    def content(self) -> ComposeResult:
        yield Line(ABOUT)
        yield Field("Words", MaskedInput(hidden=False, id="sheet"))
        yield Line("", id="count", classes="quiet")
        yield Line("", id="taken")

    def on_mount(self) -> None:
        """Count from the start."""
        self.count()

    @on(Input.Changed)
    def count(self) -> None:
        """How many words stand there; the field is narrower than they are."""
        words = len(self.query_one("#sheet", MaskedInput).value.split())
        self.query_one("#count", Line).set_text(f"{counted(words, 'word')} of {SHEET}")

    @on(Input.Submitted)
    def taken(self) -> None:
        """Check each word, then try what there is so far. What was typed stays until it is taken."""
        sheet = " ".join(self.query_one("#sheet", MaskedInput).value.lower().split())
        sheets, founding = [*self._sheets, sheet], self.founding

        def work() -> str:
            from vault import paper

            problems = paper.check_words(sheet)
            if problems:
                one = problems[0]
                meant = f"Perhaps {' or '.join(one.suggestions)}." if one.suggestions else ""
                raise WrongUsage("the sheet was not taken", f"word {one.index + 1} is not on the list", meant)
            try:
                founding.hand_over(paper.from_words(sheets))
            except WrongUsage as error:
                if "shares are needed" in error.why:
                    return error.why
                raise
            return ""

        self.in_background(work, lambda wanting: self._read(sheet, wanting), busy="reading the words")

    def _read(self, sheet: str, wanting: str) -> None:
        if not wanting:
            self._clear()
            self.founding.brought_back()
            return
        self._sheets.append(sheet)
        self.query_one("#sheet", MaskedInput).forget()
        self.count()
        self.query_one("#taken", Line).set_text(f"● {counted(len(self._sheets), 'sheet')} taken: {wanting}", layout=True)

    def forget(self) -> None:
        """Sheets that were taken go with the field."""
        super().forget()
        self._sheets.clear()

    def _clear(self) -> None:
        self.query_one("#sheet", MaskedInput).forget()
        self._sheets.clear()

    def on_unmount(self) -> None:
        """Nothing is left in a removed screen."""
        self._sheets.clear()
