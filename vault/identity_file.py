"""The identity at rest: one small file that a passphrase, and usually this machine's keyring, open together.

The file is one line of text, a msgpack body and a SHA-256 checksum over both. The checksum is no secret and
stops no attacker; it tells damage from a wrong passphrase before the slow derivation runs. Somebody who
changes the file and the checksum with it meets AES-GCM, whose associated data is everything in the file
before the ciphertext.

`create` makes one, `unlock` opens it, `inspect` reads what needs no passphrase.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault import device_secret as keyring
from vault.encoding import decode, encode
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, OutOfReach, WrongUsage
from vault.files import read_bounded, write_private
from vault.identity import FINGERPRINT_BYTES, SECRET_BYTES, Identity
from vault.memory import wipe

MAGIC = b"breakglass identity 1\n"
MAX_FILE = 1024

_CHECKSUM_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
_CIPHERTEXT_BYTES = SECRET_BYTES + 16
_DEVICE_BYTES = 16


@dataclass(frozen=True)
class KdfCost:
    """What one guess at the passphrase costs: Argon2id (RFC 9106) with this memory, passes and lanes."""

    memory_kib: int = 256 * 1024
    passes: int = 3
    lanes: int = 4


MINIMUM = KdfCost(64 * 1024, 3, 4)
"""RFC 9106's second choice. A file that asks for less was made weaker by somebody, and is refused."""
MAXIMUM = KdfCost(4 * 1024 * 1024, 64, 64)
"""A file that asks for more is there to stall or crash this machine, and is refused."""


class IdentityFile(msgspec.Struct, frozen=True, array_like=True):
    """The body of the file, in the order in which it is stored."""

    memory_kib: int
    passes: int
    lanes: int
    salt: bytes
    device: bytes | None
    """16 bytes under which the keyring keeps the device secret; None if the passphrase opens the file alone.
    """
    fingerprint: bytes
    nonce: bytes
    ciphertext: bytes

    @property
    def cost(self) -> KdfCost:
        return KdfCost(self.memory_kib, self.passes, self.lanes)


def create(
    path: Path,
    identity: Identity,
    passphrase: bytes | bytearray,
    *,
    cost: KdfCost | None = None,
    with_device_secret: bool = True,
    replace: bool = False,
) -> None:
    """Write `identity` to `path`; with a device secret, make one and store it in the keyring first.

    OutOfReach where no keyring will do: nothing is written then, and nothing made weaker by itself.
    WrongUsage if the file is there already, unless `replace`.
    """
    if not replace and path.exists():
        raise WrongUsage(f"cannot write {path}", "a file of that name is already there", "name another file")
    if not with_device_secret:
        write(path, identity, passphrase, cost=cost, replace=replace)
        return
    device, secret = os.urandom(_DEVICE_BYTES), bytearray(os.urandom(keyring.SECRET_BYTES))
    try:
        keyring.store(device, secret)
        try:
            write(path, identity, passphrase, cost=cost, device=device, device_secret=secret, replace=replace)
        except BaseException:
            with contextlib.suppress(BreakglassError):
                keyring.delete(device)
            raise
    finally:
        wipe(secret)


def write(
    path: Path,
    identity: Identity,
    passphrase: bytes | bytearray,
    *,
    cost: KdfCost | None = None,
    device: bytes | None = None,
    device_secret: bytes | bytearray | None = None,
    replace: bool = False,
) -> None:
    """Write the identity file, and nothing else; `device` and `device_secret` come together and are in the
    keyring already.

    WrongUsage for an empty passphrase, a cost out of bounds, or an existing file without `replace`.
    """
    cost = cost or KdfCost()
    fault = _cost_fault(cost)
    if fault:
        raise WrongUsage("cannot write the identity file", f"the cost asked for {fault}")
    if not passphrase:
        raise WrongUsage(
            "cannot write the identity file", "the passphrase is empty", "choose one of several words"
        )
    if (device is None) != (device_secret is None):
        raise WrongUsage("cannot write the identity file", "a device secret and its id come together")
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    bare = IdentityFile(
        cost.memory_kib, cost.passes, cost.lanes, salt, device, identity.fingerprint, nonce, b""
    )
    key, secret = _key(bare, passphrase, device_secret), identity.secret_copy()
    try:
        ciphertext = AESGCM(key).encrypt(nonce, secret, _associated(bare))
    finally:
        wipe(key, secret)
    content = MAGIC + encode(msgspec.structs.replace(bare, ciphertext=ciphertext))
    write_private(path, content + hashlib.sha256(content).digest(), replace=replace)


def inspect(path: Path) -> IdentityFile:
    """Read and check the file without a passphrase. IntegrityFailure names the part that is damaged."""
    data = read_bounded(path, MAX_FILE, "the identity file")
    what = f"the identity file {path} is damaged"
    hint = "restore it from a copy, or from the recovery words with `breakglass identity restore`"
    if not data.startswith(MAGIC):
        raise IntegrityFailure(what, "its first line is not that of an identity file", hint)
    if hashlib.sha256(data[:-_CHECKSUM_BYTES]).digest() != data[-_CHECKSUM_BYTES:]:
        raise IntegrityFailure(what, _place_of_damage(data), hint)
    file = decode(
        data[len(MAGIC) : -_CHECKSUM_BYTES], IdentityFile, MAX_FILE, f"the body of the identity file {path}"
    )
    lengths = (len(file.salt), len(file.fingerprint), len(file.nonce), len(file.ciphertext))
    if lengths != (_SALT_BYTES, FINGERPRINT_BYTES, _NONCE_BYTES, _CIPHERTEXT_BYTES):
        raise IntegrityFailure(what, "a field of its body has the wrong length", hint)
    if file.device is not None and len(file.device) != _DEVICE_BYTES:
        raise IntegrityFailure(what, "the device field of its body has the wrong length", hint)
    fault = _cost_fault(file.cost)
    if fault:
        raise IntegrityFailure(
            f"the identity file {path} was tampered with", f"the cost in its body {fault}", hint
        )
    return file


