"""The log in vectors: one made by `vault` with every event there is, and others written by hand, rightly and wrongly."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import vault
from tests.vectors.actors import ANNA, BEN, CHLOE, DEV, START, Scribe, raw, say, secret_of, statement_in_words
from vault import chain, encoding, entry, merkle
from vault.entry import Clear, SealedLogKey, Void
from vault.events import AccountAdded, AccountRecord, Attested, Policy, PostureLine, VaultCreated
from vault.identity import Identity, PublicIdentity
from vault.plaintext import Mfa, Password, Recovery
from vault.sealing import SecretRef

ACCOUNT = "111122223333"
REASON = "INC-4711: IAM is locked out, restoring SSO"
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493

NOTES = {
    "Normal": ("BASIC", "A log as it should be.", "A reader that fails here reads nothing."),
    "BitFlip": ("MISSING_STEP", "One bit of a stored entry is another.", "Somebody with the file changes history."),
    "Order": ("MISSING_STEP", "Entries are dropped, swapped or repeated.", "A reveal is made to disappear."),
    "Substitution": ("MISSING_STEP", "A whole entry, soundly signed, from elsewhere.", "Statements of one vault act in another."),
    "Author": ("AUTH_BYPASS", "Signed by somebody whose key was never announced, or by a key that signs for anybody.", "Anybody writes into the log."),
    "CrossProtocol": ("AUTH_BYPASS", "The signature is good, for an object of another kind.", "A signature is lured out of somebody and used here."),
    "Malleability": ("SIGNATURE_MALLEABILITY", "The same signature in a second spelling (S + L).", "An entry gets a second hash without its author."),
    "Encoding": ("NON_CANONICAL", "The same values in other bytes.", "One entry has several hashes; readers disagree."),
    "Commitment": ("MISSING_STEP", "The commitment in the header is not to this statement.", "An evidence pack later discloses another statement than was read."),
    "Aad": ("MISSING_STEP", "The ciphertext is not bound to its header.", "A statement is moved to another place or author."),
    "Padding": ("MISSING_STEP", "The padding is not zero, or says another length.", "Bytes that nobody reads travel in a signed entry."),
    "LogKey": ("MISSING_STEP", "The log key that was sealed is not the one the header names, or there is none for this reader.", "Members read different logs."),
    "Void": ("MISSING_STEP", "What stands in a place of the log and is no entry.", "Garbage stops the log, or goes by unnamed."),
    "Fork": ("MISSING_STEP", "A member's soundly signed entry that does not extend the head.", "A member shows two logs to two readers."),
    "Version": ("MISSING_STEP", "A format that this reader does not know.", "A newer log is read by older rules."),
    "Statement": ("MISSING_STEP", "A member signed what is no statement.", "A reader crashes, or takes a guess."),
    "Rules": ("LOGIC", "Sound in form; the rules give it no effect.", "A statement counts twice, or means something it does not say."),
}  # fmt: skip


def made_by_vault() -> tuple[list[bytes], bytes, list[tuple[SecretRef, bytes, bytes, Any]]]:
    """A log with every event: its entries, its log key, and its sealings as (ref, version, blob, plaintext)."""
    ticks = iter(range(START, START + 10**7, 1000))
    with tempfile.TemporaryDirectory() as folder, mock.patch("vault.clock.now_ms", side_effect=ticks):
        opened = vault.create(Path(folder) / "v", "Acme", "anna", Identity.from_secret(secret_of("anna")))
        record = AccountRecord(ACCOUNT, "payments-prod", "aws+payments@acme.example", notes="Zürich ☎")
        opened.add_account(record)
        opened.edit_account(ACCOUNT, msgspec.structs.replace(record, phone_holder="ben"))
        plain = [Password("correct horse"), Mfa("phone", f"arn:aws:iam::{ACCOUNT}:mfa/phone", b"12345678901234567890"), Recovery("the blue drawer")]
        versions = [(p, opened.seal(ACCOUNT, p)) for p in plain]
        opened.note_import("old.kdbx", encoding.digest("an example"), 3)
        opened.confirm_words()
        lines = (PostureLine("root-mfa", "pass", "virtual, matches the vault"), PostureLine("clock", "unknown", "AWS did not answer"))
        opened.record_posture(ACCOUNT, lines)
        out = opened.check_out(ACCOUNT, REASON, ticket="INC-4711", minutes=30, kinds={"password", "mfa"})
        opened.reveal(out.id, SecretRef(ACCOUNT, "password"))
        opened.codes(out.id)
        opened.check_in(out.id, rotated=False, before=lines, after=lines[:1])
        second = opened.check_out(ACCOUNT, "INC-4712: looking at it once more", kinds={"recovery"})
        opened.cancel(second.id, "not needed after all")
        opened.withdraw(SecretRef(ACCOUNT, "recovery"), "moved to paper")
        opened.retire_account(ACCOUNT, "closed by AWS")
        ledger = opened._ledger
        entries = [data for _, data in ledger.replica.entries()]
        log_key = bytes(ledger.keys.of(ledger.chain.epoch, ""))
        blobs = [
            (SecretRef(ACCOUNT, p.kind, p.name), v.id, ledger.replica.blob(v.sealings[0].blob) or b"", p) for p, v in versions
        ]
        opened.close()
    return entries, log_key, blobs


def expected(entries: list[bytes], log_key: bytes) -> dict[str, Any]:
    """What a reader finds in a valid log."""
    walked, lines = chain.Chain(), []
    for envelope, _ in chain.walk(walked, iter(enumerate(entries))):
        said = entry.open_statement(envelope, log_key, "")
        head = {"seq": envelope.header.seq, "hash": envelope.hash.hex(), "author": envelope.header.author.hex(), "placed": envelope.header.placed}
        lines.append(head | statement_in_words(said))
    tree = merkle.Frontier()
    for data in entries:
        tree.append(merkle.leaf_hash(data))
    return {"vault": walked.vault.hex(), "head": walked.head.hex(), "merkle_root": tree.root().hex(), "log_key": log_key.hex(), "statements": lines}


def cases(base: list[bytes], log_key: bytes) -> Iterator[dict[str, Any]]:
    """Each test. In `entries` a number stands for that entry of the first test, a string for bytes of its own."""

    def test(flag: str, comment: str, entries: list[bytes], *, identity: str = "anna", key: bytes | None = None, needs_key: bool = False, rejected: tuple[int, ...] = ()) -> dict[str, Any]:  # fmt: skip
        found: dict[str, Any] = {"flags": [flag], "comment": comment, "identity": identity}
        found["entries"] = [base.index(e) if e in base and entries is not base else e.hex() for e in entries]
        if key is not None:
            return found | {"result": "valid", "rejected": list(rejected), "expected": expected(entries, key)}
        return found | {"result": "invalid", "found": "with the log key" if needs_key else "by anybody"}

    def forged(flag: str, comment: str, at: int = 5, *, needs_key: bool = False, event: Any = None, **wrong: Any) -> dict[str, Any]:
        scribe = Scribe(log_key, base[:at], entry.hash_of(base[0]))
        scribe.put(event or Attested("recovery-words"), **wrong)
        return test(flag, comment, scribe.entries, needs_key=needs_key)

    def respelt(comment: str, change: Any) -> dict[str, Any]:
        return test("Encoding", comment, [*base[:5], change(base[5])])

    yield test("Normal", "every event there is, one member", base, key=log_key)
    yield from _by_hand(test)

    for part, at in (("header", 20), ("clear part", len(base[5]) // 2 - 300), ("ciphertext", -100), ("signature", -1)):
        yield test("BitFlip", f"in the {part} of the last entry", [*base[:5], _flipped(base[5], at)])
    yield test("BitFlip", "in the middle of the log", [*base[:4], _flipped(base[4], -1), *base[5:]])
    yield test("BitFlip", "in an announced key", [_flipped(base[0], 400), *base[1:]])
    yield test("Order", "one entry left out", [*base[:4], *base[5:]])
    yield test("Order", "two entries swapped", [*base[:4], base[5], base[4], *base[6:]])
    yield test("Order", "one entry twice", [*base[:5], base[4], *base[5:]])
    yield test("Order", "the first entry left out", base[1:])
    yield forged("Order", "says another place than it stands at", seq=7)
    yield forged("Order", "follows an older entry", prev=entry.hash_of(base[3]))

    other = Scribe(os.urandom(32))
    other.first(VaultCreated("Other", "anna", Policy()), readers=[ANNA])
    while len(other.entries) < 6:
        other.put(Attested("recovery-words"))
    yield test("Substitution", "an entry of another vault with the same author", [*base[:5], other.entries[5]])
    yield forged("Substitution", "names another vault, and fits otherwise", vault=other.vault)
    yield forged("Author", "its author's key was never announced", author=BEN)
    yield forged("Author", "says it is by a member; signed by somebody else", author=BEN, header_bytes=lambda h: h.replace(BEN.fingerprint, ANNA.fingerprint))
    yield test("Author", "announces a key of low order, for which anybody can sign", _low_order(log_key).entries)
    yield forged("Author", "announces a newcomer whose X25519 key is zero", clear=Clear(announced=(_zero_point(),)))
    yield forged("CrossProtocol", "signed as a checkpoint", payload_type="application/vnd.breakglass.checkpoint.v1")
    yield forged("CrossProtocol", "signed with an empty payload type", payload_type="")
    yield test("Malleability", "S + L in place of S", [*base[:5], _malleable(base[5])])

    yield respelt("a byte after the end", lambda e: e + b"\0")
    yield respelt("the last byte missing", lambda e: e[:-1])
    yield respelt("the array's length in 16 bits", lambda e: b"\xdc\x00\x04" + e[1:])
    yield respelt("the header's length in 16 bits", lambda e: e[:1] + b"\xc5" + len(encoding.decode(e, entry.Entry, 10**6, "").header).to_bytes(2, "big") + e[3:])
    yield respelt("an empty fifth part", lambda e: b"\x95" + e[1:] + b"\xc0")
    yield respelt("nothing", lambda e: b"")
    yield forged("Encoding", "its place as a 64-bit number", header_bytes=lambda h: h.replace(b"\x05" + b"\xc4\x20", b"\xcf" + bytes(7) + b"\x05" + b"\xc4\x20", 1))
    yield forged("Version", "format 2", version=2)
    yield forged("LogKey", "under a log key that is not in force", log_key=os.urandom(32))
    yield forged("Commitment", "r32 is another", plain_r32=bytes(32), needs_key=True)
    yield forged("Commitment", "to another statement", commit=encoding.digest("commit", bytes(32), bytes(256)), needs_key=True)
    yield forged("Aad", "bound to nothing", aad=b"", needs_key=True)
    said = say(Attested("recovery-words"), 5).encoded()
    padded = encoding.pad(said, 256)
    yield forged("Padding", "not zero", padded=bytes(padded[:-1]) + b"\1", needs_key=True)
    yield forged("Padding", "longer than there is", padded=len(padded).to_bytes(4, "big") + bytes(padded[4:]), needs_key=True)
    yield forged("Statement", "a byte after it", event=said + b"\0", needs_key=True)
    yield forged("Statement", "an id of 15 bytes", event=say(Attested("x"), 5, id=bytes(15)), needs_key=True)
    yield forged("Statement", "a count below zero", event=say(Attested("x"), -1), needs_key=True)
    yield forged("Statement", "no name", event=say(Attested("x"), 5, name=""), needs_key=True)
    yield forged("Statement", "its event is no msgpack", event=said.replace(bytes(raw(Attested("recovery-words"))), b"\xc1"), needs_key=True)
    garbage = Scribe(log_key, base[:5], entry.hash_of(base[0]))
    garbage.raw(b"no entry")
    yield test("Void", "an object that no entry names", garbage.entries)
    garbage.put(Attested("recovery-words"), prev=entry.hash_of(base[4]), clear=Clear(voids=(Void(5, bytes(32)),)))
    yield test("Void", "an object that is named by another hash", garbage.entries)
    forked = Scribe(log_key, base[:5], entry.hash_of(base[0]))
    forked.raw(base[4])
    forked.put(Attested("recovery-words"), prev=entry.hash_of(base[4]), clear=Clear(voids=(Void(5, entry.hash_of(base[4])),)))
    yield test("Fork", "a member's older entry stands again, and the next one calls it void", forked.entries)
    yield forged("Fork", "an entry that names a void where there is none", clear=Clear(voids=(Void(5, bytes(32)),)))
    for comment, info in (
        ("the header names another log key than was sealed", entry.log_key_info(entry.NO_VAULT, ANNA.fingerprint, entry.epoch_of(bytes(32)))),
        ("the log key was sealed for another vault", entry.log_key_info(bytes(31) + b"\1", ANNA.fingerprint, entry.epoch_of(bytes(32)))),
    ):
        lied = Scribe(log_key)
        clear = Clear(announced=(ANNA.public,), log_keys=(SealedLogKey(ANNA.fingerprint, ANNA.public.seal(log_key, info)),))
        lied.first(VaultCreated("Acme", "anna", Policy()), readers=[], clear=clear, epoch=entry.epoch_of(bytes(32)))
        yield test("LogKey", comment, lied.entries, needs_key=True)
    yield test("LogKey", "none was sealed to this reader", base, identity="dev", needs_key=True)


def _by_hand(test: Any) -> Iterator[dict[str, Any]]:
    """Valid logs that no version 1 of `vault` writes by itself."""
    key = os.urandom(32)
    many = Scribe(key)
    many.first(VaultCreated("Acme", "anna", Policy()), readers=[ANNA, BEN, CHLOE])
    many.put(Attested("recovery-words", ANNA.fingerprint.hex()))
    yield test("Normal", "the log key is sealed to three; a second one reads", many.entries, identity="ben", key=key)
    voided = Scribe(key, many.entries, many.vault)
    voided.raw(b"no entry")
    gone = voided.prev
    voided.prev = entry.hash_of(many.entries[-1])
    voided.put(Attested("recovery-words"), clear=Clear(voids=(Void(2, gone),)))
    voided.put(Attested("recovery-words"))
    yield test("Void", "an object that the next entry names", voided.entries, key=key)
    future = Scribe(key, many.entries, many.vault)
    future.put(msgspec.structs.replace(say(Attested("x"), 2), name="tomorrow's event", critical=False, body=raw({"a": 1.5, "b": [None]})))
    future.put(msgspec.structs.replace(say(Attested("x"), 3), version=2, critical=False))
    yield test("Rules", "events that version 1 does not know, not critical", future.entries, key=key)
    twice = Scribe(key, many.entries, many.vault)
    said = say(Attested("recovery-words"), 2)
    twice.put(said)
    twice.put(said)
    twice.put(AccountAdded(AccountRecord("12345678901", "one digit short")))
    twice.put(AccountAdded(AccountRecord(ACCOUNT, "by somebody who is announced and no member")), author=BEN)
    yield test("Rules", "said twice; a body out of bounds; no member", twice.entries, key=key, rejected=(3, 4, 5))


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def _malleable(data: bytes) -> bytes:
    s = int.from_bytes(data[-32:], "little") + GROUP_ORDER
    return data[:-32] + s.to_bytes(32, "little")


def _low_order(log_key: bytes) -> Scribe:
    """A first entry by a key of low order, with a signature that lax verifiers take: R of low order too, S = 0."""
    public = PublicIdentity((("ed25519", (1).to_bytes(32, "little")), DEV.public.keys[1]))
    Ed25519PublicKey.from_public_bytes(public.keys[0][1])
    scribe = Scribe(log_key)
    epoch = entry.epoch_of(log_key)
    sealed = DEV.public.seal(log_key, entry.log_key_info(entry.NO_VAULT, public.fingerprint, epoch))
    clear = Clear(announced=(public,), log_keys=(SealedLogKey(public.fingerprint, sealed),))
    data = scribe.first(VaultCreated("Acme", "mallory", Policy()), readers=[], author=DEV, clear=clear,
                        header_bytes=lambda h: h.replace(DEV.fingerprint, public.fingerprint))  # fmt: skip
    signed = data[:-64] + (1).to_bytes(32, "little") + bytes(32)
    scribe.entries = [signed]
    return scribe


def _zero_point() -> PublicIdentity:
    return PublicIdentity((DEV.public.keys[0], (DEV.public.keys[1][0], DEV.public.keys[1][1][:1184] + bytes(32))))
