"""Findings as values: the light of an account, the signs, the JSON that scripts rely on, the lines of the log."""

from __future__ import annotations

import msgspec
import pytest

from custodian.posture import (
    Evidence,
    Finding,
    Severity,
    Status,
    as_json,
    glyph,
    light,
    posture_lines,
    word,
    worst,
)


def _finding(status, summary="Well."):
    return Finding("root-mfa", "111122223333", status, Severity.CRITICAL, summary)


@pytest.mark.parametrize(
    ("statuses", "light_of_all"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "unknown"], "unknown"),
        (["unknown", "fail", "pass"], "fail"),
        (["not_applicable", "pass"], "pass"),
        (["not_applicable", "unknown"], "unknown"),
        (["not_applicable"], "not_applicable"),
        ([], "unknown"),
    ],
)
def test_the_light_of_an_account_is_its_worst_finding(statuses, light_of_all):
    assert worst(_finding(Status(s)) for s in statuses) == light_of_all


def test_every_status_has_a_glyph_and_a_word():
    assert [(glyph(s), word(s)) for s in Status] == [("●", "pass"), ("▲", "fail"), ("?", "unknown"), ("–", "n/a")]


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        (["fail", "fail", "unknown"], "▲ 2 fail"),
        (["unknown", "pass"], "? 1 unknown"),
        (["pass", "not_applicable"], "● pass"),
        (["not_applicable"], "– n/a"),
        ([], "? not read"),
    ],
)
def test_the_light_in_words_counts_what_is_wrong(statuses, words):
    assert light([_finding(Status(s)) for s in statuses]) == words


def test_the_json_has_the_promised_keys():
    evidence = Evidence("iam:GetAccountSummary", "AccountMFAEnabled", "0", 1_764_000_000_000)
    finding = Finding("root-mfa", "111122223333", Status.FAIL, Severity.CRITICAL, "No MFA.", evidence, remedy=("Do.",))
    assert as_json(finding) == {
        "account": "111122223333",
        "check": "root-mfa",
        "status": "fail",
        "severity": "critical",
        "summary": "No MFA.",
        "evidence": {
            "call": "iam:GetAccountSummary",
            "field": "AccountMFAEnabled",
            "value": "0",
            "as_of": "2025-11-24T16:00:00Z",
        },
        "error": "",
        "remedy": ["Do."],
    }
    assert as_json(_finding(Status.UNKNOWN))["evidence"]["as_of"] is None


def test_findings_become_lines_that_the_log_takes():
    from vault.events import PostureLine

    lines = posture_lines([_finding(Status.PASS), _finding(Status.NOT_APPLICABLE, "x" * 5000)])
    assert [line.status for line in lines] == ["pass", "not_applicable"]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(lines), type=tuple[PostureLine, ...]) == lines
    assert light(lines) == "● pass"
