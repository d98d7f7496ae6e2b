"""What a blob promises: k of n open it, fewer do not, and every byte counts."""

from __future__ import annotations

import hashlib
import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.circle import KEYS, PEOPLE, PLAINTEXT, REF, altered, binding, shares_of
from vault import sealing
from vault.encoding import encode
from vault.errors import BreakglassError, IntegrityFailure, Refused, WrongUsage
from vault.sealing import (
    MAX_BLOB,
    SecretRef,
    blob_name,
    combine,
    open_alone,
    own_share,
    read,
    seal,
)


@pytest.mark.parametrize(("count", "threshold"), [(n, k) for n in range(1, 6) for k in range(1, n + 1)])
def test_every_k_holders_open_it_and_no_fewer(count, threshold):
    bound = binding(count, threshold)
    blob = seal(bound, PLAINTEXT, KEYS)
    every = shares_of(blob, bound, PEOPLE[:count])
    for size in range(count + 1):
        for chosen in itertools.combinations(every, size):
            given_shares = {holder: every[holder] for holder in chosen}
            if size >= threshold:
                assert combine(blob, bound, given_shares, PEOPLE[0].fingerprint) == PLAINTEXT
            else:
                with pytest.raises(Refused, match=f"{size} of {threshold}"):
                    combine(blob, bound, given_shares, PEOPLE[0].fingerprint)


@pytest.mark.parametrize(("count", "threshold"), [(2, 2), (3, 2), (5, 3), (5, 5)])
def test_fewer_than_k_shares_give_no_key_whatever_client_computes_with_them(count, threshold):
    from shamir_mnemonic import shamir

    bound = binding(count, threshold)
    blob = seal(bound, PLAINTEXT, KEYS)
    made = read(blob, bound)
    for chosen in itertools.combinations(PEOPLE[:count], threshold - 1):
        raw = [
            shamir.RawShare(s.index, bytes(s.value)) for s in shares_of(blob, bound, list(chosen)).values()
        ]
        for index in range(256):
            guess = shamir._interpolate(raw, index)
            assert not sealing._is_key(made, bound, guess)
            assert sealing._decrypt(made, bytearray(guess)) is None
    # nor does saying that fewer are enough
    lied = altered(blob, binding=sealing._hash(binding(count, 1)))
    with pytest.raises(IntegrityFailure):
        open_alone(lied, binding(count, 1), PEOPLE[0])


def test_with_threshold_one_each_holder_opens_it_alone_and_nobody_else():
    bound = binding(3, 1)
    blob = seal(bound, PLAINTEXT, KEYS)
    for holder in PEOPLE[:3]:
        assert open_alone(blob, bound, holder, name=blob_name(blob)) == PLAINTEXT
        assert own_share(blob, bound, holder).index == PEOPLE.index(holder)
    for act in (open_alone, own_share):
        with pytest.raises(Refused, match="not one of its holders"):
            act(blob, bound, PEOPLE[3])


def test_what_takes_more_than_one_does_not_open_alone():
    bound = binding(3, 2)
    with pytest.raises(Refused, match="2 of its holders"):
        open_alone(seal(bound, PLAINTEXT, KEYS), bound, PEOPLE[0])


def test_sixteen_holders_fit_and_seventeen_do_not():
    bound = binding(16, 9)
    blob = seal(bound, bytearray(16 * 1024 + 512), KEYS)
    assert len(blob) < MAX_BLOB
    assert combine(blob, bound, shares_of(blob, bound, PEOPLE[7:]), b"") == bytes(16 * 1024 + 512)
    seventeen = tuple(sorted([*(i.fingerprint for i in PEOPLE), b"\xff" * 32]))
    with pytest.raises(WrongUsage, match="1 to 16"):
        seal(binding(16, 9, holders=seventeen), PLAINTEXT, KEYS)


def test_two_sealings_of_one_version_share_nothing():
    bound = binding(2, 1)
    first, second = (read(seal(bound, PLAINTEXT, KEYS)) for _ in range(2))
    assert first.key_commitment != second.key_commitment
    assert first.nonce != second.nonce
    assert first.ciphertext != second.ciphertext
    assert not {s.commitment for s in first.shares} & {s.commitment for s in second.shares}


def test_the_name_is_the_hash_of_the_bytes_and_is_checked_where_it_is_known():
    bound = binding(1, 1)
    blob = seal(bound, PLAINTEXT, KEYS)
    name = blob_name(blob)
    assert name == hashlib.sha256(blob).digest()
    assert read(blob, bound, name=name) == read(blob)
    for act in (
        lambda: read(blob, name=bytes(32)),
        lambda: open_alone(blob, bound, PEOPLE[0], name=bytes(32)),
        lambda: own_share(blob, bound, PEOPLE[0], name=bytes(32)),
        lambda: combine(blob, bound, {}, b"", name=bytes(32)),
    ):
        with pytest.raises(IntegrityFailure, match="damaged"):
            act()


