"""The lock: every package by its hash, from no address in particular."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
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


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9_.-]+", line)[0].lower() for line in requirements}


PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text())
RUNTIME = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["keepass"]
DEVELOPMENT = PROJECT["dependency-groups"]["dev"]


def test_the_lock_holds_every_package_the_project_asks_for():
    run, dev = (requirements(lock).keys() for lock in LOCKS)
    assert names(RUNTIME) - run == set()
    assert names(RUNTIME + DEVELOPMENT) - dev == set()


def test_every_dependency_is_used_and_everything_used_is_a_dependency():
    imported: set[str] = set()
    for package in ("custodian", "screens", "vault"):
        for path in (TREE / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    imported.add((node.module or "").partition(".")[0])
    provided = packages_distributions()
    used = {name.lower() for module in imported for name in provided.get(module, [])}
    # boto3 is asked for, and brings the botocore that fits it; textual brings its rich.
    used |= {{"botocore": "boto3", "rich": "textual"}.get(name, name) for name in used}
    assert names(RUNTIME) - used == set()
    assert used - names(RUNTIME) == {"botocore", "rich"} & used


def test_the_page_on_dependencies_names_each_of_them():
    page = (TREE / "docs" / "dependencies.md").read_text().lower()
    missing = {name for name in names(RUNTIME + DEVELOPMENT) if not name.startswith("types-") and name not in page}
    assert missing == set()


def test_tests_run_on_the_versions_that_people_get():
    run, dev = (requirements(lock) for lock in LOCKS)
    different = {name for name, line in run.items() if line.split()[0] != dev[name].split()[0]}
    assert different == set()
