"""What the state answers: from the log alone, whatever time it is."""

from __future__ import annotations

from tests.vault.founding import ACCOUNT, MFA_REF, PASSWORD_REF, RECOVERY_REF
from tests.vault.saying import ANN, BOB, Story, sealing_event
from vault import events as e
from vault.events import SealingRef
from vault.sealing import SecretRef
from vault.state import MINUTE_MS, Secret, State, Version


def test_custodians_are_those_of_now_by_name() -> None:
    story = Story()
    story.join(BOB)
    story.state.members[BOB].name = "Aaron"
    assert [m.name for m in story.state.custodians()] == ["Aaron", "Ann"]
    story.revoke(BOB)
    assert [m.name for m in story.state.custodians()] == ["Ann"]
    story.join(BOB, "reviewer")
    assert [m.fingerprint for m in story.state.custodians()] == [ANN]


def test_secrets_stand_in_a_fixed_order_and_only_those_in_use() -> None:
    story = Story()
    story.account()
    for ref in (SecretRef(ACCOUNT, "mfa", "z"), RECOVERY_REF, MFA_REF, PASSWORD_REF):
        story.secret(ref)
    assert [s.ref.name or s.ref.kind for s in story.state.secrets_of(ACCOUNT)] == ["password", "root", "z", "recovery"]
    story.say(e.VersionWithdrawn(MFA_REF, story.state.secrets[MFA_REF].versions[0].id, ""))
    assert [s.ref.name or s.ref.kind for s in story.state.secrets_of(ACCOUNT)] == ["password", "z", "recovery"]
    assert story.state.secrets_of("nowhere") == []


def test_of_all_its_sealings_a_version_has_the_lowest_threshold_and_everybodys_hands() -> None:
    sealings = [SealingRef(bytes(32), (ANN, BOB), 2), SealingRef(bytes(32), (b"c" * 32,), 1)]
    version = Version(bytes(16), "current", 1, ANN, "", sealings)
    assert version.threshold == 1
    assert version.holders == tuple(sorted((ANN, BOB, b"c" * 32)))


def test_a_secret_without_a_current_version_has_none() -> None:
    assert Secret(PASSWORD_REF, []).current is None
    story = Story()
    story.account()
    story.say(sealing_event(status="candidate"))
    assert story.state.secrets[PASSWORD_REF].current is None
    assert story.state.last_rotation(ACCOUNT) is None


def test_checkouts_open_and_past_are_told_apart_and_by_account() -> None:
    story = Story()
    story.account()
    target = story.secret()
    waiting, one, other = story.request(target), story.checkout(target), story.checkout(target)
    assert story.state.open_checkouts() == story.state.open_checkouts(ACCOUNT) == [one, other]
    for checkout in (one, other):
        story.say(e.CheckoutCheckedIn(checkout.id))
    story.say(e.CheckoutCancelled(waiting.id))
    assert story.state.past_checkouts(ACCOUNT) == [other, one, waiting]
    assert story.state.open_checkouts() == story.state.past_checkouts("nowhere") == []


def test_a_checkout_is_open_until_its_time_and_no_longer() -> None:
    story = Story()
    story.account()
    checkout = story.checkout(story.secret())
    end = (checkout.opened or 0) + 60 * MINUTE_MS
    assert checkout.expires == end
    assert [checkout.is_open(now) for now in (0, end - 1, end, end + 1)] == [True, True, False, False]
    assert checkout.short == checkout.id.hex()[:8]


def test_an_empty_state_answers_too() -> None:
    state = State()
    assert (state.custodians(), state.open_checkouts(), state.past_checkouts(), state.last_rotation("x"), state.secrets_of("x")) == ([], [], [], None, [])
