"""The pin remembers the highest head; a log that is shorter, or another, is told apart."""

from __future__ import annotations

import base64

import pytest

from vault import local_seal, pins
from vault.encoding import encode
from vault.errors import IntegrityFailure, OutOfReach
from vault.identity import Identity
from vault.pins import Pin

ME = Identity.from_secret(bytes(32))
VAULT = b"v" * 32
PIN = Pin(7, b"h" * 32)


def test_a_pin_comes_back_as_it_was() -> None:
    assert pins.read(ME, VAULT, pins.seal(ME, VAULT, PIN), "it") == PIN


@pytest.mark.parametrize("odd", [[7], [7, b"h", 1], ["7", b"h"], [], 7])
def test_what_is_sealed_well_and_is_no_pin_is_damage(odd: object) -> None:
    sealed = local_seal.seal(ME, "pin", VAULT, "head", encode(odd))
    with pytest.raises(IntegrityFailure, match="it is damaged"):
        pins.read(ME, VAULT, sealed, "it")


@pytest.mark.parametrize("size", [7, 8, 1000])
def test_a_log_that_goes_on_from_the_head_is_well(size: int) -> None:
    pins.check(PIN, size, b"h" * 32, "its pin")


@pytest.mark.parametrize(
    ("size", "head", "what"),
    [(6, None, "rolled back"), (6, b"h" * 32, "rolled back"), (0, None, "rolled back"), (8, None, "rolled back"), (7, b"x" * 32, "replaced"), (9, b"x" * 32, "replaced")],
)
def test_any_other_log_is_told_with_who_remembers_more(size: int, head: bytes | None, what: str) -> None:
    with pytest.raises(IntegrityFailure, match=what) as caught:
        pins.check(PIN, size, head, "the OS keyring")
    assert "the OS keyring remembers" in caught.value.why


def test_the_keyring_keeps_it_sealed_and_by_vault(memory_keyring) -> None:
    assert pins.from_keyring(ME, VAULT) is None
    pins.to_keyring(ME, VAULT, PIN)
    assert pins.from_keyring(ME, VAULT) == PIN
    assert pins.from_keyring(ME, b"w" * 32) is None
    ((_, text),) = memory_keyring.stored.items()
    assert (b"h" * 32) not in base64.b64decode(text)


@pytest.mark.parametrize("spoil", [lambda t: "", lambda t: "x", lambda t: t[:-4], lambda t: f"{t} ", lambda t: "é" + t, lambda t: t.swapcase(), lambda t: t + t])
def test_in_the_keyring_anything_else_is_damage(memory_keyring, spoil) -> None:
    pins.to_keyring(ME, VAULT, PIN)
    ((entry, text),) = memory_keyring.stored.items()
    memory_keyring.stored[entry] = spoil(text)
    with pytest.raises(IntegrityFailure, match="remembered in the OS keyring is damaged"):
        pins.from_keyring(ME, VAULT)


def test_no_keyring_is_out_of_reach_and_nothing_else() -> None:
    with pytest.raises(OutOfReach):
        pins.from_keyring(ME, VAULT)
    with pytest.raises(OutOfReach):
        pins.to_keyring(ME, VAULT, PIN)
