"""The open checkout: what do I type, and is this account safe? Secrets on one side, the account's live posture on the other.

Nothing secret is here until it is asked for. A password is shown or copied only after the log has it; codes likewise, and a seed
never. What is shown hides itself; when the checkout's time is over everything does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from screens.guarded_screen import BACK, GuardedScreen
from screens.reading import Reading
from screens.shown import cut, fit, grouped_id, time_left
from screens.widgets.code_countdown import CodeCountdown, ShownCode
from screens.widgets.field import Field
from screens.widgets.findings_panel import FindingsPanel
from screens.widgets.header_line import HeaderLine
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.secret_field import SecretField
from vault import clock

if TYPE_CHECKING:
    from vault.events import PostureLine
    from vault.plaintext import Password, Recovery
    from vault.sealing import SecretRef
    from vault.state import Checkout

SIGN_IN = {
    "aws": "https://console.aws.amazon.com/",
    "aws-us-gov": "root has no console here; keys only",
    "aws-cn": "this partition has no root user",
}
"""Where the root user signs in, per partition (AWS Sign-In User Guide, "Sign in as the root user")."""


class OpenCheckout(GuardedScreen[None]):
    """Account, e-mail, password and MFA code to type or copy, beside the account's posture. Enter checks in."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    DEFAULT_CSS = """
    OpenCheckout #both { layout: vertical; height: 1fr; padding: 0 1; }
    OpenCheckout.-wide #both { layout: horizontal; }
    OpenCheckout.-wide #both > * { width: 1fr; }
    OpenCheckout.-wide #sign-in { height: 1fr; padding: 1 1; width: 60; }
    OpenCheckout.-wide Field { margin: 0 0 1 0; }
    OpenCheckout Field > .label { width: 10; }
    OpenCheckout Field > Line { width: 1fr; }
    OpenCheckout Field > Line.label { width: 10; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("s", "show", "show password", tooltip="show the password for ten seconds, in groups to type from; again: longer"),
        Binding("p", "copy_password", "copy", tooltip="copy the password; the clipboard is cleared afterwards"),
        Binding("m", "codes", "MFA code", tooltip="show the MFA code and count down; once shown, copy it"),
        Binding("h", "hide", "hide", tooltip="mask everything again"),
        Binding("t", "recovery", "recovery notes", tooltip="show the recovery notes"),
        Binding("c", "copy_account", "copy id"),
        Binding("e", "copy_email", "e-mail", tooltip="copy the root e-mail"),
        Binding("u", "copy_url", "address", tooltip="copy the address where the root user signs in"),
        Binding("f", "findings", "findings", tooltip="posture in full, with evidence and remedies"),
        Binding("n", "new_password", "new password", tooltip="seal the password that you have just set at AWS"),
        Binding("x", "cancel", "cancel", tooltip="end it unused: only while nothing was shown"),
        BACK,
    ]
    next_step = "check in"
    question = "What do I type, and is this account safe?"

    def __init__(self, checkout: bytes) -> None:
        super().__init__()
        self._checkout = checkout
        self._reading: Reading | None = None
        self._before: tuple[PostureLine, ...] = ()
        self._cancel_asked = False

    @property
    def checkout(self) -> Checkout:
        """The checkout as the log has it now."""
        return self.breakglass.vault.state.checkouts[self._checkout]

    def body(self) -> ComposeResult:
        record = self.breakglass.vault.state.accounts[self.checkout.account].record
        devices = sum(ref.kind == "mfa" for ref in self.checkout.secrets)
        with Container(id="both"):
            with Panel("Sign in", id="sign-in"):
                yield Field("Account", Line(grouped_id(record.id), classes="strong"))
                yield Field("E-mail", Line(fit(record.email, 44) or "not on record"))
                yield Field("Sign in", Line(SIGN_IN.get(record.partition, ""), classes="quiet"))
                yield Field("Password", SecretField(id="password"))
                yield Field("MFA", CodeCountdown(devices))
                if self._ref("recovery") is not None:
                    yield Field("Recovery", SecretField(id="recovery", seconds=60))
                yield Field("Reason", Line(cut(self._reason(), 300), classes="quiet"))
            yield FindingsPanel(id="posture")

    def on_mount(self) -> None:
        """Read posture at once; keep the time left true."""
        self.query_one("#password", SecretField).absent(self._ref("password") is not None)
        self.set_interval(1, self._tick)
        self._tick()
        self.read_posture()

    def read_posture(self) -> None:
        """Ask AWS; a reading that still runs is replaced."""
        if self._reading is not None:
            self._reading.cancel()
        self.query_one(FindingsPanel).begin()
        self._reading = Reading(self, self.checkout.account)

    def on_unmount(self) -> None:
        """Nobody waits for AWS any more."""
        if self._reading is not None:
            self._reading.cancel()

    @on(Reading.Found)
    def found(self, event: Reading.Found) -> None:
        """One answer. The clock's is told beside the code as well."""
        finding = event.finding
        self.query_one(FindingsPanel).add(finding)
        if finding.check == "clock":
            late = finding.status.value == "fail"
            self.query_one(CodeCountdown).warn_of_skew(cut(finding.summary, 60) if late else "")

    @on(Reading.Done)
    def read(self, event: Reading.Done) -> None:
        """All have answered: what check-in calls the posture before."""
        self.query_one(FindingsPanel).done()
        self._before = self._before or event.lines

    @on(Reading.Failed)
    def not_recorded(self, event: Reading.Failed) -> None:
        """Posture could be read and not be recorded."""
        self.query_one(FindingsPanel).done()
        self.show_error(event.error)

    # Secrets.

    def action_show(self) -> None:
        """The password, for ten seconds; pressed again, or held, for ten more."""
        self._show("password")

    def action_recovery(self) -> None:
        """The recovery notes."""
        self._show("recovery")

    def _show(self, kind: str) -> None:
        field = self.query_one(f"#{kind}", SecretField)
        ref = self._ref(kind)
        if ref is None or field.ask_again():
            return
        vault, checkout = self.breakglass.vault, self._checkout

        def shown(text: str) -> None:
            field.show(text)
            self.refresh_bindings()

        self.in_background(lambda: _text(vault.reveal(checkout, ref, "shown")), shown, group=kind)

    def action_copy_password(self) -> None:
        """Through the desktop's clipboard; over SSH there is none, and the note says what to do."""
        ref = self._ref("password")
        if ref is None:
            return
        vault, checkout, copying = self.breakglass.vault, self._checkout, self.breakglass.copying

        def work() -> None:
            copying.find()
            copying.put(bytearray(_text(vault.reveal(checkout, ref, "copied")).encode()))

        def copied(_: None) -> None:
            copying.begin_countdown("password")
            self.refresh_bindings()

        self.in_background(work, copied, group="copy")

    def action_codes(self) -> None:
        """Show the codes; once they are shown, copy the first."""
        countdown = self.query_one(CodeCountdown)
        if countdown.shown:
            code = countdown.current()
            if code:
                self._copy(code, "code", secret=True)
            return
        self.fetch_codes()

    @on(CodeCountdown.Over)
    def fetch_codes(self) -> None:
        """Codes of this period and the next, from the vault, which has them in the log first."""
        if self._ref("mfa") is None:
            return
        vault, checkout = self.breakglass.vault, self._checkout

        def work() -> list[ShownCode]:
            while True:
                began = clock.now_ms()
                made = vault.codes(checkout)
                ended = clock.now_ms()
                # A period that ended while the codes were made would be shown as one that has just begun.
                if all(began // 1000 // c.period == ended // 1000 // c.period for _, c in made):
                    break
            return [
                ShownCode(d.label or d.ref.name, c.code, c.next_code, c.period, ended // 1000 // c.period)
                for d, c in made
            ]

        def shown(codes: list[ShownCode]) -> None:
            self.query_one(CodeCountdown).show(codes)
            self.refresh_bindings()

        self.in_background(work, shown, group="codes")

    def action_hide(self) -> None:
        """Mask everything."""
        for field in self.query(SecretField):
            field.hide()
        self.query_one(CodeCountdown).show([])
        self.refresh_bindings()

    def forget(self) -> None:
        """On locking."""
        super().forget()
        self.action_hide()

    # What is not secret.

    def action_copy_account(self) -> None:
        """The account id, twelve digits."""
        self._copy(self.checkout.account, "account id")

    def action_copy_email(self) -> None:
        """The root e-mail."""
        self._copy(self.breakglass.vault.state.accounts[self.checkout.account].record.email, "root e-mail")

    def action_copy_url(self) -> None:
        """The sign-in address."""
        record = self.breakglass.vault.state.accounts[self.checkout.account].record
        self._copy(SIGN_IN[record.partition], "address")

    def _copy(self, text: str, what: str, *, secret: bool = False) -> None:
        copying = self.breakglass.copying
        told = copying.begin_countdown if secret else copying.not_secret
        self.in_background(lambda: copying.put(bytearray(text.encode())), lambda _: told(what), group="copy")

    # What comes next.

    def action_next(self) -> None:
        """Check in: a screen of its own, which reads posture again."""
        from screens.check_in import CheckIn

        self.action_hide()
        self.app.push_screen(CheckIn(self._checkout, self._before), self._checked_in)

    def _checked_in(self, done: bool | None) -> None:
        if done:
            self.dismiss()

    def action_findings(self) -> None:
        """Posture in full."""
        from screens.posture import Posture

        self.app.push_screen(Posture(self.checkout.account))

    def action_new_password(self) -> None:
        """Seal what was set at AWS just now."""
        from screens.secret_entry import SecretEntry

        self.action_hide()
        self.app.push_screen(SecretEntry(self.checkout.account, "password"), lambda told: self.say(told) if told else None)

    def action_cancel(self) -> None:
        """End it unused; asked twice, since it ends the checkout."""
        if not self._cancel_asked:
            self._cancel_asked = True
            self.note.warn("x again cancels this checkout; any other key keeps it")
            return
        vault, checkout = self.breakglass.vault, self._checkout
        self.in_background(lambda: vault.cancel(checkout), lambda _: self.action_back())

    def on_key(self, event: object) -> None:
        """Any other key takes the question back."""
        if self._cancel_asked and getattr(event, "key", "") != "x":
            self._cancel_asked = False
            self.note.clear()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this checkout has, and what may still be done."""
        needs = {"show": "password", "copy_password": "password", "codes": "mfa", "recovery": "recovery"}
        if action in needs:
            return self._ref(needs[action]) is not None
        if action == "cancel":
            return not self.checkout.revealed
        if action == "hide":
            return self.is_mounted and bool(self.query(".-secret-shown") or self.query_one(CodeCountdown).shown)
        if action == "copy_email":
            return bool(self.breakglass.vault.state.accounts[self.checkout.account].record.email)
        return True

    # Time.

    def _tick(self) -> None:
        if self.breakglass.session.vault is None:
            return
        checkout = self.checkout
        left = (checkout.expires or 0) - clock.now_ms()
        name = self.breakglass.vault.state.accounts[checkout.account].name
        header = self.query_one(HeaderLine)
        header.left = f"{name} · checkout {checkout.short}"
        header.right = f"{time_left(left)} · ctrl+l lock"
        if left <= 0 and (self.query(".-secret-shown") or self.query_one(CodeCountdown).shown):
            self.action_hide()
            self.note.warn("the time of this checkout is over; check in, and ask again if you still need root")

    def _ref(self, kind: str) -> SecretRef | None:
        return next((ref for ref in self.checkout.secrets if ref.kind == kind), None)

    def _reason(self) -> str:
        checkout = self.checkout
        return f"{checkout.ticket}: {checkout.reason}" if checkout.ticket else checkout.reason


def _text(plaintext: Password | Recovery) -> str:
    text: str = getattr(plaintext, "password", "") or getattr(plaintext, "text", "")
    return text
