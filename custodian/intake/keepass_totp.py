"""Reads the TOTP settings of a KeePass entry in each spelling that is in use.

KeePassXC and KeePassDX write an otpauth URI into `otp`; KeePassXC before 2.5 and the plugin Tray TOTP write `TOTP Seed` and
`TOTP Settings` ("30;6"); the plugin KeeOtp writes `otp` as "key=…&step=30&size=6"; KeePass 2.47 and later writes
`TimeOtp-Secret-Base32` and its siblings. Two spellings in one entry are fine where they mean the same device.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from custodian.intake import base32, otpauth
from vault.errors import BreakglassError, WrongUsage
from vault.plaintext import Mfa

FIELDS = frozenset({"otp", "TOTP Seed", "TOTP Settings"})
PREFIXES = ("TimeOtp-", "HmacOtp-")
_SECRETS = ("TimeOtp-Secret-Base32", "TimeOtp-Secret-Base64", "TimeOtp-Secret-Hex", "TimeOtp-Secret")


def is_totp_field(name: str) -> bool:
    """Whether the field `name` is part of one of the spellings."""
    return name in FIELDS or name.startswith(PREFIXES)


def devices(fields: Mapping[str, str]) -> tuple[tuple[Mfa, ...], tuple[str, ...]]:
    """The device that an entry's fields describe, and the doubts about it: ((), ()) where there is none."""
    found: list[Mfa] = []
    doubts: list[str] = []
    for present, read in (("otp", _otp), ("TOTP Seed", _seed_and_settings)):
        if fields.get(present, "").strip():
            _take(read, fields, found, doubts)
    if any(fields.get(name, "").strip() for name in _SECRETS):
        _take(_time_otp, fields, found, doubts)
    if any(name.startswith("HmacOtp-") and value.strip() for name, value in fields.items()):
        doubts.append("it has a counter-based (HmacOtp) device, and AWS uses time-based devices only")
    different = {(m.seed, m.algorithm, m.digits, m.period) for m in found}
    if len(different) > 1:
        doubts.append("its TOTP settings are written twice and differ")
        return (), tuple(doubts)
    return tuple(found[:1]), tuple(doubts)


def _take(
    read: Callable[[Mapping[str, str]], Mfa], fields: Mapping[str, str], found: list[Mfa], doubts: list[str]
) -> None:
    try:
        found.append(read(fields))
    except BreakglassError as error:
        doubts.append(f"its TOTP settings cannot be read: {error.why}")


def _otp(fields: Mapping[str, str]) -> Mfa:
    text = fields["otp"].strip()
    if not text.lower().startswith("key="):
        return otpauth.parse(text)
    try:
        given = {k.lower(): v for k, v in parse_qsl(text, keep_blank_values=True, max_num_fields=20)}
    except ValueError:
        given = {}
    if given.get("type", "totp").lower() != "totp":
        raise WrongUsage(otpauth.WHAT, "it is a counter-based device, and AWS uses time-based ones only")
    return _device(
        base32.decode(given.get("key", "")),
        given.get("otphashmode") or "SHA1",
        given.get("size") or "6",
        given.get("step") or "30",
    )


def _seed_and_settings(fields: Mapping[str, str]) -> Mfa:
    settings = fields.get("TOTP Settings", "").strip() or "30;6"
    period, _, rest = settings.partition(";")
    digits, _, address = rest.partition(";")
    if digits.strip().upper() == "S":
        raise WrongUsage(otpauth.WHAT, "it makes codes as Steam does, and AWS uses digits")
    if address.strip() and not address.strip().lower().startswith(("http://", "https://")):
        # KeePassXC never wrote an algorithm here; the third part is Tray TOTP's time server.
        raise WrongUsage(otpauth.WHAT, "its settings have a third part of unknown meaning")
    return _device(base32.decode(fields["TOTP Seed"]), "SHA1", digits.strip() or "6", period.strip() or "30")


def _time_otp(fields: Mapping[str, str]) -> Mfa:
    present = [name for name in _SECRETS if fields.get(name, "").strip()]
    seeds = {_seed(name, fields[name].strip()) for name in present}
    if len(seeds) != 1:
        raise WrongUsage(otpauth.WHAT, "the secret is written twice and differs")
    return _device(
        seeds.pop(),
        fields.get("TimeOtp-Algorithm", "").strip() or "SHA1",
        fields.get("TimeOtp-Length", "").strip() or "6",
        fields.get("TimeOtp-Period", "").strip() or "30",
    )


def _seed(name: str, text: str) -> bytes:
    try:
        if name.endswith("Base32"):
            return base32.decode(text)
        if name.endswith("Base64"):
            seed = base64.b64decode(text, validate=True)
        elif name.endswith("Hex"):
            seed = bytes.fromhex(text)
        else:
            seed = text.encode()
    except (binascii.Error, ValueError):
        seed = b""
    if not base32.SHORTEST <= len(seed) <= base32.LONGEST:
        raise WrongUsage(
            otpauth.WHAT, f"the seed in {name} has no readable {base32.SHORTEST} to {base32.LONGEST} bytes"
        )
    return seed


def _device(seed: bytes, algorithm: str, digits: str, period: str) -> Mfa:
    return otpauth.device(
        "",
        "",
        seed,
        otpauth.algorithm_named(algorithm),
        otpauth.number(digits, "digits", otpauth.DIGITS, "6 or 8"),
        otpauth.number(
            period, "period", otpauth.PERIODS, f"{otpauth.PERIODS[0]} to {otpauth.PERIODS[-1]} seconds"
        ),
    )
