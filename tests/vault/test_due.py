"""What is due follows from the log and the clock alone."""

from __future__ import annotations

import pytest

from tests.vault.founding import ACCOUNT, MFA_REF, PASSWORD_REF
from tests.vault.saying import ANN, BOB, Story
from vault import events as e
from vault.due import due, rotation_due
from vault.events import Policy
from vault.state import DAY_MS, MINUTE_MS


@pytest.fixture
def story() -> Story:
    made = Story()
    made.account()
    made.say(e.Attested("recovery-words"))
    return made


def kinds(story: Story, now: int, me: bytes = ANN) -> list[str]:
    return [one.kind for one in due(story.state, me, now)]


def test_nothing_is_due_without_a_password(story: Story) -> None:
    story.secret(MFA_REF)
    assert kinds(story, 2**50) == []
    assert rotation_due(story.state, story.state.accounts[ACCOUNT]) is None


def test_a_password_is_due_when_it_is_as_old_as_policy_allows(story: Story) -> None:
    story.secret()
    set_at = story.now
    assert kinds(story, set_at + 90 * DAY_MS - 1) == []
    assert kinds(story, set_at + 90 * DAY_MS) == ["rotation"]
    told = rotation_due(story.state, story.state.accounts[ACCOUNT])
    assert told is not None
    assert (told.since, told.why) == (set_at + 90 * DAY_MS, "the password is older than 90 days")


def test_a_password_that_was_shown_is_due_from_then_on_until_it_is_changed(story: Story) -> None:
    target = story.secret()
    checkout = story.checkout(target)
    for how in ("shown", "copied"):
        story.say(e.CheckoutRevealed(checkout.id, PASSWORD_REF, target.version, how))  # type: ignore[arg-type]
    (found,) = due(story.state, ANN, story.now)
    assert (found.kind, found.account, found.since) == ("rotation", ACCOUNT, story.now - 1000)
    story.secret()
    assert kinds(story, story.now) == []


def test_a_code_makes_nothing_due_and_neither_does_a_reveal_where_policy_says_so() -> None:
    story = Story(Policy(rotate_after_reveal=False))
    story.account()
    story.say(e.Attested("recovery-words"))
    password, mfa = story.secret(), story.secret(MFA_REF)
    checkout = story.checkout(password, mfa)
    story.say(e.CheckoutRevealed(checkout.id, PASSWORD_REF, password.version, "shown"))
    story.say(e.CheckoutRevealed(checkout.id, MFA_REF, mfa.version, "code"))
    assert kinds(story, story.now) == []


def test_a_checkout_past_its_time_is_due_for_check_in_and_comes_first(story: Story) -> None:
    checkout = story.checkout(story.secret())
    end = checkout.expires or 0
    assert kinds(story, end - 1) == []
    assert kinds(story, end) == ["check-in"]
    assert kinds(story, end + 100 * DAY_MS) == ["check-in", "rotation"]
    (first, *_) = due(story.state, ANN, end)
    assert first.why == f"Ann's checkout {checkout.short} is past its time and not checked in"
    story.say(e.CheckoutCheckedIn(checkout.id))
    assert kinds(story, end + MINUTE_MS) == []


def test_of_a_retired_account_nothing_is_due(story: Story) -> None:
    story.secret()
    story.say(e.AccountRetired(ACCOUNT, "closed"))
    assert kinds(story, 2**50) == []


def test_recovery_words_are_due_for_whoever_has_not_confirmed_theirs(story: Story) -> None:
    story.join(BOB)
    assert kinds(story, story.now) == []
    assert kinds(story, story.now, BOB) == ["recovery-words"]
    assert kinds(story, story.now, b"nobody") == []
    story.say(e.Attested("something else"), BOB)
    assert kinds(story, story.now, BOB) == ["recovery-words"]
    story.say(e.Attested("recovery-words"), BOB)
    assert kinds(story, story.now, BOB) == []
