"""The sealings in vectors: with threshold 1 and 2 of 3, and what a thief, a holder or the sealer could do to them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.vectors.actors import ANNA, BEN, CHLOE, DEV, EVERYBODY, in_words
from vault import sealing
from vault.encoding import encode, pad
from vault.identity import Identity
from vault.plaintext import Mfa, Password, Plaintext, Recovery, encode_plaintext
from vault.sealing import Binding, SealedShare, Sealing, SecretRef

VAULT = hashlib.sha256(b"breakglass vectors vault").digest()
VERSION = hashlib.sha256(b"breakglass vectors version").digest()[:16]
ACCOUNT = "111122223333"

NOTES = {
    "Normal": ("BASIC", "A sealing as it should be.", "A reader that fails here opens nothing."),
    "BitFlip": ("MISSING_STEP", "One bit of the blob is another.", "A changed secret is taken for the one that was sealed."),
    "Binding": ("MISSING_STEP", "The blob is sound, and was sealed for something else.", "An old password, or another account's, is handed out as this one."),
    "Circle": ("MISSING_STEP", "The list of holders or the threshold breaks a rule or was changed.", "Fewer people than agreed open a secret."),
    "KeyCommitment": ("MISSING_STEP", "The key is not the one committed to; AES-GCM alone does not tell.", "The sealer shows different people different secrets in one blob."),
    "ShareCommitment": ("MISSING_STEP", "A share is not the one committed to.", "A holder spoils an opening, and nobody knows who."),
    "Inconsistent": ("LOGIC", "All shares are as committed, and do not belong to one key.", "The sealer decides later which holders can open it."),
    "Index": ("MISSING_STEP", "A share was sealed for another place in the list.", "Shares combine to nothing, or are passed off as another's."),
    "Encoding": ("NON_CANONICAL", "The same values in other bytes.", "One sealing has several names."),
    "Version": ("MISSING_STEP", "A format that this reader does not know.", "A newer sealing is read by older rules."),
    "Padding": ("MISSING_STEP", "The padding of the plaintext is not as it is written.", "The length of a password shows, or bytes that nobody reads travel along."),
    "Plaintext": ("MISSING_STEP", "What was sealed is no secret of a known kind, or out of bounds.", "A reader crashes, or makes codes from nonsense."),
}  # fmt: skip


def binding(secret: SecretRef, holders: list[Identity], threshold: int, **changed: Any) -> Binding:
    right = Binding(VAULT, secret, VERSION, "store", tuple(sorted(h.fingerprint for h in holders)), threshold)
    return msgspec.structs.replace(right, **changed)


PASSWORD = SecretRef(ACCOUNT, "password")
TRIO = [ANNA, BEN, CHLOE]


def cases() -> Iterator[dict[str, Any]]:
    """Each test: a blob, what the reader expects it to be for, who opens it, and what is in it."""
    alone, trio = binding(PASSWORD, [ANNA], 1), binding(PASSWORD, TRIO, 2)
    correct = Password("correct horse battery staple")

    def valid(comment: str, bound: Binding, plaintext: Plaintext, openers: list[str]) -> dict[str, Any]:
        return _test("Normal", comment, _seal(bound, plaintext), bound, openers, plaintext)

    def spoilt(flag: str, comment: str, blob: bytes, bound: Binding = alone, openers: tuple[str, ...] = ("anna",)) -> dict[str, Any]:
        return _test(flag, comment, blob, bound, list(openers), None)

    mfa = Mfa("phone", f"arn:aws:iam::{ACCOUNT}:mfa/phone", b"12345678901234567890", issuer="Amazon Web Services")
    yield valid("a password for one holder", alone, correct, ["anna"])
    yield valid("threshold 1, three holders: the first", binding(PASSWORD, TRIO, 1), correct, ["anna"])
    yield valid("threshold 1, three holders: another", binding(PASSWORD, TRIO, 1), correct, ["chloe"])
    yield valid("an MFA device", binding(SecretRef(ACCOUNT, "mfa", "phone"), [BEN], 1), mfa, ["ben"])
    yield valid("notes of several steps", binding(SecretRef(ACCOUNT, "recovery"), [ANNA], 1), Recovery("Zürich ☎ " * 60), ["anna"])
    for pair in (["anna", "ben"], ["anna", "chloe"], ["ben", "chloe"], ["chloe", "ben", "anna"]):
        yield valid(f"2 of 3: {' and '.join(pair)}", trio, correct, pair)
    yield valid("3 of 4", binding(PASSWORD, [*TRIO, DEV], 3), correct, ["dev", "anna", "ben"])
    yield valid("2 of 2", binding(PASSWORD, [ANNA, BEN], 2), correct, ["anna", "ben"])

    blob, split = _seal(alone, correct), _seal(trio, correct)
    form = msgspec.msgpack.decode(blob, type=Sealing)
    for part, at in (("binding hash", 8), ("key commitment", blob.index(form.key_commitment)), ("share commitment", blob.index(form.shares[0].commitment)),
                     ("sealed share", blob.index(form.shares[0].sealed)), ("nonce", blob.index(form.nonce)), ("ciphertext", -30), ("tag", -1)):  # fmt: skip
        yield spoilt("BitFlip", f"in the {part}", _flipped(blob, at))
    yield spoilt("BitFlip", "in somebody else's commitment; 2 of 3", _flipped(split, split.index(msgspec.msgpack.decode(split, type=Sealing).shares[2].commitment)), trio, ("anna", "ben"))
    for comment, change in (
        ("for another vault", {"vault": bytes(32)}), ("another version", {"version": bytes(16)}), ("for another purpose", {"purpose": "export"}),
        ("another account's", {"secret": SecretRef("999988887777", "password")}), ("of another kind", {"secret": SecretRef(ACCOUNT, "recovery")}),
    ):  # fmt: skip
        yield spoilt("Binding", comment, _seal(msgspec.structs.replace(alone, **change), correct))
    lowered = msgspec.structs.replace(trio, threshold=1)
    yield spoilt("Circle", "a threshold of 1 written over one of 2", _reform(split, binding=sealing._hash(lowered)), lowered)
    yield spoilt("Encoding", "the binding itself in the place of its hash", _reform(blob, binding=alone))
    yield spoilt("Circle", "one holder is not enough; 2 of 3", split, trio, ("anna",))
    yield spoilt("Circle", "somebody who is no holder", blob, alone, ("ben",))
    for comment, change in (
        ("threshold 0", {"threshold": 0}), ("a threshold above the number of holders", {"threshold": 4}), ("no holders", {"holders": ()}),
        ("holders not sorted", {"holders": trio.holders[::-1]}), ("a holder twice", {"holders": (trio.holders[0],) * 2 + trio.holders[2:]}),
    ):  # fmt: skip
        yield spoilt("Circle", comment, _forge(msgspec.structs.replace(trio, **change)), msgspec.structs.replace(trio, **change), ("anna", "ben"))
    yield spoilt("Circle", "fewer shares than holders", _reform(split, shares=msgspec.msgpack.decode(split, type=Sealing).shares[:2]), trio, ("anna", "ben"))
    yield spoilt("KeyCommitment", "to another key; one holder", _forge(alone, commit_to=bytes(32)))
    yield spoilt("KeyCommitment", "to another key; 2 of 3", _forge(trio, commit_to=bytes(32)), trio, ("anna", "ben"))
    yield spoilt("ShareCommitment", "to another share; one holder", _forge(alone, spoil_commitment=0))
    yield spoilt("ShareCommitment", "to another share; 2 of 3", _forge(trio, spoil_commitment=0), trio, ("anna", "ben", "chloe"))
    yield spoilt("Inconsistent", "the third share is of another key; the first two open it", _forge(trio, replace_last=True), trio, _others_than_last(trio))
    yield spoilt("Inconsistent", "threshold 1: the second holder got another key", _forge(binding(PASSWORD, [ANNA, BEN], 1), replace_last=True), binding(PASSWORD, [ANNA, BEN], 1), _others_than_last(binding(PASSWORD, [ANNA, BEN], 1)))
    yield spoilt("Index", "sealed as the next holder's", _forge(trio, shift_index=1), trio, ("anna", "ben"))
    yield spoilt("Encoding", "a byte after the end", blob + b"\0")
    yield spoilt("Encoding", "the last byte missing", blob[:-1])
    yield spoilt("Encoding", "the format as a 16-bit number", blob[:1] + b"\xcd\x00" + blob[1:])
    yield spoilt("Encoding", "the tag as a part of its own", b"\x97" + blob[1:] + b"\xc0")
    yield spoilt("Version", "format 2", _forge(alone, version=2))
    ready = encode_plaintext(correct)
    for flag, comment, plain in (
        ("Padding", "not zero", bytes(ready[:-1]) + b"\1"), ("Padding", "a whole step too much", bytes(ready) + bytes(256)),
        ("Padding", "not a multiple of 256", bytes(ready[:-1])), ("Padding", "a length beyond the end", b"\0\0\2\0" + bytes(ready[4:])),
        ("Plaintext", "an unknown kind", pad(encode(["access key", "AKIA"]), 256)), ("Plaintext", "no kind", pad(encode("correct horse"), 256)),
        ("Plaintext", "an empty password", pad(encode(["password", ""]), 256)), ("Plaintext", "a field too many", pad(encode(["password", "x", "y"]), 256)),
        ("Plaintext", "seven digits", pad(encode(["mfa", "phone", "", bytes(20), "SHA1", 7, 30, ""]), 256)),
        ("Plaintext", "a period of zero", pad(encode(["mfa", "phone", "", bytes(20), "SHA1", 6, 0, ""]), 256)),
        ("Plaintext", "MD5", pad(encode(["mfa", "phone", "", bytes(20), "MD5", 6, 30, ""]), 256)),
        ("Plaintext", "no seed", pad(encode(["mfa", "phone", "", b"", "SHA1", 6, 30, ""]), 256)),
    ):  # fmt: skip
        yield spoilt(flag, comment, sealing.seal(alone, bytearray(plain), _keys()))


def _test(flag: str, comment: str, blob: bytes, bound: Binding, openers: list[str], plaintext: Plaintext | None) -> dict[str, Any]:
    found = {"flags": [flag], "comment": comment, "blob": blob.hex(), "name": sealing.blob_name(blob).hex(), "binding": in_words(bound), "openers": openers}
    return found | ({"result": "invalid"} if plaintext is None else {"result": "valid", "plaintext": {"kind": plaintext.kind} | in_words(plaintext)})


def _keys() -> dict[bytes, Any]:
    return {i.fingerprint: i.public for i in EVERYBODY.values()}


def _seal(bound: Binding, plaintext: Plaintext) -> bytes:
    return sealing.seal(bound, encode_plaintext(plaintext), _keys())


def _forge(bound: Binding, *, commit_to: bytes | None = None, spoil_commitment: int = -1, replace_last: bool = False, shift_index: int = 0, version: int = 1) -> bytes:
    """What a sealer's patched client could make: the steps of `sealing.seal`, each as told."""
    key, n = bytearray(os.urandom(32)), len(bound.holders)
    values = sealing._split(key, bound.threshold, n) if 1 <= bound.threshold <= n else [bytearray(key)] * n
    if replace_last:
        values[-1] = sealing._split(bytearray(os.urandom(32)), bound.threshold, n)[-1]
    shares = tuple(
        SealedShare(
            bytes(32) if i == spoil_commitment else sealing._commitment(bound, i, value),
            _keys()[holder].seal(value, sealing._info(bound, holder, (i + shift_index) % n)),
        )
        for i, (holder, value) in enumerate(zip(bound.holders, values, strict=True))
    )
    nonce = os.urandom(12)
    bare = Sealing(version, sealing._hash(bound), sealing._key_commitment(bound, commit_to or key), shares, nonce, b"")
    ciphertext = AESGCM(key).encrypt(nonce, encode_plaintext(Password("correct horse battery staple")), encode(bare))
    return encode(msgspec.structs.replace(bare, ciphertext=ciphertext))


def _reform(blob: bytes, **changed: Any) -> bytes:
    return encode(msgspec.structs.replace(msgspec.msgpack.decode(blob, type=Sealing), **changed))


def _others_than_last(bound: Binding) -> tuple[str, ...]:
    return tuple(name for name, i in EVERYBODY.items() if i.fingerprint in bound.holders[:-1])


def _flipped(blob: bytes, at: int) -> bytes:
    changed = bytearray(blob)
    changed[at] ^= 1
    return bytes(changed)
