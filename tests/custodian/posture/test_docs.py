"""docs/posture.md says what the code does: the checks, and exactly the actions that a scan calls."""

from __future__ import annotations

import re
from pathlib import Path

from custodian.posture import actions, catalogue
from tests.support.aws_account import root_event
from tests.support.aws_overlay import Reply, refused

PAGE = Path(__file__).parents[3] / "docs" / "posture.md"


def _listed(heading):
    return PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_the_actions_listed_are_those_that_the_checks_declare():
    assert re.findall(r"^- `([a-z]+:[A-Za-z]+)`", _listed("What it may call"), re.MULTILINE) == list(actions())


def test_the_actions_declared_are_those_that_a_full_scan_calls(aws, scanned):
    aws.on("iam:GetCredentialReport", refused("ReportNotPresent", 410), lambda call: Reply(xml=_report(aws)))
    scanned(keys=1, events=[root_event("111122223333", 1e9)])
    assert sorted(set(aws.actions())) == list(actions())


def _report(aws):
    return aws.accounts["111122223333"].answer("iam:GetCredentialReport", {})[1]


def test_no_action_changes_anything():
    assert all(a.partition(":")[2].startswith(("Get", "List", "Describe", "Lookup", "Generate")) for a in actions())


def test_every_check_has_its_row_and_its_severity():
    rows = re.findall(r"^\| `([a-z-]+)` \| ([a-z]+) \|", _listed("The checks"), re.MULTILINE)
    assert rows == [(c.id, c.severity.value) for c in catalogue()]
