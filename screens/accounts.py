"""The accounts: what needs me? Posture light, id, name, who has root in use, last rotation and what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from screens.account_lines import COLUMNS, WIDE, WIDE_COLUMNS, AccountLine, account_lines, detail, in_rows
from screens.guarded_screen import GuardedScreen
from screens.shown import counted
from screens.theme import COLOURS, GLYPHS
from screens.widgets.header_line import HeaderLine
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from screens.widgets.rows import Rows
from vault import clock
from vault.text import printable

if TYPE_CHECKING:
    from vault.due import Due

DETAIL = 3
"""Rows below the list."""

EMPTY = """
No accounts yet.

An account is the record of one AWS account and what its root user signs in with.

n   adds one
i   imports from KeePass, a CSV file or pictures of QR codes"""


class Accounts(GuardedScreen[None]):
    """Every account with its posture as last recorded. Enter asks for root of the one under the cursor."""

    DEFAULT_CSS = """
    Accounts Panel { height: 1fr; margin: 0 1; }
    Accounts #filter { display: none; }
    Accounts.-filtering #filter { display: block; }
    Accounts #detail { height: 3; padding: 0 3; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("v", "view", "view"),
        Binding("n", "new", "new"),
        Binding("i", "import", "import"),
        Binding("p", "posture", "posture"),
        Binding("l", "log", "log"),
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("d", "due", "due"),
        Binding("w", "words", "recovery words"),
        Binding("escape", "no_filter", "all", key_display="esc"),
    ]
    AUTO_FOCUS = "Rows"
    question = "What needs me?"

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[AccountLine] = []
        self._seen: list[AccountLine] = []

    def header_title(self) -> str:
        return self.breakglass.vault.name

    def body(self) -> ComposeResult:
        with Panel("Accounts"):
            yield PlainInput(id="filter", placeholder="name, id, or e-mail")
            yield Rows(COLUMNS)
        yield Line("", id="detail")

    def on_mount(self) -> None:
        """Show, and keep the times left true."""
        self.set_interval(20, self.load)
        self.load()

    def on_screen_resume(self) -> None:
        """Something may have changed on the screen that was above."""
        self.load()

    # What is shown.

    def load(self) -> None:
        """Derive the rows anew from the state: in a thread, since the vault may be busy for another screen."""
        vault = self.breakglass.session.vault
        if vault is None or not self.is_attached or self.app.screen is not self:
            return

        def work() -> tuple[list[Due], list[AccountLine]]:
            due = vault.due()
            lines = account_lines(vault.state, vault.me.fingerprint, [(d.account, d.why) for d in due], clock.now_ms())
            return due, lines

        self.in_background(work, lambda derived: self._loaded(*derived), group="load")

    def _loaded(self, due: list[Due], lines: list[AccountLine]) -> None:
        vault = self.breakglass.session.vault
        if vault is None:
            return
        self._lines = lines
        header = self.query_one(HeaderLine)
        known = [printable(vault.me.name, 24)]
        if due:
            known.append(f"{len(due)} due")
        header.right = " · ".join([*known, "ctrl+l lock"])
        self._words_due = any(not d.account for d in due)
        if vault.notices[self._notices_told :]:
            self.note.warn("; ".join(vault.notices[self._notices_told :]))
            self._notices_told = len(vault.notices)
        self.show_rows()

    _words_due = False
    _notices_told = 0

    def show_rows(self) -> None:
        """Those that the filter lets through; the cursor stays with its account."""
        wanted = self.query_one("#filter", PlainInput).value.casefold().strip() if self.filtering else ""
        before = self.current.account.id if self.current else ""
        self._seen = [line for line in self._lines if wanted in _haystack(line)]
        ids = [line.account.id for line in self._seen]
        rows = self.query_one(Rows)
        rows.empty = EMPTY if not self._lines else f"\nNo account matches. Esc shows all {len(self._lines):,}."
        rows.show(len(ids), lambda at: self._seen[at].cells, cursor=ids.index(before) if before in ids else None)
        panel = self.query_one(Panel)
        shown = f"{len(ids):,} of " if wanted else ""
        panel.set_corner(f"{shown}{counted(len(self._lines), 'account')}" if self._lines else "")

    @property
    def current(self) -> AccountLine | None:
        """The line under the cursor."""
        rows = self.query_one(Rows)
        return self._seen[rows.cursor] if rows.cursor < len(self._seen) else None

    def on_resize(self, event: events.Resize) -> None:
        """A wide terminal has room for one column more."""
        super().on_resize(event)
        self.query_one(Rows).columns = WIDE_COLUMNS if event.size.width >= WIDE else COLUMNS

    @on(Rows.Moved)
    def moved(self) -> None:
        """Say what is wrong with this one, and what Enter does."""
        line = self.current
        self.set_next_step(_step(line, bool(self._lines)))
        if line is None:
            self.query_one("#detail", Line).set_text("")
            return
        told = detail(line, clock.now_ms())
        # The worst takes the rows that the others leave.
        rows, width = [DETAIL - len(told) + 1, 1, 1], self.size.width - 8
        sentences = [
            Content.assemble((f"{GLYPHS[status]} ", COLOURS[status]), "\n  ".join(in_rows(text, width, most)))
            for (status, text), most in zip(told, rows, strict=False)
        ]
        self.query_one("#detail", Line).set_text(Content("\n").join(sentences))

    # What can be done.

    @on(Rows.Chosen)
    def check_out(self) -> None:
        """The next step: into one's own open checkout, else the dialog, else to the account that lacks secrets."""
        line = self.current
        if line is None:
            return
        if line.checkout is not None:
            from screens.open_checkout import OpenCheckout

            self.app.push_screen(OpenCheckout(line.checkout.id))
        elif line.has_secrets:
            from screens.checkout_dialog import CheckoutDialog

            self.app.push_screen(CheckoutDialog(line.account.id))
        else:
            self.action_view()

    def action_next(self) -> None:
        """Enter on an empty list begins with the first account."""
        if not self._lines:
            self.action_new()

    def action_view(self) -> None:
        """The account itself."""
        from screens.account import AccountScreen

        if self.current is not None:
            self.app.push_screen(AccountScreen(self.current.account.id))

    def action_new(self) -> None:
        """A record for another account."""
        from screens.account_form import AccountForm

        self.app.push_screen(AccountForm())

    def action_import(self) -> None:
        """From another tool."""
        from screens.import_file import ImportFile

        self.app.push_screen(ImportFile())

    def action_posture(self) -> None:
        """Read the account's posture now."""
        from screens.posture import Posture

        if self.current is not None:
            self.app.push_screen(Posture(self.current.account.id))

    def action_log(self) -> None:
        """Who used root, and was it in order?"""
        from screens.log import Log

        self.app.push_screen(Log())

    def action_due(self) -> None:
        """What is due."""
        from screens.due import DueList

        self.app.push_screen(DueList())

    def action_words(self) -> None:
        """Write the recovery words down now."""
        from screens.wizard.words import RecoveryWords

        self.app.push_screen(RecoveryWords())

    # The filter.

    @property
    def filtering(self) -> bool:
        """Whether the filter's field is there."""
        return self.has_class("-filtering")

    def action_filter(self) -> None:
        """Open the filter and type into it."""
        self.add_class("-filtering")
        self.query_one("#filter").focus()
        self.refresh_bindings()

    def action_no_filter(self) -> None:
        """All accounts again."""
        self.query_one("#filter", PlainInput).value = ""
        self.remove_class("-filtering")
        self.query_one(Rows).focus()
        self.show_rows()
        self.refresh_bindings()

    @on(Input.Changed, "#filter")
    def filter_changed(self) -> None:
        """Narrow as it is typed."""
        self.show_rows()

    @on(Input.Submitted, "#filter")
    def filter_done(self) -> None:
        """Back to the list, narrowed."""
        self.query_one(Rows).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what has something to act on."""
        if action in ("view", "posture", "filter"):
            return bool(self._lines)
        if action == "no_filter":
            return self.filtering
        if action == "words":
            return self._words_due
        return True


def _haystack(line: AccountLine) -> str:
    record = line.account.record
    return f"{record.name}\n{record.id}\n{record.email}".casefold()


def _step(line: AccountLine | None, any_account: bool) -> str:
    if line is None:
        return "" if any_account else "add an account"
    if line.checkout is not None:
        return "go on with your checkout"
    return "check out" if line.has_secrets else "view, add its secrets"
