"""One plaintext, sealed to its holders: what a blob is, how it is made, and how k of its n holders open it.

A **sealing** is the plaintext under a fresh AES-256-GCM key, and that key for the holders: with threshold 1
the key itself to each of them, with threshold k > 1 one Shamir share of it to each, by HPKE. Use `seal`; then
`open_alone` where one holder is enough, or `own_share` by each of k holders and `combine` by whoever asked.

It promises: nothing opens with fewer than k shares; every byte of a blob is checked by whoever opens it (the
AES-GCM associated data is all of the blob but the ciphertext); a blob belongs to its `Binding` and nothing
else; a bad share is traced to its giver, and a sealing that does not fit together to its sealer. Who sealed
is not in the blob (HPKE base mode): the signed entry that names the blob by its SHA-256 says it, so pass that
name as `name` wherever it is known.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.encoding import decode, digest, encode
from vault.errors import IntegrityFailure, Refused, WrongUsage
from vault.identity import FINGERPRINT_BYTES, SEALED_OVERHEAD, Identity, PublicIdentity
from vault.memory import wipe

MAX_BLOB = 128 * 1024
MAX_HOLDERS = 16
KINDS = ("password", "mfa", "recovery")

_FORMAT = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_WHAT = "a sealed secret"


class SecretRef(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Which secret: an account's password, recovery notes, or one of its MFA devices."""

    account: str
    kind: str
    """"password", "mfa" or "recovery"."""
    name: str = ""
    """The label of an MFA device; empty for the other kinds."""


class Binding(msgspec.Struct, frozen=True, array_like=True):
    """What a sealing is for. A blob opens for exactly this, and is useless anywhere else."""

    vault: bytes
    secret: SecretRef
    version: bytes
    """16 bytes, the stable id of the plaintext."""
    purpose: str
    """"store" for what the vault keeps."""
    holders: tuple[bytes, ...]
    """Fingerprints, sorted, 1 to 16 of them; a holder's place here is the index of their share."""
    threshold: int


class SealedShare(msgspec.Struct, frozen=True, array_like=True):
    """One holder's part of a blob."""

    commitment: bytes
    """Hash of (index, share): whoever receives the share later can tell that it is the one sealed here."""
    sealed: bytes
    """HPKE of the 32-byte share to its holder."""


class Sealing(msgspec.Struct, frozen=True, array_like=True):
    """A blob, decoded and checked in form. Nothing in it is secret."""

    format: int
    binding: bytes
    """Hash of the binding. It tells nobody what is sealed who does not know the version's random id from the log."""
    key_commitment: bytes
    """Hash of the content key: AES-GCM alone would let two keys open one ciphertext to two plaintexts."""
    shares: tuple[SealedShare, ...]
    """In the order of the binding's holders."""
    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True, eq=False)
class Share:
    """One opened share, 32 bytes; whoever gets it wipes it."""

    index: int
    value: bytearray = field(repr=False)

    def wipe(self) -> None:
        wipe(self.value)


class BadShare(IntegrityFailure):
    """A holder gave a share that is not the one sealed to them."""

    def __init__(self, giver: bytes, why: str) -> None:
        super().__init__(
            f"the share given by {giver.hex()[:16]} is not theirs",
            why,
            "ask them, and take another holder's share",
        )
        self.giver = giver
        """Fingerprint."""


class BadSealing(IntegrityFailure):
    """A sealing that its own sealer made so that it does not fit together."""

    def __init__(self, sealer: bytes, why: str) -> None:
        super().__init__(
            f"the sealing made by {sealer.hex()[:16]} does not fit together",
            why,
            "ask them; seal a new version",
        )
        self.sealer = sealer
        """Fingerprint."""


def seal(binding: Binding, plaintext: bytearray, keys: Mapping[bytes, PublicIdentity]) -> bytes:
    """The blob of `plaintext` (already padded) for `binding.holders`, whose public keys `keys` must hold.

    WrongUsage if the binding breaks a rule of the format or a key is missing or another's. The plaintext is
    not wiped.
    """
    fault = _fault(binding)
    if fault:
        raise WrongUsage("cannot seal the secret", fault)
    if any(keys.get(h) is None or keys[h].fingerprint != h for h in binding.holders):
        raise WrongUsage("cannot seal the secret", "a holder's public keys are not known")
    key = bytearray(os.urandom(_KEY_BYTES))
    values: list[bytearray] = []
    try:
        values = _split(key, binding.threshold, len(binding.holders))
        shares = tuple(
            SealedShare(
                _commitment(binding, index, value), keys[holder].seal(value, _info(binding, holder, index))
            )
            for index, (holder, value) in enumerate(zip(binding.holders, values, strict=True))
        )
        nonce = os.urandom(_NONCE_BYTES)
        bare = Sealing(_FORMAT, _hash(binding), _key_commitment(binding, key), shares, nonce, b"")
        blob = encode(
            msgspec.structs.replace(bare, ciphertext=AESGCM(key).encrypt(nonce, plaintext, encode(bare)))
        )
    finally:
        wipe(key, *values)
    if len(blob) > MAX_BLOB:
        raise WrongUsage("cannot seal the secret", "it is too long")
    return blob


