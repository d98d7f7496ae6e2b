"""An entry: a statement placed in the log, encrypted for the members and signed by its author.

An entry's bytes are the msgpack array [header, clear part, ciphertext, signature], each a byte string:

- the header is the outer envelope that never changes its form: where the entry stands, what came before, who wrote it;
- the clear part holds only what must be read before a log key is known: announced public keys, sealed log keys;
- the ciphertext is a nonce and AES-256-GCM over r32 and the padded statement, with header and clear part as AAD;
- the signature is Ed25519 over the DSSE encoding of [header, clear part, ciphertext].

The entry's hash covers every stored byte. `check_envelope` needs no key at all; `open_statement` needs the log key.
Nothing here decides whether a statement is allowed: that is the fold's.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault import encoding, statement
from vault.errors import IntegrityFailure
from vault.events import Hash, Millis
from vault.identity import Identity, PublicIdentity
from vault.statement import Statement

FORMAT_VERSION = 1
LIMIT = 256 * 1024
"""Bytes of one entry, at most."""

PAYLOAD_TYPE = "application/vnd.breakglass.entry.v1"
NO_VAULT = bytes(32)
"""The vault id that the first entry names: its own hash is the id, and it cannot contain that."""


class Header(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The frozen outer envelope."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    vault: Hash
    seq: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    """Place in the log, counted from 0."""
    prev: Hash
    """Hash of the last valid entry before this one; 32 zero bytes in the first."""
    author: Hash
    """Fingerprint."""
    epoch: Hash
    """Which log key the ciphertext is under: that key's hash."""
    placed: Millis
    commit: Hash
    """SHA-256 over domain, r32 and padded statement: lets an evidence pack disclose one statement and no key."""


class SealedLogKey(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The log key of the entry's epoch, sealed with HPKE to one member."""

    holder: Hash
    sealed: Annotated[bytes, msgspec.Meta(max_length=4096)]


class Void(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Names an object that stood in a place of the log and is no entry."""

    seq: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    hash: Hash


class Clear(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The part that is readable without any key."""

    announced: Annotated[tuple[PublicIdentity, ...], msgspec.Meta(max_length=64)] = ()
    """Public keys of newcomers. Announced is not accepted: only the fold accepts."""
    log_keys: Annotated[tuple[SealedLogKey, ...], msgspec.Meta(max_length=64)] = ()
    previous_key: Annotated[bytes, msgspec.Meta(max_length=256)] = b""
    """The log key before this one, encrypted under this one; empty in the first epoch."""
    voids: Annotated[tuple[Void, ...], msgspec.Meta(max_length=64)] = ()


class Entry(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The four stored parts, as byte strings."""

    header: Annotated[bytes, msgspec.Meta(max_length=512)]
    clear: bytes
    ciphertext: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


class Envelope(msgspec.Struct, frozen=True):
    """An entry whose envelope has been read: its parts, decoded, and its hash."""

    entry: Entry
    header: Header
    clear: Clear
    hash: bytes


def epoch_of(log_key: bytes | bytearray) -> bytes:
    """The 32 bytes by which a log key is known."""
    return encoding.digest("epoch", log_key)


def hash_of(data: bytes) -> bytes:
    """An entry's hash, over every stored byte. The first entry's hash is the vault id."""
    return encoding.digest("entry", data)


def log_key_info(vault: bytes, holder: bytes, epoch: bytes) -> bytes:
    """HPKE's info for a sealed log key."""
    return encoding.encode(["breakglass/v1/log key", vault, holder, epoch])


def place(
    said: Statement,
    *,
    author: Identity,
    log_key: bytes | bytearray,
    vault: bytes,
    seq: int,
    prev: bytes,
    placed: int,
    clear: Clear | None = None,
) -> bytes:
    """The bytes of the entry that puts `said` in place `seq`, signed by `author`."""
    padded = encoding.pad(said.encoded(), statement.STEP)
    r32 = os.urandom(32)
    header = encoding.encode(
        Header(
            version=FORMAT_VERSION,
            vault=vault,
            seq=seq,
            prev=prev,
            author=author.fingerprint,
            epoch=epoch_of(log_key),
            placed=placed,
            commit=encoding.digest("commit", r32, padded),
        )
    )
    clear_bytes = encoding.encode(clear or Clear())
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(log_key).encrypt(nonce, r32 + bytes(padded), _aad(header, clear_bytes))
    signature = author.sign(PAYLOAD_TYPE, _signed(header, clear_bytes, sealed))
    return encoding.encode(Entry(header, clear_bytes, sealed, signature))


def read_envelope(data: bytes, where: str) -> Envelope:
    """Decode everything that needs no key, strictly. IntegrityFailure names `where`."""
    entry = encoding.decode(data, Entry, LIMIT, where)
    header = encoding.decode(entry.header, Header, 512, f"{where}, header")
    if header.version != FORMAT_VERSION:
        raise IntegrityFailure(
            f"{where} is of format {header.version}",
            f"this breakglass reads format {FORMAT_VERSION}",
            "update breakglass",
        )
    clear = encoding.decode(entry.clear, Clear, LIMIT, f"{where}, clear part")
    return Envelope(entry, header, clear, hash_of(data))


def check_signature(envelope: Envelope, announced: Mapping[bytes, PublicIdentity], where: str) -> None:
    """The entry is signed by its author with an announced key, or IntegrityFailure."""
    author = announced.get(envelope.header.author)
    if author is None:
        raise IntegrityFailure(f"{where} is not valid", "its author's key was never announced")
    entry = envelope.entry
    if not author.verify(PAYLOAD_TYPE, _signed(entry.header, entry.clear, entry.ciphertext), entry.signature):
        raise IntegrityFailure(f"{where} is not valid", "its signature does not fit its bytes")


def open_statement(envelope: Envelope, log_key: bytes | bytearray, where: str) -> Statement:
    """Decrypt and read the statement, and check the commitment in the header. IntegrityFailure names `where`."""
    entry, header = envelope.entry, envelope.header
    if not hmac.compare_digest(epoch_of(log_key), header.epoch):
        raise IntegrityFailure(f"{where} cannot be read", "it is under another log key")
    try:
        plain = AESGCM(log_key).decrypt(
            entry.ciphertext[:12], entry.ciphertext[12:], _aad(entry.header, entry.clear)
        )
    except (InvalidTag, ValueError):
        raise IntegrityFailure(f"{where} cannot be read", "its ciphertext does not open under the log key") from None
    if not hmac.compare_digest(encoding.digest("commit", plain[:32], plain[32:]), header.commit):
        raise IntegrityFailure(f"{where} cannot be read", "its commitment does not fit its statement")
    return statement.read(encoding.unpad(plain[32:], where))


def _aad(header: bytes, clear: bytes) -> bytes:
    return encoding.encode([header, clear])


def _signed(header: bytes, clear: bytes, ciphertext: bytes) -> bytes:
    return encoding.encode([header, clear, ciphertext])
