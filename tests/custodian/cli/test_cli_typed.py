"""What people type: prompts without echo, ctrl-c, colours, on a real terminal."""

from __future__ import annotations

import re
import termios

import pytest

from .conftest import ACCOUNT, CANARY, PASSPHRASE, REASON


def _lflag(child) -> int:
    return termios.tcgetattr(child.child_fd)[3]


def test_the_passphrase_is_asked_for_on_the_terminal_and_never_echoed(founded, typed):
    child = typed("status")
    child.expect("Passphrase: ")
    assert not _lflag(child) & termios.ECHO
    child.sendline(PASSPHRASE)
    child.expect("entries +1")
    child.wait()
    assert child.exitstatus == 0
    assert PASSPHRASE not in child.logfile_read.getvalue()


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_leaving_the_prompt_ends_with_130_and_gives_the_echo_back(founded, typed, key):
    child = typed("status")
    child.expect("Passphrase: ")
    child.send(key)
    child.expect("breakglass: interrupted")
    assert _lflag(child) & termios.ECHO
    child.wait()
    assert child.exitstatus == 130


def test_a_secret_is_typed_twice_without_echo(stocked, typed, tmp_path):
    child = typed("secret", "set", ACCOUNT, "password", "--passphrase-file", tmp_path / "passphrase")
    child.expect("New password: ")
    child.sendline("first try")
    child.expect("The same again: ")
    child.sendline("second try")
    child.expect("not the same")
    for question in ("New password: ", "The same again: "):
        child.expect(question)
        child.sendline("naïve pässword")
    child.expect("sealed")
    child.wait()
    assert "try" not in child.logfile_read.getvalue()
    made = stocked.json("checkout", ACCOUNT, "--reason", REASON, "--reveal")
    assert made["secrets"]["password"] == "naïve pässword"


def test_a_seed_is_typed_without_echo(founded, typed, tmp_path):
    founded.ok("accounts", "add", ACCOUNT, "--name", "x", "--email", "a@b.example")
    child = typed("mfa", "add", ACCOUNT, "--passphrase-file", tmp_path / "passphrase")
    child.expect("seed: ")
    child.sendline("GEZD GNBV GY3T QOJQ")
    child.expect("sealed")
    child.wait()
    assert "GNBV" not in child.logfile_read.getvalue()


def test_while_a_command_reads_its_data_from_a_pipe_the_passphrase_comes_from_the_terminal(founded, typed, tmp_path):
    import sys

    founded.ok("accounts", "add", ACCOUNT, "--name", "x", "--email", "a@b.example")
    seed = tmp_path / "seed"
    seed.write_text("GEZDGNBVGY3TQOJQ\n")
    child = typed("status")
    child.close(force=True)
    import pexpect

    child = pexpect.spawn(
        "/bin/sh",
        ["-c", f'cat "{seed}" | "{sys.executable}" -P -m custodian mfa add {ACCOUNT} --uri-file -'],
        env=child.env, encoding="utf-8", timeout=60,
    )  # fmt: skip
    child.expect("Passphrase: ")
    child.sendline(PASSPHRASE)
    child.expect("sealed")
    child.close()


def test_colour_is_for_terminals_and_no_color_holds(founded, typed, tmp_path):
    secret = ("--passphrase-file", tmp_path / "passphrase")
    assert "\x1b[" not in founded.ok("log", "verify").out
    for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        child = typed("log", "verify", *secret, **environment)
        child.expect("whole")
        child.wait()
        shown = re.sub(r"\r\x1b\[2K", "", child.logfile_read.getvalue())  # the progress bar's own
        assert ("\x1b[34m" in shown) is coloured


def test_a_secret_with_control_characters_cannot_act_on_the_terminal(stocked, typed, tmp_path):
    stocked.ok("secret", "set", ACCOUNT, "password", "--file", "-", stdin=b"a\x1b[2Jb")
    secret = ("--passphrase-file", tmp_path / "passphrase")
    child = typed("checkout", ACCOUNT, "--reason", REASON, "--reveal", *secret)
    child.expect("password  a\N{REPLACEMENT CHARACTER}\\[2Jb")
    child.wait()
    number = stocked.json("status")["open_checkouts"][0]["checkout"]
    assert stocked.ok("reveal", number, "--secret", "password").out == "a\x1b[2Jb\n", "a program gets it as it is"


def test_the_loop_leaves_no_secret_on_the_disk(stocked, home, tmp_path):
    made = stocked.json("checkout", ACCOUNT, "--reason", REASON, "--reveal")
    stocked.ok("checkin", made["checkout"])
    found = [p for p in home.rglob("*") if p.is_file() and CANARY.encode() in p.read_bytes()]
    assert found == []
