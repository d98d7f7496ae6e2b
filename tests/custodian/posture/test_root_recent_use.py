"""Every use of root against the checkouts: what explains it, what does not, and what is no use of ours at all."""

from __future__ import annotations

import time

import pytest

from custodian.posture import Status, Timeouts, Window
from tests.custodian.posture.conftest import ACCOUNT
from tests.support.aws_account import root_event, stamp
from tests.support.aws_overlay import HTML_200, Reply, refused

USE = "root-recent-use"
LOOKUP = "cloudtrail:LookupEvents"
MINUTE = 60


def _window(start, end, checkout="7f3a0001", member="anna"):
    now = time.time()
    return Window(checkout, member, int((now + start) * 1000), None if end is None else int((now + end) * 1000))


def _use(scanned, ago, windows=(), **more):
    return scanned(windows, events=[root_event(ACCOUNT, int(time.time()) - ago, **more)])[USE]


def test_a_sign_in_inside_a_checkout_is_explained_by_it_and_its_holder(scanned):
    finding = _use(scanned, 30 * MINUTE, [_window(-3600, -600)])
    assert finding.status is Status.PASS
    assert "explained by checkout 7f3a0001 (anna)" in finding.summary


def test_a_sign_in_in_a_checkout_that_is_still_open_is_explained(scanned):
    assert _use(scanned, 30, [_window(-3600, None)]).status is Status.PASS


@pytest.mark.parametrize(("minutes", "status"), [(4, Status.PASS), (6, Status.FAIL)])
@pytest.mark.parametrize("side", ["before", "after"])
def test_five_minutes_outside_a_checkout_are_forgiven_and_six_are_not(side, minutes, status, scanned):
    ago = 7200
    window = _window(-ago + minutes * MINUTE, -600) if side == "before" else _window(-9000, -ago - minutes * MINUTE)
    assert _use(scanned, ago, [window]).status is status


def test_an_unexplained_sign_in_is_told_with_address_agent_and_mfa(scanned):
    finding = _use(scanned, 7200, additionalEventData={"MFAUsed": "no"})
    assert finding.status is Status.FAIL
    assert finding.severity == "critical"
    assert "ConsoleLogin" in finding.summary
    assert "from 203.0.113.9 with Mozilla/5.0, without MFA" in finding.summary
    assert finding.evidence.call == LOOKUP


@pytest.mark.parametrize(
    ("told", "words"),
    [({"MFAUsed": "YES"}, "with MFA"), ({"MFAUsed": "yes"}, "with MFA"), ({"MFAUsed": "No"}, "without MFA"), ({}, "MFA not stated")],
)
def test_the_mfa_that_was_used_is_read_in_any_case(told, words, scanned):
    assert words in _use(scanned, 7200, additionalEventData=told).summary


def test_two_overlapping_checkouts_are_both_named(scanned):
    windows = [_window(-3600, -60), _window(-2400, -60, "5c01bbbb", "ben")]
    finding = _use(scanned, 1800, windows)
    assert "checkout 7f3a0001 (anna) and checkout 5c01bbbb (ben)" in finding.summary


def test_one_unexplained_use_among_explained_ones_fails(scanned):
    now = int(time.time())
    events = [root_event(ACCOUNT, now - 60), root_event(ACCOUNT, now - 86_400, "PasswordUpdated"), root_event(ACCOUNT, now - 90)]
    finding = scanned([_window(-600, None)], events=events)[USE]
    assert finding.status is Status.FAIL
    assert "PasswordUpdated" in finding.summary
    assert "more" not in finding.summary


def test_an_unexplained_use_fails_even_where_the_other_source_is_denied(aws, scanned):
    aws.on("iam:GetCredentialReport", refused("AccessDenied", 403))
    assert _use(scanned, 7200).status is Status.FAIL


def test_an_unexplained_key_date_fails_even_where_cloudtrail_is_denied(aws, scanned):
    aws.on(LOOKUP, refused("AccessDeniedException"))
    assert scanned(keys=1, report={"access_key_1_last_used_date": stamp(time.time() - 7200)})[USE].status is Status.FAIL


def test_an_explained_use_is_no_pass_where_the_other_source_is_denied(aws, scanned):
    aws.on(LOOKUP, refused("AccessDeniedException"))
    finding = scanned([_window(-3600, None)], report={"password_last_used": stamp(time.time() - 600)})[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "AccessDeniedException")
    assert any("checkout 7f3a0001" in line for line in finding.details)


def test_uses_older_than_the_ninety_days_are_named_and_pass(scanned):
    finding = scanned(report={"password_last_used": "2019-03-12T10:00:00+00:00"})[USE]
    assert finding.status is Status.PASS
    assert "it was last used 2019-03-12T10:00:00Z" in finding.summary


def test_a_date_and_the_event_it_comes_from_count_once(scanned):
    now = int(time.time())
    report = {"password_last_used": stamp(now - 7100)}
    finding = scanned(events=[root_event(ACCOUNT, now - 7200)], report=report)[USE]
    assert "more" not in finding.summary


