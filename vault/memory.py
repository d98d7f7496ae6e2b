"""What this process does so that its memory does not outlive it.

Keys and plaintexts live in `bytearray`s, which can be overwritten; `bytes` and `str` cannot, and wherever one
is unavoidable the code that makes it says so. Core files, and other processes of the same person looking in,
are turned off once, at the start.
"""

from __future__ import annotations

import contextlib
import sys

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def wipe(*buffers: bytearray) -> None:
    """Overwrite each buffer with zeros, in place; its length stays, so that a second wipe is harmless."""
    for buffer in buffers:
        buffer[:] = bytes(len(buffer))


def no_core_dumps() -> None:
    """Forbid core files of this process and, on Linux, reading its memory from another process of the same
    user.

    Never raises: what a system does not offer (a container without the limit, a libc without prctl) is left
    as it is, and `doctor` reads the limit to say so.
    """
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        # A core limit of 0 does not stop a core_pattern that is a pipe (systemd-coredump); not being dumpable
        # does.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
