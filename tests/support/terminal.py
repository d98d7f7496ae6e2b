"""A terminal with somebody at the keyboard: the real program on a pty, and the screen that a person would see.

`see` waits until texts stand on the screen (as a person reads them, without colours), `at` until the cursor stands beside a
label; `press` and `type_` are keys. There is no fixed waiting: what is waited for has long to come, because machines are busy. A
key pressed before what it is meant for has come goes to whatever stands there still, as with a person who types ahead.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pexpect
import pyte

KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "space": " ", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C",
    "left": "\x1b[D", "ctrl+l": "\x0c", "ctrl+q": "\x11", "ctrl+u": "\x15",
}  # fmt: skip
PATIENCE = 60.0
"""Seconds to wait for a text: far more than it ever takes, so that only what never comes fails."""

# pyte would print what it does not know: the kitty keyboard protocol and reports of modes.
_UNKNOWN = re.compile(
    rb"\x1b\[[<>=?]\d*(?:;\d+)*u|\x1b\[\?\d+\$p|\x1b\[>\d*q|\x1b\[\d* q|\x1b\[>4;?\d*m|\x1b[P_][^\x1b]*\x1b\\"
)
# Synchronized output, so that a screen is never seen half drawn.
_CAN_YOU, _I_CAN, _FRAME, _END_OF_FRAME = b"\x1b[?2026$p", b"\x1b[?2026;2$y", b"\x1b[?2026h", b"\x1b[?2026l"
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;<>=?$ ]*[@-~]|[^\[P_])")


class Terminal:
    """A program on a pty of `columns` x `rows`."""

    def __init__(
        self, argv: Sequence[str], *, columns: int, rows: int, env: Mapping[str, str], cwd: Path, cursor: str
    ) -> None:
        """`cursor` is the colour in which the program draws the cursor of a field: `#e4e8ec`."""
        self._cursor = cursor.removeprefix("#").lower()
        self.columns, self.rows = columns, rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""
        self.heard = bytearray()
        """Every byte the program has written to the terminal."""
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            argv[0], list(argv[1:]), dimensions=(rows, columns), env=dict(env), cwd=str(cwd), timeout=5
        )
        self._child.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            error.add_note(f"the screen was:\n{self.text()}")
        self._child.close(force=True)

    def text(self) -> str:
        """The screen, line by line, without what stands at the end of a line empty."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def see(self, *texts: str, gone: bool = False) -> str:
        """Wait until every one of `texts` stands on the screen (with `gone`: none of them); return the screen."""
        wanted = [" ".join(text.split()) for text in texts]

        def wrong() -> str:
            shown = " ".join(self.text().split())
            what = [text for text in wanted if (text in shown) == gone]
            return f"{'still' if gone else 'never'} on the screen: {what}" if what else ""

        return self._until(wrong)

    def at(self, label: str = "") -> str:
        """Wait until the cursor of a field stands in a row that has `label`, so that what is typed goes there; return the screen."""

        def wrong() -> str:
            rows = [row for row in range(self.rows) if self._has_cursor(row)]
            where = [self._screen.display[row].strip() for row in rows]
            return "" if any(label in row for row in where) else f"the cursor never stood at {label!r}, but in {where}"

        return self._until(wrong)

    def _has_cursor(self, row: int) -> bool:
        """The programs here draw their cursor themselves: the one cell of its colour in a row."""
        cells = self._screen.buffer[row]
        return sum(cells[column].bg == self._cursor for column in range(self.columns)) == 1

    def read(self, find: Callable[[str], Any]) -> Any:
        """Wait until `find` finds something in the screen; return what it found."""
        found: list[Any] = []

        def wrong() -> str:
            found[:] = [find(self.text())]
            return "" if found[0] else f"{find} finds nothing on the screen"

        self._until(wrong)
        return found[0]

    def _until(self, wrong: Callable[[], str]) -> str:
        end = time.monotonic() + PATIENCE
        while what := wrong():
            assert time.monotonic() < end, what
            assert self._child.isalive() or self._read(0), f"it has ended; {what}"
            self._read(0.2)
        return self.text()

    def press(self, *keys: str) -> None:
        """Press keys by name; one that has no name is typed."""
        for key in keys:
            self._child.send(KEYS.get(key, key))

    def type_(self, text: str) -> None:
        """Type a line of text, as fast as a pasted one."""
        self._child.send(text)

    def ended(self) -> int:
        """Wait for the program to end; its exit code."""
        end = time.monotonic() + PATIENCE
        while self._child.isalive() and time.monotonic() < end:
            self._read(0.2)
        self._child.close()
        assert self._child.exitstatus is not None, f"it did not end by itself (signal {self._child.signalstatus})"
        return int(self._child.exitstatus)

    def _read(self, wait: float) -> bool:
        try:
            data = self._child.read_nonblocking(65536, timeout=wait)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.heard += data
        if _CAN_YOU in data:
            self._child.send(_I_CAN)
        data = self._rest + data
        # What belongs together waits for its end: a frame, and a sequence that the read has cut.
        cut = data.rfind(_FRAME)
        if cut < 0 or data.find(_END_OF_FRAME, cut) >= 0:
            cut = data.rfind(b"\x1b", max(0, len(data) - 64))
            if cut < 0 or _SEQUENCE.match(data, cut):
                cut = len(data)
        self._rest = data[cut:]
        self._stream.feed(_UNKNOWN.sub(b"", data[:cut]))
        return True
