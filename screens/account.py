"""One account: its record, what is held of it (never the values), its posture as last recorded, and who used root when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import ago, cut, fit, grouped_id, span
from screens.widgets.findings_panel import FindingsPanel
from screens.widgets.header_line import HeaderLine
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from vault import clock
from vault.text import printable

if TYPE_CHECKING:
    from vault.state import Account, Checkout, Secret, State

KINDS = {"password": "Password", "mfa": "MFA device", "recovery": "Recovery notes"}
HISTORY = 50
"""Checkouts shown; the log has them all."""


class AccountScreen(GuardedScreen[None]):
    """What is held and how it was used. Secrets stay masked here: they are shown within a checkout only."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    DEFAULT_CSS = """
    AccountScreen #page { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; scrollbar-color: $line; }
    AccountScreen #upper { layout: vertical; height: auto; }
    AccountScreen.-wide #upper { layout: horizontal; }
    AccountScreen.-wide #upper > * { width: 1fr; height: 100%; }
    AccountScreen #left { height: auto; }
    AccountScreen FindingsPanel { height: auto; max-height: 24; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("e", "edit", "edit record"),
        Binding("s", "password", "set password", tooltip="seal a new version of the root password"),
        Binding("m", "mfa", "add MFA", tooltip="add a virtual MFA device"),
        Binding("t", "recovery", "recovery notes", tooltip="seal recovery notes"),
        Binding("u", "remove_mfa", "remove MFA", tooltip="take an MFA device out of use here"),
        Binding("p", "posture", "posture", tooltip="read the posture now"),
        Binding("R", "retire", "retire", tooltip="take the account out of use; asks for the reason"),
        BACK,
    ]
    AUTO_FOCUS = "#page"
    question = "What is held of this account, and how was it used?"

    def __init__(self, account: str) -> None:
        super().__init__()
        self._account = account

    def body(self) -> ComposeResult:
        with VerticalScroll(id="page"):
            with Container(id="upper"):
                with Container(id="left"):
                    yield Panel("Record", Line("", id="record"))
                    yield Panel("Secrets", Line("", id="secrets"))
                yield FindingsPanel("Posture, as recorded")
            yield Panel("Checkouts", Line("", id="history"))

    def on_mount(self) -> None:
        """Show it."""
        self.load()

    def on_screen_resume(self) -> None:
        """Something may have been added on the screen above."""
        self.load()

    def load(self) -> None:
        """Derive everything from the state."""
        vault = self.breakglass.session.vault
        if vault is None or not self.is_attached:
            return
        state, now = vault.state, clock.now_ms()
        account = state.accounts[self._account]
        self.query_one(HeaderLine).left = account.name
        self.query_one("#record", Line).set_text(_record(account), layout=True)
        secrets = state.secrets_of(self._account)
        self.query_one("#secrets", Line).set_text(_secrets(state, secrets, now), layout=True)
        self.query_one(FindingsPanel).recorded(account.posture, account.posture_at)
        self.query_one("#history", Line).set_text(_history(state, self._account, now), layout=True)
        mine = self._my_checkout()
        self.set_next_step("go on with your checkout" if mine else "check out" if secrets else "set the password")

    def _my_checkout(self) -> Checkout | None:
        vault = self.breakglass.vault
        now = clock.now_ms()
        mine = (c for c in vault.state.open_checkouts(self._account) if c.member == vault.me.fingerprint)
        return next((c for c in mine if c.is_open(now)), None)

    def action_next(self) -> None:
        """The next step."""
        from screens.checkout_dialog import CheckoutDialog
        from screens.open_checkout import OpenCheckout

        mine = self._my_checkout()
        if mine is not None:
            self.app.push_screen(OpenCheckout(mine.id))
        elif self.breakglass.vault.state.secrets_of(self._account):
            self.app.push_screen(CheckoutDialog(self._account))
        else:
            self.action_password()

    def action_edit(self) -> None:
        """The record's form."""
        from screens.account_form import AccountForm

        self.app.push_screen(AccountForm(self._account), lambda saved: self.say("saved") if saved else None)

    def action_password(self) -> None:
        """A new version of the password."""
        from screens.secret_entry import SecretEntry

        self.app.push_screen(SecretEntry(self._account, "password"), self._told)

    def action_recovery(self) -> None:
        """A new version of the recovery notes."""
        from screens.secret_entry import SecretEntry

        self.app.push_screen(SecretEntry(self._account, "recovery"), self._told)

    def action_mfa(self) -> None:
        """Another MFA device."""
        from screens.mfa_entry import MfaEntry

        self.app.push_screen(MfaEntry(self._account), self._told)

    def action_remove_mfa(self) -> None:
        """Take a device out of use."""
        from screens.taking_out import TakingOut

        self.app.push_screen(TakingOut.mfa(self._account), self._told)

    def action_retire(self) -> None:
        """Take the account out of use."""
        from screens.taking_out import TakingOut

        self.app.push_screen(TakingOut.account(self._account), self._retired)

    def _retired(self, told: str | None) -> None:
        if told:
            self.dismiss()

    def action_posture(self) -> None:
        """Read the posture now."""
        from screens.posture import Posture

        self.app.push_screen(Posture(self._account))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to remove a device only where there is one."""
        if action == "remove_mfa" and self.breakglass.session.vault is not None:
            return any(s.ref.kind == "mfa" for s in self.breakglass.vault.state.secrets_of(self._account))
        return True

    def _told(self, told: str | None) -> None:
        if told:
            self.say(told)


def _record(account: Account) -> Content:
    record = account.record
    rows = [
        ("Account", f"{grouped_id(record.id)}  {'' if record.partition == 'aws' else record.partition}"),
        ("Root e-mail", record.email),
        ("Inbox", record.inbox_readers and f"read by {record.inbox_readers}"),
        ("Phone", record.phone_holder and f"held by {record.phone_holder}"),
        ("AWS access", _access(record.profile, record.role)),
        ("Notes", record.notes),
    ]
    shown = [(label, printable(text).strip()) for label, text in rows]
    return Content("\n").join(
        Content.assemble((f"{label:<12}", "$quiet"), cut(text, 180) if text else ("–", "$quiet")) for label, text in shown
    )


def _access(profile: str, role: str) -> str:
    if not profile and not role:
        return ""
    return ", ".join(part for part in (profile and f"profile {profile}", role and f"role {role}") if part)


def _secrets(state: State, secrets: list[Secret], now: int) -> Content:
    if not secrets:
        return Content.styled(
            "Nothing yet. s sets the password, m adds an MFA device,\nt keeps recovery notes; i on the accounts imports.", "$quiet"
        )
    rows = []
    for secret in secrets:
        current = secret.current
        assert current is not None
        name = f" {fit(secret.ref.name, 26)}" if secret.ref.name else ""
        who = [state.members[h].name for h in current.holders if h in state.members]
        held = f"{current.threshold} of {len(current.holders)}" if len(current.holders) > 1 else "held by"
        rows.append(
            Content.assemble(
                (f"{KINDS[secret.ref.kind]}{name}", "bold"),
                "  ••••••••  ",
                (f"set {ago(now - current.since)}, {held} {fit(', '.join(who), 24)}", "$quiet"),
            )
        )
    return Content("\n").join(rows)


def _history(state: State, account: str, now: int) -> Content:
    past = [*state.open_checkouts(account)[::-1], *state.past_checkouts(account)][:HISTORY]
    if not past:
        return Content.styled("Root of this account was never checked out.", "$quiet")
    return Content("\n").join(_checkout(state, checkout, now) for checkout in past)


def _checkout(state: State, checkout: Checkout, now: int) -> Content:
    member = state.members.get(checkout.member)
    began = checkout.opened if checkout.opened is not None else checkout.requested
    over = checkout.ended is None and not checkout.is_open(now)
    status = "● open" if checkout.is_open(now) else "▲ not checked in" if over else f"– {checkout.status}"
    held = span((checkout.ended or min(now, checkout.expires or now)) - began)
    return Content.assemble(
        (f"{ago(now - began):<11}", ""),
        (f"{fit(member.name if member else '?', 12):<13}", ""),
        (f"{status}, {held}".ljust(24), "$wrong" if over else "$quiet"),
        cut(checkout.reason, 90),
    )
