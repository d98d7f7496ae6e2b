"""What goes to the clipboard: through the desktop's own tool, with words about when it ends, and never through the terminal.

A secret is overwritten after a while, at once on locking, and before the app is left; only what is still ours is overwritten.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual.timer import Timer

from screens.background import in_thread
from vault.errors import BreakglassError, OutOfReach
from vault.memory import wipe

if TYPE_CHECKING:
    from custodian.clipboard import Clipboard
    from screens.app import Breakglass


class Copying:
    """One clipboard for the whole app, and the countdown until it is cleared."""

    def __init__(self, app: Breakglass, seconds: int) -> None:
        self._app = app
        self._seconds = seconds
        self._left = 0
        self._what = ""
        self._timer: Timer | None = None
        self._clipboard: Clipboard | None = None

    def find(self) -> Clipboard:
        """The desktop's clipboard, or OutOfReach with the remedy. Asked before the log says that something was copied."""
        from custodian.clipboard import Clipboard

        if self._clipboard is None:
            self._clipboard = Clipboard.require()
        return self._clipboard

    def put(self, value: bytearray) -> None:
        """Put `value` on the clipboard and wipe it. Blocks: call it in a thread."""
        try:
            self.find().copy(value)
        finally:
            wipe(value)

    def begin_countdown(self, what: str) -> None:
        """A secret is there now: say so, and clear it when its time is over."""
        self._stop_timer()
        self._what, self._left = what, self._seconds
        self._timer = self._app.set_interval(1, self._tick)
        self._tell()

    def not_secret(self, what: str) -> None:
        """Something is there that may stay; it has taken the place of a secret that was."""
        self._stop_timer()
        self._app.tell(f"{what} sent to the clipboard")

    def clear_now(self, *, wait: float = 0) -> None:
        """Overwrite a secret that is still there; with `wait`, give the tool that many seconds."""
        if self._timer is None or self._clipboard is None:
            return
        self._stop_timer()
        thread = threading.Thread(target=_clear, args=(self._clipboard,), daemon=not wait)
        thread.start()
        thread.join(wait or 0.01)

    def _tick(self) -> None:
        self._left -= 1
        if self._left > 0:
            self._tell()
            return
        clipboard = self._clipboard
        self._stop_timer()
        if clipboard is not None:
            self._app.run_worker(self._clear_and_tell(clipboard), group="clipboard")

    async def _clear_and_tell(self, clipboard: Clipboard) -> None:
        try:
            await in_thread(clipboard.clear_if_ours)
        except OutOfReach as error:
            self._app.tell_error(error)
        else:
            self._app.tell("the clipboard is cleared")

    def _tell(self) -> None:
        self._app.tell(f"{self._what} sent to the clipboard, cleared in {self._left} s")

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None


def _clear(clipboard: Clipboard) -> None:
    try:
        clipboard.clear_if_ours()
    except BreakglassError:
        return  # nobody is there to be told: the screen is locked or gone
