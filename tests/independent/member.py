"""Sections Identity, Sealing to a member, and Identity file of docs/format.md: keys from a secret, HPKE by hand, the file."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from encoding import Bad, Locked, digest, fields, need, number, pack, sized, unpack


def hkdf(secret, info, length):
    key, block = hmac.digest(bytes(32), secret, "sha256"), b""
    made = b""
    for n in range(-(-length // 32)):
        block = hmac.digest(key, block + info + bytes([n + 1]), "sha256")
        made += block
    return made[:length]


class Member:
    """A private identity, from its secret."""

    def __init__(self, secret):
        self.secret = secret
        self.mlkem = MLKEM768PrivateKey.from_seed_bytes(self.derive("ml-kem-768", 64))
        self.x25519 = X25519PrivateKey.from_private_bytes(self.derive("x25519", 32))
        signing = Ed25519PrivateKey.from_private_bytes(self.derive("ed25519", 32)).public_key().public_bytes_raw()
        self.keys = [["ed25519", signing], ["mlkem768-x25519", self.mlkem.public_key().public_bytes_raw() + self.x25519.public_key().public_bytes_raw()]]
        self.fingerprint = fingerprint(self.keys)

    def derive(self, info, length):
        return hkdf(self.secret, b"breakglass/v1/identity/" + info.encode(), length)

    def open(self, sealed, info):
        """HPKE base mode (RFC 9180) with MLKEM768-X25519 (0x647a), HKDF-SHA256 (1) and AES-256-GCM (2), no AAD."""
        need(len(sealed) >= 1136, "a sealed key is too short")
        enc_m, enc_x, ciphertext = sealed[:1088], sealed[1088:1120], sealed[1120:]
        try:
            both = self.mlkem.decapsulate(enc_m) + self.x25519.exchange(X25519PublicKey.from_public_bytes(enc_x))
        except ValueError:
            raise Bad("an encapsulation") from None
        shared = hashlib.sha3_256(both + enc_x + self.x25519.public_key().public_bytes_raw() + b"\\.//^\\").digest()
        suite = b"HPKE-v1HPKE\x64\x7a\x00\x01\x00\x02"

        def extract(salt, label, secret):
            return hmac.digest(salt or bytes(32), suite + label + secret, "sha256")

        context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
        secret = extract(shared, b"secret", b"")
        key, nonce = (
            hmac.digest(secret, length.to_bytes(2, "big") + suite + label + context + b"\1", "sha256")[:length]
            for label, length in ((b"key", 32), (b"base_nonce", 12))
        )
        return gcm(key, nonce, ciphertext, b"")

    def local(self, purpose, vault, name, stored):
        return gcm(self.derive(f"local/{purpose}", 32), stored[:12], stored[12:], pack(["breakglass/v1/local", purpose, vault, name]))


def gcm(key, nonce, ciphertext, aad):
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except (InvalidTag, ValueError):
        raise Bad("a ciphertext does not open") from None


def fingerprint(keys):
    return digest("fingerprint", pack(keys))


LOW_ORDER = {bytes(32), (1).to_bytes(32, "little"), *((2**255 - 19 + d).to_bytes(32, "little") for d in (-1, 0, 1)),
             bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
             bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}  # fmt: skip


def check_public(keys):
    need(isinstance(keys, list) and [[k[0], len(k[1])] for k in keys if isinstance(k, list) and len(k) == 2] == [["ed25519", 32], ["mlkem768-x25519", 1216]], "public keys")
    signing, sealing = keys[0][1], keys[1][1]
    need(signing[:31] + bytes([signing[31] & 127]) not in LOW_ORDER, "a key of low order")
    try:
        Ed25519PublicKey.from_public_bytes(signing)
        MLKEM768PublicKey.from_public_bytes(sealing[:1184])
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(sealing[1184:]))  # refuses low order
    except ValueError:
        raise Bad("no key has these bytes") from None


def open_identity(data, passphrase, device_secret=None):
    """Identity file: the identity secret."""
    magic = b"breakglass identity 1\n"
    need(data.startswith(magic) and 32 < len(data) <= 1024, "no identity file")
    need(hashlib.sha256(data[:-32]).digest() == data[-32:], "checksum")
    file = fields(unpack(data[len(magic) : -32]), "memory", "passes", "lanes", "salt", "device", "fingerprint", "nonce", "ciphertext")
    memory, passes, lanes = (number(file[n], *bounds) for n, bounds in (("memory", (65536, 4194304)), ("passes", (3, 64)), ("lanes", (4, 64))))
    for name, length in (("salt", 16), ("fingerprint", 32), ("nonce", 12), ("ciphertext", 48)):
        sized(file[name], length)
    if file["device"] is not None:
        sized(file["device"], 16)
        if device_secret is None:
            raise Locked("it needs its device secret")
    passphrase = unicodedata.normalize("NFC", passphrase)
    stretched = Argon2id(salt=file["salt"], length=32, iterations=passes, lanes=lanes, memory_cost=memory).derive(passphrase.encode())
    info = b"breakglass/v1/identity-file/" + (b"passphrase" if file["device"] is None else b"passphrase+device")
    key = hkdf(stretched + (device_secret or b"" if file["device"] is not None else b""), info, 32)
    try:
        secret = gcm(key, file["nonce"], file["ciphertext"], magic + pack(list(file.values())[:-1]))
    except Bad:
        raise Locked("wrong passphrase or device secret") from None
    need(Member(secret).fingerprint == file["fingerprint"], "another identity than it says")
    return secret
