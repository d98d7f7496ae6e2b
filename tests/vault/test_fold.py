"""The rules that hold for every event: who may speak, what counts as a fact, what is unknown, what is said twice."""

from __future__ import annotations

import pytest

from tests.vault.founding import ACCOUNT, MFA_REF, PASSWORD_REF, record
from tests.vault.saying import ANN, BOB, EVE, START, Story, sealing_event, unknown
from vault import encoding, fold, verify
from vault import events as e
from vault.events import EVENTS, FACTS
from vault.fold import RULES, Placed
from vault.state import State
from vault.statement import Statement, say


def snapshot_of(state: State) -> bytes:
    return encoding.encode(verify._plain(state))


def test_the_first_statement_makes_the_vault_and_its_author_a_custodian() -> None:
    state = Story(e.Policy(min_reason=20)).state
    assert (state.vault_name, state.rules, state.policy.min_reason) == ("acme", 1, 20)
    assert [(m.fingerprint, m.name, m.role, m.since) for m in state.custodians()] == [(ANN, "Ann", "custodian", START + 1000)]


def test_a_vault_is_made_once() -> None:
    story = Story()
    story.say(e.VaultCreated("mine now", "Eve", e.Policy()), EVE)
    assert story.why == "a vault is created once, by its first entry"
    assert (story.state.vault_name, list(story.state.members)) == ("acme", [ANN])


def test_a_vault_is_made_by_the_first_entry_or_never() -> None:
    state = State()
    said = say(e.VaultCreated("acme", "Ann", e.Policy()), device=bytes(16), count=1, happened=START)
    fold.take(state, Placed(1, ANN, said))
    assert (state.rejected, state.members) == ({1: "a vault is created once, by its first entry"}, {})


def test_rules_that_this_client_does_not_know_are_not_applied() -> None:
    state = State()
    said = say(e.VaultCreated("acme", "Ann", e.Policy(), 2), device=bytes(16), count=1, happened=START)
    fold.take(state, Placed(0, ANN, said))
    assert state.rejected == {0: "the log follows rules version 2; this breakglass knows 1"}
    assert not state.members


def test_every_event_has_its_rule() -> None:
    assert set(RULES) == set(EVENTS.values()) - {e.VaultCreated, e.Attested}


def test_nobody_speaks_who_is_no_member_not_even_of_facts() -> None:
    story = Story()
    story.account()
    target = story.secret()
    checkout = story.checkout(target)
    before = snapshot_of(story.state)
    for event in (
        e.AccountAdded(record("210987654321", "sandbox")),
        e.AccountRetired(ACCOUNT, "gone"),
        sealing_event(),
        e.CheckoutRevealed(checkout.id, PASSWORD_REF, target.version, "shown"),
        e.CheckoutOpened(e.StatementRef(checkout.id, checkout.digest)),
        e.CheckoutCheckedIn(checkout.id),
        e.Attested("recovery-words"),
    ):
        story.say(event, EVE)
        assert story.why == "its author is not a member"
    for seq in [s for s in story.state.rejected if s >= 4]:
        del story.state.rejected[seq]
    story.state.said = {fold._key(p.author, p.said) for p in story.placed[:5]}
    story.state.counts = {bytes(16): 4}
    assert snapshot_of(story.state) == before


@pytest.mark.parametrize("critical", [True, False])
def test_a_stranger_cannot_stop_a_client_with_an_unknown_event(critical: bool) -> None:
    story = Story()
    story.take(unknown("vault deleted", critical=critical), EVE)
    assert story.why == "its author is not a member"
    assert (story.state.unknown, story.state.unknown_critical) == (0, False)


def test_whoever_was_revoked_acts_no_more_and_their_facts_still_count() -> None:
    story = Story()
    story.account()
    story.join(BOB)
    target = story.secret()
    checkout = story.request(target, by=BOB)
    story.revoke(BOB)
    story.say(e.AccountRetired(ACCOUNT, "gone"), BOB)
    assert story.why == "its author was revoked before"
    assert story.state.accounts[ACCOUNT].retired is None
    story.say(e.CheckoutOpened(e.StatementRef(checkout.id, checkout.digest)), BOB)
    story.say(e.CheckoutRevealed(checkout.id, PASSWORD_REF, target.version, "shown"), BOB)
    assert story.state.checkouts[checkout.id].status == "open"
    assert [s.member for s in story.state.secrets[PASSWORD_REF].versions[0].seen] == [BOB]


def test_only_openings_and_revealings_are_facts() -> None:
    assert {e.CheckoutOpened, e.CheckoutRevealed} == FACTS


def test_a_fact_counts_though_it_breaks_a_rule_and_is_listed_with_it() -> None:
    story = Story()
    story.account()
    target = story.secret()
    story.say(e.CheckoutRevealed(bytes(16), PASSWORD_REF, target.version, "shown"))
    assert story.why == "it was revealed without a checkout of that person's"
    assert [s.how for s in story.state.secrets[PASSWORD_REF].versions[0].seen] == ["shown"]


