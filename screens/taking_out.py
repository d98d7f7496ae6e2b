"""Taking something out of use: an MFA device, or a whole account. A screen of its own, with a reason, and never on Enter alone."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import fit
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from vault.errors import WrongUsage


class TakingOut(GuardedScreen[str]):
    """Asks to type what is meant and why; both stay in the log. Nothing changes at AWS."""

    DEFAULT_CSS = """
    TakingOut Panel { margin: 1 1; padding: 1 1; }
    TakingOut Field { margin: 1 0 0 0; }
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
            labels = "\n".join(f"  {fit(name, 60)}" for name in self._labels())
            words = f"MFA devices of {fit(account.name, 40)}:\n{labels}"
            label = "Device"
        else:
            words = (
                f"{fit(account.name, 40)} leaves the accounts in use. Its secrets and history stay in the vault.\n"
                f"Type the account id {account.id} to say that you mean it."
            )
            label = "Account id"
        with Panel("Take out of use"):
            yield Line(words)
            yield Field(label, PlainInput(self._labels()[0] if self._device and len(self._labels()) == 1 else "", id="what"))
            yield Field("Why", PlainInput(id="why"))

    def _labels(self) -> list[str]:
        secrets = self.breakglass.vault.state.secrets_of(self._account)
        return [s.ref.name for s in secrets if s.ref.kind == "mfa"]

    @on(Input.Submitted)
    def take_out(self) -> None:
        """Do it, if what is meant and why were both said."""
        what, why = (self.query_one(f"#{name}", PlainInput).value.strip() for name in ("what", "why"))
        expected = self._labels() if self._device else [self._account]
        if what not in expected:
            self.query_one("#what").focus()
            self.show_error(WrongUsage("nothing was taken out", "what is typed there is not what is on record"))
            return
        if not why:
            self.query_one("#why").focus()
            self.show_error(WrongUsage("nothing was taken out", "the reason is empty"))
            return
        self.in_background(self._work(what, why), lambda _: self._done(what), busy="writing the log")

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