def test_every_flipped_bit_of_a_blob_is_noticed_by_whoever_opens_it():
    bound = binding(1, 1)
    blob = seal(bound, PLAINTEXT, KEYS)
    for bit in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(IntegrityFailure):
            open_alone(bytes(changed), bound, PEOPLE[0])
    print(f"{len(blob) * 8} bits of {len(blob)} bytes")


def test_every_changed_byte_of_a_shared_blob_is_noticed_by_the_opener_even_in_shares_of_others():
    bound = binding(3, 2)
    blob = seal(bound, PLAINTEXT, KEYS)
    good = shares_of(blob, bound, PEOPLE[:2])
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1 << place % 8
        with pytest.raises(IntegrityFailure):
            combine(bytes(changed), bound, good, PEOPLE[0].fingerprint)
    print(f"{len(blob)} bytes")


def test_cut_and_lengthened_blobs_are_integrity_failures():
    blob = seal(binding(1, 1), PLAINTEXT, KEYS)
    for broken in [blob[:n] for n in range(0, len(blob), 7)] + [blob + b"\0", bytes(MAX_BLOB + 1), blob * 90]:
        with pytest.raises(IntegrityFailure):
            read(broken)


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_an_integrity_failure(noise):
    with pytest.raises(IntegrityFailure):
        read(noise)


@pytest.mark.parametrize(
    "changed",
    [
        {"vault": b"x" * 32},
        {"secret": SecretRef("444455556666", "mfa", "root")},
        {"secret": SecretRef("111122223333", "mfa", "other")},
        {"secret": SecretRef("111122223333", "password", "")},
        {"version": b"x" * 16},
        {"purpose": "handover"},
        {"holders": tuple(i.fingerprint for i in PEOPLE[:2])},
        {"threshold": 2},
    ],
    ids=lambda c: next(iter(c)),
)
def test_a_blob_opens_for_what_it_was_sealed_for_and_nothing_else(changed):
    bound = binding(3, 1)
    other = msgspec.structs.replace(bound, **changed)
    blob = seal(bound, PLAINTEXT, KEYS)
    with pytest.raises(IntegrityFailure, match="not the one asked for"):
        read(blob, other)
    # and writing the other binding's hash into the blob does not help
    swapped = altered(blob, binding=sealing._hash(other), shares=read(blob).shares[: len(other.holders)])
    read(swapped, other)
    with pytest.raises(IntegrityFailure):
        own_share(swapped, other, PEOPLE[0])


def test_the_share_of_one_holder_is_of_no_use_in_the_place_of_another():
    bound = binding(2, 2)
    blob = seal(bound, PLAINTEXT, KEYS)
    first, second = read(blob).shares
    crossed = altered(blob, shares=(second, first))
    with pytest.raises(IntegrityFailure):
        own_share(crossed, bound, PEOPLE[0])


@pytest.mark.parametrize(
    "changed",
    [
        {"vault": b""},
        {"version": b"w" * 15},
        {"purpose": ""},
        {"purpose": "x" * 33},
        {"secret": SecretRef("111122223333", "seed", "")},
        {"secret": SecretRef("1" * 65, "password", "")},
        {"secret": SecretRef("111122223333", "password", "named")},
        {"secret": SecretRef("111122223333", "mfa", "x" * 257)},
        {"holders": ()},
        {"holders": (PEOPLE[1].fingerprint, PEOPLE[0].fingerprint)},
        {"holders": (PEOPLE[0].fingerprint, PEOPLE[0].fingerprint)},
        {"holders": (b"short",)},
        {"threshold": 0},
        {"threshold": -1},
        {"threshold": 3},
    ],
)
def test_a_binding_that_breaks_a_rule_is_refused_when_sealing_and_when_reading(changed):
    bad = msgspec.structs.replace(binding(2, 1), **changed)
    with pytest.raises(WrongUsage):
        seal(bad, PLAINTEXT, KEYS)
    good = seal(binding(2, 1), PLAINTEXT, KEYS)
    with pytest.raises(IntegrityFailure, match="nothing that there can be"):
        read(altered(good, binding=sealing._hash(bad)), bad)


def test_a_blob_of_another_shape_is_refused():
    blob = seal(binding(2, 1), PLAINTEXT, KEYS)
    first, second = read(blob).shares
    for fields in (
        {"format": 2},
        {"binding": bytes(31)},
        {"shares": ()},
        {"shares": (first, second) * 9},
        {"shares": (first, msgspec.structs.replace(second, sealed=second.sealed + b"\0"))},
        {"shares": (first, msgspec.structs.replace(second, commitment=b""))},
        {"nonce": b""},
        {"key_commitment": b""},
        {"ciphertext": bytes(15)},
    ):
        with pytest.raises(IntegrityFailure, match="damaged"):
            read(altered(blob, **fields))


