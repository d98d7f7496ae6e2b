"""`root-recent-use`: every use of root within CloudTrail's 90 days is explained by a checkout of this vault.

Uses are root's own events and, since a key works in every region, the last-used dates of the password and of both keys. One
use that no checkout explains is a fail, whatever else could not be read; a pass needs both sources whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from custodian.posture.access import HOME_REGIONS, SLACK_MS, Window, explaining
from custodian.posture.check import Check, Facts, Unanswered, Verdict
from custodian.posture.checks import NO_ROOT_IN_CHINA
from custodian.posture.finding import Evidence, Severity, Status
from custodian.posture.reads.credential_report import REPORT
from custodian.posture.reads.root_events import EVENTS, LOOKBACK_MS, RootEvent
from custodian.posture.source import Read
from vault.clock import iso

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Use:
    at_ms: int
    told: str
    evidence: Evidence
    by: tuple[Window, ...]


def judge(facts: Facts) -> Verdict:
    """Fail for any use without a checkout; unknown unless both sources are whole; else pass."""
    report, events = facts.read(REPORT), facts.read(EVENTS)
    uses = _uses(facts)
    limits = _limits(facts)
    unexplained = [use for use in uses if not use.by]
    if unexplained:
        latest, more = unexplained[0], len(unexplained) - 1
        sentence = f"Root was used and no checkout explains it: {latest.told}"
        if more:
            sentence += f"; and {more} more {'use' if more == 1 else 'uses'}"
        lines = [f"not explained: {use.told}" for use in unexplained[:_SHOWN]]
        if len(unexplained) > _SHOWN:
            lines.append(f"and {len(unexplained) - _SHOWN} more that no checkout explains")
        return Verdict(Status.FAIL, sentence + ".", latest.evidence, (*lines, *limits))
    lines = [f"{use.told}: {_who(use.by)}" for use in uses[:_SHOWN]]
    for read in (report, events):
        if read.value is None:
            raise Unanswered(read, (*lines, *limits))
    assert events.value is not None
    if events.value.incomplete is not None:
        raise Unanswered(Read(events.call, events.as_of_ms, failure=events.value.incomplete), (*lines, *limits))
    if uses:
        sentence = f"Root was last used {iso(uses[0].at_ms)}, explained by {_who(uses[0].by)}."
        return Verdict(Status.PASS, sentence, uses[0].evidence, (*lines, *limits))
    return Verdict(Status.PASS, _unused(facts), report.evidence("password_last_used", _last(facts)), limits)


def _uses(facts: Facts) -> list[_Use]:
    """All uses within the 90 days, newest first; a date that an event tells more about counts once."""
    uses = []
    events = facts.read(EVENTS)
    for event in events.value.events if events.value else ():
        evidence = events.evidence("eventTime", iso(event.at_ms))
        uses.append(_Use(event.at_ms, _event(event), evidence, explaining(facts.windows, event.at_ms)))
    report = facts.read(REPORT)
    for column, at_ms, told in _dates(facts):
        by = explaining(facts.windows, at_ms)
        if at_ms > facts.now_ms - LOOKBACK_MS and not any(_same(use, at_ms, by) for use in uses):
            uses.append(_Use(at_ms, f"{told} {iso(at_ms)}", report.evidence(column, iso(at_ms)), by))
    return sorted(uses, key=lambda use: -use.at_ms)


def _same(use: _Use, at_ms: int, by: tuple[Window, ...]) -> bool:
    # Where one is explained and the other is not, they are told apart, however close.
    return abs(use.at_ms - at_ms) <= SLACK_MS and use.by == by


def _dates(facts: Facts) -> list[tuple[str, int, str]]:
    """Column, date and words of every last use that the report gives: the password's and both keys'."""
    report = facts.read(REPORT).value
    if report is None:
        return []
    found = []
    if report.password_used_ms is not None:
        found.append(("password_last_used", report.password_used_ms, "the password was used"))
    for key in report.keys:
        if key.used_ms is not None:
            where = f" for {key.service or 'a service'}" + (f" in {key.region}" if key.region else "")
            told = f"access key {key.number} was used{where}"
            found.append((f"access_key_{key.number}_last_used_date", key.used_ms, told))
    return found


def _event(event: RootEvent) -> str:
    told = f"{event.name}{' (refused)' if event.failed else ''} {iso(event.at_ms)}"
    if event.address:
        told += f" from {event.address}"
    if event.agent:
        told += f" with {event.agent[:120]}"
    if event.via:
        told += f" through {event.via}"
    if event.access_key.startswith("AKIA"):
        told += f" under the access key {event.access_key}"
    return told + {"yes": ", with MFA", "no": ", without MFA"}.get(event.mfa, ", MFA not stated")


def _who(windows: tuple[Window, ...]) -> str:
    return " and ".join(f"checkout {w.checkout} ({w.member})" for w in windows)


def _last(facts: Facts) -> str:
    dates = [at_ms for _, at_ms, _ in _dates(facts)]
    return iso(max(dates)) if dates else "none"


def _unused(facts: Facts) -> str:
    last = _last(facts)
    before = "AWS shows no use of it at all" if last == "none" else f"it was last used {last}"
    return f"Root was not used in the last 90 days: {before}."


def _limits(facts: Facts) -> tuple[str, ...]:
    report = facts.read(REPORT).value
    of = f", from the credential report of {iso(report.generated_ms)}" if report else ""
    home = HOME_REGIONS.get(facts.access.partition, "the home region")
    return (
        "CloudTrail keeps 90 days and shows an event up to 15 minutes late.",
        f"Events were read in {home}; of a root key's calls to other regions only the last is known{of}.",
    )


CHECK = Check(
    id="root-recent-use",
    place=50,
    title="Last use of root",
    severity=Severity.CRITICAL,
    reads=(REPORT, EVENTS),
    judge=judge,
    remedy=(
        "Ask every custodian whether it was them; if it was, have them say so in the log, and check out next time.",
        "If nobody knows: treat it as a break-in. Check out the root user, change its password and replace its MFA device.",
        "Delete root access keys and signing certificates, and look in CloudTrail at everything root did since, in every region.",
        "Check the account's root e-mail address, phone number and alternate contacts for changes.",
    ),
    references=(
        "CIS AWS Foundations Benchmark: Eliminate use of the 'root' user for administrative and daily tasks",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
    ),
    absent_in={"aws-cn": NO_ROOT_IN_CHINA},
)
