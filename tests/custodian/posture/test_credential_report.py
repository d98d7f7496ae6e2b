"""The credential report: how it is waited for, and what must not be misread in it."""

from __future__ import annotations

import random
import time

import pytest

from custodian.posture import Status, Timeouts, Window
from tests.custodian.posture.conftest import ACCOUNT
from tests.support.aws_account import COLUMNS, report_csv, report_xml, stamp
from tests.support.aws_overlay import Reply, refused

USE = "root-recent-use"
GET, GENERATE = "iam:GetCredentialReport", "iam:GenerateCredentialReport"
ARN = f"arn:aws:iam::{ACCOUNT}:root"
HOUR = 3600


def _report(**values):
    return Reply(xml=report_xml(report_csv(ARN, **values), time.time()))


def _state(state):
    return Reply(xml=f"<State>{state}</State>")


def _report_calls(aws):
    return [a.partition(":")[2] for a in aws.actions() if "CredentialReport" in a]


def test_a_report_that_is_there_costs_one_call(aws, scanned):
    assert scanned()[USE].status is Status.PASS
    assert _report_calls(aws) == ["GetCredentialReport"]


@pytest.mark.parametrize("code", ["ReportExpired", "ReportNotPresent"])
def test_an_expired_or_missing_report_is_made_and_waited_for(code, aws, scanned, fake_time):
    aws.on(GET, refused(code, 410), refused("ReportInProgress", 404), _report())
    aws.on(GENERATE, _state("STARTED"), _state("COMPLETE"))
    assert scanned()[USE].status is Status.PASS
    assert _report_calls(aws) == ["GetCredentialReport", "GenerateCredentialReport"] * 2 + ["GetCredentialReport"]
    assert sum(fake_time.waited) >= 2


def test_a_report_that_somebody_else_has_begun_is_waited_for(aws, scanned):
    aws.on(GET, refused("ReportInProgress", 404), refused("ReportInProgress", 404), _report())
    aws.on(GENERATE, _state("INPROGRESS"))
    assert scanned()[USE].status is Status.PASS


def test_a_report_that_never_completes_is_unknown_within_the_limit(aws, scanned, fake_time):
    aws.on(GET, refused("ReportInProgress", 404))
    aws.on(GENERATE, _state("STARTED"), _state("INPROGRESS"))
    finding = scanned()[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "ReportInProgress")
    assert 20 <= sum(fake_time.waited) <= 32


def test_a_report_said_to_be_complete_and_never_given_is_unknown_within_the_limit(aws, scanned, fake_time):
    aws.on(GET, refused("ReportNotPresent", 410))
    aws.on(GENERATE, _state("COMPLETE"))
    finding = scanned()[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "ReportNotPresent")
    assert sum(fake_time.waited) <= 32
    assert len(aws.calls) < 60


def test_a_limit_exceeded_is_unknown_at_once(aws, scanned, fake_time):
    aws.on(GET, refused("ReportNotPresent", 410))
    aws.on(GENERATE, refused("LimitExceeded", 409))
    finding = scanned()[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "LimitExceeded")
    assert fake_time.waited == []


def test_a_limit_exceeded_after_the_report_was_begun_does_not_end_the_wait(aws, scanned):
    aws.on(GET, refused("ReportNotPresent", 410), refused("ReportNotPresent", 410), _report())
    aws.on(GENERATE, _state("STARTED"), refused("LimitExceeded", 409))
    assert scanned()[USE].status is Status.PASS


@pytest.mark.parametrize("action", [GET, GENERATE])
def test_a_service_failure_is_unknown(action, aws, scanned):
    aws.on(GET, refused("ReportNotPresent", 410))
    aws.on(action, refused("ServiceFailure", 500))
    finding = scanned()[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "ServiceFailure")


def test_a_state_that_aws_does_not_document_is_unknown(aws, scanned):
    aws.on(GET, refused("ReportNotPresent", 410))
    aws.on(GENERATE, _state("SOON"))
    assert scanned()[USE].error == "MalformedReply"


def test_a_stale_report_is_made_anew_and_unknown_if_it_stays_stale(aws, scanned):
    finding = scanned(report_age=5 * HOUR)[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "ReportStale")
    assert "GenerateCredentialReport" in _report_calls(aws)


def test_a_stale_report_is_replaced_by_the_new_one(aws, scanned):
    stale = report_xml(report_csv(ARN, password_last_used=stamp(time.time() - 60)), time.time() - 9 * HOUR)
    aws.on(GET, Reply(xml=stale), _report())
    assert scanned()[USE].status is Status.PASS


def test_the_age_of_a_report_is_told_by_aws_clock_and_not_by_ours(aws, scanned):
    aws.skew = 6 * HOUR
    assert scanned(report_age=0)[USE].error == "ReportStale"


