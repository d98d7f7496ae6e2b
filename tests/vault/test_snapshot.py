"""A snapshot is the state as it was, for this identity and these rules; anything else is no snapshot."""

from __future__ import annotations

import pytest

from tests.vault.founding import MFA_REF
from tests.vault.saying import Story
from vault import events as e
from vault import local_seal, snapshot
from vault.chain import Chain, ChainRecord
from vault.encoding import encode
from vault.errors import IntegrityFailure
from vault.identity import Identity
from vault.state import State

ME = Identity.from_secret(bytes(32))
VAULT = b"v" * 32


@pytest.fixture
def state() -> State:
    story = Story()
    story.account()
    password, mfa = story.secret(), story.secret(MFA_REF)
    done, _open = story.checkout(password, mfa), story.checkout(password)
    story.say(e.CheckoutRevealed(done.id, MFA_REF, mfa.version, "code"))
    story.say(e.CheckoutCheckedIn(done.id, True, (e.PostureLine("root-mfa", "pass", ""),), ()))
    story.request(password)
    story.say(e.Attested("x"))
    story.say(e.Attested("x" * 5), bytes(32))
    return story.state


def test_chain_and_state_come_back_equal(state: State) -> None:
    record = ChainRecord(VAULT, 3, b"h" * 32, (b"a" * 32, b"b" * 32), (ME.public,), b"e" * 32, ((b"e" * 32, 0),))
    kept = snapshot.read(ME, VAULT, snapshot.seal(ME, VAULT, Chain(record), state))
    assert kept is not None
    assert kept[0].record() == record
    assert kept[1] == state


def test_a_state_taken_up_again_shares_nothing_with_the_one_kept(state: State) -> None:
    kept = snapshot.read(ME, VAULT, snapshot.seal(ME, VAULT, Chain(), state))
    assert kept is not None
    next(iter(kept[1].accounts.values())).retired = 1
    kept[1].said.clear()
    assert next(iter(state.accounts.values())).retired is None
    assert state.said


def test_versions_in_the_indexes_are_those_of_the_records(state: State) -> None:
    kept = snapshot.read(ME, VAULT, snapshot.seal(ME, VAULT, Chain(), state))
    assert kept is not None
    for secret in kept[1].secrets.values():
        for version in secret.versions:
            assert kept[1].versions[secret.ref, version.id] is version
        assert kept[1].in_use[secret.ref.account][secret.ref] is secret.current


def test_made_under_other_rules_it_is_left_aside(state: State) -> None:
    state.rules = 2
    assert snapshot.read(ME, VAULT, snapshot.seal(ME, VAULT, Chain(), state)) is None


@pytest.mark.parametrize("plain", [b"", b"\xc0", encode([1, 2, 3]), encode({"rules": 1})])
def test_one_of_another_form_is_left_aside(plain: bytes) -> None:
    assert snapshot.read(ME, VAULT, local_seal.seal(ME, "snapshot", VAULT, "state", plain)) is None


def test_it_opens_for_its_identity_and_its_vault_only(state: State) -> None:
    sealed = snapshot.seal(ME, VAULT, Chain(), state)
    for identity, vault in ((Identity.from_secret(b"x" * 32), VAULT), (ME, b"w" * 32)):
        with pytest.raises(IntegrityFailure, match="the snapshot is damaged"):
            snapshot.read(identity, vault, sealed)
