"""Secrets that people bring: from a file, from standard input, or typed without echo; never from an argument.

The bytes come as a bytearray that its user wipes. A file that others can read is taken, since it is often another
tool's export, but the person is told, and told to delete it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from custodian import output, terminal
from vault.errors import WrongUsage
from vault.memory import wipe
from vault.text import printable

Reader = Callable[[memoryview], int]


def read(source: str, what: str, limit: int) -> bytearray:
    """Everything in the file `source` (`-`: standard input), at most `limit` bytes; `what` names it in an error."""
    shown = "standard input" if source == "-" else printable(source)
    failed = f"cannot read {what} from {shown}"
    try:
        if source == "-":
            # Not its descriptor: the passphrase may have been the first line, and what follows is buffered.
            return _all_of(failed, limit, terminal.stdin_bytes().readinto)
        fd = os.open(Path(source).expanduser(), os.O_RDONLY | os.O_CLOEXEC)
        try:
            found = os.fstat(fd)
            if not (stat.S_ISREG(found.st_mode) or stat.S_ISFIFO(found.st_mode)):
                raise WrongUsage(failed, "it is not a file", "name a file")
            content = _all_of(failed, limit, lambda view: os.readv(fd, [view]))
        finally:
            os.close(fd)
    except OSError as error:
        raise WrongUsage(failed, (error.strerror or "it cannot be read").lower(), "name a file that you can read") from None
    if stat.S_ISREG(found.st_mode):
        others = " and others can read it" if found.st_mode & 0o044 else ""
        output.say(f"note: {shown} holds {what} in plain text{others}; delete it")
    return content


def line(content: bytearray) -> bytearray:
    """The one line that `content` is, without its line break; `content` is wiped."""
    end = len(content)
    while end and content[end - 1] in b"\r\n":
        end -= 1
    kept = bytearray(memoryview(content)[:end])
    wipe(content)
    return kept


def text(content: bytearray, what: str) -> str:
    """`content` as text, which cannot be wiped; `content` is. WrongUsage if it is no UTF-8."""
    try:
        decoded = content.decode()
    except UnicodeDecodeError:
        decoded = None
    wipe(content)
    if decoded is None:  # raised out here: the error above carries all the bytes with it
        raise WrongUsage(f"cannot take {what}", "it is not UTF-8 text", "save it as UTF-8")
    return decoded


def _all_of(failed: str, limit: int, read_into: Reader) -> bytearray:
    buffer = bytearray(limit + 1)
    try:
        view, length = memoryview(buffer), 0
        while length <= limit and (count := read_into(view[length:])):
            length += count
        if length > limit:
            raise WrongUsage(failed, f"it has more than {limit} bytes", "name the right file")
        return bytearray(view[:length])
    finally:
        view.release()
        wipe(buffer)
