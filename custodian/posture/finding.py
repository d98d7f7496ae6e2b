"""What a posture check says about one account: a finding, its status, its evidence.

Nothing in here knows AWS. A finding is a frozen value that has already been made safe to show: every text in it that
came from outside has passed `vault.text.printable`, which `complete` sees to for all checks at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from vault.clock import iso
from vault.text import printable


class Status(StrEnum):
    """The four answers a check can give."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """It could not be read, for a reason that is named. Worse than pass: what is not known is not well."""
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How much a failure matters, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a finding comes from, so that a person can look it up themselves."""

    call: str = ""
    """The API call: `iam:GetAccountSummary`."""
    field: str = ""
    """The field of its reply; empty where no reply was had."""
    value: str = ""
    """What stood there."""
    as_of_ms: int | None = None
    """The moment AWS's answer speaks of: the reply's own, or for a credential report the time it was generated."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check on one account."""

    check: str
    account: str
    status: Status
    severity: Severity
    summary: str
    """One sentence."""
    evidence: Evidence = field(default_factory=Evidence)
    error: str = ""
    """Why it is unknown: AWS's error code, or a name of the same form for what never reached AWS (`NoCredentials`)."""
    remedy: tuple[str, ...] = ()
    """What to do, step by step; empty where there is nothing to do."""
    references: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    """More lines for whoever looks closer: each key, each use, what the sources cannot show."""
    title: str = ""
    """What the check is called on a screen: "MFA on the root user"."""


_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)

_GLYPHS = {Status.PASS: "●", Status.FAIL: "▲", Status.UNKNOWN: "?", Status.NOT_APPLICABLE: "–"}
_WORDS = {Status.PASS: "pass", Status.FAIL: "fail", Status.UNKNOWN: "unknown", Status.NOT_APPLICABLE: "n/a"}


def worst(findings: Iterable[Finding | Status]) -> Status:
    """The light of an account: its worst finding. Where nothing was checked nothing is known."""
    statuses = {f if isinstance(f, Status) else f.status for f in findings}
    return next((s for s in _WORST_FIRST if s in statuses), Status.UNKNOWN)


def glyph(status: Status | str) -> str:
    """The one character that stands for a status without any colour."""
    return _GLYPHS[Status(status)]


def word(status: Status | str) -> str:
    """The word that stands beside the glyph."""
    return _WORDS[Status(status)]


def complete(finding: Finding) -> Finding:
    """`finding` with every text made safe to show and bounded in length."""
    e = finding.evidence
    return replace(
        finding,
        summary=printable(finding.summary, 600),
        evidence=Evidence(printable(e.call, 100), printable(e.field, 200), printable(e.value, 400), e.as_of_ms),
        error=printable(finding.error, 100),
        remedy=tuple(printable(step, 600) for step in finding.remedy),
        details=tuple(printable(line, 400) for line in finding.details),
    )


def as_json(finding: Finding) -> dict[str, object]:
    """The finding as `posture --json` prints it; the keys are a promise to scripts."""
    e = finding.evidence
    return {
        "account": finding.account,
        "check": finding.check,
        "status": finding.status.value,
        "severity": finding.severity.value,
        "summary": finding.summary,
        "evidence": {
            "call": e.call,
            "field": e.field,
            "value": e.value,
            "as_of": None if e.as_of_ms is None else iso(e.as_of_ms),
        },
        "error": finding.error,
        "remedy": list(finding.remedy),
    }
