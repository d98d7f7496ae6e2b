from __future__ import annotations

import importlib
import os
import pkgutil
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import click
import pytest

import custodian.cli
import vault.errors
from custodian.cli.program import COMMANDS, program
from custodian.exit_codes import ExitCode, exit_code_of

from .conftest import ACCOUNT, CANARY, PASSPHRASE, REASON, private

ROOT = Path(__file__).parents[3]


def _process(*arguments: str, **more):
    return subprocess.run(
        [sys.executable, "-P", "-m", "custodian", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
        timeout=60,
        check=False,
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
    )


def _leaves(command: click.Command, words: tuple[str, ...] = ()):
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from _leaves(found, (*words, name))
    else:
        yield words, command


LEAVES = dict(_leaves(program))


def test_the_version_loads_nothing_heavy():
    heavy = ("textual", "boto3", "botocore", "keyring", "cryptography", "msgspec", "zxcvbn", "PIL", "sqlite3", "rich")
    code = f"""
import sys
from custodian.cli.program import run
assert run(["--version"]) == 0
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"breakglass {custodian.__version__}", "[]"]


def test_exactly_the_commands_of_this_version_are_listed(cli):
    expected = {
        "init", "status", "doctor", "backup", "restore", "checkout", "reveal", "code", "checkin", "cancel", "posture",
        "completions", "secret set", "mfa add", "mfa remove", "log show", "log verify",
        *(f"identity {name}" for name in ("new", "show", "passphrase", "words", "restore")),
        *(f"accounts {name}" for name in ("add", "list", "show", "edit", "import", "retire")),
    }  # fmt: skip
    assert {" ".join(words) for words in LEAVES} == expected
    listed = re.findall(r"^  ([a-z]+) ", cli.ok("--help").out.partition("Commands:")[2], re.MULTILINE)
    assert listed == list(COMMANDS)


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_explains_itself_with_an_example_and_takes_the_global_options(cli, words):
    shown = cli.ok(*words, "--help").out
    assert "Example" in shown
    for option in ("--vault", "--identity", "--passphrase-file", "--config"):
        assert option in shown


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_no_option_takes_a_secret_as_its_value(words):
    for parameter in LEAVES[words].params:
        name = (parameter.name or "").lower()
        assert name not in ("password", "passphrase", "seed", "uri", "words", "token")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "no such command 'nonsense'"),
        (["status", "--bogus"], "no such option '--bogus'"),
        (["checkout", ACCOUNT], "missing option '--reason'"),
        (["init", "Acme"], "missing option '--member'"),
        (["checkout", ACCOUNT, "--reason", REASON, "--for", "soon"], "30m, 2h or 1h30m"),
        (["checkout", ACCOUNT, "--reason", REASON, "--for", "0m"], "30m, 2h or 1h30m"),
        (["log", "show", "--since", "yesterday"], "2026-11-23"),
        (["log", "show", "--limit", "0"], "limit"),
    ],
)
def test_wrong_usage_is_one_line_with_a_hint(cli, arguments, words):
    done = cli(*arguments)
    first, hint = done.err.splitlines()
    assert (done.code, done.out) == (2, "")
    assert first.startswith("breakglass: wrong usage: ")
    assert words in first
    assert hint.startswith("hint: see: breakglass")


def test_a_surplus_argument_is_not_repeated_since_it_may_be_a_secret(cli):
    done = cli("secret", "set", ACCOUNT, "password", CANARY)
    assert done.code == 2
    assert CANARY not in done.out + done.err


def test_a_group_alone_shows_its_commands_and_is_wrong_usage(cli):
    done = cli("accounts")
    assert done.code == 2
    assert "retire" in done.err


def test_global_options_stand_before_or_after_the_command_and_the_later_one_holds(founded, tmp_path):
    elsewhere = str(tmp_path / "elsewhere")
    assert elsewhere in founded("--vault", elsewhere, "status").err
    assert elsewhere in founded("status", "--vault", elsewhere).err
    assert elsewhere in founded("--vault", "/nowhere", "log", "--vault", "/here", "show", "--vault", elsewhere).err


def test_the_environment_names_the_same_paths_and_an_option_wins(founded, monkeypatch, tmp_path):
    monkeypatch.setenv("BREAKGLASS_VAULT", "/nowhere/at/all")
    assert "/nowhere/at/all" in founded("status").err
    monkeypatch.setenv("BREAKGLASS_IDENTITY", str(tmp_path / "nobody"))
    assert str(tmp_path / "nobody") in founded("identity", "show").err
    assert str(tmp_path / "here") in founded("status", "--vault", str(tmp_path / "here")).err


@pytest.mark.parametrize(
    ("family", "code"),
    [("WrongUsage", 2), ("CannotUnlock", 3), ("Refused", 4), ("IntegrityFailure", 5), ("OutOfReach", 6)],
)
def test_each_family_of_errors_has_its_exit_code(founded, monkeypatch, family, code):
    def fail(*_, **__):
        raise getattr(vault.errors, family)("what failed", "why \x1b[31m it did", "do this")

    monkeypatch.setattr("vault.open", fail, raising=False)
    done = founded("status")
    assert done.code == code
    assert done.out == ""
    assert done.err.splitlines() == ["breakglass: what failed: why \N{REPLACEMENT CHARACTER}[31m it did", "hint: do this"]


def test_every_family_of_errors_is_known_to_the_exit_codes():
    for family in vault.errors.BreakglassError.__subclasses__():
        assert exit_code_of(family("x")) is not ExitCode.DEFECT


def test_an_unexpected_exception_shows_type_and_place_and_nothing_that_it_holds(founded, monkeypatch):
    def fail(*_, **__):
        local = CANARY
        raise RuntimeError(f"something about {local}")

    monkeypatch.setattr("vault.open", fail, raising=False)
    done = founded("status")
    assert done.code == 70
    assert CANARY not in done.err + done.out
    assert "RuntimeError" in done.err
    assert re.search(r" at (custodian|vault)[.\w]*:\d+", done.err)
    assert "report" in done.err


def test_an_exception_in_a_thread_shows_nothing_that_it_holds(founded, monkeypatch):
    def fail(*_, **__):
        def work():
            raise RuntimeError(CANARY)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        raise vault.errors.Refused("no")

    monkeypatch.setattr("vault.open", fail, raising=False)
    done = founded("status")
    assert CANARY not in done.err
    assert "RuntimeError" in done.err


@pytest.mark.parametrize("way", [KeyboardInterrupt, EOFError])
def test_an_interruption_ends_with_130(founded, monkeypatch, way):
    def fail(*_, **__):
        raise way

    monkeypatch.setattr("vault.open", fail, raising=False)
    done = founded("status")
    assert (done.code, done.err.strip()) == (130, "breakglass: interrupted")


def test_being_asked_to_end_is_an_interruption(founded, monkeypatch):
    monkeypatch.setattr("vault.open", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM), raising=False)
    assert founded("status").code == 130
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["status"], "--passphrase-file"),
        (["identity", "passphrase", "--passphrase-file", "{passphrase}"], "--new-passphrase-file"),
        (["identity", "restore", "--identity", "{new}"], "--words-file"),
        (["identity", "new", "--identity", "{new}", "--no-device-secret"], "--passphrase-file"),
        (["init", "B", "--member", "b", "--vault", "{new}", "--identity", "{new}", "--no-device-secret"], "--passphrase-file"),
        (["secret", "set", "x", "password"], "--file"),
        (["mfa", "add", "x"], "--uri-file"),
        (["accounts", "import", "{passphrase}"], "--yes"),
    ],
)
def test_without_a_terminal_nothing_waits_and_the_option_is_named(founded, monkeypatch, tmp_path, arguments, option):
    monkeypatch.delenv("BREAKGLASS_PASSPHRASE_FILE")
    places = {"passphrase": tmp_path / "passphrase", "new": tmp_path / "new"}
    done = _process(*[argument.format(**places) for argument in arguments])
    assert done.returncode == 2
    assert done.stdout == b""
    assert option in done.stderr.decode()
    assert not (tmp_path / "new").exists()


def test_the_app_without_a_terminal_is_wrong_usage():
    done = _process()
    assert done.returncode == 2
    assert b"terminal" in done.stderr


def test_a_reader_that_leaves_early_gets_no_traceback(founded):
    reading, writing = os.pipe()
    os.close(reading)
    done = _process("log", "show", stdout=writing)
    os.close(writing)
    assert done.returncode == 130
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_behind_stdout_is_out_of_reach(founded):
    with Path("/dev/full").open("wb") as full:
        done = _process("log", "show", "--json", stdout=full)
    assert done.returncode == 6
    assert done.stderr.decode().splitlines()[0] == "breakglass: the system refused: no space left on device"


@pytest.mark.parametrize("place", ["vault", "identity", "config"])
def test_what_the_system_does_not_let_us_read_is_out_of_reach_or_named(founded, monkeypatch, tmp_path, place):
    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, {"vault": "is_file", "identity": "exists", "config": "open"}[place], refuse)
    done = founded(*(["posture", "--config", str(tmp_path / "c")] if place == "config" else ["status"]))
    assert done.code == (2 if place == "config" else 6)
    assert "permission denied" in done.err.lower()


def test_an_odd_locale_prints_what_it_lacks_as_an_escape(founded):
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "custodian", "log", "verify"],
        env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "\\u25cf whole" in done.stdout


def test_a_passphrase_file_that_others_can_read_is_refused(founded, tmp_path):
    loose = private(tmp_path / "loose", PASSPHRASE)
    loose.chmod(0o640)
    done = founded("status", "--passphrase-file", loose)
    assert done.code == 2
    assert "others can read" in done.err


def test_a_dash_reads_the_passphrase_from_one_line_of_standard_input(founded):
    founded.ok("status", "--passphrase-file", "-", stdin=PASSPHRASE.encode() + b"\n")
    founded.ok("status", "--passphrase-file", "-", stdin=PASSPHRASE.encode())
    assert founded("status", "--passphrase-file", "-").code == 2


def test_passphrase_and_secret_may_share_standard_input(stocked):
    both = PASSPHRASE.encode() + b"\nanother password\n"
    stocked.ok("secret", "set", ACCOUNT, "password", "--file", "-", "--passphrase-file", "-", stdin=both)
    made = stocked.json("checkout", ACCOUNT, "--reason", REASON, "--reveal")
    assert made["secrets"]["password"] == "another password"


def test_a_wrong_passphrase_ends_with_3_and_no_more_than_that(founded, tmp_path):
    wrong = private(tmp_path / "wrong", "not this one")
    done = founded("status", "--passphrase-file", wrong)
    assert (done.code, done.out) == (3, "")
    assert done.err == "breakglass: cannot unlock: wrong passphrase\n"


def test_a_damaged_identity_file_is_told_before_the_passphrase_is_asked_for(founded, monkeypatch, home):
    monkeypatch.delenv("BREAKGLASS_PASSPHRASE_FILE")
    file = home / ".local/share/breakglass/identity"
    data = bytearray(file.read_bytes())
    data[60] ^= 1
    file.write_bytes(data)
    assert founded("status").code == 5


def test_core_dumps_are_off_before_the_passphrase_is_read(founded, monkeypatch):
    order = []
    monkeypatch.setattr("custodian.cli.unlocking.no_core_dumps", lambda: order.append("no core"))
    monkeypatch.setattr("custodian.passphrase.from_file", lambda *_: order.append("read") or bytearray(b"x"))
    founded("status")
    assert order == ["no core", "read"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_a_script_of_the_shell(cli, shell):
    assert "_BREAKGLASS_COMPLETE" in cli.ok("completions", shell).out


def test_completion_knows_commands_and_options():
    env = {"_BREAKGLASS_COMPLETE": "bash_complete", "COMP_WORDS": "breakglass che", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "custodian"],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["plain,checkout", "plain,checkin"]


def test_every_file_of_the_command_line_says_what_it_is_for():
    for found in pkgutil.iter_modules(custodian.cli.__path__):
        assert importlib.import_module(f"custodian.cli.{found.name}").__doc__
