"""C2SP's Wycheproof vectors against the primitives, called the way `vault` calls them."""

from __future__ import annotations

from collections import Counter

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.vault.published import cases
from vault.identity import PublicIdentity, pae


def unhex(case: dict[str, str], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def test_aes_256_gcm_decrypts_into_a_buffer_what_is_valid_and_nothing_else():
    seen = Counter()
    for group, case in cases("aes_gcm_test.json", "AeadTest"):
        if group["keySize"] != 256 or group["ivSize"] != 96 or group["tagSize"] != 128:
            continue
        key, nonce, aad, message, ciphertext, tag = unhex(case, "key", "iv", "aad", "msg", "ct", "tag")
        plaintext = bytearray(len(ciphertext))
        if case["result"] == "valid":
            AESGCM(bytearray(key)).decrypt_into(nonce, ciphertext + tag, aad, plaintext)
            assert plaintext == message
            assert AESGCM(key).encrypt(nonce, message, aad) == ciphertext + tag
        else:
            with pytest.raises(InvalidTag):
                AESGCM(bytearray(key)).decrypt_into(nonce, ciphertext + tag, aad, plaintext)
        seen[case["result"]] += 1
    print(dict(seen))
    assert seen["valid"] > 0
    assert seen["invalid"] > 0


def test_ed25519_verifies_exactly_what_is_valid(monkeypatch):
    # The vectors sign messages as they are; ours are wrapped first, so the wrapping is taken off for them.
    monkeypatch.setattr("vault.identity.pae", lambda payload_type, body: body)
    seen = Counter()
    for group, case in cases("ed25519_test.json", "EddsaVerify"):
        message, signature = unhex(case, "msg", "sig")
        public = PublicIdentity(
            (("ed25519", bytes.fromhex(group["publicKey"]["pk"])), ("mlkem768-x25519", b""))
        )
        assert public.verify("", message, signature) == (case["result"] == "valid"), case["tcId"]
        seen[case["result"]] += 1
    print(dict(seen))
    assert seen["valid"] > 0
    assert seen["invalid"] > 0
    assert pae("t", b"m") == b"DSSEv1 1 t 1 m"


def test_x25519_agrees_and_refuses_a_point_that_makes_the_secret_zero():
    seen = Counter()
    for _, case in cases("x25519_test.json", "XdhComp"):
        public, private, shared = unhex(case, "public", "private", "shared")
        key = X25519PrivateKey.from_private_bytes(bytearray(private))
        if "ZeroSharedSecret" in case["flags"]:
            with pytest.raises(ValueError):
                key.exchange(X25519PublicKey.from_public_bytes(public))
            seen["refused"] += 1
        else:
            assert key.exchange(X25519PublicKey.from_public_bytes(public)) == shared
            seen["agreed"] += 1
    print(dict(seen))
    assert seen["agreed"] > 0
    assert seen["refused"] > 0


def test_ml_kem_768_makes_its_key_from_the_seed_and_opens_what_has_the_right_length():
    seen = Counter()
    for _, case in cases("mlkem_768_test.json", "MLKEMTest"):
        seed, ciphertext = unhex(case, "seed", "c")
        if case["result"] == "valid":
            key = MLKEM768PrivateKey.from_seed_bytes(bytearray(seed))
            assert key.public_key().public_bytes_raw().hex() == case["ek"]
            assert key.decapsulate(ciphertext).hex() == case["K"], case["tcId"]
        else:
            with pytest.raises(ValueError):
                MLKEM768PrivateKey.from_seed_bytes(bytearray(seed)).decapsulate(ciphertext)
        seen[case["result"]] += 1
    print(dict(seen))
    assert seen["valid"] > 0
    assert seen["invalid"] > 0


def test_hkdf_sha256_derives_into_a_buffer_what_the_vectors_say():
    seen = Counter()
    for _, case in cases("hkdf_sha256_test.json", "HkdfTest"):
        material, salt, info, expected = unhex(case, "ikm", "salt", "info", "okm")
        if case["result"] == "valid":
            key = bytearray(case["size"])
            HKDF(hashes.SHA256(), case["size"], salt=salt, info=info).derive_into(bytearray(material), key)
            assert key == expected
        else:
            with pytest.raises(ValueError):
                HKDF(hashes.SHA256(), case["size"], salt=salt, info=info)
        seen[case["result"]] += 1
    print(dict(seen))
    assert seen["valid"] > 0
    assert seen["invalid"] > 0
