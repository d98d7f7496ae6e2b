"""Sections Sealing and Plaintext of docs/format.md: k of n members open a blob; Shamir over GF(256) by hand; TOTP."""

from __future__ import annotations

import hashlib
import hmac

from encoding import digest, items, need, number, pack, sized, unpack, unpad
from events import a_number, a_text, one_of, record
from member import gcm

EXP, LOG = [1] * 255, [0] * 256
for _i in range(1, 255):  # powers of x + 1 modulo x^8 + x^4 + x^3 + x + 1
    _doubled = EXP[_i - 1] << 1
    EXP[_i] = EXP[_i - 1] ^ (_doubled ^ 0x11B if _doubled & 0x100 else _doubled)
    LOG[EXP[_i]] = _i


def interpolate(shares, x):
    """f(x) by Lagrange over GF(256), each byte by itself; `shares` maps other values of x to f of them."""
    if x in shares:
        return shares[x]
    made = bytearray(32)
    for i, value in shares.items():
        weight = sum(LOG[j ^ x] - LOG[i ^ j] for j in shares if j != i)
        for place, byte in enumerate(value):
            if byte:
                made[place] ^= EXP[(LOG[byte] + weight) % 255]
    return bytes(made)


def open_sealing(blob, expected, members, name=None):
    """The plaintext of a blob that was named in the log as `expected`, by as many members as it takes."""
    need(name is None or hashlib.sha256(blob).digest() == name, "another blob than the log names")
    need(len(blob) <= 128 * 1024, "too long")
    sealing = items(unpack(blob), 6, 6)
    version, binding_hash, key_commitment, shares, nonce, ciphertext = sealing
    bound = pack(expected)
    need(version == 1 and binding_hash == digest("sealing/binding", bound), "not what it should be for")
    vault, secret, version_id, purpose, holders, threshold = expected
    sized(vault, 32), sized(version_id, 16)
    need(1 <= len(purpose) <= 32, "purpose")
    account, kind, device = secret
    need(kind in ("password", "mfa", "recovery") and len(account) <= 64 and len(device) <= 256, "no secret")
    need(kind == "mfa" or not device, "a name")
    need(1 <= len(holders) <= 16 and all(len(h) == 32 for h in holders) and holders == sorted(set(holders)), "holders")
    number(threshold, 1, len(holders))
    for one in items(shares, len(holders), len(holders)):
        commitment, sealed = items(one, 2, 2)
        sized(commitment, 32), sized(sealed, 1168)
    sized(key_commitment, 32), sized(nonce, 12)
    need(isinstance(ciphertext, bytes) and len(ciphertext) >= 16, "ciphertext")
    values = {}
    for member in members:
        need(member.fingerprint in holders, "no holder")
        i = holders.index(member.fingerprint)
        values[i] = member.open(shares[i][1], digest("sealing/info", bound, member.fingerprint, bytes([i])))
        need(digest("sealing/share", bound, bytes([i]), values[i]) == shares[i][0], "a share is not the one committed to")
    need(len(values) >= threshold, "too few holders")
    values = dict(list(values.items())[:threshold])
    if threshold == 1:
        key = next(iter(values.values()))
        everyone = [key] * len(holders)
    else:
        key, check = interpolate(values, 255), interpolate(values, 254)
        need(hmac.digest(check[4:], key, "sha256")[:4] == check[:4], "the shares do not make one key")
        everyone = [interpolate(values, i) for i in range(len(holders))]
    for i, value in enumerate(everyone):
        need(digest("sealing/share", bound, bytes([i]), value) == shares[i][0], "the shares are not of one key")
    need(digest("sealing/key", bound, key) == key_commitment, "another key than committed to")
    return plaintext(gcm(key, nonce, ciphertext, pack([*sealing[:5], b""])))


def plaintext(padded):
    need(len(padded) % 256 == 0 and len(padded) <= 16 * 1024 + 768, "size of the plaintext")
    encoded = unpad(padded)
    need(len(padded) - len(encoded) - 4 < 256, "more padding than there should be")
    value = unpack(encoded)
    need(isinstance(value, list) and value and value[0] in PLAINTEXTS, "no known kind")
    return {"kind": value[0]} | PLAINTEXTS[value[0]](value[1:])


def a_seed(value):
    return sized(value, *range(1, 129))


def some_notes(value):
    need(isinstance(value, str) and 1 <= len(value.encode()) <= 16 * 1024, "notes out of bounds")
    return value


PLAINTEXTS = {
    "password": record(password=a_text(1, 1024)),
    "mfa": record(label=a_text(0, 256), serial=a_text(0, 256), seed=a_seed, algorithm=one_of("SHA1", "SHA256", "SHA512"),
                  digits=one_of(6, 8), period=a_number(1, 300), issuer=a_text(0, 256)),
    "recovery": record(text=some_notes),
}  # fmt: skip


def totp(device, at_ms):
    counter = (at_ms // (device["period"] * 1000)).to_bytes(8, "big")
    mac = hmac.digest(device["seed"], counter, device["algorithm"].lower())
    cut = int.from_bytes(mac[mac[-1] & 15 :][:4], "big") & 0x7FFFFFFF
    return str(cut % 10 ** device["digits"]).zfill(device["digits"])
