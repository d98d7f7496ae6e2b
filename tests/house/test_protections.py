"""Each protection of `tests/conftest.py` is tried from inside a test, the way an accident would try it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import keyring
import keyring.core
import keyring.errors
import pytest

from tests.support.memory_keyring import MemoryKeyring
from tests.support.quarantine import CLIPBOARD_TOOLS, path_without_clipboard
from vault import device_secret
from vault.errors import OutOfReach

SOMEWHERE_ELSE = "192.0.2.1"  # TEST-NET-1 of RFC 5737: belongs to nobody


def test_the_real_home_is_out_of_sight(home):
    real = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert Path.home() == home != real
    import platformdirs

    for folder in (
        platformdirs.user_data_path(),
        platformdirs.user_config_path(),
        platformdirs.user_state_path(),
        platformdirs.user_cache_path(),
    ):
        assert folder.is_relative_to(home)


def test_a_child_process_sees_the_same_home(home):
    shown = subprocess.check_output(["sh", "-c", "echo $HOME"], text=True).strip()
    assert shown == str(home)


def test_variables_of_the_person_who_runs_the_tests_are_gone(home):
    foreign = [
        name
        for name in os.environ
        if name.startswith(("BREAKGLASS_", "TEXTUAL", "SSH_", "AWS_PROFILE", "AWS_ACCESS", "AWS_SECRET", "AWS_SESSION"))
        or name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "NO_COLOR")
    ]
    assert foreign == []


def test_aws_finds_neither_profiles_nor_credentials():
    import botocore.session

    session = botocore.session.Session()
    assert session.available_profiles == []
    assert session.get_credentials() is None


def test_a_child_process_finds_no_aws_credentials_and_asks_nobody_for_them():
    code = "import botocore.session as s; print(s.Session().get_credentials())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "None"


def test_the_keyring_is_one_that_fails():
    with pytest.raises(keyring.errors.NoKeyringError):
        keyring.get_password("breakglass", "anybody")


def test_a_child_process_has_a_keyring_that_fails_too():
    code = "import keyring; print(type(keyring.get_keyring()).__module__)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "keyring.backends.fail"


def test_the_memory_keyring_is_used_where_asked_for(memory_keyring):
    keyring.set_password("breakglass", "somebody", "kept")
    assert memory_keyring.stored == {("breakglass", "somebody"): "kept"}


def test_the_memory_keyring_is_trusted_where_asked_for(memory_keyring):
    device_secret.store(b"an id", b"s" * 32)
    assert device_secret.load(b"an id") == b"s" * 32


def test_the_memory_keyring_is_trusted_nowhere_else(monkeypatch):
    monkeypatch.setattr(keyring.core, "_keyring_backend", MemoryKeyring())
    with pytest.raises(OutOfReach):
        device_secret.check()


def test_no_clipboard_tool_is_found():
    assert [tool for tool in CLIPBOARD_TOOLS if shutil.which(tool)] == []


def test_clipboard_tools_are_hidden_without_hiding_their_neighbours(tmp_path):
    real = tmp_path / "bin"
    real.mkdir()
    for program in ("xclip", "pbcopy", "neighbour"):
        (real / program).write_text("#!/bin/sh\n")
        (real / program).chmod(stat.S_IRWXU)
    path = path_without_clipboard(str(real), tmp_path / "shadows")
    assert shutil.which("xclip", path=str(real))
    assert shutil.which("xclip", path=path) is None
    assert shutil.which("pbcopy", path=path) is None
    assert shutil.which("neighbour", path=path)


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_a_socket_reaches_nothing_outside(network, method):
    with socket.socket() as sock, pytest.raises(ConnectionRefusedError, match=SOMEWHERE_ELSE):
        getattr(sock, method)((SOMEWHERE_ELSE, 443))
    assert network.attempts == [SOMEWHERE_ELSE]
    network.attempts.clear()


def test_a_datagram_reaches_nothing_outside(network):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(ConnectionRefusedError):
        sock.sendto(b"x", (SOMEWHERE_ELSE, 53))
    network.attempts.clear()


def test_no_name_is_looked_up_outside(network):
    with pytest.raises(ConnectionRefusedError, match=r"iam\.amazonaws\.com"):
        socket.create_connection(("iam.amazonaws.com", 443))
    assert network.attempts == ["iam.amazonaws.com"]
    network.attempts.clear()


def test_loopback_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            client.sendall(b"hello")
            with server.accept()[0] as accepted:
                assert accepted.recv(5) == b"hello"


def test_a_swallowed_attempt_still_fails_its_test(tmp_path):
    """Run for real: code under test often takes a refused connection as an answer."""
    inner = Path(__file__).parents[1] / "house" / "_swallowing_case.py"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(inner)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "tried to reach 192.0.2.1" in done.stdout


def test_a_child_process_that_goes_outside_meets_a_closed_door():
    code = (
        "import urllib.request as r\n"
        "try: r.urlopen('https://iam.amazonaws.com/', timeout=5)\n"
        "except OSError as e: print(e.reason.__class__.__name__)\n"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "ConnectionRefusedError"


def test_the_clock_stands_until_told(clock):
    from vault import clock as told

    first = told.now_ms()
    assert told.now_ms() == first
    clock.advance(minutes=2)
    assert told.now_ms() == first + 120_000
