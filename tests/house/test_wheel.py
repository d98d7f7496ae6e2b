"""The wheel that people install, built from this tree and tried where the tree cannot be seen."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import custodian

TREE = Path(__file__).parents[2]


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out), cwd=TREE)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a scratch environment with the wheel in it, and the dependencies borrowed from this one."""
    scratch = tmp_path_factory.mktemp("scratch") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", str(scratch), cwd=TREE)
    python = scratch / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel), cwd=scratch)
    # Appended as a plain path: its own .pth files are not read, so the tree stays out of sight.
    (site,) = scratch.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return scratch / "bin"


def test_the_wheel_holds_every_module_of_the_three_packages_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as opened:
        packed = {name for name in opened.namelist() if ".dist-info/" not in name}
    expected = {
        str(path.relative_to(TREE))
        for package in ("custodian", "screens", "vault")
        for path in (TREE / package).rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".pyo")
    }
    assert packed == expected


def test_the_wheel_carries_its_licence_and_its_version(wheel):
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        (metadata,) = (opened.read(name).decode() for name in names if name.endswith(".dist-info/METADATA"))
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert f"Version: {custodian.__version__}\n" in metadata
    assert "License-Expression: Apache-2.0\n" in metadata
    assert "Provides-Extra: keepass\n" in metadata


def test_the_installed_command_runs_from_the_wheel(installed, tmp_path):
    shown = run(str(installed / "breakglass"), "--version", cwd=tmp_path)
    assert custodian.__version__ in shown
    where = run(str(installed / "python"), "-c", "import custodian, screens, vault; print(vault.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_installed_command_finds_everything_its_help_needs(installed, tmp_path):
    shown = run(str(installed / "breakglass"), "--help", cwd=tmp_path)
    for command in ("init", "status", "checkout", "posture"):
        assert command in shown


def test_asking_for_the_version_loads_no_screen_no_aws_and_no_keyring():
    code = (
        "import sys\n"
        "sys.argv = ['breakglass', '--version']\n"
        "from custodian.__main__ import main\n"
        "try: main()\n"
        "finally: print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    shown = run(sys.executable, "-c", code, cwd=TREE).splitlines()
    assert custodian.__version__ in shown[0]
    loaded = set(shown[-1].split())
    assert {"custodian", "click"} <= loaded
    assert loaded & {"textual", "rich", "boto3", "botocore", "keyring", "cryptography", "PIL", "zxcvbn", "pykeepass"} == set()


def test_python_m_custodian_is_the_same_command():
    shown = run(sys.executable, "-m", "custodian", "--version", cwd=TREE)
    assert shown.strip() == f"breakglass {custodian.__version__}"
