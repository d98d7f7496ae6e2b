"""Who somebody is: one secret of 32 bytes, and the keys that follow from it.

HKDF-SHA256 derives an Ed25519 key for signing, an MLKEM768-X25519 key for being sealed to, and keys for this
machine's own files, each under its own info string. `Identity` is the secret side, `PublicIdentity` what
everybody may know of it; the **fingerprint** of the latter is how people are referred to everywhere. All
primitives are `cryptography`'s.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.encoding import digest, encode
from vault.errors import CannotUnlock, IntegrityFailure, WrongUsage
from vault.memory import wipe

if TYPE_CHECKING:
    from cryptography.utils import Buffer

SECRET_BYTES = 32
FINGERPRINT_BYTES = 32
SEALED_OVERHEAD = 1120 + 16
"""What sealing adds to a plaintext: the encapsulation of MLKEM768-X25519 and AES-GCM's tag."""

_SIGNING = "ed25519"
_SEALING = "mlkem768-x25519"
_MLKEM_BYTES = 1184
_LENGTHS = ((_SIGNING, 32), (_SEALING, _MLKEM_BYTES + 32))

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class PublicIdentity(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """The public half of an identity. From outside, build it with `checked`, or call `check` after decoding."""

    keys: tuple[tuple[str, bytes], ...]
    """(algorithm, public key) in fixed order: ("ed25519", 32 B), ("mlkem768-x25519", ML-KEM 1184 B ‖ X25519
    32 B).
    """

    @classmethod
    def checked(cls, keys: tuple[tuple[str, bytes], ...]) -> PublicIdentity:
        """Take keys from outside; IntegrityFailure unless they are exactly the known algorithms with sound
        keys.
        """
        public = cls(keys)
        public.check()
        return public

    def check(self) -> None:
        """IntegrityFailure unless these keys can be used, and used by one person only (no low-order points)."""
        if tuple((algorithm, len(key)) for algorithm, key in self.keys) != _LENGTHS:
            raise IntegrityFailure(
                "a member's public keys are damaged", "algorithms or lengths are not the known ones"
            )
        point = bytearray(self.keys[0][1])
        point[31] &= 0x7F
        if bytes(point) in _LOW_ORDER:
            raise IntegrityFailure("a member's public keys are damaged", "anybody could sign for such a key")
        try:
            self._verifier  # noqa: B018  # reads the key
            # Sealing once finds an ML-KEM key out of range and an X25519 point of low order, without a rule
            # of ours.
            self.seal(b"", b"")
        except ValueError:
            raise IntegrityFailure("a member's public keys are damaged", "no key has these bytes") from None

    @functools.cached_property
    def fingerprint(self) -> bytes:
        """32 bytes: SHA-256 over a domain string and the canonical encoding of the typed list of keys."""
        return digest("fingerprint", encode(self.keys))

    def verify(self, payload_type: str, body: bytes, signature: bytes) -> bool:
        """Whether `signature` is this identity's over `body` as a `payload_type`."""
        try:
            self._verifier.verify(signature, pae(payload_type, body))
        except (InvalidSignature, ValueError):
            return False
        return True

    def seal(self, plaintext: Buffer, info: bytes) -> bytes:
        """Encrypt to this identity (HPKE base mode, RFC 9180); `info` must be the same when opening."""
        return _SUITE.encrypt(plaintext, self._sealing_key, info=info)

    @functools.cached_property
    def _verifier(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.keys[0][1])

    @functools.cached_property
    def _sealing_key(self) -> hpke.MLKEM768X25519PublicKey:
        both = self.keys[1][1]
        return hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(both[:_MLKEM_BYTES]),
            X25519PublicKey.from_public_bytes(both[_MLKEM_BYTES:]),
        )


