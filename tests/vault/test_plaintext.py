"""What a version holds: checked when made, hidden when shown, strict when read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.pretty import pretty_repr

from vault.encoding import pad
from vault.errors import BreakglassError, IntegrityFailure, WrongUsage
from vault.plaintext import MAX_PLAINTEXT, Mfa, Password, Recovery, decode_plaintext, encode_plaintext

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
PLAINTEXTS = st.one_of(
    st.builds(Password, TEXT),
    st.builds(Recovery, TEXT),
    st.builds(
        Mfa,
        label=TEXT,
        serial=TEXT,
        seed=st.binary(min_size=1, max_size=128),
        algorithm=st.sampled_from(["SHA1", "SHA256", "SHA512"]),
        digits=st.sampled_from([6, 8]),
        period=st.integers(1, 300),
        issuer=TEXT,
    ),
)

HOLDING_A_CANARY = [
    Password("canary"),
    Mfa("canary", "canary", b"canary", issuer="canary"),
    Recovery("canary"),
]


@given(PLAINTEXTS)
def test_every_plaintext_comes_back_as_it_was(plaintext):
    padded = encode_plaintext(plaintext)
    assert len(padded) % 256 == 0
    assert decode_plaintext(padded) == plaintext


@given(st.binary(max_size=600))
def test_other_bytes_are_an_integrity_failure_and_nothing_else(noise):
    for padded in (noise, pad(noise, 256)):
        try:
            decode_plaintext(bytearray(padded))
        except IntegrityFailure:
            continue
        # the odd draw that is a plaintext must be one that is written
        assert encode_plaintext(decode_plaintext(bytearray(padded))) == padded


def test_each_changed_byte_changes_what_is_read_or_is_refused():
    original = Mfa("root", "arn:aws:iam::111122223333:mfa/root", b"\x01" * 40)
    padded = encode_plaintext(original)
    for place in range(len(padded)):
        changed = bytearray(padded)
        changed[place] ^= 1
        try:
            assert decode_plaintext(changed) != original
        except IntegrityFailure:
            pass


def test_passwords_up_to_most_lengths_are_padded_to_the_same_size():
    assert {len(encode_plaintext(Password("x" * n))) for n in range(1, 230)} == {256}


def test_the_longest_notes_fit():
    padded = encode_plaintext(Recovery("é" * 8192))
    assert len(padded) <= MAX_PLAINTEXT
    assert decode_plaintext(padded) == Recovery("é" * 8192)


@pytest.mark.parametrize("value", HOLDING_A_CANARY, ids=lambda v: v.kind)
def test_no_way_of_showing_it_shows_what_it_holds(value):
    console = Console(width=200)
    with console.capture() as shown:
        console.print(value)
    for text in (repr(value), str(value), f"{value}", pretty_repr(value), shown.get(), repr([value])):
        assert "canary" not in text
        assert b"canary".hex() not in text


@pytest.mark.parametrize(
    "make",
    [
        lambda: Password(""),
        lambda: Password("x" * 1025),
        lambda: Password("canary\ud800"),
        lambda: Recovery(""),
        lambda: Recovery("x" * 16385),
        lambda: Recovery("é" * 8193),
        lambda: Mfa("l", "", b""),
        lambda: Mfa("l", "", b"x" * 129),
        lambda: Mfa("l" * 257, "", b"x"),
        lambda: Mfa("l", "", b"x", algorithm="MD5"),
        lambda: Mfa("l", "", b"x", digits=7),
        lambda: Mfa("l", "", b"x", period=0),
        lambda: Mfa("l", "", b"x", period=301),
    ],
)
def test_what_could_not_be_used_later_is_refused_when_made(make):
    with pytest.raises(WrongUsage) as caught:
        make()
    assert "canary" not in str(caught.value.args)
    # A UnicodeEncodeError would carry the whole text along as context.
    assert caught.value.__context__ is None


def test_a_plaintext_that_breaks_a_rule_is_damaged_not_misused():
    # as a patched client could have sealed it
    from vault.encoding import encode

    for value in (
        ["mfa", "l", "", b"x", "SHA1", 7, 30, ""],
        ["password", ""],
        ["password", "x", "y"],
        ["other", "x"],
        [],
    ):
        with pytest.raises(BreakglassError) as caught:
            decode_plaintext(pad(encode(value), 256))
        assert isinstance(caught.value, IntegrityFailure)


def test_kind_and_name_tell_which_secret_it_is():
    assert [(p.kind, p.name) for p in HOLDING_A_CANARY] == [
        ("password", ""),
        ("mfa", "canary"),
        ("recovery", ""),
    ]
