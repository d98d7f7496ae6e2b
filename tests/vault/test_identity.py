"""One secret, the keys that follow from it, and what everybody may know of them."""

from __future__ import annotations

import copy
import hashlib
import hmac
import pickle

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.encoding import decode, encode
from vault.errors import CannotUnlock, IntegrityFailure, WrongUsage
from vault.identity import Identity, PublicIdentity, hex_groups, pae, words

SECRET = bytes(range(32))


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, "sha256").digest()


def expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand (RFC 5869) from the standard library."""
    out, block, count = b"", b"", 1
    while len(out) < length:
        block, count = mac(key, block + info + bytes([count])), count + 1
        out += block
    return out[:length]


def derived(info: str, length: int) -> bytes:
    """What docs/format.md says a key of the identity SECRET is."""
    return expand(mac(bytes(32), SECRET), b"breakglass/v1/identity/" + info.encode(), length)


def test_the_keys_are_those_that_a_second_implementation_derives():
    identity = Identity.from_secret(SECRET)
    signing = Ed25519PrivateKey.from_private_bytes(derived("ed25519", 32)).public_key().public_bytes_raw()
    kem = MLKEM768PrivateKey.from_seed_bytes(derived("ml-kem-768", 64)).public_key().public_bytes_raw()
    dh = X25519PrivateKey.from_private_bytes(derived("x25519", 32)).public_key().public_bytes_raw()
    assert identity.public.keys == (("ed25519", signing), ("mlkem768-x25519", kem + dh))
    assert identity.local_key("snapshot") == derived("local/snapshot", 32)
    domain, typed = b"breakglass/v1/fingerprint", encode(identity.public.keys)
    hashed = hashlib.sha256(len(domain).to_bytes(8, "big") + domain + len(typed).to_bytes(8, "big") + typed)
    assert identity.fingerprint == identity.public.fingerprint == hashed.digest()
    assert identity.fingerprint.hex() == "7857aa387e1610df32aff7992e4f5042e7c12a1ad583e558d44f4a4a177ae7ba"


def test_what_is_sealed_opens_by_the_specifications_alone():
    """X-Wing and RFC 9180's key schedule from primitives: the bytes are the standard's, not one library's
    own.
    """
    sealed = Identity.from_secret(SECRET).public.seal(b"hello", b"what for")
    kem_part, dh_part, ciphertext = sealed[:1088], sealed[1088:1120], sealed[1120:]
    dh = X25519PrivateKey.from_private_bytes(derived("x25519", 32))
    kem_secret = MLKEM768PrivateKey.from_seed_bytes(derived("ml-kem-768", 64)).decapsulate(kem_part)
    dh_secret = dh.exchange(X25519PublicKey.from_public_bytes(dh_part))
    own = dh.public_key().public_bytes_raw()
    shared = hashlib.sha3_256(kem_secret + dh_secret + dh_part + own + rb"\.//^\ "[:-1]).digest()
    suite = b"HPKE" + bytes.fromhex("647a 0001 0002")

    def extract(salt: bytes, label: bytes, material: bytes) -> bytes:
        return mac(salt or bytes(32), b"HPKE-v1" + suite + label + material)

    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", b"what for")
    secret = extract(shared, b"secret", b"")
    key, nonce = (
        expand(secret, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context, length)
        for label, length in ((b"key", 32), (b"base_nonce", 12))
    )
    assert AESGCM(key).decrypt(nonce, ciphertext, b"") == b"hello"


def test_the_same_secret_makes_the_same_identity_and_generated_ones_differ():
    secret = bytearray(SECRET)
    first, second = Identity.from_secret(secret), Identity.from_secret(SECRET)
    assert first.public == second.public
    assert secret == SECRET, "the caller's copy is the caller's to wipe"
    assert Identity.generate().fingerprint != Identity.generate().fingerprint


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_secret_of_another_length_is_refused(length):
    with pytest.raises(WrongUsage):
        Identity.from_secret(bytes(length))


def test_signatures_are_over_the_dsse_encoding_with_its_type(new_identity):
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"  # the example of the DSSE protocol page
    )
    identity = new_identity()
    signature = identity.sign("type", b"body")
    assert identity.public.verify("type", b"body", signature)
    assert not identity.public.verify("typ", b"ebody", signature)
    assert not identity.public.verify("other", b"body", signature)
    assert not identity.public.verify("type", b"bodz", signature)
    assert not identity.public.verify("type", b"body", signature[:-1])
    assert not identity.public.verify("type", b"body", b"")
    assert not new_identity().public.verify("type", b"body", signature)


def test_what_is_sealed_opens_for_its_owner_with_the_same_info_only(new_identity):
    owner, other = new_identity(), new_identity()
    sealed = owner.public.seal(bytearray(b"canary"), b"info")
    assert owner.open_sealed(sealed, b"info") == bytearray(b"canary")
    for attempt in (
        lambda: other.open_sealed(sealed, b"info"),
        lambda: owner.open_sealed(sealed, b"other"),
        lambda: owner.open_sealed(sealed[:-1], b"info"),
        lambda: owner.open_sealed(sealed + b"\0", b"info"),
        lambda: owner.open_sealed(b"", b"info"),
    ):
        with pytest.raises(IntegrityFailure):
            attempt()


def test_each_changed_byte_of_what_is_sealed_is_noticed(new_identity):
    owner = new_identity()
    sealed = owner.public.seal(b"canary", b"info")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1 << place % 8
        with pytest.raises(IntegrityFailure):
            owner.open_sealed(bytes(changed), b"info")


def test_no_purpose_and_no_other_key_gives_the_same_local_key(new_identity):
    identity = new_identity()
    keys = {bytes(identity.local_key(p)) for p in ("snapshot", "outbox", "pins", "", "snapshot2")}
    assert len(keys) == 5
    assert identity.local_key("pins") == identity.local_key("pins")
    assert bytes(identity.secret_copy()) not in keys


def test_public_keys_survive_encoding_and_checking(new_identity):
    public = new_identity().public
    again = decode(encode(public), PublicIdentity, 4096, "a member")
    again.check()
    assert again == public
    assert again.fingerprint == public.fingerprint
    assert PublicIdentity.checked(public.keys) == public


def edwards_points_of_low_order() -> set[bytes]:
    """Every encoding, canonical or not, of a point whose order divides 8, from the curve's equation (RFC
    8032, 5.1).
    """
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    root = pow(2, (p - 1) // 4, p)

    def xs(y: int) -> list[int]:
        square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
        x = pow(square, (p + 3) // 8, p)
        x = x if x * x % p == square else x * root % p
        return [x, -x % p] if x * x % p == square else []

    def double(x: int, y: int) -> tuple[int, int]:
        t = d * x * x * y * y
        return 2 * x * y * pow(1 + t, -1, p) % p, (y * y + x * x) * pow(1 - t, -1, p) % p

    candidates = {0, 1, p - 1}
    candidates |= {
        int.from_bytes(bytes.fromhex(h), "little")
        for h in (
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        )
    }
    found = {(x, y) for y in candidates for x in xs(y)}
    assert len(found) == 8, "the curve has eight such points, so none is missing"
    assert {double(*double(*double(*point))) for point in found} == {(0, 1)}
    encodings = {y + shift * p for y in candidates for shift in (0, 1) if y + shift * p < 2**255}
    return {(y | sign << 255).to_bytes(32, "little") for y in encodings for sign in (0, 1)}


def test_a_key_for_which_anybody_could_sign_is_refused(new_identity):
    sealing = new_identity().public.keys[1]
    points = edwards_points_of_low_order()
    assert len(points) == 14
    for point in points:
        with pytest.raises(IntegrityFailure):
            PublicIdentity.checked((("ed25519", point), sealing))
    # why: with the neutral element as key, R = neutral element and S = 0 fits every message
    neutral = b"\1" + bytes(31)
    forged = neutral + bytes(32)
    try:
        Ed25519PublicKey.from_public_bytes(neutral).verify(forged, b"anything")
    except InvalidSignature:
        pytest.fail("the library refuses it by itself now; the list can go")


def test_keys_that_are_not_the_known_ones_are_refused(new_identity):
    (signing, sealing), x = new_identity().public.keys, bytes(32)
    bad = [
        (),
        (signing,),
        (sealing, signing),
        (signing, sealing, signing),
        (("rsa", signing[1]), sealing),
        (("ed25519", signing[1][:-1]), sealing),
        (signing, (sealing[0], sealing[1] + b"\0")),
        (signing, (sealing[0], sealing[1][:-32] + x)),  # X25519 of low order
        (signing, (sealing[0], b"\xff" * 1184 + sealing[1][-32:])),  # ML-KEM coefficients out of range
    ]
    for keys in bad:
        with pytest.raises(IntegrityFailure):
            PublicIdentity.checked(keys)


def test_an_identity_that_was_wiped_does_nothing_more():
    identity = Identity.from_secret(SECRET)
    held = identity._secret
    sealed = identity.public.seal(b"x", b"")
    identity.wipe()
    identity.wipe()
    assert held == bytes(32)
    for use in (
        identity.secret_copy,
        lambda: identity.sign("t", b""),
        lambda: identity.open_sealed(sealed, b""),
        lambda: identity.local_key("pins"),
    ):
        with pytest.raises(CannotUnlock):
            use()


def test_showing_pickling_or_copying_an_identity_gives_nothing_away():
    identity = Identity.from_secret(SECRET)
    for shown in (repr(identity), str(identity), repr(identity.public)):
        assert SECRET.hex() not in shown
        assert repr(SECRET)[2:-1] not in shown
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(identity)


def test_the_ten_words_are_the_first_hundred_bits():
    from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

    assert words(bytes(32)) == (WORDLIST[0],) * 10
    assert words(b"\xff" * 32) == (WORDLIST[1023],) * 10
    fingerprint = hashlib.sha256(b"x").digest()
    value = 0
    for word in words(fingerprint):
        value = value << 10 | WORD_INDEX_MAP[word]
    assert value == int.from_bytes(fingerprint, "big") >> 156


def test_the_hex_form_comes_in_groups_of_four():
    assert hex_groups(bytes.fromhex("ab12cd34")) == "ab12 cd34"
    assert len(hex_groups(bytes(32)).split()) == 16
