"""Accounts, versions of secrets, imports and posture, rule by rule."""

from __future__ import annotations

import pytest

from tests.vault.founding import ACCOUNT, MFA_REF, PASSWORD_REF, RECOVERY_REF, record
from tests.vault.saying import ANN, BOB, EVE, Story, sealing_event
from vault import events as e
from vault.events import KindPolicy, Policy, PostureLine
from vault.sealing import SecretRef

OTHER = "210987654321"


@pytest.fixture
def story() -> Story:
    made = Story()
    made.account()
    return made


def seal(story: Story, ref: SecretRef = PASSWORD_REF, **more: object) -> str:
    story.say(sealing_event(ref, **more))
    return story.why


def test_an_account_is_on_record_once(story: Story) -> None:
    story.say(e.AccountAdded(record(name="another name")))
    assert story.why == "the account is on record already"
    assert story.state.accounts[ACCOUNT].name == "payments-prod"


def test_two_accounts_in_use_never_have_one_name(story: Story) -> None:
    story.say(e.AccountAdded(record(OTHER)))
    assert story.why == f"another account, {ACCOUNT}, has this name"
    story.account(OTHER, "sandbox")
    story.say(e.AccountEdited(record(OTHER)))
    assert story.why == f"another account, {ACCOUNT}, has this name"


def test_a_name_is_free_again_after_a_change_or_a_retirement(story: Story) -> None:
    story.say(e.AccountEdited(record(name="renamed")))
    story.account(OTHER, "payments-prod")
    assert not story.why
    story.say(e.AccountRetired(OTHER, "gone"))
    story.say(e.AccountEdited(record(name="payments-prod")))
    assert not story.why
    assert story.state.names == {"payments-prod": ACCOUNT}


def test_an_edit_keeps_what_the_log_knows_of_the_account(story: Story) -> None:
    added = story.state.accounts[ACCOUNT].added
    story.say(e.AccountEdited(record(notes="the phone is in the safe")))
    account = story.state.accounts[ACCOUNT]
    assert (account.added, account.record.notes, account.edited) == (added, "the phone is in the safe", story.now)


@pytest.mark.parametrize("event", [e.AccountEdited(record(OTHER)), e.AccountRetired(OTHER, "")])
def test_an_account_that_is_not_there_is_neither_edited_nor_retired(story: Story, event: e.Event) -> None:
    story.say(event)
    assert story.why == "there is no such account"


def test_a_retired_account_takes_nothing_and_comes_back_with_its_secrets(story: Story) -> None:
    story.secret()
    story.say(e.AccountRetired(ACCOUNT, "closed"))
    account = story.state.accounts[ACCOUNT]
    assert (account.retired, account.retired_why) == (story.now, "closed")
    for event in (e.AccountEdited(record()), e.AccountRetired(ACCOUNT, "again"), sealing_event()):
        story.say(event)
        assert story.why == "the account is retired"
    story.account()
    assert not story.why
    assert story.state.accounts[ACCOUNT].retired is None
    assert [s.ref for s in story.state.secrets_of(ACCOUNT)] == [PASSWORD_REF]


def test_an_account_is_not_retired_while_somebody_has_it(story: Story) -> None:
    checkouts = [story.checkout(story.secret(ref)) for ref in (PASSWORD_REF, MFA_REF)]
    for checkout in checkouts:
        story.say(e.AccountRetired(ACCOUNT, "closed"))
        assert story.why == "the account is checked out; check it in first"
        story.say(e.CheckoutCheckedIn(checkout.id))
    story.say(e.AccountRetired(ACCOUNT, "closed"))
    assert not story.why


@pytest.mark.parametrize("role", ["reviewer", "recovery"])
def test_only_custodians_change_records_and_secrets(story: Story, role: str) -> None:
    target = story.secret()
    story.join(BOB, role)
    for event in (
        e.AccountAdded(record(OTHER, "sandbox")), e.AccountEdited(record()), e.AccountRetired(ACCOUNT, ""), sealing_event(),
        e.VersionWithdrawn(PASSWORD_REF, target.version, ""), e.Imported("a.csv", bytes(32), 1),
    ):  # fmt: skip
        story.say(event, BOB)
        assert story.why == "only a custodian may do this"


def test_a_new_current_version_supersedes_the_one_before(story: Story) -> None:
    for _ in range(3):
        assert not seal(story)
    secret = story.state.secrets[PASSWORD_REF]
    assert [v.status for v in secret.versions] == ["superseded", "superseded", "current"]
    assert secret.current is secret.versions[2]
    assert story.state.last_rotation(ACCOUNT) == story.now


def test_a_candidate_changes_nothing_yet(story: Story) -> None:
    assert not seal(story)
    assert not seal(story, status="candidate")
    secret = story.state.secrets[PASSWORD_REF]
    assert [v.status for v in secret.versions] == ["current", "candidate"]
    assert secret.current is secret.versions[0]


def test_a_version_and_a_sealing_are_used_once(story: Story) -> None:
    assert not seal(story, version=b"v" * 16, blob=b"b" * 32)
    assert seal(story, version=b"v" * 16) == "the version is on record already"
    assert seal(story, blob=b"b" * 32) == "the sealing is in use already"
    assert seal(story, RECOVERY_REF, blob=b"b" * 32) == "the sealing is in use already"