class Identity:
    """The secret half. Ask for what it does (sign, open); take the secret itself only to write it down.

    After `wipe` every use raises CannotUnlock. The derived private keys live inside OpenSSL, which clears
    them when they are dropped; the copy of the identity secret here is overwritten.
    """

    def __init__(self, secret: bytearray) -> None:
        """Use `from_secret` or `generate`; this takes `secret` over without a copy and wipes it in the end."""
        if len(secret) != SECRET_BYTES:
            raise WrongUsage("cannot use this as an identity", f"its secret must have {SECRET_BYTES} bytes")
        self._secret: bytearray | None = secret
        signing, kem, dh = (
            self._derive("ed25519", 32),
            self._derive("ml-kem-768", 64),
            self._derive("x25519", 32),
        )
        try:
            self._signing: Ed25519PrivateKey | None = Ed25519PrivateKey.from_private_bytes(signing)
            mlkem = MLKEM768PrivateKey.from_seed_bytes(kem)
            x25519 = X25519PrivateKey.from_private_bytes(dh)
        finally:
            wipe(signing, kem, dh)
        self._opening: hpke.MLKEM768X25519PrivateKey | None = hpke.MLKEM768X25519PrivateKey(mlkem, x25519)
        sealing = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        self.public = PublicIdentity(
            ((_SIGNING, self._signing.public_key().public_bytes_raw()), (_SEALING, sealing))
        )
        self.fingerprint = self.public.fingerprint

    @classmethod
    def generate(cls) -> Identity:
        """A new identity from the system's random source."""
        return cls(bytearray(os.urandom(SECRET_BYTES)))

    @classmethod
    def from_secret(cls, secret: bytes | bytearray) -> Identity:
        """The identity that `secret` (32 bytes) makes; copies it, the caller wipes their own."""
        return cls(bytearray(secret))

    def secret_copy(self) -> bytearray:
        """The identity secret, for the identity file and for paper only; the caller wipes it."""
        return bytearray(self._open_secret())

    def sign(self, payload_type: str, body: bytes) -> bytes:
        """64 bytes: Ed25519 over the DSSE pre-authentication encoding of `body`."""
        if self._signing is None:
            raise _wiped()
        return self._signing.sign(pae(payload_type, body))

    def open_sealed(self, sealed: bytes, info: bytes) -> bytearray:
        """Decrypt what `PublicIdentity.seal` made for this identity with the same `info`; else
        IntegrityFailure.
        """
        if self._opening is None:
            raise _wiped()
        try:
            # HPKE has no decrypt_into: this `bytes` cannot be wiped and stays until the allocator reuses its
            # place.
            return bytearray(_SUITE.decrypt(sealed, self._opening, info=info))
        except (InvalidTag, ValueError):
            raise IntegrityFailure(
                "cannot open what was sealed to this identity",
                "it was changed, or sealed to or for something else",
            ) from None

    def local_key(self, purpose: str) -> bytearray:
        """32 bytes that only this identity derives, for this machine's own files (snapshot, outbox, pins)."""
        return self._derive(f"local/{purpose}", 32)

    def wipe(self) -> None:
        """Forget everything secret."""
        if self._secret is not None:
            wipe(self._secret)
        self._secret = self._signing = self._opening = None

    def __repr__(self) -> str:
        return f"<Identity {self.fingerprint.hex()[:8]}>"

    def __reduce__(self) -> str:
        raise TypeError("an identity is never pickled or copied")

    def _derive(self, info: str, length: int) -> bytearray:
        key = bytearray(length)
        full = b"breakglass/v1/identity/" + info.encode()
        HKDF(hashes.SHA256(), length, salt=None, info=full).derive_into(self._open_secret(), key)
        return key

    def _open_secret(self) -> bytearray:
        if self._secret is None:
            raise _wiped()
        return self._secret


def pae(payload_type: str, body: bytes) -> bytes:
    """DSSE's pre-authentication encoding, v1 (github.com/secure-systems-lab/dsse/blob/master/protocol.md)."""
    type_bytes = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(type_bytes), type_bytes, len(body), body)


def words(fingerprint: bytes) -> tuple[str, ...]:
    """Ten words for the first 100 bits of `fingerprint`, from SLIP-39's list: to be read out and compared."""
    from shamir_mnemonic.wordlist import WORDLIST

    bits = int.from_bytes(fingerprint[:13], "big") >> 4
    return tuple(WORDLIST[(bits >> 10 * place) & 1023] for place in reversed(range(10)))


def hex_groups(fingerprint: bytes) -> str:
    """`fingerprint` as hex in groups of four: "ab12 cd34 …"."""
    return fingerprint.hex(" ", 2)


# Ed25519 accepts signatures by these points for messages nobody signed (y-coordinates, sign bit clear; as
# libsodium's list).
_LOW_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


def _wiped() -> CannotUnlock:
    return CannotUnlock("locked", "this identity's keys are no longer in memory", "unlock again")
