"""The command line as a test drives it: in this process, with a cheap key derivation, in a home of its own."""

from __future__ import annotations

import functools
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect
import pytest

from custodian.cli.program import run

PASSPHRASE = "correct stapler pond violet hammock"
ACCOUNT = "111122223333"
REASON = "INC-4711: IAM locked out, restoring SSO"
CANARY = "canary-Pw7#kestrel-under-the-lintel"
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""Base32 of RFC 6238's SHA-1 seed."""


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    """Runs one command line and says how it ended; `ok` insists that it went well."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Outcome:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        shown = self._capsys.readouterr()
        assert "Traceback" not in shown.err
        return Outcome(code, shown.out, shown.err)

    def ok(self, *arguments: str | Path, stdin: bytes = b"") -> Outcome:
        outcome = self(*arguments, stdin=stdin)
        assert outcome.code == 0, outcome.err
        return outcome

    def json(self, *arguments: str | Path, stdin: bytes = b"") -> Any:
        return self.ok(*arguments, "--json", stdin=stdin).json


def private(path: Path, text: str) -> Path:
    """A file that nobody else can read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
    return path


@pytest.fixture
def cli(capsys, monkeypatch, cheap_kdf, tmp_path) -> Cli:
    """The command line, with the passphrase in a file that the environment names."""
    from vault import identity_file

    monkeypatch.setattr(identity_file, "create", functools.partial(identity_file.create, cost=cheap_kdf))
    monkeypatch.setattr(identity_file, "_key", _remembered(identity_file._key))
    secret = private(tmp_path / "passphrase", PASSPHRASE + "\n")
    monkeypatch.setenv("BREAKGLASS_PASSPHRASE_FILE", str(secret))
    return Cli(capsys, monkeypatch)


def _remembered(derive: Callable[..., bytearray]) -> Callable[..., bytearray]:
    """The key derivation, done once for each file and passphrase of a test: a test runs a dozen commands."""
    known: dict[tuple[bytes, ...], bytes] = {}

    def key(file: Any, passphrase: bytearray, device_secret: bytearray | None) -> bytearray:
        asked = (file.salt, bytes(passphrase), bytes(device_secret or b""))
        if asked not in known:
            known[asked] = bytes(derive(file, passphrase, device_secret))
        return bytearray(known[asked])

    return key


@pytest.fixture
def founded(cli) -> Cli:
    """The same, with a vault."""
    cli.ok("init", "Acme", "--member", "anna", "--no-device-secret")
    return cli


@pytest.fixture
def stocked(founded, tmp_path) -> Cli:
    """The same, with one account, its password (the canary), its MFA device and recovery notes."""
    founded.ok("accounts", "add", ACCOUNT, "--name", "payments-prod", "--email", "aws+pay@acme.example")
    founded.ok("secret", "set", ACCOUNT, "password", "--file", "-", stdin=CANARY.encode() + b"\n")
    founded.ok("secret", "set", ACCOUNT, "recovery", "--file", "-", stdin=b"the phone lies\nin the drawer\n")
    founded.ok("mfa", "add", ACCOUNT, "--uri-file", "-", "--label", "phone", stdin=SEED.encode())
    return founded


@pytest.fixture
def checked_out(stocked) -> tuple[Cli, str]:
    """The same, with an open checkout of everything; its id."""
    kinds = [argument for kind in ("password", "mfa", "recovery") for argument in ("--secret", kind)]
    return stocked, stocked.json("checkout", ACCOUNT, "--reason", REASON, *kinds)["checkout"]


@pytest.fixture
def typed(home) -> Iterator[Callable[..., pexpect.spawn]]:
    """Starts the real program on a terminal (80x24 unless said otherwise), for what people type."""
    started: list[pexpect.spawn] = []

    def start(*arguments: str | Path, size: tuple[int, int] = (24, 80), **environment: str) -> pexpect.spawn:
        env = {k: v for k, v in os.environ.items() if k != "BREAKGLASS_PASSPHRASE_FILE"}
        env |= {"PYTHONPATH": str(Path(__file__).parents[3]), "TERM": "xterm-256color", **environment}
        child = pexpect.spawn(
            sys.executable,
            ["-P", "-m", "custodian", *map(str, arguments)],
            env=env,  # type: ignore[arg-type]
            dimensions=size,
            encoding="utf-8",
            timeout=60,
        )
        child.logfile_read = io.StringIO()
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)
