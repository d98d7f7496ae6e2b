"""Checkouts, rule by rule: requested, opened, revealed, checked in, cancelled."""

from __future__ import annotations

import pytest

from tests.vault.founding import ACCOUNT, MFA_REF, PASSWORD_REF, RECOVERY_REF, record
from tests.vault.saying import ANN, BOB, Story, request_event, sealing_event
from vault import events as e
from vault.events import KindPolicy, Policy, PostureLine, StatementRef, Target
from vault.sealing import SecretRef
from vault.state import MINUTE_MS, Checkout

OTHER = "210987654321"


@pytest.fixture
def story() -> Story:
    made = Story()
    made.account()
    return made


@pytest.fixture
def password(story: Story) -> Target:
    return story.secret()


def opening(checkout: Checkout) -> e.CheckoutOpened:
    return e.CheckoutOpened(StatementRef(checkout.id, checkout.digest))


def shown(checkout: Checkout, target: Target, how: str = "shown") -> e.CheckoutRevealed:
    return e.CheckoutRevealed(checkout.id, target.secret, target.version, how)  # type: ignore[arg-type]


def test_a_whole_checkout(story: Story, password: Target) -> None:
    mfa = story.secret(MFA_REF)
    checkout = story.request(password, mfa, minutes=30)
    assert (checkout.status, checkout.opened, checkout.expires, checkout.is_open(story.now)) == ("requested", None, None, False)
    story.say(opening(checkout))
    assert (checkout.status, checkout.opened, checkout.expires) == ("open", story.now, story.now + 30 * MINUTE_MS)
    assert checkout.is_open(story.now)
    assert not checkout.is_open(story.now + 30 * MINUTE_MS)
    story.say(shown(checkout, password))
    story.say(shown(checkout, mfa, "code"))
    assert [(r.secret, r.how) for r in checkout.revealed] == [(PASSWORD_REF, "shown"), (MFA_REF, "code")]
    line = PostureLine("root-mfa", "pass", "on")
    story.say(e.CheckoutCheckedIn(checkout.id, True, (line,), ()))
    assert (checkout.status, checkout.ended, checkout.rotated, checkout.before) == ("checked in", story.now, True, (line,))
    assert not story.state.rejected
    assert (story.state.open_checkouts(), story.state.past_checkouts()) == ([], [checkout])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"reason": "test test test"}, "the reason repeats a few characters and says nothing"),
        ({"reason": ""}, "the reason is empty"),
        ({"minutes": 721}, "721 minutes are more than the 720 that policy allows"),
        ({"account": OTHER}, "there is no such account"),
    ],
)
def test_a_request_keeps_to_the_policy(story: Story, password: Target, change: dict[str, object], why: str) -> None:
    story.say(request_event(password, **change))  # type: ignore[arg-type]
    assert story.why == why
    assert not story.state.checkouts


def test_a_policy_of_its_own_asks_for_longer_reasons_and_shorter_checkouts() -> None:
    story = Story(Policy(min_reason=40, max_minutes=15))
    story.account()
    target = story.secret()
    story.say(request_event(target, minutes=15))
    assert story.why == "the reason has 37 characters, at least 40 are asked for"
    long = "looking at the billing console after an alarm of tonight"
    story.say(request_event(target, minutes=16, reason=long))
    assert story.why == "16 minutes are more than the 15 that policy allows"
    story.request(target, minutes=15, reason=long)


def test_a_retired_account_is_not_checked_out_nor_opened(story: Story, password: Target) -> None:
    waiting = story.request(password)
    story.say(e.AccountRetired(ACCOUNT, "closed"))
    story.say(request_event(password))
    assert story.why == "the account is retired"
    story.say(opening(waiting))
    assert story.why == "the account is retired"


def test_a_request_names_secrets_of_its_account_at_a_version_in_use(story: Story, password: Target) -> None:
    story.account(OTHER, "sandbox")
    foreign = story.secret(SecretRef(OTHER, "password"))
    newer = story.secret()
    for target, why in (
        (foreign, "it names a secret that the account does not have"),
        (Target(PASSWORD_REF, bytes(16), newer.blob), "it names a secret that the account does not have"),
        (Target(PASSWORD_REF, newer.version, bytes(32)), "it names a secret that the account does not have"),
        (Target(RECOVERY_REF, newer.version, newer.blob), "it names a secret that the account does not have"),
        (password, "it names a version that is superseded"),
    ):
        story.say(request_event(target))
        assert story.why == why
    story.say(request_event(newer, newer))
    assert story.why == "it names a secret twice"


def test_only_a_custodian_who_holds_a_share_asks_for_it(story: Story, password: Target) -> None:
    story.join(BOB, "reviewer")
    story.say(request_event(password), BOB)
    assert story.why == "only a custodian may check out root"
    story.join(BOB)
    story.say(request_event(password), BOB)
    assert story.why == "Bob holds no share of the password"


def test_a_secret_that_takes_two_is_not_opened_by_one() -> None:
    both = tuple(sorted((ANN, BOB)))
    story = Story(Policy(kinds=(KindPolicy("password", both, 2),)))
    story.account()
    sealed = sealing_event(holders=both, threshold=2)
    story.say(sealed)
    checkout = story.request(Target(PASSWORD_REF, sealed.version, sealed.sealing.blob))
    story.say(opening(checkout))
    assert story.why == "the password needs 2 people, and nobody has approved"
    assert checkout.status == "open"  # it happened, and is shown as rejected