@pytest.mark.parametrize(
    ("ref", "why"),
    [
        (SecretRef(OTHER, "password"), "there is no such account"),
        (SecretRef(ACCOUNT, "access key"), "there is no kind of secret called 'access key'"),
        (SecretRef(ACCOUNT, "password", "second"), "an MFA device needs a name, and nothing else has one"),
        (SecretRef(ACCOUNT, "mfa"), "an MFA device needs a name, and nothing else has one"),
        (SecretRef(ACCOUNT, "mfa", "x" * 201), "the secret's name is too long"),
    ],
)
def test_a_secret_has_an_account_a_known_kind_and_the_right_name(story: Story, ref: SecretRef, why: str) -> None:
    assert seal(story, ref) == why
    assert not story.state.secrets


@pytest.mark.parametrize("holders", [(BOB,), (ANN, BOB), (EVE,), (ANN, ANN)])
def test_a_secret_is_sealed_to_exactly_the_custodians(story: Story, holders: tuple[bytes, ...]) -> None:
    assert seal(story, holders=holders) == "it is not sealed to exactly the holders that policy names"


def test_with_two_custodians_it_is_sealed_to_both(story: Story) -> None:
    story.join(BOB)
    assert seal(story) == "it is not sealed to exactly the holders that policy names"
    assert not seal(story, holders=sorted((ANN, BOB)))
    story.revoke(BOB)
    assert seal(story, holders=sorted((ANN, BOB))) == "it is not sealed to exactly the holders that policy names"


def test_a_policy_for_a_kind_names_holders_and_threshold() -> None:
    story = Story(Policy(kinds=(KindPolicy("password", tuple(sorted((ANN, BOB))), 2),)))
    story.account()
    assert seal(story) == "it is not sealed to exactly the holders that policy names"
    both = sorted((ANN, BOB))
    assert seal(story, holders=both) == "its threshold of 1 does not meet the policy's 2"
    assert seal(story, holders=both, threshold=3) == "its threshold of 3 does not meet the policy's 2"
    assert not seal(story, holders=both, threshold=2)
    assert not seal(story, MFA_REF)  # the policy speaks of passwords only
    version = story.state.secrets[PASSWORD_REF].versions[0]
    assert (version.threshold, version.holders) == (2, tuple(both))


def test_an_account_has_eight_mfa_devices_and_each_may_be_replaced(story: Story) -> None:
    devices = [SecretRef(ACCOUNT, "mfa", f"device {n}") for n in range(9)]
    targets = [story.secret(ref) for ref in devices[:8]]
    assert not story.state.rejected
    assert "has 8 MFA devices already" in seal(story, devices[8])
    assert not seal(story, devices[0])
    story.say(e.VersionWithdrawn(devices[1], targets[1].version, "lost"))
    assert not seal(story, devices[8])
    assert "has 8 MFA devices already" in seal(story, devices[1])


def test_a_version_is_withdrawn_once_and_the_secret_has_none_then(story: Story) -> None:
    target = story.secret()
    story.say(e.VersionWithdrawn(PASSWORD_REF, target.version, "wrong"))
    assert not story.why
    assert story.state.secrets[PASSWORD_REF].current is None
    assert not story.state.secrets_of(ACCOUNT)
    story.say(e.VersionWithdrawn(PASSWORD_REF, target.version, "wrong"))
    assert story.why == "the version is withdrawn already"


def test_a_withdrawn_candidate_leaves_the_current_version_in_use(story: Story) -> None:
    story.secret()
    candidate = story.secret(status="candidate")
    story.say(e.VersionWithdrawn(PASSWORD_REF, candidate.version, "never set"))
    assert [v.status for v in story.state.secrets[PASSWORD_REF].versions] == ["current", "withdrawn"]
    assert not seal(story)
    assert [v.status for v in story.state.secrets[PASSWORD_REF].versions] == ["superseded", "withdrawn", "current"]


@pytest.mark.parametrize("ref", [PASSWORD_REF, RECOVERY_REF, SecretRef(OTHER, "password")])
def test_what_is_not_there_is_not_withdrawn(story: Story, ref: SecretRef) -> None:
    story.secret()
    story.say(e.VersionWithdrawn(ref, bytes(16), ""))
    assert story.why == "there is no such version"


def test_an_import_is_remembered_by_the_digest_of_its_source(story: Story) -> None:
    story.say(e.Imported("roots.kdbx", b"d" * 32, 3))
    assert story.state.imports == {b"d" * 32: ("roots.kdbx", story.now)}


def posture(status: str, as_of: int) -> e.PostureRecorded:
    return e.PostureRecorded(ACCOUNT, (PostureLine("root-mfa", status, ""),), as_of)  # type: ignore[arg-type]


def test_the_newest_posture_holds_wherever_in_the_log_it_stands(story: Story) -> None:
    now = story.now
    for status, as_of in (("pass", now - 10), ("fail", now - 30), ("unknown", now - 5), ("fail", now - 20)):
        story.say(posture(status, as_of))
        assert not story.why
    account = story.state.accounts[ACCOUNT]
    assert (account.posture[0].status, account.posture_at) == ("unknown", now - 5)


def test_posture_is_not_dated_after_it_was_said_and_is_of_an_account_on_record(story: Story) -> None:
    story.say(posture("pass", story.now + 10_000))
    assert story.why == "it is dated later than it was said"
    story.say(e.PostureRecorded(OTHER, (), 0))
    assert story.why == "there is no such account"


@pytest.mark.parametrize(("role", "why"), [("reviewer", ""), ("recovery", "the recovery member records no posture")])
def test_reviewers_record_posture_too(story: Story, role: str, why: str) -> None:
    story.join(BOB, role)
    story.say(posture("pass", 1), BOB)
    assert story.why == why
