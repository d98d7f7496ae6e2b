"""What this machine keeps for itself opens for one identity, one purpose, one vault and one name, to the bit."""

from __future__ import annotations

import pytest

from vault import local_seal
from vault.errors import CannotUnlock, IntegrityFailure
from vault.identity import Identity

ME = Identity.from_secret(bytes(32))
SEALED = local_seal.seal(ME, "pin", b"v" * 32, "head", b"canary")


def test_what_was_sealed_comes_back() -> None:
    assert local_seal.unseal(ME, "pin", b"v" * 32, "head", SEALED, "it") == b"canary"
    assert b"canary" not in SEALED
    assert local_seal.seal(ME, "pin", b"v" * 32, "head", b"canary") != SEALED


@pytest.mark.parametrize(
    ("purpose", "vault", "name"), [("device", b"v" * 32, "head"), ("pin", b"w" * 32, "head"), ("pin", b"v" * 32, "other"), ("pinhead", b"v" * 32, "")]
)
def test_moved_to_another_place_it_does_not_open(purpose: str, vault: bytes, name: str) -> None:
    with pytest.raises(IntegrityFailure, match="it is damaged"):
        local_seal.unseal(ME, purpose, vault, name, SEALED, "it")


def test_it_does_not_open_for_another_identity() -> None:
    with pytest.raises(IntegrityFailure):
        local_seal.unseal(Identity.from_secret(b"x" * 32), "pin", b"v" * 32, "head", SEALED, "it")


def test_every_bit_counts_and_so_does_every_length() -> None:
    broken = [SEALED[:at] + bytes([SEALED[at] ^ 1 << bit]) + SEALED[at + 1 :] for at in range(len(SEALED)) for bit in range(8)]
    for data in (*broken, *(SEALED[:n] for n in range(len(SEALED))), SEALED + b"\0"):
        with pytest.raises(IntegrityFailure, match="it is damaged"):
            local_seal.unseal(ME, "pin", b"v" * 32, "head", data, "it")


def test_keys_that_were_wiped_open_nothing() -> None:
    gone = Identity.from_secret(bytes(32))
    gone.wipe()
    with pytest.raises(CannotUnlock):
        local_seal.unseal(gone, "pin", b"v" * 32, "head", SEALED, "it")
