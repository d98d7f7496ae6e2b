"""`posture` against an AWS on loopback, and what `checkin` makes of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.aws_overlay import Reply, refused, serve

from .conftest import ACCOUNT, REASON

OTHER = "222233334444"


@pytest.fixture
def aws(monkeypatch):
    with serve() as overlay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", overlay.url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        yield overlay


@pytest.fixture
def known(aws, stocked):
    """An account that AWS knows, reached by the profile of its record."""
    with Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).open("a") as settings:
        settings.write(f"[pay]\naws_access_key_id = {aws.account(ACCOUNT).key}\naws_secret_access_key = nobody\n")
    stocked.ok("accounts", "edit", ACCOUNT, "--profile", "pay")
    return stocked


def test_a_finding_has_the_keys_that_scripts_rely_on(known):
    done = known("posture", "payments-prod", "--json")
    assert done.code == 0, done.json
    checks = [f["check"] for f in done.json]
    assert checks == sorted(checks)
    assert {"root-mfa", "root-access-keys", "root-signing-certificates", "root-recent-use", "clock"} <= set(checks)
    for finding in done.json:
        assert list(finding) == ["account", "check", "status", "severity", "summary", "evidence", "error", "remedy"]
        assert list(finding["evidence"]) == ["call", "field", "value", "as_of"]
        assert finding["status"] in ("pass", "not_applicable")


def test_a_failed_check_ends_with_1_and_shows_its_remedy(aws, known):
    aws.accounts[ACCOUNT].keys = 1
    done = known("posture")
    assert done.code == 1
    assert "▲ fail  root-access-keys" in done.out
    assert "      1. " in done.out


@pytest.mark.parametrize(
    "reply",
    [
        refused("AccessDenied", 403),
        refused("Throttling"),
        Reply(status=500, body=b"<html>down</html>", content_type="text/html"),
    ],
    ids=["denied", "throttled", "HTML with a 500"],
)
def test_what_cannot_be_read_is_unknown_and_ends_with_1(aws, known, reply):
    aws.on("iam:GetAccountSummary", reply)
    done = known("posture", ACCOUNT, "--json")
    assert done.code == 1
    by_check = {f["check"]: f for f in done.json}
    assert by_check["root-mfa"]["status"] == "unknown"
    assert by_check["root-mfa"]["error"]


def test_where_nothing_can_be_read_the_exit_code_is_6_and_the_document_is_there(stocked):
    done = stocked("posture", "--json")
    assert done.code == 6
    assert {f["status"] for f in done.json} == {"unknown"}
    assert "doctor" in done.err


def test_no_account_is_no_failure(founded):
    assert founded.json("posture") == []


def test_an_account_that_is_not_there_is_wrong_usage(stocked):
    assert stocked("posture", OTHER).code == 2


def test_posture_is_in_the_log_only_when_asked(known):
    before = known.json("status")["entries"]
    known.ok("posture")
    assert known.json("status")["entries"] == before
    known.ok("posture", "--record")
    assert known.json("log", "show")[-1]["event"] == "posture recorded"
    assert "● pass" in known.ok("accounts", "show", ACCOUNT).out


def test_check_in_reads_the_posture_again_and_records_before_and_after(aws, known):
    known.ok("posture", "--record")
    checkout = known.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    aws.accounts[ACCOUNT].keys = 1
    known.ok("checkin", checkout)
    assert "root-access-keys pass → fail" in known.json("log", "show")[-1]["detail"]


def test_check_in_goes_on_where_aws_does_not(aws, known):
    checkout = known.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    aws.on("iam:GetAccountSummary", refused("AccessDenied", 403))
    assert known.json("checkin", checkout)["state"] == "checked_in"


def test_check_in_asks_nothing_of_aws_where_that_is_not_wanted(aws, known):
    checkout = known.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    known.ok("checkin", checkout, "--no-posture")
    assert aws.actions() == []


def test_check_in_without_any_credentials_ends_the_checkout_all_the_same(stocked):
    checkout = stocked.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    assert stocked.json("checkin", checkout)["state"] == "checked_in"


def test_the_settings_say_how_to_reach_accounts_that_do_not(aws, known, tmp_path):
    settings = tmp_path / "config.toml"
    settings.write_text('base_profile = "pay"\nrole = "breakglass-read"\n')
    known.ok("accounts", "add", OTHER, "--name", "lake", "--email", "a@b.example")
    known("posture", OTHER, "--config", settings)
    assert "sts:AssumeRole" in aws.actions()
