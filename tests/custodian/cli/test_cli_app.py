"""`breakglass` alone opens the app, and leaves the terminal as it was however it ends."""

from __future__ import annotations

import re
import signal

import pexpect
import pytest

ENTERED, LEFT = re.escape("\x1b[?1049h"), "\x1b[?1049l"


@pytest.mark.parametrize(
    ("ending", "code"),
    [("\x11", 0), (signal.SIGTERM, 130), (signal.SIGHUP, 130)],
    ids=["ctrl+q", "asked to end", "terminal closed"],
)
def test_the_app_opens_and_gives_the_terminal_back(founded, typed, ending, code):
    child = typed()
    child.expect(ENTERED)
    child.expect("Passphrase")
    if isinstance(ending, signal.Signals):
        child.kill(ending)
    else:
        child.send(ending)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == code
    assert LEFT in child.before
    assert "Traceback" not in child.before


def test_the_app_finds_vault_and_settings_by_the_same_options(founded, typed, tmp_path):
    settings = tmp_path / "config.toml"
    settings.write_text("idle_mintues = 1\n")
    child = typed("--config", settings)
    child.expect("idle_mintues")
    child.wait()
    assert child.exitstatus == 2
    child = typed("--vault", tmp_path / "elsewhere")
    child.expect("elsewhere")
    child.send("\x11")
    child.expect(pexpect.EOF)
