"""Every check in every state that AWS can be in; each cell is what the finding must be, or why the state cannot occur."""

from __future__ import annotations

import pytest

from custodian.posture import Status, Timeouts, catalogue
from tests.custodian.posture.conftest import ACCOUNT, QUICK
from tests.support.aws_account import root_event
from tests.support.aws_overlay import BROKEN_XML, DROPS, HANGS, HTML_200, HTML_500, Reply, refused

MFA, KEYS, CERTS, USE, CLOCK = "root-mfa", "root-access-keys", "root-signing-certificates", "root-recent-use", "clock"
CHECKS = (MFA, KEYS, CERTS, USE, CLOCK)
P, F, U, N = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE

READS = ("iam:GetAccountSummary", "iam:GetCredentialReport", "cloudtrail:LookupEvents")

# state: what the five checks must say, in the order of CHECKS
EXPECTED = {
    "pass": (P, P, P, P, P),
    "fail": (F, F, F, F, F),
    "denied": (U, U, U, U, P),
    "throttled": (U, U, U, U, P),
    "timed out": (U, U, U, U, P),
    "malformed": (U, U, U, U, P),
    "html with 500": (U, U, U, U, P),
    "connection dropped": (U, U, U, U, P),
    "all of AWS denied": (U, U, U, U, P),  # a refusal is signed by AWS's clock too
    "all of AWS html": (U, U, U, U, U),
    "all of AWS silent": (U, U, U, U, U),
    "paginated": (P, P, P, F, P),
    "no root credentials": (N, P, P, P, P),
    "GovCloud": (N, F, P, P, P),
    "China": (N, N, N, N, P),
}
NOT_A_STATE = {
    ("paginated", MFA): "GetAccountSummary has one page",
    ("paginated", KEYS): "GetAccountSummary has one page",
    ("paginated", CERTS): "GetAccountSummary has one page",
    ("paginated", CLOCK): "a header has no pages",
    ("no root credentials", CLOCK): "the clock is the machine's",
}


def _prepare(aws, profile, state):
    options = {
        "fail": {"mfa": False, "keys": 1, "certificates": 1},
        "no root credentials": {"mfa": False, "password": False},
        "GovCloud": {"partition": "aws-us-gov", "mfa": False, "keys": 1},
        "China": {"partition": "aws-cn"},
        "paginated": {"page_size": 2},
    }
    account = aws.account(ACCOUNT, **options.get(state, {}))
    if state == "fail":
        account.events = [root_event(ACCOUNT, account.now() - 3600)]
        aws.skew = -60
    if state == "paginated":
        user = {"type": "IAMUser", "userName": "root", "accountId": ACCOUNT}
        account.events = [root_event(ACCOUNT, account.now() - n, "Other", userIdentity=user) for n in range(5)]
        account.events.append(root_event(ACCOUNT, account.now() - 9000))
    profile("it", account.key)
    broken = {
        "denied": refused("AccessDenied", 403),
        "throttled": refused("Throttling", 400),
        "timed out": HANGS,
        "malformed": BROKEN_XML,
        "html with 500": HTML_500,
        "connection dropped": DROPS,
    }
    for action in READS if state in broken else ():
        aws.on(action, broken[state])
    everything = {"all of AWS denied": refused("AccessDenied", 403), "all of AWS html": HTML_200, "all of AWS silent": HANGS}
    if state in everything:
        aws.on("*", everything[state])


@pytest.mark.parametrize("state", EXPECTED)
def test_each_check_says_what_is_known_and_no_more(state, aws, profile, scanned):
    _prepare(aws, profile, state)
    silent = state in ("timed out", "all of AWS silent")
    findings = scanned(timeouts=Timeouts(read=1.5, attempts=1) if silent else QUICK)
    assert {check: findings[check].status for check in CHECKS} == dict(zip(CHECKS, EXPECTED[state], strict=True))
    for finding in findings.values():
        assert finding.summary.endswith(".")
        assert finding.error != "CheckFailed"
        if finding.status is U:
            assert finding.error
            assert finding.error in finding.summary
            assert finding.remedy
        else:
            assert finding.error == ""
        if finding.status is F:
            assert len(finding.remedy) >= 3
        if finding.status in (P, F):
            assert finding.evidence.call
            assert finding.evidence.field
            assert finding.evidence.as_of_ms