def blob_name(blob: bytes) -> bytes:
    """What entries call a blob by: its SHA-256."""
    return hashlib.sha256(blob).digest()


def read(blob: bytes, expected: Binding | None = None, *, name: bytes | None = None) -> Sealing:
    """Check a blob's form, and where given its name and what it is for; IntegrityFailure if anything differs."""
    if name is not None and not hmac.compare_digest(blob_name(blob), name):
        raise IntegrityFailure(f"{_WHAT} is damaged", "its bytes are not those that its entry names")
    sealing = decode(blob, Sealing, MAX_BLOB, _WHAT)
    if sealing.format != _FORMAT:
        raise IntegrityFailure(
            f"{_WHAT} is damaged", f"its format is {sealing.format}, and only {_FORMAT} is known"
        )
    fault = _misshapen(sealing)
    if fault:
        raise IntegrityFailure(f"{_WHAT} is damaged", fault)
    if expected is None:
        return sealing
    fault = _fault(expected)
    if fault:
        raise IntegrityFailure(f"{_WHAT} is for nothing that there can be", fault)
    if not hmac.compare_digest(sealing.binding, _hash(expected)):
        raise IntegrityFailure(
            f"{_WHAT} is not the one asked for",
            "it was sealed for another vault, secret, version, purpose or circle",
        )
    if len(sealing.shares) != len(expected.holders):
        raise IntegrityFailure(f"{_WHAT} is damaged", "it has not one share for each holder")
    return sealing


def open_alone(blob: bytes, expected: Binding, identity: Identity, *, name: bytes | None = None) -> bytearray:
    """The plaintext of a sealing with threshold 1, by one holder; the caller wipes it.

    Refused if more than one holder must, or `identity` is none of them; IntegrityFailure as in `read` and
    `own_share`.
    """
    if expected.threshold != 1:
        raise Refused("cannot open the secret alone", f"it takes {expected.threshold} of its holders")
    share = own_share(blob, expected, identity, name=name)
    try:
        plaintext = _decrypt(read(blob, expected), share.value)
    finally:
        share.wipe()
    if plaintext is None:
        raise IntegrityFailure(f"{_WHAT} is damaged", "its ciphertext does not fit its key")
    return plaintext


def own_share(blob: bytes, expected: Binding, identity: Identity, *, name: bytes | None = None) -> Share:
    """`identity`'s share of a blob, compared with its commitment; done at sync, it finds a bad sealing in
    time.

    Refused if `identity` is no holder; IntegrityFailure if the share does not open or is not the one
    committed to.
    """
    sealing = read(blob, expected, name=name)
    holder = identity.fingerprint
    if holder not in expected.holders:
        raise Refused("cannot open the secret", "you are not one of its holders")
    index = expected.holders.index(holder)
    value = identity.open_sealed(sealing.shares[index].sealed, _info(expected, holder, index))
    sound = _is_committed(sealing, expected, index, value)
    if expected.threshold == 1:  # the share is the key, so what all the others got can be checked as well
        everyone = range(len(expected.holders))
        sound = all(_is_committed(sealing, expected, i, value) for i in everyone) and _is_key(sealing, expected, value)
    if not sound:
        wipe(value)
        raise IntegrityFailure(
            "your share of a secret is not sound", "it is not the one its sealing commits to"
        )
    return Share(index, value)


def combine(
    blob: bytes, expected: Binding, shares: Mapping[bytes, Share], sealer: bytes, *, name: bytes | None = None
) -> bytearray:
    """The plaintext, from the shares of at least k holders (by fingerprint); the caller wipes it and the
    shares.

    `sealer` is the author of the entry that names the blob. BadShare names a giver, BadSealing the sealer:
    from k good shares all n are computed again and compared with what the sealer committed to. Refused if
    there are too few.
    """
    sealing = read(blob, expected, name=name)
    for giver, share in shares.items():
        if giver not in expected.holders or expected.holders.index(giver) != share.index:
            raise BadShare(giver, "its number is not the one sealed to them")
        if not _is_committed(sealing, expected, share.index, share.value):
            raise BadShare(giver, "it is not the one its sealing commits to")
    if len(shares) < expected.threshold:
        raise Refused("cannot open the secret", f"{len(shares)} of {expected.threshold} shares are here")
    recovered = _recover(list(shares.values()), expected.threshold, len(expected.holders))
    if recovered is None:
        raise BadSealing(sealer, "its shares do not make one key")
    key, everyone = recovered
    try:
        for index, value in enumerate(everyone):
            if not _is_committed(sealing, expected, index, value):
                raise BadSealing(
                    sealer, f"share {index + 1} of {len(everyone)} is not of the same key as the others"
                )
        if not _is_key(sealing, expected, key):
            raise BadSealing(sealer, "its shares make another key than the one it commits to")
        plaintext = _decrypt(sealing, key)
    finally:
        wipe(key, *everyone)
    if plaintext is None and name is not None:
        raise BadSealing(sealer, "its ciphertext does not fit its key")
    if plaintext is None:  # without the name, somebody else may have changed the bytes
        raise IntegrityFailure(f"{_WHAT} is damaged", "its ciphertext does not fit its key")
    return plaintext


