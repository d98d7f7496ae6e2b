"""The log as people read it: one line for every event, and none that makes it fail."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from tests.vault.founding import ACCOUNT, MFA_REF, PASSWORD_REF, REASON, record
from tests.vault.saying import ANN, EVE, START, Story, request_event, sealing_event, unknown
from tests.vault.test_fold_properties import logs
from vault import events as e
from vault import log_lines
from vault.entry import Envelope, Header
from vault.fold import Placed
from vault.log_lines import LogLine
from vault.state import State


def line_of(state: State, placed: Placed) -> LogLine:
    header = Header(1, bytes(32), placed.seq, bytes(32), placed.author, bytes(32), START, bytes(32))
    return log_lines.line(state, Envelope(None, header, None, b"h" * 32), placed)  # type: ignore[arg-type]


@pytest.fixture
def story() -> Story:
    made = Story()
    made.account()
    return made


def last(story: Story) -> LogLine:
    return line_of(story.state, story.placed[-1])


def test_every_event_is_told_in_plain_words(story: Story) -> None:
    told = [last(story)]

    def tell(event: e.Event) -> None:
        story.say(event)
        told.append(last(story))

    password, mfa = sealing_event(), sealing_event(MFA_REF)
    targets = [e.Target(s.secret, s.version, s.sealing.blob) for s in (password, mfa)]
    for event in (password, mfa, e.AccountEdited(record(notes="x")), e.Imported("roots.kdbx", bytes(32), 3), request_event(*targets)):
        tell(event)
    checkout = next(iter(story.state.checkouts.values()))
    was, now = e.PostureLine("root-mfa", "fail", ""), e.PostureLine("root-mfa", "pass", "")
    for event in (
        e.CheckoutOpened(e.StatementRef(checkout.id, checkout.digest)),
        e.CheckoutRevealed(checkout.id, PASSWORD_REF, targets[0].version, "shown"),
        e.CheckoutRevealed(checkout.id, MFA_REF, targets[1].version, "code"),
        e.CheckoutCheckedIn(checkout.id, True, (was,), (now,)),
        e.PostureRecorded(ACCOUNT, (was, now), 1),
        e.VersionWithdrawn(MFA_REF, targets[1].version, "lost"),
        e.Attested("recovery-words"),
        e.AccountRetired(ACCOUNT, "closed"),
    ):
        tell(event)
    said = [one.detail for one in told]
    assert said[0] == "added payments-prod"
    for piece in (
        "set the password, 1 of 1 holder can open it", "set the MFA device root", "imported 3 from roots.kdbx", "asked for password, MFA device root of payments-prod",
        "opened the checkout", "shown the password", "saw a code of the MFA device root", "checked in, password changed; root-mfa fail → pass",
        "recorded the posture: 1 fail, 0 unknown, of 2", "removed the MFA device root: lost", "retired payments-prod: closed", "recovery words",
    ):  # fmt: skip
        assert any(piece in one for one in said), piece
    of_it = [one for one in told if one.checkout]
    assert {one.checkout for one in of_it} == {checkout.id.hex()}
    assert {(one.account, one.reason) for one in of_it} == {(ACCOUNT, REASON)}
    assert len(of_it) == 5


def test_a_line_says_who_when_where_and_whether_it_had_effect(story: Story) -> None:
    story.say(e.AccountAdded(record()), EVE, offline=True)
    line = last(story)
    assert (line.seq, line.hash, line.author, line.author_name, line.placed, line.happened) == (2, b"h" * 32, EVE, EVE.hex()[:8], START, story.now)
    assert (line.event, line.account, line.offline, line.rejected) == ("account added", ACCOUNT, True, "its author is not a member")


def test_what_is_unknown_or_cannot_be_read_is_said_to_be(story: Story) -> None:
    for said in (unknown("question", critical=False), unknown("account added", critical=True, body=b"\xc0")):
        story.take(said)
        assert last(story).detail == "something this version of breakglass does not know"


def test_a_checkout_that_is_nowhere_has_its_id_and_nothing_more(story: Story) -> None:
    story.say(e.CheckoutCheckedIn(b"c" * 16))
    line = last(story)
    assert (line.checkout, line.account, line.reason) == ((b"c" * 16).hex(), "", "")


@given(logs)
def test_no_log_makes_a_line_fail(log: list[Placed]) -> None:
    from vault.fold import fold

    state = fold(log)
    for placed in log:
        line = line_of(state, placed)
        assert line.detail
        assert msgspec.to_builtins(line)["seq"] == placed.seq
        assert line.author_name in ("Ann", ANN.hex()[:8]) or placed.author != ANN