def test_the_same_statement_of_the_same_author_counts_once() -> None:
    story = Story()
    said = story.say(e.AccountAdded(record()))
    before = story.state.accounts[ACCOUNT]
    story.take(said)
    assert story.why == "the same statement stands in the log already"
    assert story.state.accounts[ACCOUNT] is before
    other = say(e.AccountRetired(ACCOUNT, "gone"), device=bytes(16), count=9, happened=START)
    story.take(Statement(said.id, *(getattr(other, f) for f in Statement.__struct_fields__[1:])))
    assert story.why == "the same statement stands in the log already"  # the id counts once, whatever it says


def test_a_fact_said_twice_counts_once() -> None:
    story = Story()
    story.account()
    checkout = story.checkout(story.secret())
    said = story.say(e.CheckoutRevealed(checkout.id, PASSWORD_REF, checkout.targets[0].version, "shown"))
    story.take(said)
    assert len(story.state.secrets[PASSWORD_REF].versions[0].seen) == len(checkout.revealed) == 1


def test_one_id_used_by_two_authors_is_two_statements() -> None:
    story = Story()
    story.join(BOB)
    said = story.say(e.Attested("recovery-words"))
    story.take(said, BOB)
    assert not story.why
    assert [a.by for a in story.state.attestations] == [ANN, BOB]


def test_an_unknown_event_that_is_not_critical_is_kept_counted_and_passed_over() -> None:
    story = Story()
    story.take(unknown("question", critical=False))
    assert not story.why
    assert (story.state.unknown, story.state.unknown_critical) == (1, False)
    story.account()
    assert not story.why


def test_an_unknown_version_of_a_known_event_is_unknown() -> None:
    story = Story()
    story.take(unknown("account added", 2, critical=False))
    assert (story.state.unknown, story.why) == (1, "")


def test_after_an_unknown_critical_event_nothing_may_be_said_and_everything_is_still_read() -> None:
    story = Story()
    story.take(unknown("policy changed", critical=True))
    assert (story.state.unknown, story.state.unknown_critical) == (1, True)
    next_one = say(e.AccountAdded(record()), device=bytes(16), count=1, happened=START)
    assert "update it before writing" in str(fold.why_not(story.state, Placed(2, ANN, next_one)))
    story.account()
    assert ACCOUNT in story.state.accounts


def test_nobody_says_what_they_do_not_know_themselves() -> None:
    story = Story()
    why = fold.why_not(story.state, Placed(1, ANN, unknown("question", critical=False)))
    assert why == "this version of breakglass does not know the event"


@pytest.mark.parametrize("body", [b"\x90", b"\xc0", b"\x91\xc0", b"", b"\xff\xff", b"\x92\xa0\xa0", b"\x91" * 3000])
def test_a_known_event_with_a_body_that_does_not_fit_is_rejected(body: bytes) -> None:
    story = Story()
    for (name, version) in EVENTS:
        story.take(unknown(name, version, critical=True, body=body))
        assert story.why == "its event cannot be read"
    assert (story.state.unknown, story.state.unknown_critical) == (0, False)


def test_the_fold_asks_nobody_what_time_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.clock.now_ms", None)
    monkeypatch.setattr("time.time", None)
    monkeypatch.setattr("time.time_ns", None)
    story = Story()
    story.account()
    checkout = story.checkout(story.secret(), story.secret(MFA_REF))
    story.say(e.CheckoutRevealed(checkout.id, MFA_REF, checkout.targets[1].version, "code"))
    story.say(e.CheckoutCheckedIn(checkout.id))
    assert not story.state.rejected


def test_each_device_counts_its_own_statements() -> None:
    story = Story()
    for device, count in ((b"a" * 16, 3), (b"b" * 16, 1), (b"a" * 16, 2)):
        story.take(say(e.Attested("x"), device=device, count=count, happened=START))
    assert story.state.counts == {bytes(16): 0, b"a" * 16: 3, b"b" * 16: 1}


def test_what_a_client_asks_beforehand_is_what_the_fold_decides_and_asking_changes_nothing() -> None:
    story = Story()
    for event in (
        e.AccountAdded(record()), e.AccountAdded(record()), e.AccountEdited(record(name="renamed")), sealing_event(),
        e.AccountRetired(ACCOUNT, "gone"), e.AccountEdited(record()), sealing_event(), e.Attested("x"),
    ):  # fmt: skip
        said = say(event, device=bytes(16), count=1, happened=START)
        before = snapshot_of(story.state)
        why = fold.why_not(story.state, Placed(len(story.placed), ANN, said))
        assert snapshot_of(story.state) == before
        story.take(said)
        assert (why or "") == story.why
