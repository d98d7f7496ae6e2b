"""One account: its record, what is held of it (never the values), its posture as last recorded, and who used root when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content

from screens.check_in import changed
from screens.guarded_screen import BACK, GuardedScreen
from screens.log import when
from screens.shown import ago, counted, cut, fit, grouped_id, span, time_left
from screens.widgets.findings_panel import FindingsPanel
from screens.widgets.header_line import HeaderLine
from screens.widgets.labelled import Labelled, Row
from screens.widgets.panel import Panel
from vault import clock
from vault.due import rotation_due
from vault.text import printable

if TYPE_CHECKING:
    from vault.state import Account, Checkout, Secret, State, Version

KINDS = {"password": "Password", "mfa": "MFA device", "recovery": "Recovery"}
HISTORY = 50
"""Checkouts shown; the log has them all."""


class AccountScreen(GuardedScreen[None]):
    """What is held and how it was used. Secrets stay masked here: they are shown within a checkout only."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    DEFAULT_CSS = """
    AccountScreen #page { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; scrollbar-color: $line; }
    AccountScreen #upper { layout: vertical; height: auto; }
    AccountScreen.-wide #upper { layout: horizontal; }
    AccountScreen.-wide #upper > * { width: 1fr; }
    AccountScreen #left { height: auto; }
    AccountScreen FindingsPanel { height: auto; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("e", "edit", "edit", tooltip="edit the record"),
        Binding("s", "password", "set password", tooltip="seal a new version of the root password"),
        Binding("m", "mfa", "add MFA", tooltip="add a virtual MFA device"),
        Binding("t", "recovery", "recovery notes", tooltip="seal recovery notes"),
        Binding("p", "posture", "posture", tooltip="read the posture now"),
        Binding("l", "log", "log", tooltip="everything that the log has about this account"),
        Binding("x", "remove_mfa", "remove MFA", tooltip="take an MFA device out of use here; asks for its name and the reason"),
        Binding("r", "retire", "retire", tooltip="take the account out of use; asks for its name and the reason"),
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
                    yield Panel("Secrets", Labelled(14, id="secrets"))
                    yield Panel("Record", Labelled(14, id="record"))
                yield FindingsPanel("Posture, as recorded")
            yield Panel("Checkouts", Labelled(14, id="history"), id="checkouts")

    def on_mount(self) -> None:
        """Show it, and keep the times true."""
        self.set_interval(20, self.load)
        self.load()

    def on_screen_resume(self) -> None:
        """Something may have been added on the screen above."""
        self.load()

    def load(self) -> None:
        """Derive everything from the state."""
        vault = self.breakglass.session.vault
        if vault is None or not self.is_attached or self.app.screen is not self:
            return
        state, now = vault.state, clock.now_ms()
        account = state.accounts[self._account]
        self.query_one(HeaderLine).left = account.name
        secrets = state.secrets_of(self._account)
        self.query_one("#secrets", Labelled).show(_secrets(state, account, secrets, now))
        self.query_one("#record", Labelled).show(_record(account))
        self.query_one(FindingsPanel).recorded(account.posture, account.posture_at)
        past = [*state.open_checkouts(self._account)[::-1], *state.past_checkouts(self._account)]
        self.query_one("#history", Labelled).show(_history(state, past[:HISTORY], now))
        more = f"{len(past) - HISTORY:,} more: l" if len(past) > HISTORY else counted(len(past), "checkout") if past else ""
        self.query_one("#checkouts", Panel).set_corner(more)
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

    def action_log(self) -> None:
        """What the log has about it."""
        from screens.log import Log

        self.app.push_screen(Log(self._account))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to remove a device only where there is one."""
        if action == "remove_mfa" and self.breakglass.session.vault is not None:
            return any(s.ref.kind == "mfa" for s in self.breakglass.vault.state.secrets_of(self._account))
        return True

    def _told(self, told: str | None) -> None:
        if told:
            self.say(told)


def _record(account: Account) -> list[Row]:
    record = account.record
    rows = [
        ("Account", f"{grouped_id(record.id)}{'' if record.partition == 'aws' else f'  {record.partition}'}"),
        ("Name", record.name),
        ("Root e-mail", record.email),
        ("Inbox read by", record.inbox_readers),
        ("Phone held by", record.phone_holder),
        ("AWS profile", record.profile),
        ("Role", record.role),
        ("Notes", record.notes),
    ]
    optional = ("AWS profile", "Role", "Notes")
    return [(label, printable(text) or Content.styled("–", "$quiet")) for label, text in rows if text or label not in optional]


def _secrets(state: State, account: Account, secrets: list[Secret], now: int) -> list[Row]:
    if not secrets:
        empty = "Nothing to sign in with is held here yet. s sets the password, m adds an MFA device, t keeps recovery notes."
        return [(Content.styled("–", "$quiet"), Content.styled(empty, "$quiet"))]
    rows: list[Row] = []
    for secret in secrets:
        current = secret.current
        assert current is not None
        told = [Content.assemble("••••••••  ", (fit(secret.ref.name, 40), "bold")) if secret.ref.name else Content("••••••••")]
        if current.serial:
            told.append(Content(printable(current.serial)))
        told.append(Content.styled(f"set {ago(now - current.since)}, {_held(state, current)}", "$quiet"))
        rotation = rotation_due(state, account) if secret.ref.kind == "password" else None
        if rotation is not None and rotation.since <= now:
            told.append(Content.styled(f"▲ due: {printable(rotation.why)}", "$wrong"))
        elif rotation is not None:
            told.append(Content.styled(f"due for rotation in {span(rotation.since - now)}", "$quiet"))
        rows.append((KINDS.get(secret.ref.kind, printable(secret.ref.kind)), Content("\n").join(told)))
    return rows


def _held(state: State, version: Version) -> str:
    names = [fit(state.members[h].name, 24) if h in state.members else h.hex()[:8] for h in version.holders]
    who = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"held by {who}" if version.threshold == 1 else f"any {version.threshold} of {who} open it"


def _history(state: State, checkouts: list[Checkout], now: int) -> list[Row]:
    if not checkouts:
        return [(Content.styled("–", "$quiet"), Content.styled("Root of this account was never checked out.", "$quiet"))]
    return [(when(c.opened if c.opened is not None else c.requested), _checkout(state, c, now)) for c in checkouts]


def _checkout(state: State, checkout: Checkout, now: int) -> Content:
    member = state.members.get(checkout.member)
    began = checkout.opened if checkout.opened is not None else checkout.requested
    late = checkout.ended is None and checkout.expires is not None and checkout.expires <= now
    is_open = checkout.is_open(now)
    if is_open:
        status = f"● open, {time_left((checkout.expires or now) - now)}"
    else:
        status = f"{'▲ not checked in for' if late else f'{checkout.status} after'} {span((checkout.ended or now) - began)}"
    ticket = f"{checkout.ticket}: " if checkout.ticket and not checkout.reason.startswith(checkout.ticket) else ""
    told: list[str | Content | tuple[str, str]] = [
        (fit(member.name if member else checkout.member.hex()[:8], 24), "bold"),
        (f"  {status}", "$wrong" if late else "$well" if is_open else "$quiet"),
        (f"  {checkout.short}", "$quiet"),
        f"\n{printable(ticket)}{cut(checkout.reason, 400)}",
    ]
    if checkout.rotated:
        told.append(("\npassword changed", "$quiet"))
    changes = changed(checkout.before, checkout.after)
    if changes:
        told.append((f"\n▲ {printable('; '.join(changes))}", "$wrong"))
    elif checkout.before and checkout.after:
        told.append(("\nposture before and after the same", "$quiet"))
    return Content.assemble(*told)
