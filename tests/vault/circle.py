"""Sixteen people and what is sealed to the first few of them."""

from __future__ import annotations

import msgspec

from vault import sealing
from vault.encoding import decode, encode
from vault.identity import Identity
from vault.sealing import MAX_BLOB, Binding, SecretRef, Share, own_share

PLAINTEXT = bytearray(b"canary".ljust(256, b"\0"))
REF = SecretRef("111122223333", "mfa", "root")
# made once: a property of the bytes, not of any test
PEOPLE = sorted((Identity.generate() for _ in range(16)), key=lambda i: i.fingerprint)
KEYS = {i.fingerprint: i.public for i in PEOPLE}


def binding(count: int, threshold: int, **changed) -> Binding:
    holders = tuple(i.fingerprint for i in PEOPLE[:count])
    made = Binding(b"v" * 32, REF, b"w" * 16, "store", holders, threshold)
    return msgspec.structs.replace(made, **changed)


def shares_of(blob: bytes, bound: Binding, givers: list[Identity]) -> dict[bytes, Share]:
    return {giver.fingerprint: own_share(blob, bound, giver) for giver in givers}


def altered(blob: bytes, **fields) -> bytes:
    return encode(msgspec.structs.replace(decode(blob, sealing.Sealing, MAX_BLOB, "it"), **fields))
