"""RFC 6238's vectors, the boundaries of a step, and seeds that pyotp alone would refuse."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import WrongUsage
from vault.plaintext import Mfa
from vault.totp import codes

# RFC 6238, appendix B (the seeds as in its erratum: repeated to the length of the hash).
SEEDS = {
    name: (b"1234567890" * 7)[:length] for name, length in (("SHA1", 20), ("SHA256", 32), ("SHA512", 64))
}
RFC_6238 = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]
SHA1 = Mfa("root", "", SEEDS["SHA1"], digits=8)


@pytest.mark.parametrize(("seconds", "sha1", "sha256", "sha512"), RFC_6238)
def test_the_vectors_of_rfc_6238_pass(seconds, sha1, sha256, sha512):
    for algorithm, expected in (("SHA1", sha1), ("SHA256", sha256), ("SHA512", sha512)):
        mfa = Mfa("root", "", SEEDS[algorithm], algorithm=algorithm, digits=8)
        assert codes(mfa, seconds * 1000).code == expected
        six = Mfa("root", "", SEEDS[algorithm], algorithm=algorithm, digits=6)
        assert codes(six, seconds * 1000).code == expected[2:]


@pytest.mark.parametrize(
    ("ms", "left"),
    [(30_000, 30), (30_001, 30), (31_000, 29), (58_999, 2), (59_000, 1), (59_999, 1), (60_000, 30)],
)
def test_the_seconds_left_are_exact_at_the_boundaries(ms, left):
    assert codes(SHA1, ms).seconds_left == left


def test_the_code_changes_exactly_at_the_boundary_and_to_the_one_announced():
    last, first = codes(SHA1, 59_999), codes(SHA1, 60_000)
    assert last.code == "94287082"
    assert first.code == last.next_code != last.code


def ours(seed: bytes, algorithm: str, digits: int, count: int) -> str:
    """RFC 4226 once more, from the standard library alone."""
    mac = hmac.new(seed, count.to_bytes(8, "big"), algorithm).digest()
    offset = mac[-1] & 15
    return f"{(int.from_bytes(mac[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**digits:0{digits}}"


@given(
    seed=st.binary(min_size=1, max_size=128),
    algorithm=st.sampled_from(["SHA1", "SHA256", "SHA512"]),
    digits=st.sampled_from([6, 8]),
    period=st.integers(1, 300),
    ms=st.integers(0, 2**43),
)
def test_any_seed_and_period_that_a_device_may_have_gives_the_code_it_shows(
    seed, algorithm, digits, period, ms
):
    shown = codes(Mfa("root", "", seed, algorithm=algorithm, digits=digits, period=period), ms)
    step = ms // (period * 1000)
    assert shown.code == ours(seed, algorithm, digits, step)
    assert shown.next_code == ours(seed, algorithm, digits, step + 1)
    assert shown.period == period
    assert shown.seconds_left == period - (ms // 1000 % period)


def test_a_clock_before_1970_is_a_sentence():
    with pytest.raises(WrongUsage, match="1970"):
        codes(SHA1, -1)


def test_its_repr_shows_no_code():
    assert "94287082" not in repr(codes(SHA1, 59_000))
    assert codes(SHA1, 59_000).next_code not in repr(codes(SHA1, 59_000))
