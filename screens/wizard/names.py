"""What the vault is called, and who you are in its log."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.plain_input import PlainInput
from screens.wizard.step import Step
from vault.errors import BreakglassError

ABOUT = (
    "The vault is usually called like the company or team whose accounts it "
    "holds. Your name stands in the log beside all that you do. Both are "
    "ciphertext to everybody who is no member of the vault."
)


class Names(Step):
    """Two names; Enter goes on."""

    question = "What is the vault called, and who are you?"
    place = 2
    next_step = "go on"

    def content(self) -> ComposeResult:
        yield Line(ABOUT)
        yield Field("Vault", PlainInput(self.founding.vault_name, id="vault", placeholder="Acme"))
        yield Field("Your name", PlainInput(self.founding.member, id="member", placeholder="anna"))
        if self.breakglass.session.has_identity:
            yield Line("Your identity is there already; the new vault is made with it.", classes="quiet")

    @on(Input.Submitted, "#vault")
    def on_to_member(self) -> None:
        """The second name, unless it is there."""
        member = self.query_one("#member", PlainInput)
        if member.value.strip():
            self.go_on()
        else:
            self._keep()
            member.focus()

    @on(Input.Submitted, "#member")
    def go_on(self) -> None:
        """The vault judges both."""
        from vault.records import check_name

        self._keep()
        for name, text, what in (
            ("vault", self.founding.vault_name, "the vault"),
            ("member", self.founding.member, "the member"),
        ):
            try:
                check_name(text, what)
            except BreakglassError as error:
                self.query_one(f"#{name}").focus()
                self.show_error(error)
                return
        self.founding.choose_passphrase()

    def _keep(self) -> None:
        self.founding.vault_name = self.query_one("#vault", PlainInput).value.strip()
        self.founding.member = self.query_one("#member", PlainInput).value.strip()
        self.note.clear()
