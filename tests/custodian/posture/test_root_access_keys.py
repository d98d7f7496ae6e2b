"""What a found root key is told with: age, state, last use, and who calls under it."""

from __future__ import annotations

import time

from custodian.posture import Status
from tests.custodian.posture.conftest import ACCOUNT
from tests.support.aws_account import root_event, stamp
from tests.support.aws_overlay import refused

DAY = 86_400
KEY = "AKIAIOSFODNN7EXAMPLE"


def _reported(**more):
    now = time.time()
    values = {"access_key_1_active": "TRUE", "access_key_1_last_rotated": stamp(now - 400 * DAY)}
    return values | more


def test_a_key_is_told_with_age_last_use_region_and_service(scanned):
    used = stamp(time.time() - DAY)
    report = _reported(
        access_key_1_last_used_date=used, access_key_1_last_used_region="eu-west-1", access_key_1_last_used_service="s3"
    )
    finding = scanned(keys=1, report=report)["root-access-keys"]
    assert finding.status is Status.FAIL
    assert finding.summary.startswith("The root user has an access key: key 1 is active, 400 days old, last used ")
    assert finding.summary.endswith(" for s3 in eu-west-1.")
    assert finding.evidence.call == "iam:GetAccountSummary"


def test_both_keys_are_told_and_an_unused_one_is_said_to_be(scanned):
    report = _reported(access_key_2_active="false", access_key_2_last_rotated=stamp(time.time() - DAY - 60))
    finding = scanned(keys=2, report=report)["root-access-keys"]
    assert "key 1 is active, 400 days old, never used; key 2 is inactive, 1 day old, never used." in finding.summary


def test_the_calls_made_under_a_key_are_counted_by_caller(scanned):
    who = {"type": "Root", "accountId": ACCOUNT, "accessKeyId": KEY}
    calls = [
        root_event(ACCOUNT, time.time() - n, "ListBuckets", userIdentity=who, eventSource="s3.amazonaws.com", userAgent="backup/2")
        for n in range(3)
    ]
    finding = scanned(keys=1, report=_reported(), events=calls)["root-access-keys"]
    wanted = f"{KEY}: ListBuckets of s3.amazonaws.com in us-east-1 from 203.0.113.9 by backup/2, 3 times"
    assert wanted in finding.details


def test_a_key_is_a_fail_even_where_nothing_more_can_be_read_about_it(aws, scanned):
    aws.on("iam:GetCredentialReport", refused("AccessDenied", 403))
    aws.on("cloudtrail:LookupEvents", refused("AccessDeniedException"))
    finding = scanned(keys=1)["root-access-keys"]
    assert finding.status is Status.FAIL
    assert any("AccessDenied)" in line for line in finding.details)
    assert any("AccessDeniedException)" in line for line in finding.details)


def test_a_key_newer_than_the_report_is_still_a_fail(scanned):
    finding = scanned(keys=1)["root-access-keys"]
    assert finding.status is Status.FAIL
    assert any("does not show a key yet" in line for line in finding.details)


def test_a_report_that_still_shows_a_deleted_key_does_not_outweigh_the_live_count(scanned):
    assert scanned(keys=0, report=_reported())["root-access-keys"].status is Status.PASS
