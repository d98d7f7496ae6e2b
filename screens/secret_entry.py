"""Entering a root password, or the recovery notes of an account: typed twice, or generated; sealed as a new version."""

from __future__ import annotations

import hmac
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from screens.guarded_screen import BACK, LATER, GuardedScreen
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.widgets.panel import Panel
from vault.errors import WrongUsage
from vault.memory import wipe

WORDS = {
    "password": "The password of the root user, as AWS takes it. It is sealed as a new version; the one before "
    "stays in the log as superseded. Nothing changes at AWS.",
    "recovery": "What helps to recover the account and is not a password: a phone's code word, answers once given. "
    "Sealed like a password, and shown by a checkout only.",
}


class SecretEntry(GuardedScreen[str]):
    """Typed twice into masked fields, since nobody sees what is typed. Enter seals it."""

    DEFAULT_CSS = """
    SecretEntry Panel { margin: 1 1; padding: 1 1; }
    SecretEntry Field { margin: 1 0 0 0; }
    """
    BINDINGS = [BACK, LATER, Binding("ctrl+g", "generate", "generate one")]  # noqa: RUF012
    next_step = "seal"
    question = "What does the root user sign in with?"

    def __init__(self, account: str, kind: Literal["password", "recovery"], *, later: bool = False) -> None:
        super().__init__()
        self._later = later
        self._account = account
        self._kind = kind

    def header_title(self) -> str:
        name = self.breakglass.vault.state.accounts[self._account].name
        return f"{self._kind} of {name}"

    def body(self) -> ComposeResult:
        word = "Password" if self._kind == "password" else "Notes"
        with Panel(word):
            yield Line(WORDS[self._kind], classes="quiet")
            yield Field(word, MaskedInput(id="secret"))
            yield Field("The same again", MaskedInput(id="again"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a password can be generated."""
        if action in ("later", "back"):
            return self._later == (action == "later")
        return self._kind == "password" if action == "generate" else True

    @on(Input.Submitted, "#secret")
    def again(self) -> None:
        """On to the second field."""
        self.query_one("#again").focus()

    @on(Input.Submitted, "#again")
    def seal(self) -> None:
        """Compare, then seal."""
        first, second = (self.query_one(f"#{name}", MaskedInput) for name in ("secret", "again"))
        typed, repeated = first.take(), second.take()
        first.focus()
        try:
            same = hmac.compare_digest(typed, repeated)
        finally:
            wipe(repeated)
        if not typed or not same:
            wipe(typed)
            why = "the two are not the same" if not same else "nothing was typed"
            self.show_error(WrongUsage("nothing was sealed", why, "Type it again in both fields."))
            return
        self._seal(typed)

    def action_generate(self) -> None:
        """A random password that AWS takes; it is shown by a checkout, like any other."""
        from custodian.passwords import generate_password

        self._seal(bytearray(generate_password().encode()))

    def _seal(self, typed: bytearray) -> None:
        vault, account, kind = self.breakglass.vault, self._account, self._kind

        def work() -> None:
            from vault.plaintext import Password, Recovery

            try:
                text = typed.decode()
            except UnicodeDecodeError:
                text = ""
            finally:
                wipe(typed)
            vault.seal(account, Password(text) if kind == "password" else Recovery(text))

        self.in_background(work, lambda _: self._sealed(), busy="sealing")

    def _sealed(self) -> None:
        self.dismiss(f"the {self._kind} is sealed")
