"""The person at the keyboard: questions, hidden input, and text that must not stay on the screen.

Rules: a question goes to the terminal itself, never to stdout, which is data. Without a terminal nothing waits: the
caller gets WrongUsage that names the option to use instead. Hidden input is read into a bytearray that the caller
wipes, never into a `str`, and echo is switched back on whatever happens.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import termios
from collections.abc import Callable, Iterator
from typing import cast

from vault.errors import WrongUsage
from vault.memory import wipe

MAX_LINE = 4096


def present(*, stdin_is_data: bool = False) -> bool:
    """Whether somebody is there to answer.

    Standard input must be a terminal; where a command reads its data from standard input (`-`), it is enough that the
    process has a controlling terminal.
    """
    if sys.stdin is not None and sys.stdin.isatty():
        return True
    if not stdin_is_data:
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def require(what: str, remedy: str, *, stdin_is_data: bool = False) -> None:
    """Raise WrongUsage(`what` is missing, hint `remedy`) unless somebody is there to answer."""
    if not present(stdin_is_data=stdin_is_data):
        raise WrongUsage(f"{what} is missing", "there is no terminal to ask on", remedy)


def ask_hidden(question: str) -> bytearray:
    """Ask without echo and return the line as typed, without its line break. Ctrl-c and ctrl-d interrupt."""
    with _opened() as fd:
        before = termios.tcgetattr(fd)
        silent = termios.tcgetattr(fd)
        silent[3] = silent[3] & ~(termios.ECHO | termios.ECHONL)
        try:
            termios.tcsetattr(fd, termios.TCSAFLUSH, silent)
            _write(fd, question)
            return _typed_line(fd)
        finally:
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)
            _write(fd, "\n")


def ask_hidden_twice(question: str) -> bytearray:
    """Ask for something new without echo, and once more, until both are the same."""
    while True:
        typed = ask_hidden(question)
        again = ask_hidden("The same again: ")
        same = typed == again
        wipe(again)
        if same:
            return typed
        wipe(typed)
        write("The two are not the same.\n")


def ask(question: str) -> str:
    """Ask with echo; the answer without surrounding blanks. Ctrl-c and ctrl-d interrupt."""
    with _opened() as fd:
        _write(fd, question)
        line = _typed_line(fd)
        try:
            return line.decode(errors="replace").strip()
        finally:
            wipe(line)


def confirm(question: str) -> bool:
    """Ask a yes-or-no question; only `y` and `yes` are yes."""
    return ask(f"{question} [y/N] ").lower() in ("y", "yes")


@contextlib.contextmanager
def passing_screen() -> Iterator[None]:
    """While inside, what is written goes to the terminal's alternate screen, and is gone from it afterwards.

    What is shown there stays out of the scroll-back. A terminal that says it is dumb gets plain text.
    """
    if os.environ.get("TERM", "dumb") == "dumb":
        yield
        return
    write("\x1b[?1049h\x1b[H\x1b[2J")
    try:
        yield
    finally:
        write("\x1b[H\x1b[2J\x1b[?1049l")


def write(text: str) -> None:
    """Write `text` to the terminal as it stands; the caller answers for what is in it."""
    with _opened() as fd:
        _write(fd, text)


def stdin_bytes() -> io.BufferedIOBase:
    """Standard input as bytes; its buffer is shared by everybody who reads from it."""
    return cast("io.BufferedIOBase", sys.stdin.buffer)


def hidden_line_of_stdin(what: str) -> bytearray:
    """One line of standard input without its line break; what follows stays there for the next reader."""
    line = _line(stdin_bytes().readinto)
    if line is None:
        raise WrongUsage(f"{what} is missing", "standard input has no line for it", "write it there as one line")
    return line


@contextlib.contextmanager
def _opened() -> Iterator[int]:
    try:
        fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        # A container may have a terminal on standard input that is nobody's controlling terminal.
        yield sys.stdin.fileno()
        return
    try:
        yield fd
    finally:
        os.close(fd)


def _write(fd: int, text: str) -> None:
    data = memoryview(text.encode(errors="replace"))
    while data:
        data = data[os.write(fd, data) :]


def _typed_line(fd: int) -> bytearray:
    def read(into: bytearray) -> int:
        return os.readv(fd, [into])

    line = _line(read)
    if line is None:
        raise EOFError
    return line


def _line(read: Callable[[bytearray], int]) -> bytearray | None:
    """Bytes up to the next line break, read one by one so that nothing after it is consumed; None at the end."""
    buffer, one = bytearray(MAX_LINE), bytearray(1)
    length = 0
    try:
        while read(one):
            if one == b"\n":
                break
            if length == MAX_LINE:
                raise WrongUsage("the line is too long", f"at most {MAX_LINE} bytes are read", "give a shorter one")
            buffer[length : length + 1] = one
            length += 1
        else:
            if not length:
                return None
        if length and buffer[length - 1] == 0x0D:
            length -= 1
        return bytearray(memoryview(buffer)[:length])
    finally:
        wipe(buffer, one)
