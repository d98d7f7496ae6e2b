"""Canaries through the whole loop of the command line, looked for wherever a process leaves things behind.

Passwords, seeds, passphrases, the identity secret and AWS's secret key are planted; then come a dozen commands, from `init`
to `backup`, each a process of its own, watched from inside (tests/support/watched_program.py). They are looked for in
every form a careless program gives them: as they are, in hex, base64, base32, JSON, Python and URLs.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
import segno

from tests.support.quarantine import clean_environment
from tests.support.watched_program import CRASHES
from vault.identity import Identity
from vault.identity_file import KdfCost, create

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, which is Linux's")

ROOT = Path(__file__).parents[1]
ACCOUNT, OTHER = "111122223333", "222233334444"
REASON = "INC-4711: IAM is locked out, restoring SSO"

PASSWORD = "canary-Pw7#kestrel-under-the-lintel"
IMPORTED = "canary-Im9$magpie-behind-the-chimney"
NOTES = "canary-notes: the phone lies in the blue drawer"
PASSPHRASE = "canary plural anvil tide wombat seven"
SOURCE_PASSPHRASE = "canary sorrel lantern oxide brook"
SEED = b"canary-seed-kestrel!"
IMPORTED_SEED = b"canary-seed-magpie!!"
AWS_SECRET = "canaryAwsSecretKeyForNothing/EXAMPLEKEY1"
IDENTITY_SECRET = bytes.fromhex("ca7a" * 16)


def forms(secret: str | bytes) -> set[bytes]:
    """How a secret could stand somewhere."""
    raw = secret.encode() if isinstance(secret, str) else secret
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")}
    found |= {base64.b32encode(raw).rstrip(b"="), base64.b32encode(raw).rstrip(b"=").lower(), raw.decode("latin-1").encode("utf-16-le")}
    if isinstance(secret, str):
        found |= {json.dumps(secret)[1:-1].encode(), repr(secret)[1:-1].encode(), quote(secret).encode(), quote(secret, safe="").encode()}
    return found | {repr(raw)[2:-1].encode()}


CANARIES = {
    "password": forms(PASSWORD), "imported password": forms(IMPORTED), "notes": forms(NOTES), "passphrase": forms(PASSPHRASE),
    "source's passphrase": forms(SOURCE_PASSPHRASE), "seed": forms(SEED), "imported seed": forms(IMPORTED_SEED),
    "AWS's secret key": forms(AWS_SECRET), "identity secret": forms(IDENTITY_SECRET),
}  # fmt: skip


def canaries_in(data: bytes) -> set[str]:
    return {name for name, spellings in CANARIES.items() if any(one in data for one in spellings)}


@dataclass
class Loop:
    """A machine of its own for a run of commands, and what came of them."""

    folder: Path
    env: dict[str, str]
    outputs: dict[str, bytes] = field(default_factory=dict)
    """Everything each command printed, by its first words."""
    leaks: dict[str, set[str]] = field(default_factory=dict)
    """Canaries found on disk after a command, by command and file."""

    @property
    def given(self) -> Path:
        """Where what a person brings lies: these files are secret by nature."""
        return self.folder / "given"

    def bring(self, name: str, content: str | bytes) -> Path:
        path = self.given / name
        path.touch(mode=0o600)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *arguments: str | Path, stdin: bytes = b"", crash: str = "", expect: int | None = 0) -> bytes:
        """One command; everything that it printed."""
        self.bring("watched.json", json.dumps({part: str(self.folder / part) for part in ("log", "seen", "children")} | {"crash": crash}))
        command = [sys.executable, "-P", "-X", "dev", "-W", "default", str(ROOT / "tests" / "support" / "watched_program.py"), *map(str, arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, env=self.env, cwd=self.folder / "home", timeout=180, check=False)
        printed = done.stdout + done.stderr
        assert expect is None or done.returncode == expect, (done.returncode, printed)
        words = " ".join(str(argument) for argument in arguments[:2])
        self.outputs[words] = self.outputs.get(words, b"") + printed
        for path in self.files():
            if found := canaries_in(path.read_bytes()):
                self.leaks[f"{words}: {path.relative_to(self.folder)}"] = found
        return done.stdout

    def files(self) -> Iterator[Path]:
        """Every file that the program could have written: its home, the temporary folder, the backup."""
        for top in ("home", "tmp", "vault", "out"):
            yield from (path for path in (self.folder / top).rglob("*") if path.is_file())


def _machine(folder: Path) -> Loop:
    """A home, an identity with its secret a canary, a clipboard, AWS credentials, and nothing of the person who runs this."""
    for name in ("home", "tmp", "given", "out", "bin"):
        (folder / name).mkdir(mode=0o700)
    clipboard = folder / "given" / "clipboard"
    (folder / "bin" / "xclip").write_text(
        f"#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ >> {folder / 'xclip'}\n"
        f'case "$*" in *-out*) cat {clipboard};; *) cat > {clipboard};; esac\n'
    )
    (folder / "bin" / "xclip").chmod(0o755)
    env = dict(os.environ)
    clean_environment(env, folder / "home", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    credentials = folder / "given" / "credentials"
    credentials.write_text(f"[canary]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {AWS_SECRET}\nregion = eu-west-1\n")
    settings = folder / "given" / "config.toml"
    settings.write_text("clipboard_seconds = 5\n")
    env |= {
        "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp"), "DISPLAY": ":7", "WATCHED": str(folder / "given" / "watched.json"),
        "BREAKGLASS_VAULT": str(folder / "vault"), "BREAKGLASS_IDENTITY": str(folder / "home" / "identity"),
        "BREAKGLASS_PASSPHRASE_FILE": str(folder / "given" / "passphrase"), "BREAKGLASS_CONFIG": str(settings),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1",
    }  # fmt: skip
    loop = Loop(folder, env)
    loop.bring("passphrase", PASSPHRASE + "\n")
    create(folder / "home" / "identity", Identity.from_secret(IDENTITY_SECRET), PASSPHRASE.encode(), cost=KdfCost(65536, 3, 4), with_device_secret=False)
    return loop


def _stock(loop: Loop) -> None:
    loop.run("init", "Acme", "--member", "anna", "--no-device-secret")
    loop.run("accounts", "add", ACCOUNT, "--name", "payments-prod", "--email", "root@acme.example", "--profile", "canary")
    loop.run("secret", "set", ACCOUNT, "password", "--file", "-", stdin=PASSWORD.encode())
    loop.run("secret", "set", ACCOUNT, "recovery", "--file", loop.bring("notes", NOTES))


@pytest.fixture(scope="module")
def loop(tmp_path_factory) -> Loop:
    """The whole loop, once."""
    from pykeepass import create_database

    loop = _machine(tmp_path_factory.mktemp("loop"))
    _stock(loop)
    seed, imported = (base64.b32encode(one).decode() for one in (SEED, IMPORTED_SEED))
    picture = loop.given / "qr.png"
    segno.make(f"otpauth://totp/Amazon%20Web%20Services:root-account-mfa-device@{ACCOUNT}?secret={seed}&issuer=Amazon", micro=False).save(str(picture), scale=4)
    loop.run("mfa", "add", ACCOUNT, "--image", picture, "--label", "phone")
    keepass = create_database(str(loop.given / "old.kdbx"), password=SOURCE_PASSPHRASE)
    keepass.add_entry(keepass.root_group, f"lake {OTHER}", "root@lake.example", IMPORTED, otp=f"otpauth://totp/x?secret={imported}")
    keepass.save()
    loop.bring("source-passphrase", SOURCE_PASSPHRASE + "\n")
    loop.run("accounts", "import", loop.given / "old.kdbx", "--source-passphrase-file", loop.given / "source-passphrase", "--yes")
    loop.run("posture", ACCOUNT, "--json", expect=None)
    shown = loop.run("checkout", ACCOUNT, "--reason", REASON, "--secret", "password", "--secret", "mfa", "--secret", "recovery", "--reveal", "--json")
    checkout = json.loads(shown)["checkout"]
    assert json.loads(shown)["secrets"]["password"] == PASSWORD
    loop.run("reveal", checkout, "--secret", "password", "--copy")
    loop.run("code", checkout)
    loop.run("checkin", checkout)
    for command in (("status",), ("doctor",), ("accounts", "list"), ("accounts", "show", ACCOUNT), ("log", "show"), ("log", "verify"), ("identity", "show")):
        loop.run(*command, "--json", expect=None)
    loop.run("backup", loop.folder / "out" / "backup")
    return loop


def test_the_canaries_would_be_found_in_every_form():
    for name, secret in (("password", PASSWORD), ("seed", SEED)):
        for spelling in forms(secret):
            assert name in canaries_in(b"x" + spelling + b"y")
    assert canaries_in(b"canary is a bird") == set()


def test_only_the_reveal_prints_a_secret(loop):
    printed = {words: found for words, output in loop.outputs.items() if (found := canaries_in(output))}
    assert printed == {f"checkout {ACCOUNT}": {"password", "notes"}}


def test_no_argument_and_no_variable_of_any_process_holds_a_secret(loop):
    seen = [json.loads(line) for line in (loop.folder / "seen").read_text().splitlines()]
    for one in seen:
        for part in ("arguments", "environment", "later_environment"):
            data = bytes.fromhex(one[part])
            assert b"watched_program.py" in data or b"BREAKGLASS_VAULT" in data
            assert canaries_in(data) == set(), part
    children = (loop.folder / "children").read_text()
    started = set(re.findall(r"^subprocess.Popen .'([^']*)'", children, re.MULTILINE))
    print(f"{len(seen)} unlocked processes; they started {sorted(started)}")
    assert "xclip" in started
    assert canaries_in(children.encode()) == set()
    # The child's own view: what anybody on the machine may read of it.
    told = (loop.folder / "xclip").read_bytes()
    assert b"xclip" in told
    assert b"BREAKGLASS_VAULT" in told
    assert canaries_in(told) == set()


def test_an_unlocked_process_dumps_no_core_and_lets_nobody_look_in(loop):
    seen = [json.loads(line) for line in (loop.folder / "seen").read_text().splitlines()]
    assert len(seen) > 12
    for one in seen:
        assert one["core_limit"] == [0, 0]
        assert one["dumpable"] == 0


def test_logging_at_debug_level_tells_no_secret(loop):
    log = (loop.folder / "log").read_bytes()
    loggers = {line.split(b" ")[0].split(b".")[0].decode() for line in log.splitlines() if b" DEBUG " in line}
    print(f"{len(log.splitlines())} lines of debug output by {sorted(loggers)}")
    assert {"botocore", "PIL"} <= loggers, "nobody spoke: does this still test anything?"
    assert canaries_in(log) == set()


def test_no_file_holds_a_secret_after_any_command(loop):
    assert loop.leaks == {}
    names = {path.name for path in loop.files()}
    assert {"replica.sqlite3", "identity", "backup"} <= names
    for path in loop.files():
        assert canaries_in(path.read_bytes()) == set(), path


def test_the_clipboard_holds_nothing_afterwards(loop):
    left = (loop.given / "clipboard").read_bytes()
    assert left
    assert canaries_in(left) == set()


@pytest.fixture(scope="module")
def stocked(tmp_path_factory) -> Loop:
    loop = _machine(tmp_path_factory.mktemp("crash"))
    _stock(loop)
    loop.outputs.clear()
    return loop


@pytest.mark.parametrize("crash", CRASHES)
def test_a_defect_tells_its_place_and_nothing_else(stocked, crash):
    kept = stocked.folder / "kept"
    shutil.copytree(stocked.folder / "vault", kept)
    try:
        stocked.outputs.clear()
        stocked.run("checkout", ACCOUNT, "--reason", REASON, "--reveal", crash=crash, expect=None if crash in ("in a thread", "nobody can catch") else 70)
        printed = stocked.outputs[f"checkout {ACCOUNT}"]
    finally:
        shutil.rmtree(stocked.folder / "vault")
        kept.rename(stocked.folder / "vault")
    assert b"a defect of this program" in printed or crash == "exit with it", printed
    assert canaries_in(printed) == set(), printed
    for of_a_traceback in (b"Traceback", b'File "', b"in_a_local_variable", b"RuntimeError:"):
        assert of_a_traceback not in printed, printed
    assert stocked.leaks == {}
    assert canaries_in((stocked.folder / "log").read_bytes()) == set()
