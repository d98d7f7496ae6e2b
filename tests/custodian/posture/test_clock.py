"""The machine's clock against AWS's Date header."""

from __future__ import annotations

import pytest

from custodian.posture import Access, Status, Timeouts, Timing, scan
from custodian.posture.check import Facts, Unanswered
from custodian.posture.checks.clock import judge
from custodian.posture.reads.aws_clock import CLOCK, ClockReading
from custodian.posture.source import Read
from tests.custodian.posture.conftest import ACCOUNT, QUICK
from tests.support.aws_overlay import HTML_500, Reply, refused


def _judged(low, high):
    read = Read("sts:GetCallerIdentity", 0, value=ClockReading(low, high, "sts:GetCallerIdentity"))
    return judge(Facts(Access(ACCOUNT), lambda: 0, (), lambda source: read, (CLOCK,)))


@pytest.mark.parametrize(
    ("offset", "status"),
    [(0, "pass"), (4_999, "pass"), (-4_999, "pass"), (5_000, "fail"), (-5_000, "fail"), (26_000, "fail"), (-86_400_000, "fail")],
)
def test_within_five_seconds_passes_and_from_five_on_fails(offset, status):
    assert _judged(offset - 500, offset + 500).status == status


def test_a_failure_says_that_codes_fail_beyond_twenty_five_seconds():
    assert "behind AWS's: MFA codes are made from the time, and beyond 25 s codes fail." in _judged(-8_000, -7_000).summary
    assert "ahead of AWS's: MFA codes are made from the time, and codes fail now." in _judged(40_000, 41_000).summary


def test_a_reply_too_slow_to_compare_by_is_unknown_unless_the_clock_is_off_either_way():
    with pytest.raises(Unanswered) as raised:
        _judged(-10_000, 1_000)
    assert raised.value.read.failure.code == "TooSlow"
    assert _judged(60_000, 75_000).status is Status.FAIL


def _clock(aws, profile, **timing):
    if ACCOUNT not in aws.accounts:
        profile("it", aws.account(ACCOUNT).key)
    findings = scan(Access(ACCOUNT, profile="it"), timeouts=QUICK, timing=Timing(**timing))
    return next(f for f in findings if f.check == "clock")


@pytest.mark.parametrize(("skew", "status"), [(0, "pass"), (3, "pass"), (-3, "pass"), (8, "fail"), (-8, "fail"), (3600, "fail")])
def test_the_date_header_of_a_real_reply_decides(skew, status, aws, profile):
    aws.skew = skew
    finding = _clock(aws, profile)
    assert finding.status == status
    assert finding.evidence.field == "Date"


def test_a_clock_that_aws_refuses_for_is_still_told(aws, profile):
    aws.skew = 3600
    aws.on("*", refused("SignatureDoesNotMatch", 403))
    finding = _clock(aws, profile)
    assert finding.status is Status.FAIL
    assert "behind AWS's" in finding.summary


def test_the_wrong_accounts_credentials_still_tell_the_time(aws, profile):
    aws.account("999999999999")
    findings = scan(Access(ACCOUNT, profile=profile("it", aws.accounts["999999999999"].key)), timeouts=QUICK)
    assert next(f for f in findings if f.check == "clock").status is Status.PASS


@pytest.mark.parametrize("reply", [HTML_500, Reply(xml="", from_aws=False)])
def test_a_date_that_is_not_from_aws_tells_nothing(reply, aws, profile):
    aws.on("*", reply)
    aws.skew = 3600
    assert _clock(aws, profile).status is Status.UNKNOWN


def test_the_quickest_of_several_replies_decides(aws, profile):
    ticks = iter([0, 20, *[20 + n / 10 for n in range(40)]])  # the first reply took 20 s, the others 0.1 s
    aws.on("sts:GetCallerIdentity", refused("Throttling"), lambda call: Reply(xml=aws.accounts[ACCOUNT].answer(call.action, {})[1]))
    profile("it", aws.account(ACCOUNT).key)
    timing = Timing(monotonic=lambda: next(ticks))
    findings = scan(Access(ACCOUNT, profile="it"), timeouts=Timeouts(attempts=2), timing=timing)
    assert next(f for f in findings if f.check == "clock").status is Status.PASS