@pytest.mark.parametrize("count", [1, 3])
def test_a_blob_has_one_share_for_each_holder(count):
    blob = seal(binding(2, 1), PLAINTEXT, KEYS)
    shares = (read(blob).shares * 2)[:count]
    with pytest.raises(IntegrityFailure, match="one share for each holder"):
        read(altered(blob, shares=shares), binding(2, 1))


def test_a_blob_says_nothing_of_what_it_is_for_but_to_whom_the_log_has_told_it():
    bound = binding(2, 2)
    blob = seal(bound, PLAINTEXT, KEYS)
    for hidden in (REF.account, REF.kind, REF.name, "store"):
        assert hidden.encode() not in blob
    for hidden in (bound.vault, bound.version, *bound.holders):
        assert hidden not in blob


def test_a_holder_whose_keys_are_missing_or_another_s_is_never_left_out():
    bound = binding(2, 1)
    (one, first), (two, second) = itertools.islice(KEYS.items(), 2)
    for keys in ({}, {one: first}, {one: second, two: first}):
        with pytest.raises(WrongUsage, match="public keys"):
            seal(bound, PLAINTEXT, keys)


def test_a_plaintext_too_long_for_a_blob_is_refused():
    with pytest.raises(WrongUsage, match="too long"):
        seal(binding(1, 1), bytearray(MAX_BLOB), KEYS)


def test_what_was_decrypted_under_a_wrong_key_is_overwritten(monkeypatch):
    buffers, real = [], sealing.AESGCM

    class Spy:
        def __init__(self, key):
            self.real = real(key)

        def decrypt_into(self, nonce, data, aad, buffer):
            buffers.append(buffer)
            return self.real.decrypt_into(nonce, data, aad, buffer)

    made = read(seal(binding(1, 1), PLAINTEXT, KEYS))
    monkeypatch.setattr(sealing, "AESGCM", Spy)
    assert sealing._decrypt(made, bytearray(32)) is None
    assert buffers == [bytearray(256)]


def test_no_repr_and_no_blob_shows_a_share_or_the_plaintext():
    bound = binding(2, 2)
    blob = seal(bound, PLAINTEXT, KEYS)
    share = own_share(blob, bound, PEOPLE[0])
    assert repr(share) == "Share(index=0)"
    assert bytes(share.value) not in blob
    assert b"canary" not in blob
    share.wipe()
    assert share.value == bytes(32)


def test_the_sharing_borrowed_from_shamir_mnemonic_computes_what_slip_39_says():
    """Its names are private; these values, from a polynomial over GF(256) worked out here, pin what they
    mean.
    """
    from shamir_mnemonic import MnemonicError, shamir

    def times(a: int, b: int) -> int:  # Rijndael's field, SLIP-39's choice
        product = 0
        while b:
            product ^= a if b & 1 else 0
            a = a << 1 ^ (0x11B if a & 0x80 else 0)
            b >>= 1
        return product

    constant, slope = b"\x53\xca\x00\xff", b"\x01\x02\x80\x1b"

    def line(x: int) -> bytes:
        return bytes(c ^ times(s, x) for c, s in zip(constant, slope, strict=True))

    points = [shamir.RawShare(x, line(x)) for x in (3, 7)]
    assert all(shamir._interpolate(points, x) == line(x) for x in range(256))
    key = bytes(range(32))
    shares = shamir._split_secret(3, 5, key)
    assert [s.x for s in shares] == [0, 1, 2, 3, 4]
    assert all(len(s.data) == 32 for s in shares)
    for three in itertools.combinations(shares, 3):
        assert shamir._recover_secret(3, list(three)) == key == shamir._interpolate(three, 255)
        assert [shamir._interpolate(three, i) for i in range(5)] == [s.data for s in shares]
    with pytest.raises(MnemonicError):
        shamir._recover_secret(3, [*shares[:2], shamir.RawShare(2, bytes(32))])
    with pytest.raises(MnemonicError):
        shamir._recover_secret(3, shares[:2])


@given(st.binary(min_size=1, max_size=600), st.data())
def test_any_plaintext_comes_back_from_any_sufficient_circle(plaintext, data):
    count = data.draw(st.integers(1, 5))
    bound = binding(count, data.draw(st.integers(1, count)))
    blob = seal(bound, bytearray(plaintext), KEYS)
    givers = data.draw(st.permutations(PEOPLE[:count]))[: bound.threshold]
    assert combine(blob, bound, shares_of(blob, bound, givers), b"", name=blob_name(blob)) == plaintext


def test_no_error_of_sealing_is_anything_but_ours():
    blob = seal(binding(1, 1), PLAINTEXT, KEYS)
    for value in ([], {}, [1], None, 7, "x", [[[]]] * 6, [1, [], b"", [], b"", b""]):
        with pytest.raises(BreakglassError):
            read(encode(value))
    assert read(blob).format == 1