def _fault(binding: Binding) -> str:
    """Which rule of the format a binding breaks, or an empty string."""
    holders, secret = binding.holders, binding.secret
    if len(binding.vault) != 32 or len(binding.version) != 16 or not 1 <= len(binding.purpose) <= 32:
        return "vault, version or purpose has the wrong length"
    if secret.kind not in KINDS or len(secret.account) > 64 or len(secret.name) > 256:
        return "it names no secret"
    if secret.name and secret.kind != "mfa":
        return "only an MFA device has a name"
    if not 1 <= len(holders) <= MAX_HOLDERS or any(len(h) != FINGERPRINT_BYTES for h in holders):
        return f"a secret has 1 to {MAX_HOLDERS} holders"
    if list(holders) != sorted(set(holders)):
        return "its holders are not sorted, or one is named twice"
    if not 1 <= binding.threshold <= len(holders):
        return "its threshold is not between 1 and the number of its holders"
    return ""


def _misshapen(sealing: Sealing) -> str:
    if not 1 <= len(sealing.shares) <= MAX_HOLDERS:
        return f"it has {len(sealing.shares)} shares, and 1 to {MAX_HOLDERS} are possible"
    if len(sealing.binding) != 32:
        return "the hash of what it is for has the wrong length"
    if any(len(s.commitment) != 32 or len(s.sealed) != _KEY_BYTES + SEALED_OVERHEAD for s in sealing.shares):
        return "a share has the wrong length"
    if len(sealing.key_commitment) != 32 or len(sealing.nonce) != _NONCE_BYTES:
        return "its key commitment or nonce has the wrong length"
    return "it has no ciphertext" if len(sealing.ciphertext) < _TAG_BYTES else ""


def _hash(binding: Binding) -> bytes:
    return digest("sealing/binding", encode(binding))


def _info(binding: Binding, holder: bytes, index: int) -> bytes:
    # A hash, because HPKE implementations bound the length of info, and sixteen holders would pass the bound.
    return digest("sealing/info", encode(binding), holder, bytes([index]))


def _commitment(binding: Binding, index: int, value: bytes | bytearray) -> bytes:
    return digest("sealing/share", encode(binding), bytes([index]), value)


def _key_commitment(binding: Binding, key: bytes | bytearray) -> bytes:
    return digest("sealing/key", encode(binding), key)


def _is_committed(sealing: Sealing, binding: Binding, index: int, value: bytes | bytearray) -> bool:
    return hmac.compare_digest(sealing.shares[index].commitment, _commitment(binding, index, value))


def _is_key(sealing: Sealing, binding: Binding, key: bytes | bytearray) -> bool:
    return hmac.compare_digest(sealing.key_commitment, _key_commitment(binding, key))


def _decrypt(sealing: Sealing, key: bytearray) -> bytearray | None:
    """The plaintext, or None where key, associated data and tag do not fit together."""
    plaintext = bytearray(len(sealing.ciphertext) - _TAG_BYTES)
    bare = encode(msgspec.structs.replace(sealing, ciphertext=b""))
    try:
        AESGCM(key).decrypt_into(sealing.nonce, sealing.ciphertext, bare, plaintext)
    except InvalidTag:
        wipe(plaintext)  # decrypt_into leaves there what it decrypted before it looked at the tag
        return None
    return plaintext


# shamir_mnemonic publishes only mnemonics (words with their own header, checksum and cipher); the sharing of
# raw bytes under them is what is wanted here, and it is private there. Writing GF(256) interpolation anew
# would be a primitive of our own, so the private names are used and a test pins what they compute. They
# return `bytes`, which cannot be wiped.


def _split(key: bytearray, threshold: int, count: int) -> list[bytearray]:
    if threshold == 1:
        return [bytearray(key) for _ in range(count)]
    from shamir_mnemonic import shamir

    return [bytearray(data) for _, data in shamir._split_secret(threshold, count, bytes(key))]  # noqa: SLF001


def _recover(shares: list[Share], threshold: int, count: int) -> tuple[bytearray, list[bytearray]] | None:
    """The key and all `count` shares, from the first `threshold` of `shares`; None if they make no key."""
    if threshold == 1:
        return bytearray(shares[0].value), [bytearray(shares[0].value) for _ in range(count)]
    from shamir_mnemonic import MnemonicError, shamir

    raw = [shamir.RawShare(share.index, bytes(share.value)) for share in shares[:threshold]]
    try:
        key = shamir._recover_secret(threshold, raw)  # noqa: SLF001
    except MnemonicError:
        return None
    return bytearray(key), [bytearray(shamir._interpolate(raw, index)) for index in range(count)]  # noqa: SLF001
