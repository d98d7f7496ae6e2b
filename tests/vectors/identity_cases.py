"""The identity in vectors: keys from a secret, the file under a passphrase with and without device secret, and TOTP codes."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from tests.vectors.actors import ANNA, BEN, EVERYBODY, secret_of
from vault import identity_file
from vault.encoding import encode
from vault.identity import Identity, words
from vault.identity_file import MAGIC, IdentityFile, KdfCost
from vault.plaintext import Mfa, encode_plaintext

CHEAP = KdfCost(65536, 3, 4)
PASSPHRASE = "plural anvil tide wombat seven"
DEVICE = hashlib.sha256(b"breakglass vectors device id").digest()[:16]
DEVICE_SECRET = hashlib.sha256(b"breakglass vectors device secret").digest()

IDENTITY_NOTES = {
    "Normal": ("BASIC", "An identity as it should be.", "A reader that fails here opens nothing."),
    "Derivation": ("BASIC", "The keys that follow from a secret.", "Everything sealed to this identity is lost."),
    "Passphrase": ("AUTH_BYPASS", "The wrong passphrase, or the wrong device secret.", "The file opens for somebody else."),
    "Damage": ("MISSING_STEP", "A changed byte, seen by the checksum.", "A person is told that the passphrase is wrong, and gives up on a file that could be restored."),
    "Downgrade": ("WEAK_PARAMS", "The file asks for less work than is safe, or for none of the device secret, with a new checksum.", "Whoever can write the file makes guessing cheap."),
    "Hostile": ("DENIAL_OF_SERVICE", "The file asks for more memory or time than any honest one.", "Unlocking stalls or crashes the machine."),
    "Substitution": ("MISSING_STEP", "It holds another identity than it says.", "A person seals to, or speaks as, somebody else."),
    "Encoding": ("NON_CANONICAL", "The same values in other bytes, with a new checksum.", "Two readers read two files."),
}  # fmt: skip

TOTP_NOTES = {"Rfc6238": ("BASIC", "RFC 6238, appendix B.", "Root cannot sign in."), "Device": ("BASIC", "What AWS gives out: SHA-1, 6 digits, 30 s.", "Root cannot sign in.")}


def identities() -> Iterator[dict[str, Any]]:
    """Secret, public keys, fingerprint, words and local keys of everybody in the vectors."""
    for name, who in EVERYBODY.items():
        keys = {algorithm: key.hex() for algorithm, key in who.public.keys}
        yield {
            "flags": ["Derivation"], "comment": name, "result": "valid", "secret": secret_of(name).hex(), "keys": keys,
            "fingerprint": who.fingerprint.hex(), "words": " ".join(words(who.fingerprint)),
            "local_keys": {purpose: who.local_key(purpose).hex() for purpose in ("pin", "device", "outbox", "snapshot")},
        }  # fmt: skip


def files() -> Iterator[dict[str, Any]]:
    """Each test: a file, what it is opened with, and what is found: the secret, `damaged` or `cannot unlock`."""

    def test(flag: str, comment: str, data: bytes, found: str, passphrase: str = PASSPHRASE, device: bytes | None = None) -> dict[str, Any]:
        line: dict[str, Any] = {"flags": [flag], "comment": comment, "file": data.hex(), "passphrase": passphrase}
        line["device_secret"] = None if device is None else {"id": DEVICE.hex(), "secret": device.hex()}
        return line | ({"result": "valid", "secret": found} if len(found) == 64 else {"result": "invalid", "found": found})

    secret = secret_of("anna").hex()
    plain, bound = _file(PASSPHRASE), _file(PASSPHRASE, device=True)
    yield test("Normal", "passphrase alone", plain, secret)
    yield test("Normal", "passphrase and device secret", bound, secret, device=DEVICE_SECRET)
    yield test("Normal", "a passphrase beyond ASCII", _file("Zürich ☎ überall"), secret, "Zürich ☎ überall")
    yield test("Normal", "the same, its accents typed as characters of their own", _file("Zürich ☎ überall"), secret, "Zu\u0308rich ☎ u\u0308berall")
    yield test("Normal", "more memory, passes and lanes than the default", _file(PASSPHRASE, cost=KdfCost(80 * 1024, 4, 5)), secret)
    yield test("Passphrase", "another passphrase", plain, "cannot unlock", PASSPHRASE + " ")
    yield test("Passphrase", "a full-width letter is another letter", _file("Zürich ☎ überall"), "cannot unlock", "Ｚürich ☎ überall")
    yield test("Passphrase", "another device secret", bound, "cannot unlock", device=bytes(32))
    for comment, at in (("first line", 3), ("cost", len(MAGIC) + 3), ("salt", len(MAGIC) + 12), ("ciphertext", -60), ("checksum", -1)):
        yield test("Damage", f"one bit of the {comment}", _flipped(plain, at), "damaged")
    yield test("Damage", "cut off", plain[:-1], "damaged")
    yield test("Damage", "a byte after the end", plain + b"\0", "damaged")
    yield test("Damage", "empty", b"", "damaged")
    yield test("Downgrade", "63 MiB, and otherwise right", _cheaper(65535, 3, 4), "damaged")
    yield test("Downgrade", "2 passes, and otherwise right", _cheaper(65536, 2, 4), "damaged")
    yield test("Downgrade", "3 lanes, and otherwise right", _cheaper(65536, 3, 3), "damaged")
    yield test("Downgrade", "the cost changed, the rest kept", _changed(plain, passes=4), "cannot unlock")
    yield test("Downgrade", "the device secret's id taken out", _changed(bound, device=None), "cannot unlock")
    yield test("Hostile", "5 GiB", _changed(plain, memory_kib=5 * 2**20), "damaged")
    yield test("Hostile", "a billion passes", _changed(plain, passes=10**9), "damaged")
    yield test("Substitution", "another fingerprint in the body", _changed(plain, fingerprint=BEN.fingerprint), "cannot unlock")
    yield test("Substitution", "written with another fingerprint", _lying(), "damaged")
    body = plain[len(MAGIC) : -32]
    yield test("Encoding", "the cost as a 64-bit number", _sum(MAGIC + body[:1] + b"\xcf" + (65536).to_bytes(8, "big") + body[6:]), "damaged")
    yield test("Encoding", "a ninth field", _sum(MAGIC + b"\x99" + body[1:] + b"\xc0"), "damaged")
    yield test("Encoding", "a salt of 15 bytes", _changed(plain, salt=bytes(15)), "damaged")


def totp() -> Iterator[dict[str, Any]]:
    """Each test: a device as it is sealed, a time, and the code."""
    digits = b"1234567890" * 7
    table = """59 94287082 46119246 90693936 | 1111111109 07081804 68084774 25091201 | 1111111111 14050471 67062674 99943326
        | 1234567890 89005924 91819424 93441116 | 2000000000 69279037 90698825 38618901 | 20000000000 65353130 77737706 47863826"""
    for row in table.split("|"):
        at, *codes = row.split()
        for (algorithm, length), code in zip((("SHA1", 20), ("SHA256", 32), ("SHA512", 64)), codes, strict=True):
            yield _code("Rfc6238", Mfa("rfc", "", digits[:length], algorithm, 8, 30), int(at), code)  # type: ignore[arg-type]
            if algorithm == "SHA1":
                yield _code("Device", Mfa("phone", "", digits[:length]), int(at), code[2:])


def _code(flag: str, device: Mfa, at: int, code: str) -> dict[str, Any]:
    return {"flags": [flag], "comment": f"{device.algorithm}, {device.digits} digits, at {at} s", "result": "valid",
            "plaintext": encode_plaintext(device).hex(), "at_ms": at * 1000, "code": code}  # fmt: skip


def _file(passphrase: str, *, device: bool = False, cost: KdfCost = CHEAP, who: Identity = ANNA) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "identity"
        kept = {"device": DEVICE, "device_secret": DEVICE_SECRET} if device else {}
        identity_file.write(path, who, passphrase.encode(), cost=cost, **kept)  # type: ignore[arg-type]
        return path.read_bytes()


def _cheaper(memory: int, passes: int, lanes: int) -> bytes:
    with mock.patch("vault.identity_file.MINIMUM", KdfCost(64, 1, 1)):
        return _file(PASSPHRASE, cost=KdfCost(memory, passes, lanes))


def _lying() -> bytes:
    liar = mock.Mock(fingerprint=BEN.fingerprint, secret_copy=ANNA.secret_copy)
    return _file(PASSPHRASE, who=liar)


def _changed(data: bytes, **fields: Any) -> bytes:
    body = msgspec.msgpack.decode(data[len(MAGIC) : -32], type=IdentityFile)
    return _sum(MAGIC + encode(msgspec.structs.replace(body, **fields)))


def _sum(content: bytes) -> bytes:
    return content + hashlib.sha256(content).digest()


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