def test_a_checkout_is_opened_once_by_whoever_asked_and_as_they_asked(story: Story, password: Target) -> None:
    story.join(BOB)
    checkout = story.request(password)
    for event, by, why in (
        (e.CheckoutOpened(StatementRef(checkout.id, bytes(32))), ANN, "it opens a checkout that nobody asked for"),
        (e.CheckoutOpened(StatementRef(bytes(16), checkout.digest)), ANN, "it opens a checkout that nobody asked for"),
        (opening(checkout), BOB, "it opens somebody else's checkout"),
    ):
        story.say(event, by)
        assert story.why == why
    story.state.checkouts[checkout.id].status = "requested"
    story.state.busy.clear()
    story.say(opening(checkout))
    assert not story.why
    first = checkout.opened
    story.say(opening(checkout))
    assert story.why == "the checkout is open already"
    assert checkout.opened == first  # nobody gains time by opening again


def test_it_is_not_opened_before_it_was_asked_for(story: Story, password: Target) -> None:
    checkout = story.request(password)
    story.now -= 5000
    story.say(opening(checkout))
    assert story.why == "it was opened before it was asked for"


def test_it_is_not_opened_once_the_version_is_out_of_use(story: Story, password: Target) -> None:
    checkout = story.request(password)
    story.secret()
    story.say(opening(checkout))
    assert story.why == "the version of the password that it names is no longer in use"


def test_what_is_revealed_is_asked_for_open_and_in_time(story: Story, password: Target) -> None:
    story.join(BOB)
    mfa, notes = story.secret(MFA_REF), story.secret(RECOVERY_REF)
    checkout = story.checkout(password)
    stranger = e.CheckoutRevealed(bytes(16), PASSWORD_REF, password.version, "shown")
    for event, by, why in (
        (stranger, ANN, "it was revealed without a checkout of that person's"),
        (shown(checkout, password), BOB, "it was revealed without a checkout of that person's"),
        (shown(checkout, notes), ANN, "it was revealed though the checkout does not ask for it"),
        (shown(checkout, mfa, "code"), ANN, "it was revealed though the checkout does not ask for it"),
        (shown(checkout, password, "code"), ANN, "an MFA device shows codes, and everything else is shown or copied"),
    ):
        story.say(event, by)
        assert story.why == why
    story.now = (checkout.expires or 0) - 1000
    story.say(shown(checkout, password))
    assert story.why == "it was revealed after the checkout's time was over"
    story.say(e.CheckoutCheckedIn(checkout.id))
    story.say(shown(checkout, password))
    assert story.why == "it was revealed while the checkout was checked in"
    # Each of the password counts as seen all the same: that is what rotation and exposure go by.
    assert len(story.state.secrets[PASSWORD_REF].versions[0].seen) == 5


def test_a_seed_is_never_shown(story: Story) -> None:
    mfa = story.secret(MFA_REF)
    checkout = story.checkout(mfa)
    story.say(shown(checkout, mfa, "shown"))
    assert story.why == "an MFA device shows codes, and everything else is shown or copied"


def test_a_checkout_with_nothing_revealed_is_cancelled_and_any_other_is_checked_in(story: Story, password: Target) -> None:
    waiting, open_one, used = story.request(password), story.checkout(password), story.checkout(password)
    story.say(shown(used, password))
    story.say(e.CheckoutCheckedIn(waiting.id))
    assert story.why == "the checkout was never opened; cancel it instead"
    story.say(e.CheckoutCancelled(used.id))
    assert story.why == "something was revealed in it already; check it in instead"
    for checkout in (waiting, open_one):
        story.say(e.CheckoutCancelled(checkout.id, "not needed"))
        assert (story.why, checkout.status, checkout.ended) == ("", "cancelled", story.now)
    story.say(e.CheckoutCheckedIn(used.id))
    for event in (e.CheckoutCheckedIn(used.id), e.CheckoutCancelled(used.id)):
        story.say(event)
        assert story.why == "the checkout is checked in already"
    story.say(opening(waiting))
    assert (story.why, waiting.status) == ("the checkout is cancelled already", "cancelled")
    assert not story.state.busy


def test_nobody_ends_somebody_elses_checkout(story: Story, password: Target) -> None:
    story.join(BOB)
    checkout = story.checkout(password)
    for event in (e.CheckoutCancelled(checkout.id), e.CheckoutCheckedIn(checkout.id)):
        story.say(event, BOB)
        assert story.why == "it is somebody else's checkout"
    story.say(e.CheckoutCancelled(bytes(16)))
    assert story.why == "there is no such checkout"


def test_a_checkout_is_checked_in_after_its_time_as_well(story: Story, password: Target) -> None:
    checkout = story.checkout(password)
    story.now += 1000 * MINUTE_MS
    story.say(e.CheckoutCheckedIn(checkout.id))
    assert not story.why


def test_what_was_said_offline_marks_the_checkout(story: Story, password: Target) -> None:
    for offline in ((True, False), (False, True)):
        asked = story.say(request_event(password), offline=offline[0])
        checkout = story.state.checkouts[asked.id]
        story.say(opening(checkout), offline=offline[1])
        assert checkout.offline


def test_a_request_said_by_two_with_one_id_is_one_checkout(story: Story, password: Target) -> None:
    story.join(BOB)
    shared = story.secret(holders=sorted((ANN, BOB)))
    said = story.say(request_event(shared))
    story.take(said, BOB)
    assert story.why == "a checkout with this id is on record already"
    assert story.state.checkouts[said.id].member == ANN


def test_records_of_other_accounts_are_not_touched(story: Story, password: Target) -> None:
    story.say(e.AccountAdded(record(OTHER, "sandbox")))
    checkout = story.checkout(password)
    assert story.state.open_checkouts(OTHER) == []
    story.say(e.AccountRetired(OTHER, "closed"))
    assert not story.why
    assert story.state.open_checkouts(ACCOUNT) == [checkout]
