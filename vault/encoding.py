"""Bytes in, bytes out: the one encoding that everything signed, hashed or stored uses.

Structures are msgpack arrays (msgspec structs with `array_like=True`). Reading is strict: a size bound first, then the
decode, then the value is encoded again and must give the same bytes, so that one value has exactly one encoding and a
changed byte is never read as something harmless. Hashes are SHA-256 with a domain string in front; plaintexts are
padded to fixed steps so that their length says little.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

import msgspec

from vault.errors import IntegrityFailure

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()
_decoders: dict[object, msgspec.msgpack.Decoder[object]] = {}


def encode(value: object) -> bytes:
    """The canonical bytes of `value`: msgpack with shortest integers, structs as arrays."""
    return _encoder.encode(value)


def decode(data: bytes | bytearray, type_: type[T], limit: int, what: str) -> T:
    """Read `data` as exactly one `type_`, or raise IntegrityFailure naming `what`.

    `limit` bounds the size in bytes before anything is parsed. Truncated, surplus, overlong or otherwise
    non-canonical bytes are refused.
    """
    if len(data) > limit:
        raise IntegrityFailure(f"{what} is damaged", f"it has {len(data)} bytes, more than the {limit} allowed")
    decoder = _decoders.get(type_)
    if decoder is None:
        decoder = _decoders[type_] = msgspec.msgpack.Decoder(type_)
    try:
        value = decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # The library's text could quote what it read; the place is enough.
        raise IntegrityFailure(f"{what} is damaged", "its bytes do not have the expected form") from None
    if _encoder.encode(value) != bytes(data):
        raise IntegrityFailure(f"{what} is damaged", "its bytes are not in canonical form")
    return value  # type: ignore[return-value]


def digest(domain: str, *parts: bytes | bytearray) -> bytes:
    """SHA-256 over the domain string and each part, every one preceded by its length (8 bytes, big-endian)."""
    h = hashlib.sha256()
    for part in (b"breakglass/v1/" + domain.encode(), *parts):
        h.update(len(part).to_bytes(8, "big"))
        h.update(part)
    return h.digest()


def pad(data: bytes | bytearray, step: int) -> bytearray:
    """`data` behind its length (4 bytes, big-endian), zero-filled to the next multiple of `step` bytes."""
    total = -(-(len(data) + 4) // step) * step
    padded = bytearray(total)
    padded[:4] = len(data).to_bytes(4, "big")
    padded[4 : 4 + len(data)] = data
    return padded


def unpad(padded: bytes | bytearray, what: str) -> bytearray:
    """Undo `pad`; the filling must be zero, or IntegrityFailure names `what`."""
    length = int.from_bytes(padded[:4], "big")
    if len(padded) < 4 or length > len(padded) - 4 or any(padded[4 + length :]):
        raise IntegrityFailure(f"{what} is damaged", "its padding is not as it was written")
    return bytearray(padded[4 : 4 + length])
