"""Who may import whom, as `pyproject.toml` says it, and the proof that the contracts would notice."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINTER), "--no-cache", "--config", str(TREE / "pyproject.toml")],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin", "HOME": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept():
    done = lint(TREE)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("vault/a.py", "import custodian.a"),
        ("vault/a.py", "import screens.a"),
        ("vault/a.py", "def f():\n    import boto3"),
        ("vault/a.py", "import textual"),
        ("custodian/a.py", "import screens.a"),
        ("custodian/a.py", "def f():\n    import textual"),
        ("screens/a.py", "import boto3"),
        ("screens/a.py", "def f():\n    import cryptography"),
    ],
)
def test_a_forbidden_import_breaks_a_contract(tmp_path, module, line):
    for package in ("vault", "custodian", "screens"):
        (tmp_path / package).mkdir()
        for name in ("__init__", "a"):
            (tmp_path / package / f"{name}.py").touch()
    kept = lint(tmp_path)
    assert kept.returncode == 0, kept.stdout + kept.stderr
    (tmp_path / module).write_text(line + "\n")
    broken = lint(tmp_path)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "BROKEN" in broken.stdout


def _imported_at_module_level(source: str) -> set[str]:
    """Names of top-level packages that importing this source would import: nothing inside functions, no TYPE_CHECKING."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)
    return found


HEAVY = {
    "vault": {"keyring", "shamir_mnemonic", "pyotp"},
    "custodian": {"screens", "boto3", "botocore", "keyring", "zxcvbn", "PIL", "zxingcpp", "segno", "pykeepass"},
    "screens": {"PIL", "segno", "zxcvbn", "zxingcpp"},
}


@pytest.mark.parametrize("package", sorted(HEAVY))
def test_what_is_heavy_is_imported_where_it_is_used(package):
    """The start must be fast, and `--version` must load no more than it needs."""
    modules = list((TREE / package).rglob("*.py"))
    assert modules
    offenders = {
        f"{path.relative_to(TREE)}: {', '.join(sorted(heavy))}"
        for path in modules
        if (heavy := _imported_at_module_level(path.read_text()) & HEAVY[package])
    }
    assert offenders == set()
