"""What is due, the oldest first: rotations, recovery words, checkouts past their time."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import ago
from screens.widgets.panel import Panel
from screens.widgets.rows import Cell, Column, Rows
from vault import clock
from vault.due import Due

EMPTY = """
Nothing is due.

Rotations, recovery words that were put off, and checkouts past their time appear here."""

COLUMNS = (
    Column("SINCE", 11),
    Column("ACCOUNT", 12),
    Column("WHAT", 12),
    Column("WHY", 20, share=1, sentence=True),
)


class DueList(GuardedScreen[None]):
    """Everything that waits for somebody. Enter goes where it is done."""

    DEFAULT_CSS = "DueList Panel { height: 1fr; margin: 0 1; }"
    BINDINGS = [BACK]  # noqa: RUF012
    AUTO_FOCUS = "Rows"
    question = "What is due?"
    next_step = "go there"

    def header_title(self) -> str:
        return "what is due"

    def body(self) -> ComposeResult:
        with Panel("Due"):
            yield Rows(COLUMNS, empty=EMPTY)

    def on_mount(self) -> None:
        """Show it."""
        self.load()

    def on_screen_resume(self) -> None:
        """Something may have been done on the screen above."""
        self.load()

    def load(self) -> None:
        """Ask the vault."""
        vault = self.breakglass.session.vault
        if vault is None or not self.is_attached:
            return
        now = clock.now_ms()
        self._due: list[Due] = vault.due()
        due = self._due
        self.query_one(Rows).show(
            len(due),
            lambda at: (
                Cell(ago(now - due[at].since)),
                Cell(due[at].account or "–"),
                Cell(due[at].kind.replace("-", " "), "wrong"),
                Cell(due[at].why),
            ),
        )
        self.set_next_step("go there" if due else "")

    @on(Rows.Chosen)
    def go(self, event: Rows.Chosen) -> None:
        """Where it is done."""
        one = self._due[event.index]
        if one.account:
            from screens.account import AccountScreen

            self.app.push_screen(AccountScreen(one.account))
        else:
            from screens.wizard.words import RecoveryWords

            self.app.push_screen(RecoveryWords())