def test_the_evidence_is_as_of_the_time_the_report_was_generated(aws, scanned):
    generated = int(time.time()) - 1800
    aws.on(GET, Reply(xml=report_xml(report_csv(ARN), generated)))
    assert scanned()[USE].evidence.as_of_ms == generated * 1000


def test_shuffled_and_unknown_columns_and_capitals_are_read_by_name(aws, scanned):
    used = stamp(time.time() - 60)
    shuffled = [*COLUMNS, "a_column_of_the_future", "another"]
    random.Random(7).shuffle(shuffled)
    values = {"access_key_1_active": "TRUE", "access_key_1_last_rotated": stamp(1e9), "mfa_active": "True"}
    aws.on(GET, Reply(xml=report_xml(report_csv(ARN, shuffled, access_key_1_last_used_date=used, **values), time.time())))
    findings = scanned(keys=1)
    assert findings[USE].status is Status.FAIL
    assert findings[USE].evidence.field == "access_key_1_last_used_date"
    assert "key 1 is active" in findings["root-access-keys"].summary


def test_key_two_used_later_than_key_one_is_the_last_use(scanned):
    now = time.time()
    report = {
        "password_last_used": stamp(now - 300 * 86_400),
        "access_key_1_last_used_date": stamp(now - 2 * HOUR),
        "access_key_2_last_used_date": stamp(now - HOUR),
        "access_key_2_last_used_region": "eu-west-1",
        "access_key_2_last_used_service": "s3",
    }
    finding = scanned(keys=2, report=report)[USE]
    assert finding.status is Status.FAIL
    assert finding.evidence.field == "access_key_2_last_used_date"
    assert "access key 2 was used for s3 in eu-west-1" in finding.summary
    assert "1 more use" in finding.summary


def test_a_root_key_used_today_is_not_hidden_by_an_old_password(scanned):
    now = time.time()
    report = {"password_last_used": stamp(now - 400 * 86_400), "access_key_1_last_used_date": stamp(now - HOUR)}
    assert scanned(keys=1, report=report)[USE].status is Status.FAIL


def test_a_use_of_key_two_inside_a_checkout_does_not_explain_key_one(scanned):
    now = time.time()
    window = Window("5c01aaaa", "ben", int((now - HOUR) * 1000), int((now - HOUR / 2) * 1000))
    report = {
        "access_key_1_last_used_date": stamp(now - 3 * HOUR),
        "access_key_2_last_used_date": stamp(now - 0.75 * HOUR),
    }
    finding = scanned([window], keys=2, report=report)[USE]
    assert finding.status is Status.FAIL
    assert finding.evidence.field == "access_key_1_last_used_date"


@pytest.mark.parametrize("word", ["no_information", "N/A", "not_supported", "No_Information", "n/a"])
def test_the_words_for_no_date_are_no_use(word, scanned):
    report = {"password_last_used": word, "access_key_1_last_used_date": word, "access_key_2_last_used_date": word}
    assert scanned(report=report)[USE].status is Status.PASS


@pytest.mark.parametrize(
    "values",
    [
        {"password_last_used": "yesterday"},
        {"password_last_used": ""},
        {"access_key_2_last_used_date": "99999-99-99"},
        {"access_key_1_active": "perhaps"},
        {"arn": "arn:aws:iam::999999999999:root"},
        {"user": "groot"},
    ],
)
def test_a_value_that_is_none_aws_documents_spoils_the_report(values, scanned):
    finding = scanned(report=values)[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "MalformedReply")


@pytest.mark.parametrize("missing", ["password_last_used", "access_key_2_last_used_date", "user", "arn"])
def test_a_missing_column_is_unknown_and_not_an_unused_root(missing, scanned):
    finding = scanned(columns=[c for c in COLUMNS if c != missing])[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "MalformedReply")


def test_a_column_that_stands_there_twice_is_unknown(scanned):
    finding = scanned(columns=[*COLUMNS, "password_last_used"])[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "MalformedReply")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"<html>no</html>", b'user,arn\n"<root_account>', b"user\n" + b"x" * 300_000])
def test_content_that_is_no_table_is_unknown(content, aws, scanned):
    aws.on(GET, Reply(xml=report_xml(content, time.time())))
    finding = scanned()[USE]
    assert (finding.status, finding.error) == (Status.UNKNOWN, "MalformedReply")


def test_a_denied_report_never_makes_the_finding_vanish(aws, scanned):
    aws.on(GET, refused("AccessDenied", 403))
    assert scanned()[USE].status is Status.UNKNOWN


def test_the_wait_is_real_and_short_where_no_clock_is_given(aws, scanned):
    aws.on(GET, refused("ReportNotPresent", 410), _report())
    aws.on(GENERATE, _state("STARTED"))
    assert scanned(waits=True, timeouts=Timeouts(report_pause=0.01, report_wait=1, attempts=1))[USE].status is Status.PASS
