"""Reads the outer header of a KeePass file, before any passphrase is asked for or any key is derived.

Three questions are answered here: is it a KeePass file of a version we read (3.1, 4.0, 4.1), is its header whole (KDBX 4
carries a hash of it), and does it ask for a key derivation that a person's own file would ask for? A hostile file could
ask for a terabyte of memory or for a year of rounds; the libraries below would obey. The format is described at
https://keepass.info/help/kb/kdbx.html.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from dataclasses import dataclass
from typing import Literal

from vault.errors import IntegrityFailure, WrongUsage

SIGNATURE = bytes.fromhex("03d9a29a67fb4bb5")
MOST_MEMORY = 4 * 1024**3
"""Bytes for Argon2."""
MOST_WORK = 512 * 1024**3
"""Bytes times passes for Argon2: minutes, not hours."""
MOST_LANES = 64
MOST_ROUNDS = 2**30
"""Rounds of the older AES derivation."""

_AES_KDF = uuid.UUID("c9d9f39a-628a-4460-bf74-0d08c18a4fea").bytes
_ARGON2 = {
    uuid.UUID("ef636ddf-8c29-444b-91f7-a9a403e30a0c").bytes,
    uuid.UUID("9e298b19-56db-4773-b23d-fc3ec6f0a1e6").bytes,
}
_MOST_FIELDS = 64


@dataclass(frozen=True)
class Header:
    """What the header says that matters before unlocking."""

    version: tuple[int, int]
    kdf: Literal["aes", "argon2"]
    rounds: int
    """Rounds of the AES derivation; 0 with Argon2."""
    seed: bytes
    """What the AES derivation encrypts under; empty with Argon2."""
    digest: bytes
    """SHA-256 of the header's bytes; KDBX 3.1 repeats it inside."""


def read(data: bytes, what: str) -> Header:
    """The header of `data`. Raises WrongUsage for another kind of file, IntegrityFailure for a damaged one."""
    if data[:8] != SIGNATURE:
        raise WrongUsage(what, "it is not a KeePass file (KDBX)")
    if len(data) < 12:
        raise _damaged(what)
    minor, major = struct.unpack_from("<HH", data, 8)
    if (major, minor) not in {(3, 0), (3, 1), (4, 0), (4, 1)}:
        raise WrongUsage(
            what,
            f"it is of KDBX version {major}.{minor}, and 3.1, 4.0 and 4.1 are read",
            "Save it anew with KeePassXC.",
        )
    # The library below is the one that believes these fields, so each is looked at as it will be.
    try:
        fields, end = _fields(data, wide=major == 4)
        return _three(data, fields, end, minor, what) if major == 3 else _four(data, fields, end, minor, what)
    except (struct.error, KeyError, UnicodeDecodeError, IndexError):
        pass
    raise _damaged(what)


def _fields(data: bytes, *, wide: bool) -> tuple[dict[int, bytes], int]:
    """The fields by number, and where the header ends."""
    fields: dict[int, bytes] = {}
    at = 12
    for _ in range(_MOST_FIELDS):
        number = data[at]
        (length,) = struct.unpack_from("<I" if wide else "<H", data, at + 1)
        at += 5 if wide else 3
        if length > len(data) - at:
            break
        fields[number] = data[at : at + length]
        at += length
        if number == 0:
            return fields, at
    raise IndexError


def _three(data: bytes, fields: dict[int, bytes], end: int, minor: int, what: str) -> Header:
    (rounds,) = struct.unpack("<Q", fields[6])
    _bounded(rounds <= MOST_ROUNDS, what)
    if (
        len(fields[5]) != 32
        or len(fields[4]) != 32
        or len(fields[8]) != 32
        or struct.unpack("<I", fields[10])[0] != 2
    ):
        raise KeyError  # with any other inner cipher than Salsa20, pykeepass would hand over values still encrypted
    return Header((3, minor), "aes", rounds, fields[5], hashlib.sha256(data[:end]).digest())


def _four(data: bytes, fields: dict[int, bytes], end: int, minor: int, what: str) -> Header:
    digest = hashlib.sha256(data[:end]).digest()
    if data[end : end + 32] != digest:
        raise _damaged(what)
    settings = _dictionary(fields[11])
    kdf = settings["$UUID"]
    if kdf == _AES_KDF:
        rounds = _whole(settings["R"])
        _bounded(rounds <= MOST_ROUNDS, what)
        if len(settings["S"]) != 32:
            raise KeyError
        return Header((4, minor), "aes", rounds, settings["S"], digest)
    if kdf not in _ARGON2:
        raise WrongUsage(
            what, "it derives its key in a way that is not known here", "Save it anew with KeePassXC."
        )
    memory, passes, lanes = (_whole(settings[name]) for name in ("M", "I", "P"))
    _bounded(memory <= MOST_MEMORY and memory * passes <= MOST_WORK and 1 <= lanes <= MOST_LANES, what)
    return Header((4, minor), "argon2", 0, b"", digest)


def _dictionary(data: bytes) -> dict[str, bytes]:
    """The variant dictionary of KDBX 4, values as they stand."""
    settings: dict[str, bytes] = {}
    at = 2
    for _ in range(_MOST_FIELDS):
        if data[at] == 0:
            return settings
        (length,) = struct.unpack_from("<I", data, at + 1)
        name = data[at + 5 : at + 5 + length].decode()
        at += 5 + length
        (length,) = struct.unpack_from("<I", data, at)
        settings[name] = data[at + 4 : at + 4 + length]
        at += 4 + length
    raise IndexError


def _whole(value: bytes) -> int:
    if len(value) not in (4, 8):
        raise KeyError
    return int.from_bytes(value, "little")


def _bounded(within: bool, what: str) -> None:
    if not within:
        raise WrongUsage(
            what,
            "it asks for more memory or time to unlock than any honest file needs",
            "If it is your own, lower its key derivation settings in KeePassXC first.",
        )


def _damaged(what: str) -> IntegrityFailure:
    return IntegrityFailure(what, "the file is damaged or cut off", "Use a copy of it.")
