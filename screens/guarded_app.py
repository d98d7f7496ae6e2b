"""The base of the app: every way in which Textual would let a secret out, closed in one place.

Measured on Textual 8.2 (each has a canary test in tests/screens/test_leaks.py): a crash prints locals; ctrl+c and OSC 52 carry
masked fields away; the environment can record every key; the palette takes pictures over a lock; a covered screen keeps what was
typed; a web page would be the terminal. What a screen shows is none of this class's business; that nothing of it leaves is.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.widget import AwaitMount

from screens import crash, environment
from screens.guarded_screen import GuardedScreen
from screens.theme import DARK, LIGHT
from vault.errors import Refused

MINIMUM = (80, 24)
"""Columns and rows below which nothing is shown and nothing is taken."""


class GuardedApp(App[int]):
    """An app that can be locked at any moment and from which no secret escapes through Textual.

    A subclass gives the screen that stands at the bottom of the stack, the lock (`get_default_screen`), and says in
    `drop_secrets` what to wipe.
    """

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CLOSE_TIMEOUT = 2.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "lock", "lock", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
        Binding("ctrl+t", "other_theme", "theme", show=False),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(self, *, idle_minutes: float = 5) -> None:
        self.ignored_environment = environment.disarm(os.environ)
        super().__init__()
        self.animation_level = "none"
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.idle_seconds = idle_minutes * 60
        self._last_sign_of_life = _seconds_awake()
        self._crash_reports: list[str] = []

    # Locking is removing.

    def drop_secrets(self) -> None:
        """Wipe what the unlocked app holds. Called first on every lock and on leaving; must not block."""

    @property
    def locked(self) -> bool:
        """Whether nothing is open: the lock itself is on top and holds no way around it."""
        return True

    async def action_lock(self) -> None:
        """Lock now."""
        await self.lock("locked")

    async def lock(self, why: str) -> None:
        """Wipe and remove everything that is shown, down to the lock, which says `why`."""
        self.drop_secrets()
        self._clipboard = ""
        self.clear_notifications()
        removals = []
        for screen in self.screen_stack:
            if isinstance(screen, GuardedScreen):
                screen.forget()
        while len(self.screen_stack) > 1:
            removals.append(self.pop_screen())
        self.on_locked(why)
        for removal in removals:
            await removal

    def on_locked(self, why: str) -> None:
        """The stack is down to the lock: tell it why."""

    def push_screen(self, screen: Any, *args: Any, **kwargs: Any) -> Any:
        """No screen over a lock: one that arrives late, from a worker or a key, is dropped."""
        if self.locked and not getattr(screen, "allowed_over_lock", False):
            return AwaitMount(self.screen, [])
        return super().push_screen(screen, *args, **kwargs)

    # Signs of life, idleness, suspension.

    def on_mount(self) -> None:
        """Arm what needs a running loop."""
        loop = asyncio.get_running_loop()
        crash.quiet_loop(loop)
        self.set_interval(5, self._lock_when_idle)
        if self._driver is not None and self._driver.can_suspend and not self.is_headless:
            # Textual's own handler stops the process with everything still in it; ours locks first.
            loop.add_signal_handler(signal.SIGTSTP, self._suspended)

    async def on_event(self, event: events.Event) -> None:
        """Keys and clicks are signs of life; below the smallest size none of them reaches a hidden field."""
        if isinstance(event, events.InputEvent):
            self._last_sign_of_life = _seconds_awake()
        if isinstance(event, (events.Key, events.MouseEvent, events.Paste)) and self.too_small:
            if isinstance(event, events.Key) and event.key == "ctrl+q":
                self.exit(0)
            return
        await super().on_event(event)

    @property
    def too_small(self) -> bool:
        """Whether the terminal has fewer columns or rows than every screen needs."""
        width, height = self.size
        return width < MINIMUM[0] or height < MINIMUM[1]

    async def _lock_when_idle(self) -> None:
        if not self.locked and _seconds_awake() - self._last_sign_of_life >= self.idle_seconds:
            await self.lock("locked after a while without a key")

    def _suspended(self) -> None:
        task = asyncio.ensure_future(self._lock_and_stop())
        self._stopping = task

    async def _lock_and_stop(self) -> None:
        await self.lock("locked when the app was suspended")
        driver = self._driver
        stop = getattr(driver, "_sigtstp_application", None)
        if stop is not None:
            stop()

    # A crash says where, never what.

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = crash.EXIT_CODE
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._crash_reports.append(crash.report(error))
        self.drop_secrets()
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, Exception):
            self._handle_exception(error)

    def panic(self, *renderables: Any) -> None:
        """Textual would print what it is given; only what `crash` says is printed here."""
        self._return_code = crash.EXIT_CODE
        self._crash_reports.append(crash.report(RuntimeError()))
        self.drop_secrets()
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()
        if self._crash_reports and sys.__stderr__ is not None:
            sys.__stderr__.write(self._crash_reports[0] + "\n")
        self._crash_reports.clear()

    # Nothing is copied, photographed, served or recorded.

    def copy_to_clipboard(self, text: str) -> None:
        """Keep `text` inside the app, for its own ctrl+v. Nothing goes to the terminal through OSC 52, which never
        says whether and where it arrived; secrets go through custodian.clipboard alone and never come here."""
        self._clipboard = text

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """A picture for docs and tests; refused while a secret is on any screen."""
        if any(screen.query(".-secret-shown") for screen in self.screen_stack):
            raise Refused("no picture is taken", "a secret is on the screen")
        return super().export_screenshot(title=title, simplify=simplify)

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """There is no screenshot command."""

    def save_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str:
        """No picture is written to a disk."""
        raise Refused("no picture is taken", "breakglass writes no pictures of its screens")

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """No picture is written to a disk."""
        return self.save_screenshot()

    def action_command_palette(self) -> None:
        """There is no command palette: it would open over a lock."""

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None."""
        return ()

    def action_help_quit(self) -> None:
        """ctrl+c where there is nothing to copy: say how to leave."""
        self.notify("ctrl+q leaves, ctrl+l locks", markup=False)

    def action_other_theme(self) -> None:
        """Dark to light and back."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def get_driver_class(self) -> type[Driver]:
        """The terminal's own driver, whatever the environment asked for."""
        from textual.drivers.linux_driver import LinuxDriver

        return LinuxDriver

    def get_default_screen(self) -> Screen[Any]:
        """The screen at the bottom of the stack: the lock."""
        return GuardedScreen()


def _seconds_awake() -> float:
    """Seconds that pass while the machine sleeps too, where the system counts them: a lid that was closed is idleness."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boottime) if boottime is not None else time.monotonic()
