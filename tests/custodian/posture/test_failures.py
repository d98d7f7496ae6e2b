"""Whatever keeps AWS from being read becomes `unknown` with a code, a sentence and a remedy, and never an exception."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from custodian.posture import Access, Status, Timeouts, scan
from tests.custodian.posture.conftest import ACCOUNT, QUICK
from tests.support.aws_overlay import BROKEN_XML, DROPS, HANGS, HTML_200, HTML_500, Reply, refused

SUMMARY = "iam:GetAccountSummary"


def _mfa(findings):
    return next(f for f in findings if f.check == "root-mfa")


def _all_unknown(access, code, *, timeouts=QUICK):
    findings = scan(access, timeouts=timeouts)
    assert {f.check: (f.status, f.error) for f in findings if f.check != "clock"} == dict.fromkeys(("root-mfa", "root-access-keys", "root-signing-certificates", "root-recent-use"), (Status.UNKNOWN, code))
    assert all(f.remedy for f in findings if f.status is Status.UNKNOWN)
    return findings


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (refused("AccessDenied", 403), "AccessDenied", "AWS denied iam:GetAccountSummary"),
        (refused("Throttling"), "Throttling", "AWS is throttling iam:GetAccountSummary"),
        (refused("RequestLimitExceeded", 503), "RequestLimitExceeded", "throttling"),
        (refused("ExpiredToken", 403), "ExpiredToken", "the AWS credentials have expired"),
        (refused("InvalidClientTokenId", 403), "InvalidClientTokenId", "AWS does not accept these credentials"),
        (refused("SignatureDoesNotMatch", 403), "SignatureDoesNotMatch", "AWS does not accept these credentials"),
        (refused("OptInRequired", 403), "OptInRequired", "not enabled for this account"),
        (refused("InternalFailure", 500), "InternalFailure", "an error of its own"),
        (refused("SomethingNew", 418), "SomethingNew", "AWS answered iam:GetAccountSummary with SomethingNew"),
        (HTML_500, "500", "an error of its own (500)"),
        (Reply(503, body=b""), "503", "an error of its own (503)"),
        (HTML_200, "MalformedReply", "cannot be read"),
        (BROKEN_XML, "MalformedReply", "cannot be read"),
        (Reply(200, body=b""), "MalformedReply", "cannot be read"),
        (Reply(xml=""), "MalformedReply", "it has no summary"),
        (Reply(body=b"\x00\xff" * 40), "MalformedReply", "cannot be read"),
        (DROPS, "ConnectionClosed", "the connection was closed"),
    ],
)
def test_a_reply_that_is_no_answer_is_unknown_with_its_code(reply, code, words, aws, scanned):
    aws.on(SUMMARY, reply)
    finding = scanned()["root-mfa"]
    assert (finding.status, finding.error) == (Status.UNKNOWN, code)
    assert words in finding.summary
    assert finding.summary.endswith(f"({code}).")
    assert finding.evidence.call == SUMMARY
    assert finding.remedy


def test_an_answer_that_does_not_come_is_unknown_after_the_timeout(aws, scanned):
    aws.on(SUMMARY, HANGS)
    assert scanned(timeouts=Timeouts(read=0.3, attempts=1))["root-mfa"].error == "ReadTimeout"


def test_a_throttled_call_is_tried_again_and_then_answered(aws, scanned):
    aws.on(SUMMARY, refused("Throttling"), lambda call: Reply(xml=_summary(aws)))
    assert scanned(timeouts=Timeouts(attempts=3))["root-mfa"].status is Status.PASS
    assert aws.actions().count(SUMMARY) == 2


def _summary(aws):
    return aws.accounts[ACCOUNT].answer(SUMMARY, {})[1]


def test_no_credentials_is_unknown(aws):
    findings = _all_unknown(Access(ACCOUNT), "NoCredentials")
    assert next(f for f in findings if f.check == "clock").status is Status.UNKNOWN
    assert aws.calls == []


def test_an_unknown_profile_is_unknown(aws):
    findings = _all_unknown(Access(ACCOUNT, profile="nobody"), "ProfileNotFound")
    assert "have no profile nobody" in _mfa(findings).summary


def test_settings_that_are_no_settings_are_unknown(aws):
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text("[half\nnonsense")
    _all_unknown(Access(ACCOUNT, profile="half"), "SettingsNotReadable")


def test_half_a_key_is_unknown(aws):
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text("[half]\naws_access_key_id = AKIAHALF\n")
    _all_unknown(Access(ACCOUNT, profile="half"), "CredentialsNotReadable")


def test_a_profile_that_would_ask_for_a_code_asks_nobody(aws, profile, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda *_: pytest.fail("the terminal was asked"))
    profile("base", aws.account("999999999999").key)
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(
        "[profile coded]\nsource_profile = base\n"
        f"role_arn = arn:aws:iam::{ACCOUNT}:role/reader\nmfa_serial = arn:aws:iam::999999999999:mfa/anna\n"
    )
    _all_unknown(Access(ACCOUNT, profile="coded"), "ProfileAsksForMfa")


def test_a_credential_process_that_fails_is_unknown(aws):
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[profile own]\ncredential_process = /bin/false\n")
    _all_unknown(Access(ACCOUNT, profile="own"), "CredentialsNotReadable")


def test_a_single_sign_on_that_has_lapsed_is_unknown(aws):
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(
        "[profile sso]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = reader\n"
        "[sso-session acme]\nsso_start_url = https://acme.example/start\nsso_region = us-east-1\n"
    )
    findings = _all_unknown(Access(ACCOUNT, profile="sso"), "SingleSignOnExpired")
    assert "aws sso login --profile sso" in " ".join(_mfa(findings).remedy)


def test_expired_credentials_are_unknown_for_every_check(aws, profile):
    aws.on("*", refused("ExpiredToken", 403))
    _all_unknown(Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key)), "ExpiredToken")


def test_a_refused_connection_is_unknown(monkeypatch, profile):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        _all_unknown(Access(ACCOUNT, profile=profile("it", "AKIAANY")), "NotReached")


def test_a_certificate_that_is_not_trusted_is_unknown(aws, monkeypatch, profile):
    # The simulated AWS speaks no TLS at all: the handshake fails.
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url.replace("http:", "https:"))
    _all_unknown(Access(ACCOUNT, profile=profile("it", "AKIAANY")), "CertificateNotTrusted")


def test_the_credentials_of_another_account_make_no_finding_about_either(aws, profile):
    other = aws.account("999999999999", mfa=False, keys=2)
    findings = _all_unknown(Access(ACCOUNT, profile=profile("it", other.key)), "WrongAccount")
    assert "profile it belongs to account 999999999999, not to 111122223333" in _mfa(findings).summary
    assert aws.actions() == ["sts:GetCallerIdentity"]


def test_the_credentials_of_another_account_are_no_ground_for_not_applicable_either(aws, profile):
    other = aws.account("999999999999", partition="aws-cn")
    _all_unknown(Access(ACCOUNT, partition="aws-cn", profile=profile("it", other.key)), "WrongAccount")


def test_a_record_with_the_wrong_partition_is_unknown(aws, profile):
    it = aws.account(ACCOUNT)
    _all_unknown(Access(ACCOUNT, partition="aws-us-gov", profile=profile("it", it.key)), "WrongPartition")


def test_a_partition_we_do_not_know_is_unknown(aws, profile):
    _all_unknown(Access(ACCOUNT, partition="aws-moon", profile=profile("it", "AKIAANY")), "NoSuchPartition")


def test_a_region_of_another_partition_is_unknown(aws, profile):
    access = Access(ACCOUNT, profile=profile("it", "AKIAANY"), region="cn-north-1")
    _all_unknown(access, "NoSuchRegion")


def test_an_opt_in_region_that_is_off_says_to_leave_it_unset(aws, profile):
    aws.on("sts:GetCallerIdentity", refused("InvalidClientTokenId", 403))
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key), region="me-south-1")
    findings = _all_unknown(access, "InvalidClientTokenId")
    assert "in me-south-1" in _mfa(findings).summary
    assert any("opt-in region" in step for step in _mfa(findings).remedy)


@pytest.mark.parametrize("xml", ["", "<Account>12</Account>", "<Account>111122223333</Account>", "<Arn>root</Arn>"])
def test_an_identity_that_names_no_account_is_unknown(xml, aws, profile):
    aws.on("sts:GetCallerIdentity", Reply(xml=xml))
    _all_unknown(Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key)), "MalformedReply")


def test_an_error_code_cannot_act_on_a_terminal(aws, scanned):
    aws.on(SUMMARY, refused("\u202eDenied\u2066" + "x" * 500, 403))
    finding = scanned()["root-mfa"]
    assert finding.status is Status.UNKNOWN
    assert all(text.isprintable() for text in (finding.summary, finding.error))
    assert len(finding.error) <= 64


def test_credentials_stand_in_no_finding(aws, profile):
    aws.on("iam:*", refused("AccessDenied", 403))
    findings = scan(Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key)), timeouts=QUICK)
    assert "a-secret-of-nobody" not in repr(findings)
