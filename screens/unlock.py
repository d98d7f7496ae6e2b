"""The lock: asks for the passphrase of this machine's identity. It is the bottom of every stack and is painted first.

Nothing heavy is imported here. A wrong passphrase is told after the whole key derivation and with no more than that.
"""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.guarded_screen import GuardedScreen
from screens.shown import fit
from screens.widgets.header_line import HeaderLine
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from vault.errors import BreakglassError


class Unlock(GuardedScreen[None]):
    """One masked field in the middle of an otherwise empty screen."""

    DEFAULT_CSS = """
    Unlock { align: center middle; }
    Unlock .at-lock { width: 60; }
    Unlock #passphrase { margin: 1 0; }
    Unlock Note { width: 60; padding: 0; margin: 1 0 0 0; }
    """
    question = "Who are you?"
    next_step = "unlock"

    def body(self) -> ComposeResult:
        """The field, and where its identity lies."""
        session = self.breakglass.session
        where = f"identity  {fit(str(session.identity_file), 48)}\nvault     {fit(str(session.vault_folder), 48)}"
        yield Line("Passphrase", classes="strong at-lock")
        yield MaskedInput(id="passphrase", classes="at-lock")
        yield Line(where, classes="quiet at-lock")

    def on_mount(self) -> None:
        """Say what was ignored of the environment."""
        self.query_one(HeaderLine).right = "ctrl+q leave"
        if self.breakglass.ignored_environment:
            self.note.warn("; ".join(self.breakglass.ignored_environment))

    def was_locked(self, why: str) -> None:
        """Back on top: say why."""
        self.forget()
        field = self.query_one("#passphrase", MaskedInput)
        field.disabled = False
        field.focus()
        self.note.say(why)

    @on(Input.Submitted, "#passphrase")
    def unlock(self) -> None:
        """Derive the key beside the screen; the field is emptied and waits."""
        field = self.query_one("#passphrase", MaskedInput)
        if not field.value:
            return
        passphrase = field.take()
        field.disabled = True
        session = self.breakglass.session
        self.in_background(
            lambda: session.unlock(passphrase), self._unlocked, failed=self._not_unlocked, busy="unlocking"
        )

    def _unlocked(self, has_vault: bool) -> None:
        field = self.query_one("#passphrase", MaskedInput)
        field.disabled = False
        if has_vault:
            self.breakglass.enter()
        elif self.breakglass.session.identity is not None:
            self.breakglass.found()

    def _not_unlocked(self, error: BreakglassError) -> None:
        field = self.query_one("#passphrase", MaskedInput)
        field.disabled = False
        field.focus()
        self.show_error(error)
