"""Whoever spoils a sealing is named: a holder who gives a bad share, a sealer whose sealing does not fit together."""

from __future__ import annotations

import itertools

import pytest

from tests.vault.circle import KEYS, PEOPLE, PLAINTEXT, altered, binding, shares_of
from vault import sealing
from vault.errors import IntegrityFailure
from vault.sealing import (
    BadSealing,
    BadShare,
    Share,
    blob_name,
    combine,
    open_alone,
    own_share,
    seal,
)


def test_the_giver_of_a_bad_share_is_named():
    bound = binding(3, 2)
    blob = seal(bound, PLAINTEXT, KEYS)
    good = shares_of(blob, bound, PEOPLE[:3])
    for victim in good:
        index = good[victim].index
        for bad in (
            Share(index, bytearray(32)),
            Share(index, bytearray()),
            Share((index + 1) % 3, good[victim].value),
            Share((index + 1) % 3, list(good.values())[(index + 1) % 3].value),
            Share(99, good[victim].value),
        ):
            with pytest.raises(BadShare) as caught:
                combine(blob, bound, {**good, victim: bad}, PEOPLE[0].fingerprint)
            assert caught.value.giver == victim
            assert victim.hex()[:16] in str(caught.value)
    stranger = PEOPLE[5].fingerprint
    with pytest.raises(BadShare) as caught:
        combine(blob, bound, {**good, stranger: good[PEOPLE[0].fingerprint]}, PEOPLE[0].fingerprint)
    assert caught.value.giver == stranger


@pytest.mark.parametrize("bad", [0, 1, 2, 3])
def test_a_sealer_whose_nth_share_does_not_fit_is_named_from_any_k_good_ones(monkeypatch, bad):
    real = sealing._split

    def rogue(key, threshold, count):
        values = real(key, threshold, count)
        values[bad][5] ^= 1
        return values

    monkeypatch.setattr(sealing, "_split", rogue)
    bound, sealer = binding(4, 2), PEOPLE[3].fingerprint
    blob = seal(bound, PLAINTEXT, KEYS)
    for pair in itertools.combinations(PEOPLE[:4], 2):
        # each share fits its own commitment, so nobody is wrongly accused of giving a bad one
        with pytest.raises(BadSealing) as caught:
            combine(blob, bound, shares_of(blob, bound, list(pair)), sealer)
        assert caught.value.sealer == sealer
        assert sealer.hex()[:16] in str(caught.value)


def test_a_sealer_who_commits_to_one_share_and_sends_another_is_found_by_its_holder(monkeypatch):
    real = sealing._commitment
    monkeypatch.setattr(sealing, "_commitment", lambda b, i, v: real(b, i, bytes(32) if i == 1 else v))
    bound = binding(2, 2)
    blob = seal(bound, PLAINTEXT, KEYS)
    monkeypatch.undo()
    own_share(blob, bound, PEOPLE[0])
    with pytest.raises(IntegrityFailure, match="your share"):
        own_share(blob, bound, PEOPLE[1])


def test_a_sealer_who_gives_another_holder_another_key_is_found_by_the_first_who_looks(monkeypatch):
    real = sealing._split

    def rogue(key, threshold, count):
        return [*real(key, threshold, count)[:-1], bytearray(32)]

    monkeypatch.setattr(sealing, "_split", rogue)
    bound = binding(3, 1)
    blob = seal(bound, PLAINTEXT, KEYS)
    for holder in PEOPLE[:3]:
        with pytest.raises(IntegrityFailure):
            own_share(blob, bound, holder)
        with pytest.raises(IntegrityFailure):
            open_alone(blob, bound, holder)


@pytest.mark.parametrize("threshold", [1, 2])
def test_a_sealer_whose_key_or_ciphertext_does_not_fit_is_named(monkeypatch, threshold):
    bound, sealer = binding(2, threshold), PEOPLE[0].fingerprint
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "_key_commitment", lambda *a: bytes(32))
        blob = seal(bound, PLAINTEXT, KEYS)
    raw = sealing.read(blob)
    shares = {
        p.fingerprint: Share(i, p.open_sealed(raw.shares[i].sealed, sealing._info(bound, p.fingerprint, i)))
        for i, p in enumerate(PEOPLE[:2])
    }
    with pytest.raises(BadSealing, match="another key"):
        combine(blob, bound, shares, sealer)
    blob = seal(bound, PLAINTEXT, KEYS)
    spoiled = altered(blob, ciphertext=bytes(300))
    good = shares_of(spoiled, bound, PEOPLE[:2])
    with pytest.raises(BadSealing, match="ciphertext"):
        combine(spoiled, bound, good, sealer, name=blob_name(spoiled))
    with pytest.raises(IntegrityFailure) as caught:
        combine(spoiled, bound, good, sealer)
    assert not isinstance(caught.value, BadSealing), "without its name, anybody may have changed the bytes"
