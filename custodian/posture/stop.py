"""Ending a scan from outside, at once: a flag that is looked at before each call, and sockets that are cut.

A call that hangs would hold its thread until its timeout. So the connections of a scan are known to its `Stop`, and
stopping shuts their sockets down: the blocked read ends with an error, the flag says why, and no thread stays behind.
Only name look-up and connecting cannot be cut short; connecting has a timeout of its own.
"""

from __future__ import annotations

import socket
import threading
import weakref
from types import TracebackType
from typing import Any, Self


class Stopped(Exception):
    """The scan was ended from outside. It never leaves the engine."""


class Stop:
    """Whether to stop, for one scan or for many that end together. A context manager: leaving it ends its watcher."""

    def __init__(self, cancel: threading.Event | None = None) -> None:
        self._cancel = cancel
        self._asked = threading.Event()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        self._watcher: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._cancel is not None:
            self._watcher = threading.Thread(target=self._watch, name="posture-cancel", daemon=True)
            self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._watcher is not None:
            self._watcher.join()

    @property
    def asked(self) -> bool:
        """Whether somebody wants the scan to end."""
        return self._asked.is_set() or (self._cancel is not None and self._cancel.is_set())

    def check(self) -> None:
        """Raise Stopped if the scan is to end."""
        if self.asked:
            raise Stopped

    def wait(self, seconds: float) -> None:
        """Sleep, but raise Stopped as soon as the scan is to end."""
        self.check()
        self._asked.wait(seconds)
        self.check()

    def halt(self) -> None:
        """End the scan: every call in flight fails now, every later one is not made."""
        self._asked.set()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _cut(connection)

    def hold(self, connection: Any) -> None:
        """Remember a connection (anything with a `sock`) so that `halt` can cut it."""
        with self._lock:
            self._connections.add(connection)
        if self._asked.is_set():
            _cut(connection)

    def _watch(self) -> None:
        assert self._cancel is not None
        while not self._over.wait(0.05):
            if self._cancel.is_set():
                self.halt()
                return


def _cut(connection: Any) -> None:
    sock = getattr(connection, "sock", None)
    if isinstance(sock, socket.socket):
        try:
            # Not the TLS socket's own shutdown: that one drops its state under the thread that is reading from it.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        except OSError:
            pass  # it had ended by itself
