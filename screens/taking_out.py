"""Taking something out of use: an MFA device, or a whole account. A screen of its own, with a reason, and never on Enter alone."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import fit, grouped_id
from screens.widgets.field import Field
from screens.widgets.labelled import Labelled
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from vault.errors import WrongUsage
from vault.text import printable


class TakingOut(GuardedScreen[str]):
    """Asks to type what is meant and why; both stay in the log. Nothing changes at AWS."""

    DEFAULT_CSS = """
    TakingOut Panel { margin: 1 1; padding: 1 1; }
    TakingOut Field { margin: 1 0 0 0; }
    TakingOut Vertical { height: auto; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    next_step = "take it out"
    question = "What is to be taken out of use, and why?"

    def __init__(self, account: str, *, device: bool) -> None:
        super().__init__()
        self._account = account
        self._device = device

    @classmethod
    def mfa(cls, account: str) -> TakingOut:
        """One of the account's MFA devices."""
        return cls(account, device=True)

    @classmethod
    def account(cls, account: str) -> TakingOut:
        """The account itself."""
        return cls(account, device=False)

    def header_title(self) -> str:
        return "remove an MFA device" if self._device else "retire an account"

    def body(self) -> ComposeResult:
        account = self.breakglass.vault.state.accounts[self._account]
        if self._device:
            words = (
                f"The MFA devices of {fit(account.name, 40)} here. Removing one takes its codes out of use in this vault; "
                "at AWS it stays until it is removed there."
            )
            rows = [(f"  {token}", fit(label, 60) if token != label else "") for token, label in self._tokens().items()]
            yield Panel("Remove an MFA device", Line(words), Labelled(max(len(token) for token, _ in rows) + 4, rows), self._fields("Device"))
        else:
            words = (
                f"{fit(account.name, 60)}, {grouped_id(account.id)}, leaves the accounts in use. "
                "Its secrets and its history stay in the vault; nothing changes at AWS."
            )
            yield Panel("Retire an account", Line(words), self._fields("Account name"))

    def _fields(self, label: str) -> Vertical:
        hint = "as it is written above" if self._device else f"{next(iter(self._tokens()))}, to say that you mean it"
        return Vertical(
            Field(label, PlainInput(id="what", placeholder=fit(hint, 50))),
            Field("Why", PlainInput(id="why", placeholder="it is kept in the log")),
        )

    def _tokens(self) -> dict[str, str]:
        """What is to be typed to what it means: a device's label, the account's name; where that cannot be typed, a word that can."""
        state = self.breakglass.vault.state
        if not self._device:
            name = state.accounts[self._account].name
            return {name if _can_be_typed(name) else self._account: self._account}
        labels = [s.ref.name for s in state.secrets_of(self._account) if s.ref.kind == "mfa"]
        return {label if _can_be_typed(label) else f"device {n}": label for n, label in enumerate(labels, 1)}

    @on(Input.Submitted)
    def take_out(self) -> None:
        """Do it, if what is meant and why were both said."""
        what, why = (self.query_one(f"#{name}", PlainInput) for name in ("what", "why"))
        meant = self._tokens().get(what.value.strip())
        if meant is None:
            empty = not what.value.strip()
            what.focus()
            reason = "it was not said what" if empty else f"{fit(what.value, 40)} is not what is on record"
            self.show_error(WrongUsage("nothing was taken out", reason, f"Type {' or '.join(fit(t, 40) for t in list(self._tokens())[:3])}."))
            return
        if not why.value.strip():
            why.focus()
            self.show_error(WrongUsage("nothing was taken out", "the reason is empty", "Say why; it is kept in the log."))
            return
        self.in_background(self._work(meant, why.value.strip()), lambda _: self._done(what.value.strip()), busy="writing the log")

    def _work(self, what: str, why: str) -> Callable[[], None]:
        vault, account, device = self.breakglass.vault, self._account, self._device

        def work() -> None:
            from vault.sealing import SecretRef

            if device:
                vault.withdraw(SecretRef(account, "mfa", what), why)
            else:
                vault.retire_account(account, why)

        return work

    def _done(self, what: str) -> None:
        self.dismiss(f"{fit(what, 40)} is out of use")


def _can_be_typed(name: str) -> bool:
    """Whether somebody who sees `name` can type just that: neither hidden characters nor space at its ends, nor too much of it."""
    return name == name.strip() == printable(name) and 0 < len(name) <= 60 and "  " not in name
