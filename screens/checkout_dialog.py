"""Asking for root of one account: why, for how long, which secrets. The vault judges; a refusal loses nothing that was typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import counted, fit, grouped_id
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from screens.widgets.toggle import Toggle
from vault.errors import WrongUsage
from vault.text import printable

if TYPE_CHECKING:
    from vault.state import Checkout, Secret

KIND_WORDS = {"password": "password", "mfa": "MFA codes", "recovery": "recovery notes"}



class CheckoutDialog(GuardedScreen[None]):
    """One form. Enter asks for it from any field, and what is asked is in the log before anything can be shown."""

    DEFAULT_CSS = """
    CheckoutDialog Panel { margin: 1 1; padding: 1 1; }
    CheckoutDialog Field { margin: 0 0 1 0; }
    CheckoutDialog #minutes { width: 12; }
    CheckoutDialog #ticket { width: 32; }
    CheckoutDialog .row { height: 1; margin: 0 0 1 0; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    next_step = "ask for it"
    question = "Why do you need root?"

    def __init__(self, account: str) -> None:
        super().__init__()
        self._account = account

    def header_title(self) -> str:
        return self.breakglass.vault.name

    def body(self) -> ComposeResult:
        vault = self.breakglass.vault
        account = vault.state.accounts[self._account]
        secrets = vault.state.secrets_of(self._account)
        with Panel(f"Check out root of {fit(account.name, 34)} ({grouped_id(account.id)})"):
            yield Field("Reason", PlainInput(id="reason", placeholder="what for, so that a reviewer understands it"))
            yield Field("Ticket", PlainInput(id="ticket", placeholder="INC-4711, optional"))
            yield Field("For", PlainInput("1h", id="minutes"), hint=f"30m, 2h; at most {_span(vault.state.policy.max_minutes)}")
            with Horizontal(classes="row"):
                yield Line("Needs", classes="label quiet", id="needs-label")
                for kind in dict.fromkeys(s.ref.kind for s in secrets):
                    yield Toggle(_needs(kind, secrets), on=kind != "recovery", id=f"kind-{kind}")
            yield Line(_already_open(vault.state.open_checkouts(self._account)), id="others", classes="strong")
            yield Line("This is written to the log before anything is shown.", classes="quiet")

    def on_mount(self) -> None:
        """Begin with the reason."""
        self.query_one("#needs-label").styles.width = 18
        others = self.query_one("#others", Line)
        others.display = bool(self.breakglass.vault.state.open_checkouts(self._account))

    @on(Input.Submitted)
    @on(Toggle.Entered)
    def ask(self) -> None:
        """Ask the vault; it writes the log and opens, or refuses with its reason."""
        reason = self.query_one("#reason", PlainInput).value
        ticket = self.query_one("#ticket", PlainInput).value.strip()
        kinds = {(t.id or "").removeprefix("kind-") for t in self.query(Toggle) if t.on}
        minutes = minutes_of(self.query_one("#minutes", PlainInput).value)
        if minutes is None:
            self.query_one("#minutes").focus()
            self.show_error(WrongUsage("the time is not understood", "it is written as 30m, 2h or 1h30m"))
            return
        if not kinds:
            self.show_error(WrongUsage("nothing is asked for", "no secret is chosen", "Choose one with space."))
            return
        vault, account = self.breakglass.vault, self._account
        self.in_background(
            lambda: vault.check_out(account, reason, ticket=ticket, minutes=minutes, kinds=kinds),
            self._opened,
            busy="writing the log",
        )

    def _opened(self, checkout: Checkout) -> None:
        from screens.open_checkout import OpenCheckout

        self.app.switch_screen(OpenCheckout(checkout.id))


def minutes_of(text: str) -> int | None:
    """`30m`, `2h`, `1h30m`, `45`: as minutes; None where it is none of these."""
    found = re.fullmatch(r"(?:(\d{1,3})h)?(?:(\d{1,5})m?)?", text.strip().lower().replace(" ", ""), re.ASCII)
    minutes = int(found[1] or 0) * 60 + int(found[2] or 0) if found else 0
    return minutes or None


def _needs(kind: str, secrets: list[Secret]) -> str:
    most = max((s.current.threshold for s in secrets if s.ref.kind == kind and s.current), default=1)
    who = "" if most == 1 else f": you + {most - 1} more"
    return f"{KIND_WORDS.get(kind, printable(kind))}{who}"


def _already_open(open_ones: list[Checkout]) -> str:
    if not open_ones:
        return ""
    return f"▲ {counted(len(open_ones), 'checkout')} of this account open already: {printable(open_ones[0].reason, 48)}"


def _span(minutes: int) -> str:
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
