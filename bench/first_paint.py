"""How long a terminal program takes from its start as a process until a given word stands on its terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from fcntl import ioctl

_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[@-Z\\^_=>])")


def first_paint(
    command: Sequence[str], word: str, env: Mapping[str, str], size: tuple[int, int] = (80, 24), limit: float = 60
) -> float:
    """Start `command` in a pseudo-terminal of `size` and return the seconds until it has painted `word`."""
    begun = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        os.execvpe(command[0], list(command), dict(env))
    painted = b""
    try:
        while word.encode() not in _SEQUENCE.sub(b"", painted):
            left = begun + limit - time.perf_counter()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                raise SystemExit(f"bench: {' '.join(command)} did not paint {word!r} within {limit} s")
            try:
                painted += os.read(terminal, 65536)
            except OSError:
                raise SystemExit(f"bench: {' '.join(command)} ended early:\n{painted.decode(errors='replace')}") from None
        return time.perf_counter() - begun
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
