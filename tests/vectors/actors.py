"""Who occurs in the vectors, and what they can do that nobody should: sign and encrypt whatever they are told to.

Everything here is made from strings that anybody can hash. None of it may be used for anything real.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault import encoding, entry, statement
from vault.entry import Clear, Header, SealedLogKey
from vault.events import EVENTS, NAMES, Event
from vault.identity import Identity
from vault.statement import Statement

START = 1_764_000_000_000
DEVICE = hashlib.sha256(b"breakglass vectors device").digest()[:16]


def secret_of(name: str) -> bytes:
    """The identity secret of somebody in the vectors."""
    return hashlib.sha256(b"breakglass vectors identity " + name.encode()).digest()


ANNA, BEN, CHLOE, DEV = (Identity.from_secret(secret_of(name)) for name in ("anna", "ben", "chloe", "dev"))
EVERYBODY = {"anna": ANNA, "ben": BEN, "chloe": CHLOE, "dev": DEV}


class Scribe:
    """Writes a log by hand, one entry at a time, rightly by default and wrongly where told to."""

    def __init__(self, log_key: bytes, entries: list[bytes] | None = None, vault: bytes = b"") -> None:
        self.log_key = log_key
        self.entries = list(entries or [])
        self.vault = vault
        self.prev = entry.hash_of(self.entries[-1]) if self.entries else bytes(32)

    def first(self, event: Event, *, readers: list[Identity], author: Identity = ANNA, **wrong: Any) -> bytes:
        """The first entry: announces `readers` and seals the log key to each."""
        epoch = entry.epoch_of(self.log_key)
        keys = tuple(
            SealedLogKey(r.fingerprint, r.public.seal(self.log_key, entry.log_key_info(entry.NO_VAULT, r.fingerprint, epoch)))
            for r in readers
        )
        clear = wrong.pop("clear", Clear(announced=tuple(r.public for r in readers), log_keys=keys))
        data = self.put(event, author=author, clear=clear, **({"vault": entry.NO_VAULT} | wrong))
        self.vault = self.prev
        return data

    def put(self, event: Event | Statement | bytes, *, author: Identity = ANNA, **wrong: Any) -> bytes:
        """Append an entry. `wrong` overrides any header field, or one of the steps named below."""
        padded = wrong.pop("padded", None) or bytes(encoding.pad(_said(event, len(self.entries)), statement.STEP))
        r32 = os.urandom(32)
        log_key = wrong.pop("log_key", self.log_key)
        payload_type = wrong.pop("payload_type", entry.PAYLOAD_TYPE)
        clear = encoding.encode(wrong.pop("clear", Clear()))
        plain = wrong.pop("plain_r32", r32) + padded
        aad = wrong.pop("aad", None)
        change = wrong.pop("header_bytes", bytes)
        header = change(encoding.encode(self._header(author, log_key, r32, padded, wrong)))
        nonce = os.urandom(12)
        bound = encoding.encode([header, clear]) if aad is None else aad
        sealed = nonce + AESGCM(log_key).encrypt(nonce, plain, bound)
        signature = author.sign(payload_type, encoding.encode([header, clear, sealed]))
        return self.raw(encoding.encode([header, clear, sealed, signature]))

    def raw(self, data: bytes) -> bytes:
        """Append these very bytes."""
        self.entries.append(data)
        self.prev = entry.hash_of(data)
        return data

    def _header(self, author: Identity, log_key: bytes, r32: bytes, padded: bytes, wrong: dict[str, Any]) -> Header:
        right = {
            "version": 1, "vault": self.vault, "seq": len(self.entries), "prev": self.prev, "author": author.fingerprint,
            "epoch": entry.epoch_of(log_key), "placed": START + 1000 * len(self.entries),
            "commit": encoding.digest("commit", r32, padded),
        }  # fmt: skip
        assert wrong.keys() <= right.keys(), wrong
        return Header(**(right | wrong))


def say(event: Event, count: int, **changed: Any) -> Statement:
    """A statement by hand, unchecked."""
    name, version = NAMES[type(event)]
    made = Statement(os.urandom(16), DEVICE, count, START + 1000 * count, False, True, name, version, raw(event))
    return msgspec.structs.replace(made, **changed)


def raw(body: Any) -> msgspec.Raw:
    """Any msgpack value as an event's body."""
    return msgspec.Raw(encoding.encode(body))


def _said(event: Event | Statement | bytes, count: int) -> bytes:
    if isinstance(event, bytes):
        return event
    return (event if isinstance(event, Statement) else say(event, count)).encoded()


def in_words(value: Any) -> Any:
    """A struct as JSON has it: fields by name, bytes in hex."""
    if isinstance(value, msgspec.Struct):
        return {field: in_words(getattr(value, field)) for field in value.__struct_fields__}
    if isinstance(value, (tuple, list)):
        return [in_words(one) for one in value]
    return bytes(value).hex() if isinstance(value, (bytes, bytearray)) else value


def statement_in_words(said: Statement) -> dict[str, Any]:
    """A statement as the vectors write it; `event` is null where its name is not known or its body does not fit."""
    known = (said.name, said.version) in EVENTS
    found = {name: in_words(getattr(said, name)) for name in said.__struct_fields__ if name != "body"}
    try:
        return found | {"event": in_words(said.event()) if known else None}
    except Exception:  # noqa: BLE001  a body that does not fit
        return found | {"event": None}
