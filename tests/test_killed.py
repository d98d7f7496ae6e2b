"""kill -9 at every call that could leave a trace: log before reveal, whatever happens.

The real command runs on a pty under strace, which sends SIGKILL as the process enters its N-th write, sync, rename or the
like; N goes from 1 to the last such call that the command makes, each in a fresh copy of one prepared vault. (strace counts
each kind of call by itself, so each has an N of its own; entering call N+1 is having finished call N.) After each death
the vault must open and verify, and what the pty has shown must be in its log.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

import vault
from vault.events import AccountRecord
from vault.identity import Identity
from vault.identity_file import KdfCost, create
from vault.plaintext import Mfa, Password, Recovery

PASSWORD = "canary-Pw7#kestrel-under-the-lintel"
NOTES = "canary-notes: the phone lies in the blue drawer"
PASSPHRASE = b"plural anvil tide wombat seven"
ACCOUNT = "111122223333"

CALLS = (
    "write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "fsync", "fdatasync", "sync_file_range",
    "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "ftruncate",
    "truncate", "fallocate",
)  # fmt: skip
"""Every call by which a process shows something, or changes what is on the disk."""

KILLED = -9

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@dataclass(frozen=True)
class Scene:
    """A prepared vault, and the one command that is to be killed in it."""

    folder: Path
    secret: bytes
    arguments: tuple[str, ...]
    before: int
    """Entries in the log before the command."""

    def run(self, place: Path, *tracing: str, **environment: str) -> tuple[int, str]:
        """The command in a copy of the vault at `place`: its exit code, and what its terminal has seen."""
        shutil.copytree(self.folder, place)
        command = [
            *tracing, sys.executable, "-P", "-m", "custodian", *self.arguments,
            "--vault", str(place / "vault"), "--identity", str(place / "identity"), "--passphrase-file", str(place / "pass"),
        ]  # fmt: skip
        master, slave = os.openpty()
        env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])} | environment
        process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
        os.close(slave)
        seen = bytearray()
        while chunk := _read(master):
            seen += chunk
        os.close(master)
        return process.wait(timeout=60), seen.decode()

    def check(self, place: Path, seen: str) -> Counter[str]:
        """What the terminal has seen is in the log, and the vault is whole. Says what was found."""
        found = Counter[str]()
        for path in (place / "vault").iterdir():  # the write-ahead log is still there where it died
            assert not any(secret.encode() in path.read_bytes() for secret in (PASSWORD, NOTES)), path
            found[f"{path.suffix.partition('-')[2] or 'database'} searched"] += 1
        with vault.open(place / "vault", Identity.from_secret(self.secret)) as opened:
            assert opened.verify().ok, opened.verify().problems
            revealed = {(r.secret.kind, r.how) for c in opened.state.checkouts.values() for r in c.revealed}
            lines = [line.event for line in opened.log(start=self.before)]
            found["a waiting statement was placed"] += bool(opened.notices)
        for canary, entry in (
            (PASSWORD, ("password", "shown")),
            (NOTES, ("recovery", "shown")),
            # Any six digits in a row would do for a code; nothing else on this terminal has them and a word like that.
            (r"\b\d{6}\b.*s left", ("mfa", "code")),
        ):
            if re.search(canary, seen):
                found[f"{entry[0]} seen"] += 1
                assert entry in revealed, f"{entry[0]} was shown, and the log has only {lines}"
                assert "checkout revealed" in lines
        found["opened without a reveal"] += "checkout opened" in lines and not revealed
        return found


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # Linux says EIO once nobody holds the other side any more
        return b""


@pytest.fixture
def scene(tmp_path: Path) -> Callable[..., Scene]:
    """Makes a scene: a vault with one account that has all kinds of secrets, and perhaps an open checkout of it."""

    def make(*arguments: str, checked_out: bool = False) -> Scene:
        folder = tmp_path / "prepared"
        folder.mkdir(mode=0o700)
        identity = Identity.generate()
        secret = bytes(identity.secret_copy())
        create(folder / "identity", identity, PASSPHRASE, cost=KdfCost(65536, 3, 4), with_device_secret=False)
        pass_file = folder / "pass"
        pass_file.touch(mode=0o600)
        pass_file.write_bytes(PASSPHRASE)
        with vault.create(folder / "vault", "Acme", "anna", identity) as founded:
            founded.add_account(AccountRecord(ACCOUNT, "payments-prod", "root@acme.example"))
            founded.seal(ACCOUNT, Password(PASSWORD))
            founded.seal(ACCOUNT, Mfa("phone", "", b"12345678901234567890"))
            founded.seal(ACCOUNT, Recovery(NOTES))
            if checked_out:
                kinds = {"password", "mfa", "recovery"}
                opened = founded.check_out(ACCOUNT, "INC-4711: IAM is locked out", kinds=kinds)
                arguments = tuple(opened.id.hex() if a == "CHECKOUT" else a for a in arguments)
            return Scene(folder, secret, arguments, founded.size)

    return make


@pytest.mark.parametrize(
    ("arguments", "checked_out", "shown"),
    [
        pytest.param(
            ("checkout", "payments-prod", "--reason", "INC-4711: IAM is locked out", "--reveal"), False, {"password", "mfa"}, id="checkout",
        ),
        pytest.param(("reveal", "CHECKOUT"), True, {"password", "mfa", "recovery"}, id="reveal"),
        pytest.param(("code", "CHECKOUT"), True, {"mfa"}, id="code"),
    ],
)  # fmt: skip
def test_nothing_is_ever_shown_without_its_entry_and_the_vault_stays_whole_wherever_it_is_killed(
    scene, tmp_path, capsys, arguments, checked_out, shown
):
    played = scene(*arguments, checked_out=checked_out)
    code, seen = played.run(tmp_path / "warm")  # Python keeps its compiled files now, and not in the runs that count
    assert code == 0, seen
    # Nobody killed: the canaries do arrive, so that looking for them means something.
    found = played.check(tmp_path / "warm", seen)
    assert {kind for kind in ("password", "mfa", "recovery") if found[f"{kind} seen"]} == shown

    counts = _calls_of(played, tmp_path)
    deaths, told = Counter[str](), Counter[str]()

    def kill(call: str, n: int) -> bool:
        """Whether the command made an n-th such call, and so died."""
        place = tmp_path / f"{call}-{n}"
        # Without --seccomp-bpf: with it, strace 6.1 counts and never injects.
        tracing = ("strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}")
        status, seen = played.run(
            place, *tracing, "-e", f"inject={call}:signal=SIGKILL:when={n}", PYTHONDONTWRITEBYTECODE="1"
        )
        assert status in (0, KILLED), seen
        told.update(played.check(place, seen))
        deaths[call] += status == KILLED
        shutil.rmtree(place)
        return status == KILLED

    with ThreadPoolExecutor(2) as two:  # in each of them nearly all the time goes to a child process
        for done in [two.submit(kill, call, n) for call, count in counts.items() for n in range(1, count + 1)]:
            done.result()
        # The log holds random bytes, so a run may have a call more than the one that was counted.
        for call, count in counts.items():
            n = count + 1
            while kill(call, n):
                n += 1

    with capsys.disabled():  # how many N there were is part of what this test says, passed or not
        print(f"\n{arguments[0]}: killed {deaths.total()} times: {dict(deaths)}; {dict(+told)}")
    assert deaths["write"] > 0
    assert deaths["pwrite64"] > 10
    assert deaths["fdatasync"] + deaths["fsync"] >= 4
    assert deaths.total() >= counts.total() - 4
    assert told["a waiting statement was placed"] > 0, "no death fell between outbox and log: does this still test anything?"
    assert all(told[f"{kind} seen"] > 0 for kind in shown), "no death came after the reveal: does this still test anything?"


def _calls_of(played: Scene, tmp_path: Path) -> Counter[str]:
    """How many of each call the command makes when it is left alone."""
    listing = tmp_path / "calls"
    known = ",".join(f"?{call}" for call in CALLS)  # ?: an architecture that lacks one of them is no error
    status, seen = played.run(
        tmp_path / "counted", "strace", "-f", "--seccomp-bpf", "-qq", "-o", str(listing), "-e", f"trace={known}",
        PYTHONDONTWRITEBYTECODE="1",
    )  # fmt: skip
    assert status == 0, seen
    by_thread = Counter[tuple[str, str]]()
    for thread, call in re.findall(r"^(\d+) +(\w+)\(", listing.read_text(), re.MULTILINE):
        by_thread[thread, call] += 1
    # strace counts for each thread by itself. One thread does all of it, so its N are all there are.
    assert len({thread for thread, _ in by_thread}) == 1, by_thread
    return Counter({call: n for (_, call), n in by_thread.items()})
