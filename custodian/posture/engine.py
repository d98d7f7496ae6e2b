"""Runs the checks: one account in the calling thread, or many at once, results as they come.

`scan` and `scan_many` raise nothing for what AWS, the network or the credentials do: each is an `unknown` that says why.
Only a defect in the caller's own callback comes out. A scan that is cancelled returns what it has found so far.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

from custodian.posture.access import Access, Window
from custodian.posture.check import Check, Facts, Unanswered, Verdict, catalogue
from custodian.posture.failure import LATER, Failure, ReadFailed
from custodian.posture.finding import Evidence, Finding, Status, complete
from custodian.posture.reading import Reading
from custodian.posture.reads.identity import IDENTITY, Identity
from custodian.posture.source import Read
from custodian.posture.stop import Stop, Stopped
from custodian.posture.timing import Timeouts, Timing

OnFinding = Callable[[Finding], None]


@dataclass(frozen=True, slots=True)
class Scanned:
    """One account's findings, in the order of the catalogue; fewer than all of them if the scan was cancelled."""

    access: Access
    findings: tuple[Finding, ...]
    whole: bool
    """False where the scan was cancelled before every check was done."""


def scan(
    access: Access,
    windows: Sequence[Window] = (),
    on_finding: OnFinding | None = None,
    cancel: threading.Event | None = None,
    *,
    timeouts: Timeouts | None = None,
    timing: Timing | None = None,
    checks: Sequence[Check] | None = None,
) -> list[Finding]:
    """Run every check on one account, blocking; for a worker thread. Each finding goes to `on_finding` when it is there.

    `windows` are the checkouts that explain a use of root; `cancel` ends the scan at once. The list is in the
    catalogue's order, whatever order the findings came in.
    """
    with Stop(cancel) as stop:
        return list(_scan(access, windows, on_finding, stop, timeouts, timing, checks).findings)


def scan_many(
    accesses: Iterable[Access],
    windows: Mapping[str, Sequence[Window]] | None = None,
    on_finding: OnFinding | None = None,
    cancel: threading.Event | None = None,
    *,
    workers: int = 16,
    timeouts: Timeouts | None = None,
    timing: Timing | None = None,
    checks: Sequence[Check] | None = None,
) -> Iterator[Scanned]:
    """Scan many accounts, `workers` at once, and yield each as soon as it is done; a slow one holds up no other.

    `windows` maps account ids to their checkouts. `on_finding` is called in worker threads. Setting `cancel`, or
    closing the iterator, ends the scans in flight; when the iterator ends, no thread of it is left.
    """
    known = windows or {}
    with Stop(cancel) as stop, ThreadPoolExecutor(workers, thread_name_prefix="posture") as pool:
        waiting = iter(accesses)
        running: set[Future[Scanned]] = set()

        def fill() -> None:
            while len(running) < workers and not stop.asked and (access := next(waiting, None)) is not None:
                mine = known.get(access.account_id, ())
                running.add(pool.submit(_scan, access, mine, on_finding, stop, timeouts, timing, checks))

        try:
            fill()
            while running:
                done = wait(running, return_when=FIRST_COMPLETED).done
                running -= done
                fill()  # before the results are handed out: whoever takes them may take their time
                for future in done:
                    yield future.result()
        finally:
            stop.halt()


def _scan(
    access: Access,
    windows: Sequence[Window],
    on_finding: OnFinding | None,
    stop: Stop,
    timeouts: Timeouts | None,
    timing: Timing | None,
    checks: Sequence[Check] | None,
) -> Scanned:
    asked = catalogue() if checks is None else tuple(checks)
    found: dict[str, Finding] = {}
    reading = Reading(access, timeouts or Timeouts(), timing or Timing(), stop)
    try:
        # What is known soonest is told soonest: a credential report can take AWS half a minute.
        for check in sorted(asked, key=lambda c: any(source.slow for source in c.reads)):
            stop.check()
            found[check.id] = finding = judged(check, reading, windows)
            if on_finding is not None:
                on_finding(finding)
    except Stopped:
        pass
    finally:
        reading.close()
    findings = tuple(found[check.id] for check in asked if check.id in found)
    return Scanned(access, findings, len(findings) == len(asked))


def judged(check: Check, reading: Reading, windows: Sequence[Window]) -> Finding:
    """One check's finding on the account that `reading` speaks with."""
    access = reading.access
    facts = Facts(access, reading.now_ms, windows, reading.read, check.reads)
    blank = Finding(
        check.id,
        access.account_id,
        Status.UNKNOWN,
        check.severity,
        "",
        references=check.references,
        title=check.title,
    )
    try:
        if access.partition in check.absent_in:
            return complete(_absent(check, blank, access, reading.read(IDENTITY)))
        verdict = check.judge(facts)
    except Unanswered as unanswered:
        return complete(_unknown(check, blank, unanswered.read, unanswered.details))
    except ReadFailed as failed:  # a field that the check needs is not in the reply
        return complete(_unknown(check, blank, Read(failed.failure.call, reading.now_ms(), failure=failed.failure)))
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001 - one check that trips over a reply must not take the others with it
        sentence = f"this check could not make sense of what AWS answered ({type(error).__name__})"
        failure = Failure("CheckFailed", sentence, LATER)
        return complete(_unknown(check, blank, Read("", reading.now_ms(), failure=failure)))
    remedy = check.remedy if verdict.status is Status.FAIL else ()
    return complete(_told(blank, verdict, remedy))


def _told(blank: Finding, verdict: Verdict, remedy: tuple[str, ...]) -> Finding:
    return replace(
        blank,
        status=verdict.status,
        summary=verdict.summary,
        evidence=verdict.evidence,
        remedy=remedy,
        details=verdict.details,
    )


def _absent(check: Check, blank: Finding, access: Access, identity: Read[Identity]) -> Finding:
    # The partition is what the record says. Credentials of another account or partition contradict the record.
    if identity.failure is not None and identity.failure.code in ("WrongAccount", "WrongPartition"):
        return _unknown(check, blank, identity)
    evidence = Evidence("", "partition", access.partition, identity.as_of_ms)
    return replace(blank, status=Status.NOT_APPLICABLE, summary=check.absent_in[access.partition], evidence=evidence)


def _unknown(check: Check, blank: Finding, read: Read[Any], details: tuple[str, ...] = ()) -> Finding:
    failure = read.failure
    assert failure is not None
    return replace(
        blank,
        summary=f"{check.title}: not known, because {failure.sentence} ({failure.code}).",
        evidence=Evidence(read.call, as_of_ms=read.as_of_ms),
        error=failure.code,
        remedy=failure.remedy,
        details=details,
    )