def unlock(path: Path, passphrase: bytes | bytearray) -> Identity:
    """The identity in `path`. The whole derivation runs before a wrong passphrase is told, with nothing more
    said.

    CannotUnlock for a wrong passphrase or a device secret that is missing or another's, OutOfReach if the
    keyring does not answer, IntegrityFailure for a damaged file. The passphrase is not wiped.
    """
    file = inspect(path)
    secret = None if file.device is None else keyring.load(file.device)
    try:
        return _open(file, passphrase, secret)
    finally:
        wipe(*([secret] if secret else []))


def change_passphrase(
    path: Path, old: bytes | bytearray, new: bytes | bytearray, cost: KdfCost | None = None
) -> None:
    """Write the same identity under `new`, at the same cost unless another is given; the device secret stays."""
    file = inspect(path)
    secret = None if file.device is None else keyring.load(file.device)
    try:
        identity = _open(file, old, secret)
        try:
            write(
                path,
                identity,
                new,
                cost=cost or file.cost,
                device=file.device,
                device_secret=secret,
                replace=True,
            )
        finally:
            identity.wipe()
    finally:
        wipe(*([secret] if secret else []))


def _open(file: IdentityFile, passphrase: bytes | bytearray, device_secret: bytearray | None) -> Identity:
    key, secret = _key(file, passphrase, device_secret), bytearray(SECRET_BYTES)
    try:
        AESGCM(key).decrypt_into(file.nonce, file.ciphertext, _associated(file), secret)
    except InvalidTag:
        wipe(secret)  # decrypt_into leaves there what it decrypted before it looked at the tag
        # Which of the two was wrong cannot be known, and would help somebody who is guessing.
        why = (
            "wrong passphrase"
            if file.device is None
            else "wrong passphrase, or another machine's device secret"
        )
        raise CannotUnlock("cannot unlock", why) from None
    finally:
        wipe(key)
    identity = Identity(secret)
    if identity.fingerprint != file.fingerprint:
        identity.wipe()
        raise IntegrityFailure(
            "the identity file was tampered with", "it holds another identity than it says"
        )
    return identity


def _key(
    file: IdentityFile, passphrase: bytes | bytearray, device_secret: bytes | bytearray | None
) -> bytearray:
    """HKDF over Argon2id(passphrase) ‖ device secret; the info says whether there is one, so none can be left
    away.
    """
    stretched, both, key, typed = bytearray(32), bytearray(), bytearray(32), _typed(passphrase)
    try:
        Argon2id(
            salt=file.salt, length=32, iterations=file.passes, lanes=file.lanes, memory_cost=file.memory_kib
        ).derive_into(typed, stretched)  # type: ignore[arg-type]  # takes any buffer; its stub says bytes
        both += stretched + (device_secret or b"")
        info = b"breakglass/v1/identity-file/" + (
            b"passphrase" if device_secret is None else b"passphrase+device"
        )
        HKDF(hashes.SHA256(), 32, salt=None, info=info).derive_into(both, key)
    except MemoryError:
        needed = file.memory_kib // 1024
        raise OutOfReach(
            "cannot derive the key",
            f"it takes {needed} MiB of memory, and this machine has less free",
            "close programs",
        ) from None
    finally:
        wipe(stretched, both, typed)
    return key


def _typed(passphrase: bytes | bytearray) -> bytearray:
    """The passphrase in Unicode's NFC: one keyboard types an accented letter as one character, another as two."""
    if passphrase.isascii():
        return bytearray(passphrase)
    try:
        return bytearray(unicodedata.normalize("NFC", passphrase.decode()).encode())
    except UnicodeDecodeError:
        return bytearray(passphrase)


def _associated(file: IdentityFile) -> bytes:
    """Everything in the file before the ciphertext, as an array of its own behind the first line."""
    return MAGIC + encode(msgspec.structs.astuple(file)[:-1])


def _cost_fault(cost: KdfCost) -> str:
    if cost.memory_kib < MINIMUM.memory_kib or cost.passes < MINIMUM.passes or cost.lanes < MINIMUM.lanes:
        return "is below 64 MiB, 3 passes and 4 lanes, the least that is safe"
    if cost.memory_kib > MAXIMUM.memory_kib or cost.passes > MAXIMUM.passes or cost.lanes > MAXIMUM.lanes:
        return "is above 4 GiB, 64 passes and 64 lanes, which no honest file asks for"
    return ""


def _place_of_damage(data: bytes) -> str:
    """Where a file whose checksum does not fit was changed. One flipped bit is found by trying each of them."""
    for place in range(len(data) * 8):
        tried = bytearray(data)
        tried[place // 8] ^= 1 << place % 8
        if hashlib.sha256(tried[:-_CHECKSUM_BYTES]).digest() == tried[-_CHECKSUM_BYTES:]:
            return f"one bit of byte {place // 8} is wrong, in its {_part(bytes(tried), place // 8)}"
    return f"its checksum does not fit its {len(data)} bytes: it was cut, or changed in more than one place"


def _part(data: bytes, place: int) -> str:
    """Which part of a sound file byte `place` belongs to."""
    end = len(data) - _CHECKSUM_BYTES
    if place >= end:
        return "checksum"
    with contextlib.suppress(IntegrityFailure):
        for name, value in reversed(
            msgspec.structs.asdict(decode(data[len(MAGIC) : end], IdentityFile, MAX_FILE, "")).items()
        ):
            end -= len(encode(value))
            if place >= end:
                return f"body, field {name}"
    return "body"
