"""Adding a virtual MFA device: from an otpauth URI, a base32 key, pictures of QR codes, or Google Authenticator's export.

Before anything is sealed the device's code is shown, to be compared with the phone that has the same seed: a wrong digit found now
costs a minute, found in an emergency it costs the account.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.guarded_screen import BACK, LATER, GuardedScreen
from screens.shown import fit
from screens.widgets.code_countdown import CodeCountdown, ShownCode
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from vault import clock
from vault.errors import WrongUsage
from vault.memory import wipe

if TYPE_CHECKING:
    from vault.plaintext import Mfa

ABOUT = (
    "Paste the otpauth:// text or type the key that AWS shows beside its QR code; or name a picture of the code, "
    "several separated by commas. Google Authenticator's export (otpauth-migration://) is taken too."
)
DEFAULT_LABEL = "root-account-mfa-device"


class MfaEntry(GuardedScreen[str]):
    """One device. The first Enter reads it and shows its code, to compare with a phone; the second seals it."""

    DEFAULT_CSS = """
    MfaEntry Panel { margin: 0 1; padding: 0 1; }
    MfaEntry Field { margin: 1 0 0 0; }
    MfaEntry #check { height: auto; display: none; }
    MfaEntry.-read #check { display: block; }
    """
    BINDINGS = [BACK, LATER]  # noqa: RUF012
    next_step = "read it"
    question = "Which MFA device does the root user have?"

    def __init__(self, account: str, *, later: bool = False) -> None:
        super().__init__()
        self._later = later
        self._account = account
        self._device: Mfa | None = None
        self._texts: list[str] = []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the founding it can be put off; elsewhere it is left."""
        return self._later if action == "later" else not self._later if action == "back" else True

    def header_title(self) -> str:
        return f"MFA device of {self.breakglass.vault.state.accounts[self._account].name}"

    def body(self) -> ComposeResult:
        with Panel("Virtual MFA device"):
            yield Line(ABOUT, classes="quiet")
            yield Field("otpauth or key", MaskedInput(id="text"))
            yield Field("or picture", PlainInput(id="picture", placeholder="qr.png"))
            yield Field("Called", PlainInput(id="label", placeholder=DEFAULT_LABEL))
            yield Field("Serial", PlainInput(id="serial", placeholder="arn:aws:iam::…:mfa/… as AWS lists it, optional"))
        with Panel("Compare with the phone", id="check"):
            yield CodeCountdown()
            yield Line("", id="read", classes="quiet")

    def forget(self) -> None:
        """The seed that was read goes with the fields."""
        super().forget()
        self._device = None
        self._texts.clear()

    @on(Input.Changed, "#text, #picture")
    def changed(self) -> None:
        """Something else is meant: read again before sealing."""
        if self._device is not None:
            self._device = None
            self.remove_class("-read")
            self.set_next_step("read it")

    @on(Input.Submitted)
    def next(self) -> None:
        """Read, then seal."""
        if self._device is None:
            self._read()
        else:
            self._seal()

    def _read(self) -> None:
        field = self.query_one("#text", MaskedInput)
        typed = field.take()
        pictures = [p.strip() for p in self.query_one("#picture", PlainInput).value.split(",") if p.strip()]
        account, wanted, earlier = self._account, self.query_one("#label", PlainInput).value.strip(), self._texts
        if not typed and not pictures:
            self.show_error(WrongUsage("nothing to read", "both fields are empty", "Fill one of them."))
            return

        def work() -> Mfa:
            texts = _texts(typed, pictures)
            earlier.extend(t for t in texts if _is_export(t))
            return _choose(_devices([*(t for t in texts if not _is_export(t)), *earlier]), account, wanted)

        self.in_background(work, self._was_read, busy="reading")

    def _was_read(self, device: Mfa) -> None:
        self._texts.clear()
        self._device = device
        label = self.query_one("#label", PlainInput)
        if not label.value.strip():
            label.value = device.label or DEFAULT_LABEL
        serial = self.query_one("#serial", PlainInput)
        if not serial.value.strip():
            serial.value = device.serial
        self.show_codes()
        self.query_one("#read", Line).set_text(
            f"{device.algorithm}, {device.digits} digits, every {device.period} s. "
            "If the phone shows the same code, the device is right.",
            layout=True,
        )
        self.add_class("-read")
        self.set_next_step("seal it")
        label.focus()

    @on(CodeCountdown.Over)
    def show_codes(self) -> None:
        """The code of now, from what was read."""
        if self._device is None:
            return
        from vault.totp import codes

        now = clock.now_ms()
        made = codes(self._device, now)
        period = self._device.period
        self.query_one(CodeCountdown).show(
            [ShownCode(self._device.label, made.code, made.next_code, period, now // 1000 // period)]
        )

    def _seal(self) -> None:
        device = self._device
        assert device is not None
        label = self.query_one("#label", PlainInput).value.strip() or DEFAULT_LABEL
        serial = self.query_one("#serial", PlainInput).value.strip()
        vault, account = self.breakglass.vault, self._account
        if any(s.ref.kind == "mfa" and s.ref.name == label for s in vault.state.secrets_of(account)):
            self.show_error(WrongUsage("nothing was sealed", f"there is a device called {fit(label, 40)} already", "Call it otherwise."))
            return

        def work() -> None:
            import msgspec

            vault.seal(account, msgspec.structs.replace(device, label=label, serial=serial))

        self.in_background(work, lambda _: self.dismiss(f"the MFA device {fit(label, 40)} is sealed"), busy="sealing")


def _texts(typed: bytearray, pictures: list[str]) -> list[str]:
    from custodian.intake import qr

    try:
        text = typed.decode(errors="replace").strip()
    finally:
        wipe(typed)
    found = [text] if text else []
    for picture in pictures:
        found += qr.read(Path(picture).expanduser())
    return found


def _is_export(text: str) -> bool:
    return text.lower().startswith("otpauth-migration:")


def _devices(texts: list[str]) -> list[Mfa]:
    from custodian.intake import migration, otpauth

    exported = [t for t in texts if _is_export(t)]
    single = [otpauth.parse(t) for t in texts if not _is_export(t)]
    return [*single, *(migration.parse(exported) if exported else [])]


def _choose(devices: list[Mfa], account: str, label: str) -> Mfa:
    """The one that is meant: the only one, the one called `label`, or the only one whose label names the account."""
    from custodian.intake.otpauth import account_of

    if len(devices) == 1:
        chosen = devices
    else:
        chosen = [d for d in devices if d.label == label] or [d for d in devices if account_of(d) == account]
    if len(chosen) != 1:
        names = "; ".join(fit(d.label, 40) for d in devices[:6])
        raise WrongUsage(
            "several devices were read", f"none of them alone is this account's: {names}", "Name one in the field Called."
        )
    named = account_of(chosen[0])
    if named is not None and named != account:
        raise WrongUsage("this device is another account's", f"its label names {named}", f"Add it to {named}.")
    return chosen[0]


