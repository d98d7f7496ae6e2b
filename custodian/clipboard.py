"""The clipboard of this desktop, through its own tool, for one secret at a time.

Rules: the secret goes through a pipe, never an argument; only the clipboard proper is used, never PRIMARY; where the
tool knows a hint that keeps a clipboard history from recording, it is given; after a while the content is overwritten,
if it is still ours (an emptied clipboard makes some history tools put the last entry back). Nothing here speaks OSC 52:
a terminal gives no answer, so nobody could say that the secret arrived, or that it has gone.

Over SSH, the tool would fill the clipboard of the machine at the far end, so there is none there. Windows' own tool
(under WSL) is not used: it has no hint against the clipboard history, which would keep every password.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import os
import secrets
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vault.errors import OutOfReach
from vault.memory import wipe

CLEARED = b"(cleared by breakglass)"
"""What a secret is overwritten with."""

_SECONDS = 5.0
"""How long a clipboard tool may take before it counts as out of reach."""


@dataclass(frozen=True)
class _Tool:
    name: str
    copy: tuple[str, ...]
    paste: tuple[str, ...]


_WAYLAND = _Tool("wl-copy", ("wl-copy", "--type", "text/plain"), ("wl-paste", "--no-newline"))
_X11 = (
    _Tool(
        "xclip",
        ("xclip", "-selection", "clipboard", "-in"),
        ("xclip", "-selection", "clipboard", "-out"),
    ),
    _Tool("xsel", ("xsel", "--clipboard", "--input"), ("xsel", "--clipboard", "--output")),
)
_MACOS = _Tool("pbcopy", ("pbcopy",), ("pbpaste",))


class Clipboard:
    """One clipboard, and the knowledge of what was last put there, as a keyed hash."""

    def __init__(self, tool: _Tool) -> None:
        self._tool = tool
        self._key = secrets.token_bytes(32)
        self._length = 0
        self._mark: bytes | None = None

    @classmethod
    def find(cls, environment: Mapping[str, str] | None = None) -> Clipboard | None:
        """The clipboard of this session, or None where there is none that can be used."""
        tool = _tool_here(os.environ if environment is None else environment)
        return None if isinstance(tool, str) else cls(tool)

    @classmethod
    def require(cls, environment: Mapping[str, str] | None = None) -> Clipboard:
        """The clipboard of this session; OutOfReach with the reason and the remedy where there is none."""
        tool = _tool_here(os.environ if environment is None else environment)
        if isinstance(tool, str):
            why, _, remedy = tool.partition("|")
            raise OutOfReach("no clipboard", why, remedy)
        return cls(tool)

    @property
    def name(self) -> str:
        """The tool's name, for people."""
        return self._tool.name

    @property
    def hides_from_history(self) -> bool:
        """Whether the tool can ask clipboard histories not to record."""
        return self._tool.name == "wl-copy" and _wl_copy_knows_sensitive()

    def copy(self, secret: bytearray) -> None:
        """Put `secret` on the clipboard. The caller still owns, and wipes, the bytearray."""
        self._put(secret, sensitive=True)
        self._length = len(secret)
        self._mark = self._hash(secret)

    def clear_if_ours(self) -> bool:
        """Overwrite what `copy` put there if it is still there; True if it is gone afterwards for certain."""
        if self._mark is None:
            return True
        now = self._get(self._length + 1)
        try:
            ours = hmac.compare_digest(self._hash(now), self._mark)
        finally:
            wipe(now)
        if ours:
            self._put(bytearray(CLEARED), sensitive=False)
        self._mark = None
        return True

    def __repr__(self) -> str:
        return f"<Clipboard {self.name}>"

    def _hash(self, content: bytearray) -> bytes:
        return hmac.new(self._key, content, hashlib.sha256).digest()

    def _put(self, content: bytearray, *, sensitive: bool) -> None:
        command = list(self._tool.copy)
        if sensitive and self.hides_from_history:
            command.append("--sensitive")
        process = self._started(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stdin is not None
        try:
            with process.stdin as pipe:
                view = memoryview(content)
                while view:
                    view = view[pipe.write(view) :]
            status = process.wait(_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
            raise self._silent() from None
        if status:
            raise self._silent()

    def _get(self, limit: int) -> bytearray:
        """What is on the clipboard, at most `limit` bytes; nothing where the tool finds no text there."""
        process = self._started(self._tool.paste, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert process.stdout is not None
        content, length = bytearray(limit), 0
        try:
            with process.stdout as pipe:
                ends = time.monotonic() + _SECONDS
                while length < limit and select.select([pipe], [], [], max(0.0, ends - time.monotonic()))[0]:
                    if not (count := os.readv(pipe.fileno(), [memoryview(content)[length:]])):
                        break
                    length += count
            # A tool that has more to give is ended by the closed pipe, or by the wait.
            process.wait(max(0.1, ends - time.monotonic()))
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
            raise self._silent() from None
        finally:
            found = bytearray(memoryview(content)[:length])
            wipe(content)
        return found

    def _started(self, command: Sequence[str], *, stdin: int, stdout: int) -> subprocess.Popen[bytes]:
        # A session of its own: ctrl-c in the terminal must not end the process that serves the clipboard.
        try:
            return subprocess.Popen(
                command,
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
                env=_environment(),
            )
        except OSError:
            raise self._silent() from None

    def _silent(self) -> OutOfReach:
        return OutOfReach("the clipboard does not answer", f"{self.name} failed", "type the secret instead of copying it")


def _tool_here(environment: Mapping[str, str]) -> _Tool | str:
    """The tool to use, or `reason|remedy` where there is none."""
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return "this is an SSH session, its clipboard is that of the far machine|type the secret instead of copying it"
    path = environment.get("PATH")
    if sys.platform == "darwin":
        return _MACOS if _has(_MACOS, path) else "pbcopy is missing|check that /usr/bin is in PATH"
    if environment.get("WAYLAND_DISPLAY"):
        if _has(_WAYLAND, path):
            return _WAYLAND
        if not environment.get("DISPLAY"):
            return "wl-copy is not installed|install wl-clipboard"
    if environment.get("DISPLAY"):
        for tool in _X11:
            if _has(tool, path):
                return tool
        return "neither xclip nor xsel is installed|install xclip"
    return "this session has no desktop|type the secret instead of copying it"


def _has(tool: _Tool, path: str | None) -> bool:
    return all(shutil.which(command[0], path=path) for command in (tool.copy, tool.paste))


def _environment() -> dict[str, str]:
    # pbcopy takes its input for Mac Roman unless the locale says otherwise.
    return {**os.environ, "LC_CTYPE": "UTF-8"} if sys.platform == "darwin" else dict(os.environ)


@functools.cache
def _wl_copy_knows_sensitive() -> bool:
    try:
        answer = subprocess.run(["wl-copy", "--help"], capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"--sensitive" in answer.stdout + answer.stderr
