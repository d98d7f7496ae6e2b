"""The lock: every package by its hash, from no address in particular."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
LOCKS = [TREE / "requirements.txt", TREE / "requirements-dev.txt"]


def requirements(lock: Path) -> dict[str, str]:
    """Each requirement's name and the whole of its logical line."""
    lines = [line for line in lock.read_text().replace("\\\n", " ").splitlines() if line.strip() and line.strip()[0] != "#"]
    return {re.match(r"[A-Za-z0-9_.-]+", line)[0].lower().replace("_", "-"): line for line in lines}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_one_version_with_hashes(lock):
    found = requirements(lock)
    assert len(found) > 20
    loose = [line for line in found.values() if not re.search(r"==\S+ .*--hash=sha256:[0-9a-f]{64}\b", line)]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_no_requirement_names_an_address_or_a_path(lock):
    assert re.findall(r".*(?:://|--index-url|--find-links|\bfile:|@ ).*", lock.read_text()) == []


def test_the_lock_holds_every_package_the_project_asks_for():
    project = tomllib.loads((TREE / "pyproject.toml").read_text())
    runtime = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["keepass"]
    for lock, wanted in zip(LOCKS, (runtime, runtime + project["dependency-groups"]["dev"]), strict=True):
        names = {re.match(r"[A-Za-z0-9_.-]+", line)[0].lower() for line in wanted}
        assert names - requirements(lock).keys() == set()


def test_tests_run_on_the_versions_that_people_get():
    run, dev = (requirements(lock) for lock in LOCKS)
    different = {name for name, line in run.items() if line.split()[0] != dev[name].split()[0]}
    assert different == set()
