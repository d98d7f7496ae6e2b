"""Bringing an identity back from its words on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import counted
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.widgets.panel import Panel
from vault.errors import BreakglassError, WrongUsage
from vault.memory import wipe

if TYPE_CHECKING:
    from vault.identity import Identity

ABOUT = (
    "Type the 33 words of a sheet in their order, with a space between them, then Enter. Where the identity\n"
    "was shared over several sheets, type one after the other; it is back as soon as they are enough."
)


class Restore(GuardedScreen["Identity"]):
    """One sheet after the other. A word that is not on the list is named with its place."""

    DEFAULT_CSS = """
    Restore Panel { margin: 1 1; padding: 1 1; }
    Restore Field { margin: 1 0 0 0; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    question = "Which words bring you back?"
    next_step = "take this sheet"

    def __init__(self) -> None:
        super().__init__()
        self._sheets: list[str] = []

    def header_title(self) -> str:
        return "recovery words"

    def body(self) -> ComposeResult:
        with Panel("From paper"):
            yield Line(ABOUT, classes="quiet")
            yield Field("Words", MaskedInput(hidden=False, id="sheet"))
            yield Line("", id="taken")

    @on(Input.Submitted)
    def taken(self) -> None:
        """Check each word, then try what there is so far."""
        field = self.query_one("#sheet", MaskedInput)
        typed = bytearray(field.value.encode("utf-8", "surrogateescape"))
        sheet = " ".join(typed.decode(errors="replace").lower().split())
        wipe(typed)
        sheets = [*self._sheets, sheet]

        def work() -> Identity | str:
            from vault import paper

            problems = paper.check_words(sheet)
            if problems:
                one = problems[0]
                meant = f"; perhaps {' or '.join(one.suggestions[:3])}" if one.suggestions else ""
                raise WrongUsage("the sheet was not taken", f"word {one.index + 1} is not on the list{meant}")
            try:
                return paper.from_words(sheets)
            except WrongUsage as error:
                if "shares are needed" in error.why:
                    return error.why
                raise

        self.in_background(work, self._read, failed=self._not_read, busy="reading the words")

    def _read(self, result: Identity | str) -> None:
        if isinstance(result, str):
            field = self.query_one("#sheet", MaskedInput)
            self._sheets.append(" ".join(field.value.lower().split()))
            field.forget()
            self.query_one("#taken", Line).set_text(f"\n{counted(len(self._sheets), 'sheet')} taken: {result}", layout=True)
            return
        self.forget()
        self.dismiss(result)

    def _not_read(self, error: BreakglassError) -> None:
        self.show_error(error)

    def forget(self) -> None:
        """Sheets that were taken go with the field."""
        super().forget()
        self._sheets.clear()
