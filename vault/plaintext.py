"""What a version holds before it is sealed: a password, an MFA device, or recovery notes.

Values are checked when they are made, so that nothing is sealed that cannot be used later. They are encoded
as tagged msgpack arrays and padded to 256-byte steps, so that the size of a blob says little about the length
of a password. No `repr`, Rich's included, shows a value. Passwords and notes are `str` and an MFA seed is
`bytes`: these cannot be wiped, so whoever opens one drops it soon.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeAlias

import msgspec

from vault.encoding import pad, unpad
from vault.errors import IntegrityFailure, WrongUsage
from vault.memory import wipe

Algorithm: TypeAlias = Literal["SHA1", "SHA256", "SHA512"]

STEP = 256
MAX_PASSWORD = 1024
MAX_TEXT = 16 * 1024
MAX_PLAINTEXT = MAX_TEXT + 3 * STEP
"""The longest padded plaintext there is: notes of full length, their tag and the padding."""

_encoder = msgspec.msgpack.Encoder()


class _Hidden(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A struct that shows its kind and nothing it holds."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []  # msgspec's own would show every field in a Rich traceback


class Password(_Hidden, frozen=True, array_like=True, tag="password"):
    """The root user's password: 1 to 1024 characters, exactly as typed at the sign-in."""

    kind: ClassVar[str] = "password"
    name: ClassVar[str] = ""
    password: str

    def __post_init__(self) -> None:
        _text(self.password, "the password", MAX_PASSWORD)
        if not self.password:
            raise WrongUsage("cannot take the password", "it is empty")


class Mfa(_Hidden, frozen=True, array_like=True, tag="mfa"):
    """One virtual MFA device (RFC 6238)."""

    kind: ClassVar[str] = "mfa"
    label: str
    """What people call the device; tells an account's devices apart."""
    serial: str
    """The device's ARN, or empty while it is not known."""
    seed: bytes
    """The shared secret, 1 to 128 bytes, as AWS showed it in base32."""
    algorithm: Algorithm = "SHA1"
    digits: int = 6
    period: int = 30
    """Seconds, 1 to 300."""
    issuer: str = ""

    @property
    def name(self) -> str:
        return self.label

    def __post_init__(self) -> None:
        for text, what in ((self.label, "label"), (self.serial, "serial"), (self.issuer, "issuer")):
            _text(text, f"the MFA device's {what}", 256)
        if not 1 <= len(self.seed) <= 128:
            raise WrongUsage("cannot take the MFA device", "its seed must have 1 to 128 bytes")
        if self.algorithm not in ("SHA1", "SHA256", "SHA512"):
            raise WrongUsage("cannot take the MFA device", "its algorithm must be SHA1, SHA256 or SHA512")
        if self.digits not in (6, 8):
            raise WrongUsage("cannot take the MFA device", "its codes must have 6 or 8 digits")
        if not 1 <= self.period <= 300:
            raise WrongUsage("cannot take the MFA device", "its period must be 1 to 300 seconds")


class Recovery(_Hidden, frozen=True, array_like=True, tag="recovery"):
    """Notes that help to get back in (phone, legacy answers): up to 16 KiB of UTF-8."""

    kind: ClassVar[str] = "recovery"
    name: ClassVar[str] = ""
    text: str

    def __post_init__(self) -> None:
        _text(self.text, "the recovery notes", MAX_TEXT, "bytes")
        if not self.text:
            raise WrongUsage("cannot take the recovery notes", "they are empty")


Plaintext: TypeAlias = Password | Mfa | Recovery

_decoder: msgspec.msgpack.Decoder[Plaintext] = msgspec.msgpack.Decoder(Plaintext)


def encode_plaintext(plaintext: Plaintext) -> bytearray:
    """`plaintext` encoded and padded to a multiple of 256 bytes; the caller wipes it."""
    encoded = bytearray()
    _encoder.encode_into(plaintext, encoded)
    padded = pad(encoded, STEP)
    wipe(encoded)
    return padded


def decode_plaintext(padded: bytearray) -> Plaintext:
    """Read what `encode_plaintext` made; anything else is IntegrityFailure. `padded` is left to the caller to
    wipe.
    """
    what = "a secret's plaintext"
    if len(padded) > MAX_PLAINTEXT or len(padded) % STEP:
        raise IntegrityFailure(f"{what} is damaged", "its size is not one that is written")
    encoded, again = unpad(padded, what), bytearray()
    try:
        # Not `encoding.decode`: it re-encodes into `bytes`, and this comparison can be wiped.
        plaintext = _decoder.decode(encoded)
        _encoder.encode_into(plaintext, again)
        if again != encoded or len(padded) - len(encoded) - 4 >= STEP:
            raise IntegrityFailure(f"{what} is damaged", "its bytes are not in canonical form")
    except (msgspec.MsgspecError, ValueError, RecursionError, WrongUsage):
        raise IntegrityFailure(f"{what} is damaged", "its bytes do not have the expected form") from None
    finally:
        wipe(encoded, again)
    return plaintext


def _text(text: str, what: str, limit: int, unit: Literal["characters", "bytes"] = "characters") -> None:
    try:
        in_bytes = len(text.encode())
    except UnicodeEncodeError:
        in_bytes = -1
    if in_bytes < 0:  # raised out here, because the error above carries the whole text with it
        raise WrongUsage(f"cannot take {what}", "it has characters that are no valid text")
    if (in_bytes if unit == "bytes" else len(text)) > limit:
        raise WrongUsage(f"cannot take {what}", f"it is longer than {limit} {unit}")