def test_the_table_of_checks_and_states_is_whole():
    assert {c.id for c in catalogue()} == set(CHECKS)
    width = max(map(len, EXPECTED))
    print("\n" + " " * width, *(f"{c:>{max(14, len(c))}}" for c in CHECKS))
    for state, row in EXPECTED.items():
        cells = ["(no such)" if (state, check) in NOT_A_STATE else said for check, said in zip(CHECKS, row, strict=True)]
        print(f"{state:<{width}}", *(f"{cell:>{max(14, len(c))}}" for c, cell in zip(CHECKS, cells, strict=True)))


@pytest.mark.parametrize("state", ["denied", "throttled"])
def test_one_denied_call_leaves_the_checks_that_do_not_need_it(state, aws, scanned):
    code = {"denied": "AccessDenied", "throttled": "Throttling"}[state]
    aws.on("iam:GetCredentialReport", refused(code))
    findings = scanned()
    assert [findings[c].status for c in CHECKS] == [P, P, P, U, P]
    assert findings[USE].error == code
    assert findings[USE].evidence.call == "iam:GetCredentialReport"


def test_a_reply_without_the_field_is_unknown_and_not_a_zero(aws, scanned):
    aws.on("iam:GetAccountSummary", Reply(xml="<SummaryMap><entry><key>Users</key><value>3</value></entry></SummaryMap>"))
    findings = scanned()
    assert [findings[c].status for c in (MFA, KEYS, CERTS)] == [U, U, U]
    assert findings[KEYS].error == "MalformedReply"
    assert "AccountAccessKeysPresent" in findings[KEYS].summary


@pytest.mark.parametrize("value", ["2", "-1", "yes", "", "1.5"])
def test_a_number_that_is_none_is_unknown(value, aws, scanned):
    names = ("AccountMFAEnabled", "AccountAccessKeysPresent", "AccountSigningCertificatesPresent", "AccountPasswordPresent")
    entries = "".join(f"<entry><key>{n}</key><value>{value}</value></entry>" for n in names)
    aws.on("iam:GetAccountSummary", Reply(xml=f"<SummaryMap>{entries}</SummaryMap>"))
    assert scanned()[MFA].status is U


def test_root_mfa_without_a_word_on_the_password_is_not_taken_for_no_credentials(aws, scanned):
    # moto's own summary: MFA off, no keys, and nothing about a password.
    aws.on("iam:GetAccountSummary", lambda call: None)
    assert scanned()[MFA].status is U
    assert scanned()[KEYS].status is P


def test_root_with_a_key_but_no_password_and_no_mfa_fails(scanned):
    assert scanned(password=False, mfa=False, keys=1)[MFA].status is F


def test_root_with_only_a_certificate_and_no_mfa_fails(scanned):
    findings = scanned(password=False, mfa=False, certificates=1)
    assert findings[MFA].status is F
    assert findings[CERTS].status is F


def test_no_root_credentials_says_so_in_a_sentence(scanned):
    finding = scanned(password=False, mfa=False)[MFA]
    assert finding.summary == "The root user has no credentials: no password, no access key and no signing certificate."


def test_govcloud_is_asked_in_its_own_region(aws, scanned):
    assert scanned(partition="aws-us-gov", mfa=False, keys=1)[MFA].summary.startswith("In AWS GovCloud")
    assert {c.region for c in aws.calls} == {"us-gov-west-1"}


def test_china_is_asked_nothing_but_whose_credentials_these_are(aws, scanned):
    scanned(partition="aws-cn")
    assert aws.actions() == ["sts:GetCallerIdentity"]
    assert aws.calls[0].region == "cn-north-1"


def test_each_source_is_asked_once_in_a_scan(aws, scanned):
    scanned(keys=1)
    assert sorted(aws.actions()) == sorted(set(aws.actions()))