def test_a_date_close_to_an_explained_event_is_not_hidden_by_it(scanned):
    now = int(time.time())
    report = {"access_key_1_last_used_date": stamp(now - 6900)}
    # The checkout ended 2 h and 4 min ago: the sign-in is within its slack, the key's use 5 minutes later is not.
    finding = scanned([_window(-9000, -7440)], events=[root_event(ACCOUNT, now - 7200)], keys=1, report=report)[USE]
    assert finding.status is Status.FAIL
    assert finding.evidence.field == "access_key_1_last_used_date"


@pytest.mark.parametrize(
    "not_ours",
    [
        {"userIdentity": {"type": "IAMUser", "userName": "root", "accountId": ACCOUNT}},
        {"userIdentity": {"type": "AssumedRole", "accountId": ACCOUNT}},
        {"userIdentity": {"type": "Root", "accountId": "999999999999"}},
        {"eventType": "AwsServiceEvent"},
        {"eventType": "AwsServiceEvent", "userIdentity": {"accountId": ACCOUNT, "invokedBy": "support.amazonaws.com"}},
        {"userIdentity": {"type": "Root", "accountId": ACCOUNT, "sessionContext": {"assumedRoot": "true"}}},
    ],
)
def test_what_is_not_the_accounts_own_root_is_no_use(not_ours, scanned):
    assert _use(scanned, 7200, **not_ours).status is Status.PASS


def test_a_refused_sign_in_is_told_as_refused(scanned):
    finding = _use(scanned, 7200, responseElements={"ConsoleLogin": "Failure"})
    assert finding.status is Status.FAIL
    assert "ConsoleLogin (refused)" in finding.summary


def test_a_call_that_a_service_makes_for_root_names_the_service(scanned):
    who = {"type": "Root", "accountId": ACCOUNT, "invokedBy": "cloudformation.amazonaws.com"}
    assert "through cloudformation.amazonaws.com" in _use(scanned, 7200, userIdentity=who).summary


def test_every_page_is_read_and_the_same_event_counts_once(aws, scanned):
    now = int(time.time())
    repeated = root_event(ACCOUNT, now - 60)
    events = [repeated, repeated, repeated, root_event(ACCOUNT, now - 86_400, "EmailUpdated"), repeated]
    finding = scanned([_window(-600, None)], events=events, page_size=2)[USE]
    assert aws.actions().count(LOOKUP) == 3
    assert "EmailUpdated" in finding.summary
    assert "more" not in finding.summary


def test_the_pages_ask_for_root_and_for_the_last_ninety_days(aws, scanned):
    scanned()
    asked = next(c.parameters for c in aws.calls if c.action == LOOKUP)
    assert asked["LookupAttributes"] == [{"AttributeKey": "Username", "AttributeValue": "root"}]
    assert asked["StartTime"] == pytest.approx(time.time() - 90 * 86_400, abs=60)


def test_more_pages_than_are_read_is_unknown_and_not_a_pass(scanned):
    now = int(time.time())
    events = [root_event(ACCOUNT, now - n) for n in range(1, 10)]
    finding = scanned([_window(-600, None)], timeouts=Timeouts(attempts=1, event_pages=3), events=events, page_size=2)[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "TooManyEvents")


def test_a_second_page_that_is_refused_is_unknown_and_not_a_pass(aws, scanned):
    aws.on(LOOKUP, Reply(data={"Events": [], "NextToken": "2"}), refused("ThrottlingException"))
    finding = scanned()[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "ThrottlingException")


def test_pages_that_go_round_in_a_circle_end(aws, scanned):
    aws.on(LOOKUP, Reply(data={"Events": [], "NextToken": "same"}))
    finding = scanned()[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "MalformedReply")
    assert aws.actions().count(LOOKUP) == 2


@pytest.mark.parametrize("reply", [HTML_200, Reply(body=b""), Reply(body=b"[]"), Reply(data={"Events": None})])
def test_a_list_of_events_that_is_none_is_unknown(reply, aws, scanned):
    aws.on(LOOKUP, reply)
    finding = scanned()[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "MalformedReply")


@pytest.mark.parametrize("raw", ["{", "[]", "null", "{}", '"x"', "[" * 100_000, '{"userIdentity": "Root"}', '{"userIdentity":{"type":"Root"},"eventTime":"soon","eventName":"x"}'])
def test_an_event_that_cannot_be_read_is_unknown_and_not_a_pass(raw, scanned):
    finding = scanned(events=[raw])[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "MalformedReply")


def test_an_unreadable_event_does_not_hide_an_unexplained_one(scanned):
    now = int(time.time())
    assert scanned(events=["{", root_event(ACCOUNT, now - 7200)])[USE].status is Status.FAIL


def test_text_from_an_event_cannot_act_on_a_terminal(scanned):
    finding = _use(scanned, 7200, userAgent="\x1b]52;c;ZXZpbA==\x07\u202emoc\n● pass")
    for text in (finding.summary, *finding.details, finding.evidence.value):
        assert text.isprintable()


def test_what_the_sources_cannot_show_is_said(scanned):
    details = " ".join(scanned()[USE].details)
    assert "90 days" in details
    assert "15 minutes" in details
    assert "us-east-1" in details
