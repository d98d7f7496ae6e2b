"""What is due: checkouts past their time, rotations, recovery words; each with the one step that ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import ago, counted
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.rows import Cell, Column, Rows
from vault import clock
from vault.text import printable

if TYPE_CHECKING:
    from vault.due import Due
    from vault.state import Checkout

EMPTY = """
Nothing is due.

What somebody has to do next appears here by itself:
checkouts past their time, passwords that are old or were shown,
and recovery words that were put off."""

COLUMNS = (
    Column("WHAT", 16),
    Column("ACCOUNT", 12),
    Column("NAME", 12, share=1),
    Column("DUE SINCE", 10, right=True),
)
WHAT = {"check-in": "check in", "rotation": "rotate", "recovery-words": "recovery words"}


class DueList(GuardedScreen[None]):
    """Everything that waits for somebody. Enter goes where it is done; what is done disappears from here."""

    DEFAULT_CSS = """
    DueList Panel { height: 1fr; margin: 0 1; }
    DueList #why { height: 3; padding: 0 3; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    AUTO_FOCUS = "Rows"
    question = "What is due?"

    def __init__(self) -> None:
        super().__init__()
        self._due: list[Due] = []

    def header_title(self) -> str:
        return f"{self.breakglass.vault.name} · due"

    def body(self) -> ComposeResult:
        with Panel("Due"):
            yield Rows(COLUMNS, empty=EMPTY)
        yield Line("", id="why")

    def on_mount(self) -> None:
        """Show it, and keep the ages true."""
        self.set_interval(20, self.load)
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
        self._due = vault.due()
        self.query_one(Rows).show(len(self._due), lambda at: self._cells(self._due[at], now))
        self.query_one(Panel).set_corner(counted(len(self._due), "thing") if self._due else "")

    def _cells(self, one: Due, now: int) -> tuple[Cell, ...]:
        account = self.breakglass.vault.state.accounts.get(one.account)
        return (
            Cell(f"▲ {WHAT.get(one.kind, one.kind)}", "wrong"),
            Cell(one.account or "–"),
            Cell(account.name if account else "you", "strong"),
            Cell(ago(now - one.since).removesuffix(" ago")),
        )

    @property
    def current(self) -> Due | None:
        """The one under the cursor."""
        at = self.query_one(Rows).cursor
        return self._due[at] if at < len(self._due) else None

    @on(Rows.Moved)
    def moved(self) -> None:
        """Why it is due, and what Enter does about it."""
        one = self.current
        self.set_next_step(self._step(one) if one else "back")
        text = printable(one.why) if one else ""
        self.query_one("#why", Line).set_text(text[:1].upper() + text[1:])

    def _step(self, one: Due) -> str:
        if one.kind == "check-in":
            checkout = self._late(one)
            return "go to your checkout" if self._mine(checkout) else "view the account"
        if one.kind == "rotation":
            return "go on with your checkout" if self._open(one) else "check out, to change it"
        return "write them down" if not one.account else "view the account"

    # Where it is done.

    def action_next(self) -> None:
        """Nothing is due: Enter leaves too."""
        self.action_back()

    @on(Rows.Chosen)
    def go(self) -> None:
        """There."""
        from screens.account import AccountScreen
        from screens.checkout_dialog import CheckoutDialog
        from screens.open_checkout import OpenCheckout
        from screens.wizard.words import RecoveryWords

        one = self.current
        if one is None:
            return
        checkout = self._late(one) if one.kind == "check-in" else self._open(one)
        if checkout is not None and self._mine(checkout):
            self.app.push_screen(OpenCheckout(checkout.id))
        elif one.kind == "rotation":
            self.app.push_screen(CheckoutDialog(one.account))
        elif one.account:
            self.app.push_screen(AccountScreen(one.account))
        else:
            self.app.push_screen(RecoveryWords())

    def _late(self, one: Due) -> Checkout | None:
        """The checkout whose end is due, of this member's if there are several at once."""
        late = [c for c in self.breakglass.vault.state.open_checkouts(one.account) if c.expires == one.since]
        return next((c for c in late if self._mine(c)), late[0] if late else None)

    def _open(self, one: Due) -> Checkout | None:
        """This member's own checkout of the account, within its time."""
        now = clock.now_ms()
        opened = self.breakglass.vault.state.open_checkouts(one.account) if one.account else []
        return next((c for c in opened if self._mine(c) and c.is_open(now)), None)

    def _mine(self, checkout: Checkout | None) -> bool:
        return checkout is not None and checkout.member == self.breakglass.vault.me.fingerprint
