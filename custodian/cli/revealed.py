"""Secrets on their way out: taken from the vault within a checkout, printed, and gone.

Each one is in the log before `vault` hands it over, so everything that is to be printed is fetched first. What stands in
here is as short-lived as the command; it has no representation that shows a value.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from custodian import output
from vault.text import printable

if TYPE_CHECKING:
    from vault import Vault
    from vault.state import Checkout

LATE_SECONDS = 5
"""A code that lives for less than this many more seconds may be over before it is typed."""


@dataclass(frozen=True)
class ShownCode:
    """A TOTP code as it is shown; the seed stays in the vault."""

    label: str
    serial: str
    code: str = field(repr=False)
    seconds_left: int
    next_code: str = field(repr=False)

    def document(self) -> dict[str, Any]:
        """The code as JSON has it."""
        return {
            "label": self.label,
            "serial": self.serial,
            "code": self.code,
            "seconds_left": self.seconds_left,
            "next_code": self.next_code,
        }

    def line(self) -> str:
        """The code as a line for people: the code first."""
        return f"{self.code}  {output.outside(self.label)}  {self.seconds_left} s left, next {self.next_code}"


@dataclass(frozen=True)
class Revealed:
    """What one checkout gave."""

    password: str | None = field(default=None, repr=False)
    recovery: str | None = field(default=None, repr=False)
    codes: tuple[ShownCode, ...] = ()

    def document(self) -> dict[str, Any]:
        """The secrets as JSON has them."""
        return {
            "password": self.password,
            "recovery": self.recovery,
            "mfa": [code.document() for code in self.codes],
        }

    def show(self) -> None:
        """Print them for people, each named."""
        if self.password is not None:
            output.data(f"password  {for_stdout(self.password)}")
        for code in self.codes:
            output.data(f"mfa       {code.line()}")
        if self.recovery is not None:
            output.data("recovery", *[f"  {for_stdout(line)}" for line in self.recovery.splitlines()])


def reveal_all(
    vault: Vault, checkout: Checkout, kinds: Collection[str] = (), how: Literal["shown", "copied"] = "shown"
) -> Revealed:
    """Everything that `checkout` covers, or only the `kinds` named; every reveal is durable in the log by then."""
    from vault.plaintext import Password

    texts: dict[str, str] = {}
    for ref in checkout.secrets:
        if ref.kind != "mfa" and (not kinds or ref.kind in kinds):
            plaintext = vault.reveal(checkout.id, ref, how)
            texts[ref.kind] = plaintext.password if isinstance(plaintext, Password) else plaintext.text
    with_codes = any(ref.kind == "mfa" for ref in checkout.secrets) and (not kinds or "mfa" in kinds)
    return Revealed(
        password=texts.get("password"),
        recovery=texts.get("recovery"),
        codes=codes_of(vault, checkout) if with_codes else (),
    )


def codes_of(vault: Vault, checkout: Checkout) -> tuple[ShownCode, ...]:
    """The codes of now, by label."""
    codes = (
        ShownCode(device.label, device.serial, code.code, code.seconds_left, code.next_code)
        for device, code in vault.codes(checkout.id)
    )
    return tuple(sorted(codes, key=lambda c: (c.label, c.serial)))


def tell_late_codes(revealed: Revealed) -> None:
    """Warn of codes that may be over before they are typed."""
    for code in revealed.codes:
        if code.seconds_left < LATE_SECONDS:
            output.say(
                f"warning: the code of {output.outside(code.label)} is over in {code.seconds_left} s; "
                "wait, and use the next one"
            )


def for_stdout(text: str) -> str:
    """A secret as stdout should have it: exactly as it is for a program, harmless for a terminal."""
    return printable(text) if sys.stdout.isatty() else text
