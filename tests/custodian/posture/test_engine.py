"""The engine: findings as they come, many accounts at once, an end that is quick, and checks found by looking."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

import custodian.posture.checks
from custodian.posture import Access, Check, Severity, Status, Timeouts, catalogue, scan, scan_many
from custodian.posture.check import Verdict
from custodian.posture.finding import Evidence
from custodian.posture.reads.account_summary import SUMMARY
from custodian.posture.reads.root_events import EVENTS
from tests.custodian.posture.conftest import ACCOUNT, QUICK
from tests.support.aws_overlay import HANGS, Reply, refused


def _posture_threads():
    return [t.name for t in threading.enumerate() if t.name.startswith("posture")]


@pytest.fixture
def fleet(aws, profile):
    """Makes `count` accounts, and the ways into them."""

    def make(count):
        ids = [f"{n:012d}" for n in range(1, count + 1)]
        return [Access(i, profile=profile(f"p{i}", aws.account(i).key)) for i in ids]

    return make


def test_findings_come_one_by_one_and_those_that_wait_for_a_report_come_last(aws, profile):
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key))
    seen = []

    def note(finding):
        seen.append((finding.check, len(aws.calls)))

    findings = scan(access, on_finding=note, timeouts=QUICK)
    assert [f.check for f in findings] == [c.id for c in catalogue()]
    assert {c for c, calls in seen if calls <= 2} >= {"root-mfa", "root-signing-certificates", "clock"}
    assert seen[-1][0] == "root-recent-use"


def test_everything_is_read_by_tls_too(aws_by_tls, profile):
    access = Access(ACCOUNT, profile=profile("it", aws_by_tls.account(ACCOUNT).key))
    assert {f.status for f in scan(access, timeouts=QUICK)} == {Status.PASS}


def test_many_accounts_are_read_side_by_side_and_each_gets_its_own_findings(aws, fleet):
    accesses = fleet(12)
    aws.accounts[accesses[3].account_id].mfa = False
    aws.latency = 0.05
    done = {s.access.account_id: s for s in scan_many(accesses, workers=6, timeouts=QUICK)}
    assert set(done) == {a.account_id for a in accesses}
    assert all(s.whole and {f.account for f in s.findings} == {i} for i, s in done.items())
    failed = [i for i, s in done.items() if any(f.status is Status.FAIL for f in s.findings)]
    assert failed == [accesses[3].account_id]
    assert 2 <= aws.most_at_once <= 6
    assert _posture_threads() == []


def test_a_slow_account_holds_up_no_other(aws, fleet):
    accesses = fleet(6)
    released = threading.Event()
    slow = refused("Throttling", until=released)
    aws.on("iam:GetAccountSummary", slow, account=accesses[0].account_id)
    order = []
    for scanned in scan_many(accesses, workers=2, timeouts=Timeouts(read=60, attempts=1)):
        order.append(scanned.access.account_id)
        if len(order) == 5:
            released.set()
    assert order[-1] == accesses[0].account_id


def test_an_account_that_fails_in_every_way_takes_no_other_with_it(aws, fleet):
    accesses = [*fleet(2), Access("333333333333", profile="nobody"), Access("444444444444", partition="aws-moon")]
    done = {s.access.account_id: s for s in scan_many(accesses, timeouts=QUICK)}
    assert len(done) == 4
    assert all(len(s.findings) == len(catalogue()) for s in done.values())


@pytest.mark.parametrize("by", ["aws", "aws_by_tls"])
def test_cancelling_ends_a_scan_that_hangs_long_before_its_timeout(by, profile, request):
    aws = request.getfixturevalue(by)
    aws.on("iam:GetAccountSummary", HANGS)
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key))
    cancel = threading.Event()
    result = []
    thread = threading.Thread(
        target=lambda: result.append(scan(access, cancel=cancel, timeouts=Timeouts(read=300, attempts=3)))
    )
    thread.start()
    _until(lambda: "iam:GetAccountSummary" in aws.actions())
    cancel.set()
    thread.join(60)
    assert not thread.is_alive()
    assert result[0] == []  # nothing was known yet, and nothing is made up
    assert aws.actions().count("iam:GetAccountSummary") == 1
    assert _posture_threads() == []


def test_cancelling_keeps_what_was_found_and_adds_nothing(aws, profile):
    aws.on("iam:GetCredentialReport", HANGS)
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key))
    cancel = threading.Event()
    timer = threading.Thread(target=lambda: (_until(lambda: "iam:GetCredentialReport" in aws.actions()), cancel.set()))
    timer.start()
    findings = scan(access, cancel=cancel, timeouts=Timeouts(read=300))
    timer.join()
    assert {f.check for f in findings} == {"root-mfa", "root-access-keys", "root-signing-certificates", "clock"}
    assert all(f.status is Status.PASS for f in findings)


def test_cancelling_ends_the_wait_for_a_report(aws, profile):
    aws.on("iam:GetCredentialReport", refused("ReportInProgress", 404))
    aws.on("iam:GenerateCredentialReport", Reply(xml="<State>INPROGRESS</State>"))
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key))
    cancel = threading.Event()
    timer = threading.Thread(
        target=lambda: (_until(lambda: "iam:GenerateCredentialReport" in aws.actions()), cancel.set())
    )
    timer.start()
    scan(access, cancel=cancel, timeouts=Timeouts(report_pause=200, report_wait=400))
    timer.join()
    assert "root-recent-use" not in {f.check for f in scan(access, cancel=cancel)}


def test_leaving_the_results_early_ends_every_scan_in_flight(aws, fleet):
    accesses = fleet(6)
    for access in accesses[1:]:
        aws.on("*", HANGS, account=access.account_id)
    results = scan_many(accesses, workers=4, timeouts=Timeouts(read=300))
    assert next(results).access.account_id == accesses[0].account_id
    results.close()
    assert _posture_threads() == []


def test_a_scan_cancelled_before_it_began_asks_nothing(aws, fleet):
    cancel = threading.Event()
    cancel.set()
    accesses = fleet(3)
    assert list(scan_many(accesses, cancel=cancel)) == []
    assert scan(accesses[0], cancel=cancel) == []
    assert aws.calls == []


def test_a_check_is_found_by_its_file_alone(tmp_path, monkeypatch, aws, profile):
    (tmp_path / "root_shoe_size.py").write_text(
        "from custodian.posture.check import Check, Verdict\n"
        "from custodian.posture.finding import Severity, Status\n"
        "from custodian.posture.reads.account_summary import SUMMARY\n"
        "def judge(facts):\n"
        "    users = facts.need(SUMMARY).count('Users')\n"
        "    return Verdict(Status.FAIL, f'{users} users.', facts.read(SUMMARY).evidence('Users', users))\n"
        "CHECK = Check('root-shoe-size', 999, 'Shoes', Severity.LOW, (SUMMARY,), judge, ('Buy.',), ())\n"
    )
    monkeypatch.setattr(custodian.posture.checks, "__path__", [*custodian.posture.checks.__path__, str(tmp_path)])
    catalogue.cache_clear()
    try:
        findings = scan(Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key)), timeouts=QUICK)
    finally:
        catalogue.cache_clear()
    assert (findings[-1].check, findings[-1].status, findings[-1].summary) == ("root-shoe-size", Status.FAIL, "3 users.")
    assert findings[-1].remedy == ("Buy.",)


def _odd(judge, reads=(SUMMARY,)):
    return Check("odd", 1, "An odd one", Severity.LOW, reads, judge, (), ())


def test_a_check_that_trips_is_unknown_and_the_others_go_on(aws, profile):
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key))
    findings = scan(access, checks=[_odd(lambda facts: 1 / 0), *catalogue()], timeouts=QUICK)
    assert (findings[0].status, findings[0].error) == (Status.UNKNOWN, "CheckFailed")
    assert len(findings) == 1 + len(catalogue())


def test_a_check_cannot_look_at_what_it_does_not_declare(aws, profile):
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key))
    findings = scan(access, checks=[_odd(lambda facts: facts.need(EVENTS))], timeouts=QUICK)
    assert findings[0].error == "CheckFailed"
    assert aws.calls == []


def test_text_of_any_check_is_made_harmless_by_the_engine(aws, profile):
    evil = "\x1b[31m\u202e\nred"
    verdict = Verdict(Status.FAIL, evil, Evidence(evil, evil, evil, 0), (evil,))
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key))
    check = replace(_odd(lambda facts: verdict), remedy=(evil,))
    finding = scan(access, checks=[check], timeouts=QUICK)[0]
    e = finding.evidence
    for text in (finding.summary, e.call, e.field, e.value, *finding.details, *finding.remedy):
        assert text.isprintable()


def test_every_check_says_what_a_person_needs():
    for check in catalogue():
        assert check.title
        assert check.references
        assert len(check.remedy) >= 3
        assert check.reads
        assert all(step.endswith((".", "/")) for step in check.remedy)
    assert len({c.id for c in catalogue()}) == len(catalogue())
    assert len({c.place for c in catalogue()}) == len(catalogue())


def _until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
