"""`doctor`: each thing about this machine, well or not, with a remedy; and that it changes nothing."""

from __future__ import annotations

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.aws_overlay import serve


@pytest.fixture
def near(monkeypatch):
    """An AWS that answers, and a profile to ask it with."""
    with serve() as overlay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", overlay.url)
        with Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).open("a") as settings:
            settings.write("[audit]\naws_access_key_id = x\naws_secret_access_key = y\n")
        yield overlay


def _states(done) -> dict[str, str]:
    return {o["check"]: o["status"] for o in done.json}


def _remedy(done, check: str) -> str:
    return next(o["remedy"] for o in done.json if o["check"] == check) or ""


def test_a_sound_machine_ends_with_0(near, founded):
    done = founded("doctor", "--json")
    assert done.code == 0, done.out
    assert _states(done) == {
        "aws-access": "pass",
        "clipboard": "not_applicable",
        "clock": "pass",
        "core-dumps": "pass",
        "keyring": "not_applicable",
        "permissions": "pass",
        "remote": "not_applicable",
        "settings": "pass",
        "terminal": "not_applicable",
    }
    assert all(list(o) == ["check", "status", "summary", "remedy"] for o in done.json)


def test_it_asks_for_no_passphrase_and_changes_nothing(near, founded, monkeypatch, home):
    monkeypatch.delenv("BREAKGLASS_PASSPHRASE_FILE")

    def look():
        return {p: (p.stat().st_mtime_ns, p.stat().st_mode) for p in (home / ".local/share").rglob("*")}

    before = look()
    founded("doctor")
    assert look() == before


def test_every_state_has_a_glyph_and_a_word(near, founded):
    shown = founded("doctor").out
    assert "● pass" in shown
    assert "– n/a" in shown


def test_before_there_is_anything_it_says_what_is_missing(near, cli):
    done = cli("doctor", "--json")
    assert done.code == 1
    assert _states(done)["keyring"] == "fail"
    assert "--no-device-secret" in _remedy(done, "keyring")
    assert _states(done)["permissions"] == "not_applicable"


def test_a_keyring_that_works_is_named(near, cli, memory_keyring):
    assert _states(cli("doctor", "--json"))["keyring"] == "pass"


def test_what_others_can_read_is_named(near, founded, home):
    replica = home / ".local/share/breakglass/vault/replica.sqlite3"
    replica.chmod(0o644)
    done = founded("doctor", "--json")
    assert done.code == 1
    assert _states(done)["permissions"] == "fail"
    assert str(replica) in _remedy(done, "permissions")


@pytest.mark.parametrize(("ahead", "word"), [(60, "behind"), (-60, "ahead")])
def test_a_clock_that_is_off_is_told(near, founded, clock, monkeypatch, ahead, word):
    clock.set(int(time.time() * 1000) - ahead * 1000)
    done = founded("doctor", "--json")
    assert _states(done)["clock"] == "fail"
    assert word in next(o["summary"] for o in done.json if o["check"] == "clock")


def test_a_clock_that_cannot_be_compared_is_unknown_and_ends_with_1(founded, monkeypatch):
    with serve() as overlay:
        url = overlay.url
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)  # nobody listens there any more
    done = founded("doctor", "--json")
    assert done.code == 1
    assert _states(done)["clock"] == "unknown"


def test_a_redirect_is_not_followed(monkeypatch, founded):
    visited = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_HEAD(self):
            visited.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        assert _states(founded("doctor", "--json"))["clock"] == "pass"
        server.shutdown()
    assert visited == ["/"]


def test_no_profile_is_told_with_the_remedy(near, founded):
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text("")
    done = founded("doctor", "--json")
    assert _states(done)["aws-access"] == "fail"
    assert "aws configure" in _remedy(done, "aws-access")


def test_a_base_profile_that_is_not_there_is_told(near, founded, tmp_path):
    settings = tmp_path / "c.toml"
    settings.write_text('base_profile = "gone"\n')
    done = founded("doctor", "--json", "--config", settings)
    assert _states(done)["aws-access"] == "fail"


def test_settings_that_cannot_be_read_are_told(near, founded, tmp_path):
    settings = tmp_path / "c.toml"
    settings.write_text("idle_mintues = 1\n")
    done = founded("doctor", "--json", "--config", settings)
    assert _states(done)["settings"] == "fail"
    assert "idle_minutes" in _remedy(done, "settings")


def test_a_damaged_identity_is_told(near, founded, home):
    identity = home / ".local/share/breakglass/identity"
    identity.write_bytes(identity.read_bytes()[:-1])
    done = founded("doctor", "--json")
    assert _states(done)["keyring"] == "unknown"


@pytest.mark.parametrize(("size", "words"), [((24, 80), "● pass +terminal +80x24"), ((20, 60), "▲ fail +terminal +60x20")])
def test_a_terminal_that_is_too_small_is_told(near, founded, typed, size, words):
    child = typed("doctor", size=size, NO_COLOR="1")
    child.expect(words)
    if size == (20, 60):
        child.expect("make the window larger")
    child.wait()
