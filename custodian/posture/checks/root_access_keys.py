"""`root-access-keys`: the root user has no access keys; for each there is, who uses it and would have to move to a role.

The account summary decides, because it is live. The credential report and CloudTrail only tell more about what it found.
"""

from __future__ import annotations

from collections import Counter

from custodian.posture.check import Check, Facts, Verdict
from custodian.posture.checks import NO_ROOT_IN_CHINA
from custodian.posture.finding import Severity, Status
from custodian.posture.reads.account_summary import SUMMARY
from custodian.posture.reads.credential_report import REPORT, CredentialReport, ReportedKey
from custodian.posture.reads.root_events import EVENTS
from vault.clock import iso

_DAY_MS = 86_400_000
_CALLS_SHOWN = 5


def judge(facts: Facts) -> Verdict:
    """Pass if there are none; else fail, with each key and the calls made under it."""
    summary = facts.need(SUMMARY)
    count = summary.count("AccountAccessKeysPresent")
    evidence = facts.read(SUMMARY).evidence("AccountAccessKeysPresent", count)
    if count == 0:
        return Verdict(Status.PASS, "The root user has no access keys.", evidence)
    details, known = _keys(facts)
    sentence = f"The root user has {'an access key' if count == 1 else 'access keys'}"
    sentence += f": {'; '.join(known)}." if known else "."
    return Verdict(Status.FAIL, sentence, evidence, (*details, *_calls(facts)))


def _keys(facts: Facts) -> tuple[list[str], list[str]]:
    read = facts.read(REPORT)
    report = read.value
    if report is None:
        assert read.failure is not None
        return [f"Age and last use are not known: {read.failure.sentence} ({read.failure.code})."], []
    told = [_told(key, report, facts.now_ms) for key in report.keys if key.active is not None and key.rotated_ms]
    if not told:
        return [f"The credential report of {iso(report.generated_ms)} does not show a key yet."], []
    return [f"Age and last use are from the credential report of {iso(report.generated_ms)}."], told


def _told(key: ReportedKey, report: CredentialReport, now_ms: int) -> str:
    age = max(0, now_ms - (key.rotated_ms or report.generated_ms)) // _DAY_MS
    state = "active" if key.active else "inactive"
    told = f"key {key.number} is {state}, {age} {'day' if age == 1 else 'days'} old"
    if key.used_ms is None:
        return f"{told}, never used"
    by = f" for {key.service}" if key.service else ""
    where = f" in {key.region}" if key.region else ""
    return f"{told}, last used {iso(key.used_ms)}{by}{where}"


def _calls(facts: Facts) -> list[str]:
    read = facts.read(EVENTS)
    if read.value is None:
        assert read.failure is not None
        return [f"The calls made under it are not known: {read.failure.sentence} ({read.failure.code})."]
    # Long-lived keys begin with AKIA; a console session calls under temporary ones.
    calls = Counter(
        (e.access_key, e.service, e.name, e.region, e.address, e.agent)
        for e in read.value.events
        if e.access_key.startswith("AKIA")
    )
    lines = [
        f"{key}: {name} of {service} in {region} from {address} by {agent or 'an unnamed agent'}, {times} times"
        for (key, service, name, region, address, agent), times in calls.most_common(_CALLS_SHOWN)
    ]
    if len(calls) > _CALLS_SHOWN:
        lines.append(f"and {len(calls) - _CALLS_SHOWN} more kinds of call")
    return [*lines, "CloudTrail was asked in the home region only: calls to other regions are not among these."]


CHECK = Check(
    id="root-access-keys",
    place=30,
    title="Root access keys",
    severity=Severity.CRITICAL,
    reads=(SUMMARY, REPORT, EVENTS),
    judge=judge,
    remedy=(
        "Find out who uses the key: its last use and the calls under it stand with this finding.",
        "Give whoever uses it a role with only what it needs, and see that nothing calls under the key any more.",
        "Check out the root user, sign in to the AWS console, open the account menu, then Security credentials.",
        "Under Access keys, choose Deactivate; when nothing has broken for some days, choose Delete.",
        "Scan again.",
    ),
    references=(
        "CIS AWS Foundations Benchmark: Ensure no 'root' user account access key exists",
        "AWS Security Hub IAM.4",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_delete-key.html",
    ),
    absent_in={"aws-cn": NO_ROOT_IN_CHINA},
)
