"""A question of an import: which account is this? Answered by twelve digits, or by choosing among the accounts on record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from screens.widgets.field import Field
from screens.widgets.labelled import Labelled, Row
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from screens.widgets.rows import Cell, Column, Rows
from vault.errors import WrongUsage
from vault.text import printable

if TYPE_CHECKING:
    from custodian.intake.candidate import Candidate
    from vault.state import Account

KNOWN = (Column("ACCOUNT", 12), Column("NAME", 20, share=1))
REMEDY = "Choose one with ↓, type its twelve digits, or leave it out with ctrl+o."


class WhichAccount(Panel):
    """`ask` puts a question; `Answered`, `LeftOut` or `Unclear` comes back."""

    DEFAULT_CSS = """
    WhichAccount { height: 1fr; }
    WhichAccount #doubts { margin: 0 0 1 0; }
    WhichAccount #known { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", "choose", key_display="↑↓", tooltip="choose among the accounts on record"),
        Binding("up", "choose(-1)", show=False),
        Binding("ctrl+o", "leave_out(False)", "leave it out", tooltip="do not bring this one in"),
        Binding("ctrl+n", "leave_out(True)", "leave out all", tooltip="do not bring in anything that is doubtful"),
    ]

    class Answered(Message):
        """It is this account."""

        def __init__(self, account: str, name: str) -> None:
            super().__init__()
            self.account = account
            self.name = name

    class LeftOut(Message):
        """It is not brought in."""

        def __init__(self, *, all_of_them: bool) -> None:
            super().__init__()
            self.all_of_them = all_of_them

    class Unclear(Message):
        """What is typed is no answer."""

        def __init__(self, error: WrongUsage) -> None:
            super().__init__()
            self.error = error

    def __init__(self, **kwargs: str) -> None:
        super().__init__("Which account is it?", **kwargs)
        self._accounts: dict[str, Account] = {}
        self._matching: list[Account] = []

    def compose(self) -> ComposeResult:
        """The doubts, two fields, the accounts on record."""
        yield Labelled(3, id="doubts")
        yield Field("Account", PlainInput(id="answer", placeholder="12 digits, or part of a name"), hint="↓ chooses")
        yield Field("Name", PlainInput(id="name", placeholder="what to call it"))
        yield Rows(KNOWN, id="known")

    def ask(self, asked: Candidate, accounts: Iterable[Account]) -> None:
        """Put the question; what the candidate says itself is proposed."""
        self._accounts = {account.id: account for account in accounts if account.retired is None}
        kinds = (("password", asked.password), ("MFA", asked.mfa), ("recovery notes", asked.recovery))
        holds = ", ".join(kind for kind, has in kinds if has) or "no secret"
        rows: list[Row] = [
            ("", Content.styled(asked.title, "bold")),
            ("", Content.styled(f"holds {holds}; from {printable(asked.source, 80)}", "$quiet")),
        ]
        doubts = asked.doubts or ("no account id was found in it",)
        rows += [(Content.styled("?", "$wrong"), printable(doubt)) for doubt in doubts]
        self.query_one("#doubts", Labelled).show(rows)
        known = self._accounts.get(asked.account_id or "")
        self.query_one("#name", PlainInput).value = asked.name or (known.name if known else "")
        answer = self.query_one("#answer", PlainInput)
        with self.prevent(Input.Changed):
            answer.value = asked.account_id or ""
        answer.cursor_position = len(answer.value)
        self.list_matching()

    @on(Input.Changed, "#answer")
    def list_matching(self) -> None:
        """The accounts on record whose id begins with what is typed, or whose name holds it."""
        typed, digits = self._typed.casefold(), self._digits
        found = (
            a for a in self._accounts.values() if (a.id.startswith(digits) if digits.isdigit() else typed in a.name.casefold())
        )
        self._matching = matching = sorted(found, key=lambda a: a.name.casefold())
        known = self.query_one("#known", Rows)
        known.empty = f"\n{'No account on record matches' if self._accounts else 'No account is on record yet'}; twelve digits name a new one."
        known.show(len(matching), lambda at: (Cell(matching[at].id), Cell(matching[at].name, "strong")), cursor=0)

    def action_choose(self, by: int) -> None:
        """Take the id of the account under the mark; of the next one where that is taken already."""
        known, answer = self.query_one("#known", Rows), self.query_one("#answer", PlainInput)
        if not self._matching:
            return
        if self._typed == self._matching[known.cursor].id:
            known.cursor += by
        with self.prevent(Input.Changed):  # the list stays as it is while one moves in it
            answer.value = self._matching[known.cursor].id
        answer.cursor_position = len(answer.value)

    @on(Rows.Chosen)
    def chosen(self, event: Rows.Chosen) -> None:
        """Enter or two clicks in the list."""
        event.stop()
        account = self._matching[event.index]
        self.post_message(self.Answered(account.id, self._name_for(account.id)))

    @on(Input.Submitted)
    def answered(self, event: Input.Submitted) -> None:
        """Enter in a field."""
        event.stop()
        digits = self._digits
        if self._typed and not digits.isdigit() and len(self._matching) == 1:
            digits = self._matching[0].id
        if not (len(digits) == 12 and digits.isascii() and digits.isdigit()):
            several = self._typed and len(self._matching) > 1
            why = "several accounts match" if several else "it is neither on record nor twelve digits" if self._typed else "nothing is typed"
            self.query_one("#answer").focus()
            self.post_message(self.Unclear(WrongUsage("it is not said which account this is", why, REMEDY)))
        elif not (name := self._name_for(digits)):
            self.query_one("#name").focus()
            self.post_message(self.Unclear(WrongUsage("the account has no name yet", "it is not on record", "Type what to call it.")))
        else:
            self.post_message(self.Answered(digits, name))

    def action_leave_out(self, all_of_them: bool) -> None:
        """Do not bring it in."""
        self.post_message(self.LeftOut(all_of_them=all_of_them))

    @property
    def _typed(self) -> str:
        return self.query_one("#answer", PlainInput).value.strip()

    @property
    def _digits(self) -> str:
        return "".join(c for c in self._typed if c not in " -")

    def _name_for(self, account: str) -> str:
        known = self._accounts.get(account)
        return self.query_one("#name", PlainInput).value.strip() or (known.name if known else "")
