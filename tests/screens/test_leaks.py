"""Every way in which Textual let a canary out when it was measured, and the counter that closes it. See CRAFT.md."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.widgets import Input
from textual.worker import WorkerFailed

from screens import crash, environment
from screens.app import Breakglass
from screens.guarded_app import GuardedApp
from screens.guarded_screen import GuardedScreen
from screens.unlock import Unlock
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.widgets.secret_field import SecretField
from vault.errors import Refused

CANARY = "canary-7Qz!hunter2"


class Holding(GuardedScreen[None]):
    """A screen with a canary in everything that can hold one."""

    def body(self) -> ComposeResult:
        yield MaskedInput(id="masked")
        yield SecretField(id="field")
        yield Line(CANARY, id="line")


class Opened(GuardedApp):
    """An unlocked app that shows `Holding`."""

    open = True

    @property
    def locked(self) -> bool:
        return not self.open

    def drop_secrets(self) -> None:
        self.open = False

    def on_ready(self) -> None:
        self.push_screen(Holding())


@pytest.fixture
def identity_file(tmp_path: Path) -> Path:
    path = tmp_path / "identity"
    path.write_bytes(b"not read by these tests")
    return path


def sent_to_terminal(app: GuardedApp) -> list[str]:
    written: list[str] = []
    driver = app._driver
    assert driver is not None
    driver.write = written.append  # type: ignore[method-assign]
    return written


# 1. A crash prints no local and no text of the exception.


def fail() -> None:
    secret = CANARY  # noqa: F841  a local that Textual would print
    raise ValueError(CANARY)


async def test_a_crash_prints_where_and_never_what(capfd):
    app = Opened()
    # The pilot raises it again for the test, and only for it.
    with pytest.raises(ValueError, match="canary"):  # noqa: PT012
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            app.call_later(fail)
            await pilot.pause()
    out, err = capfd.readouterr()
    assert CANARY not in out + err
    assert "a defect of ours: ValueError" in err
    assert "in fail" in err
    assert app.return_code == crash.EXIT_CODE
    assert not app.open, "a crash wipes what was open"


async def test_a_crash_in_a_worker_prints_no_text_either(capfd):
    app = Opened()
    with pytest.raises(WorkerFailed, match="canary"):  # noqa: PT012
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            app.screen.in_background(fail, lambda _: None)  # type: ignore[attr-defined]
            await pilot.pause(0.3)
    out, err = capfd.readouterr()
    assert CANARY not in out + err
    assert "ValueError" in err


async def test_panic_prints_nothing_that_it_is_given(capfd):
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.panic(CANARY)
    out, err = capfd.readouterr()
    assert CANARY not in out + err
    assert app.return_code == crash.EXIT_CODE


async def test_a_task_that_nobody_awaited_logs_no_text(capfd, caplog):
    async def forgotten() -> None:
        raise ValueError(CANARY)

    app = Opened()
    with caplog.at_level(logging.DEBUG):
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": CANARY, "exception": ValueError(CANARY)})
            await pilot.pause()
            loop.set_exception_handler(None)
    out, err = capfd.readouterr()
    assert CANARY not in out + err + caplog.text
    assert "a defect of ours: ValueError" in err


def test_hooks_of_the_process_print_no_text():
    program = (
        "import threading, sys\n"
        "from screens import crash\n"
        "crash.install()\n"
        f"def fail(secret={CANARY!r}):\n    raise ValueError(secret)\n"
        "t = threading.Thread(target=fail); t.start(); t.join()\n"
        "class D:\n    def __del__(self): fail()\n"
        "D()\n"
        "fail()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path(crash.__file__).parents[1])
    assert CANARY not in ended.stdout + ended.stderr
    assert ended.stderr.count("a defect of ours: ValueError") == 3


def test_the_report_names_causes_by_type_alone():
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise RuntimeError(CANARY) from cause
    except RuntimeError as error:
        told = crash.report(error)
    assert CANARY not in told
    assert "RuntimeError" in told
    assert "from KeyError" in told


# 2. A masked field copies and cuts nothing.


@pytest.mark.parametrize("keys", [("ctrl+c",), ("ctrl+x",), ("super+c",)])
async def test_a_masked_field_is_copied_nowhere(keys):
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        field = app.screen.query_one("#masked", MaskedInput)
        field.focus()
        field.value = CANARY
        field.select_all()
        assert field.selected_text == ""
        written = sent_to_terminal(app)
        await pilot.press(*keys)
        await pilot.pause()
        assert app.clipboard == ""
        assert not any("\x1b]52" in text for text in written)
        assert field.value == CANARY, "nothing is cut either"


async def test_what_is_taken_from_a_masked_field_is_gone_from_it():
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        field = app.screen.query_one("#masked", MaskedInput)
        field.value = CANARY
        assert field.take() == CANARY.encode()
        assert field.value == ""


async def test_a_plain_field_is_copied_inside_the_app_and_not_through_the_terminal():
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        written = sent_to_terminal(app)
        app.copy_to_clipboard("INC-4711")
        assert app.clipboard == "INC-4711"
        assert not any("\x1b]52" in text for text in written)


# 3. The environment records nothing.


@pytest.mark.parametrize("name", sorted(environment.REASONS))
def test_a_variable_that_would_record_or_replace_is_removed_and_named(name):
    found = {name: "1", "TEXTUAL_ANIMATIONS": "none", "PATH": "/bin"}
    told = environment.disarm(found)
    assert name not in found
    assert found == {"TEXTUAL_ANIMATIONS": "none", "PATH": "/bin"}
    assert told == [f"{name} is ignored: {environment.REASONS[name]}"]


def test_a_variable_that_nobody_knows_is_removed_too():
    found = {"TEXTUAL_SOMETHING_NEW": "1"}
    assert environment.disarm(found)
    assert found == {}


def test_textual_reads_none_of_them_even_where_it_was_imported_first(tmp_path):
    log = tmp_path / "keys.log"
    program = (
        "import os, textual, textual.constants as c\n"
        "assert c.LOG_FILE and c.PRESS and c.SCREENSHOT_DELAY == 1 and c.DRIVER\n"
        "from screens import environment\n"
        "environment.disarm(os.environ)\n"
        "print(c.LOG_FILE, repr(c.PRESS), c.SCREENSHOT_DELAY, c.DRIVER, c.DEBUG)\n"
    )
    env = {**os.environ, "TEXTUAL_LOG": str(log), "TEXTUAL_PRESS": "a,b", "TEXTUAL_SCREENSHOT": "1", "TEXTUAL_DRIVER": "x:Y"}
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env, cwd=Path(crash.__file__).parents[1])
    assert ended.stdout.split() == ["None", "''", "-1", "None", "False"]


def test_no_key_reaches_a_log_file(tmp_path):
    log = tmp_path / "keys.log"
    program = (
        "import asyncio, pathlib, os\n"
        "from screens import environment\n"
        "environment.disarm(os.environ)\n"
        "from screens.app import Breakglass\n"
        "async def main():\n"
        f"    app = Breakglass(pathlib.Path({str(tmp_path / 'v')!r}), pathlib.Path({str(tmp_path / 'id')!r}))\n"
        "    async with app.run_test(size=(80, 24)) as pilot:\n"
        "        await pilot.pause()\n"
        f"        await pilot.press(*{CANARY.replace('-', '').replace('!', '')!r})\n"
        "        assert len(app.screen_stack[0].query_one('#passphrase').value) > 10\n"
        "asyncio.run(main())\n"
    )
    (tmp_path / "id").write_bytes(b"x")
    env = {**os.environ, "TEXTUAL_LOG": str(log), "TEXTUAL": "devtools,debug"}
    subprocess.run([sys.executable, "-c", program], check=True, env=env, cwd=Path(crash.__file__).parents[1])
    assert not log.exists()


# 4. Nothing opens over the lock, and no picture is taken of a secret.


async def test_no_palette_and_no_screen_opens_over_the_lock(identity_file, tmp_path):
    app = Breakglass(tmp_path / "vault", identity_file)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p", "ctrl+backslash")
        assert not app.use_command_palette
        app.action_command_palette()
        app.push_screen(Holding())
        await pilot.pause()
        assert [type(screen) for screen in app.screen_stack] == [Unlock]


async def test_no_picture_is_taken_while_a_secret_is_shown():
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        field = app.screen.query_one("#field", SecretField)
        field.show(CANARY)
        await pilot.pause()
        with pytest.raises(Refused):
            app.export_screenshot()
        app.push_screen(GuardedScreen())
        await pilot.pause()
        with pytest.raises(Refused):
            app.export_screenshot()


async def test_a_picture_of_masked_fields_holds_no_canary():
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.screen.query_one("#line", Line).remove()
        app.screen.query_one("#masked", MaskedInput).value = CANARY
        field = app.screen.query_one("#field", SecretField)
        field.show(CANARY)
        await pilot.pause()
        field.hide()
        await pilot.pause()
        picture = app.export_screenshot()
    assert CANARY not in picture.replace("&#160;", " ")
    assert "•" in picture


async def test_no_picture_is_ever_written_to_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.action_screenshot()
        with pytest.raises(Refused):
            app.save_screenshot()
        with pytest.raises(Refused):
            app.deliver_screenshot()
    assert list(tmp_path.iterdir()) == []


# 5. Locking is removing.


async def test_locking_leaves_no_screen_and_no_typed_text_behind():
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        screen = app.screen
        masked = screen.query_one("#masked", MaskedInput)
        field = screen.query_one("#field", SecretField)
        masked.value = CANARY
        field.show(CANARY)
        app.copy_to_clipboard("something")
        app.push_screen(GuardedScreen())
        await pilot.pause()
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert not app.open
        assert masked.value == ""
        assert not field.shown
        assert app.clipboard == ""
        assert not screen.is_attached
        assert not any(CANARY in repr(vars(widget)) for widget in (masked, field))


async def test_idleness_locks(monkeypatch):
    app = Opened(idle_minutes=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        now = app._last_sign_of_life
        monkeypatch.setattr("screens.guarded_app._seconds_awake", lambda: now + 299)
        await app._lock_when_idle()
        assert app.open
        monkeypatch.setattr("screens.guarded_app._seconds_awake", lambda: now + 300)
        await app._lock_when_idle()
        assert not app.open
        assert len(app.screen_stack) == 1


async def test_suspending_locks_before_the_process_stops():
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        stopped: list[tuple[bool, int]] = []
        driver = app._driver
        assert driver is not None
        driver._sigtstp_application = lambda: stopped.append((app.open, len(app.screen_stack)))  # type: ignore[attr-defined]
        app._suspended()
        await pilot.pause()
        assert stopped == [(False, 1)]


# 6. Selection copies nothing.


async def test_selection_copies_nothing():
    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        written = sent_to_terminal(app)
        app.screen.text_select_all()
        app.screen.query_one("#line", Line).text_select_all()
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.screen.get_selected_text() is None
        assert app.clipboard == ""
        assert not any("\x1b]52" in text for text in written)


# 8. No browser.


def test_the_app_does_not_open_in_a_browser():
    with pytest.raises(Refused, match="browser"):
        environment.disarm({"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"})


def test_the_driver_is_the_terminals_whatever_was_asked(monkeypatch):
    app = GuardedApp()
    monkeypatch.setattr("textual.constants.DRIVER", "textual.drivers.web_driver:WebDriver")
    assert app.get_driver_class().__name__ == "LinuxDriver"


# A window that is too small takes no key.


async def test_a_window_that_is_too_small_takes_nothing_into_a_hidden_field(identity_file, tmp_path):
    app = Breakglass(tmp_path / "vault", identity_file)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("a")
        await pilot.resize_terminal(79, 24)
        await pilot.pause()
        theme = app.theme
        await pilot.press("b", "enter", "ctrl+t")
        assert app.theme == theme, "nor does any other key do anything"
        assert "needs 80 x 24" in app.export_screenshot().replace("&#160;", " ")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await pilot.press("c")
        assert app.screen.query_one("#passphrase", Input).value == "ac"


async def test_nothing_that_holds_a_secret_shows_it_in_its_repr():
    from screens.widgets.code_countdown import ShownCode

    app = Opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        field = app.screen.query_one("#field", SecretField)
        field.show(CANARY)
        masked = app.screen.query_one("#masked", MaskedInput)
        masked.value = CANARY
        code = ShownCode("phone", CANARY, CANARY, 30, 1)
        assert CANARY not in "".join(map(repr, (field, masked, code, app, app.screen)))
