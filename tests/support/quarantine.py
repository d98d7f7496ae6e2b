"""Keeps a test run off everything that belongs to the person who runs it.

Environment, home, AWS settings, clipboard tools and network. `tests/conftest.py` applies it, first for the whole run
before anything else is imported (Textual reads its variables at import), then anew for each test with a home of its own.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

CLIPBOARD_TOOLS = ("xclip", "xsel", "wl-copy", "wl-paste", "pbcopy", "pbpaste", "clip.exe", "win32yank.exe", "termux-clipboard-set")

_FOREIGN = ("AWS_", "BREAKGLASS_", "TEXTUAL", "SSH_", "XDG_", "KEYRING_")
_FOREIGN_NAMES = (
    "BOTO_CONFIG",
    "COLORTERM",
    "COLUMNS",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "PYTHON_KEYRING_BACKEND",
    "REQUESTS_CA_BUNDLE",
    "TERM_PROGRAM",
    "TMUX",
    "WAYLAND_DISPLAY",
    "WSL_DISTRO_NAME",
    "WSL_INTEROP",
)


def clean_environment(env: MutableMapping[str, str], home: Path, path: str) -> None:
    """Make `env` that of nobody in particular, living in `home` (made if it is not there), with `path` as its PATH."""
    for name in list(env):
        if name.startswith(_FOREIGN) or name in _FOREIGN_NAMES or name.lower().endswith("_proxy"):
            del env[name]
    for variable, folder in {
        "HOME": "",
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
        "XDG_RUNTIME_DIR": ".run",
    }.items():
        place = home / folder
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        env[variable] = str(place)
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        empty = home / variable.lower()
        empty.touch(mode=0o600)
        env[variable] = str(empty)
    env["AWS_EC2_METADATA_DISABLED"] = "true"
    env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    env["PATH"] = path
    env["TERM"] = "xterm-256color"
    env["TZ"] = "UTC"
    # For child processes, which the guard on sockets does not reach: whatever goes outside meets a closed door.
    for proxy in ("http_proxy", "https_proxy", "all_proxy"):
        env[proxy] = env[proxy.upper()] = "http://127.0.0.1:9"
    env["no_proxy"] = env["NO_PROXY"] = "localhost,127.0.0.1,::1"


def path_without_clipboard(path: str, shadows: Path) -> str:
    """`path` in which no clipboard tool is found; everything else in its folders still is.

    A folder that holds such a tool is replaced by one under `shadows` with a link to each of its other programs.
    """
    folders = []
    for number, folder in enumerate(path.split(os.pathsep)):
        if not folder or not any(os.path.lexists(os.path.join(folder, tool)) for tool in CLIPBOARD_TOOLS):
            folders.append(folder)
            continue
        shadow = shadows / str(number)
        shadow.mkdir(parents=True, exist_ok=True)
        for program in os.listdir(folder):
            if program not in CLIPBOARD_TOOLS and not (shadow / program).is_symlink():
                (shadow / program).symlink_to(os.path.join(folder, program))
        folders.append(str(shadow))
    return os.pathsep.join(folders)


class Network:
    """Lets sockets reach this machine and nothing else; remembers what tried."""

    def __init__(self) -> None:
        self.attempts: list[str] = []

    def install(self, monkeypatch: Any) -> None:
        for name in ("connect", "connect_ex"):
            monkeypatch.setattr(socket.socket, name, self._guarded(getattr(socket.socket, name), 0))
        monkeypatch.setattr(socket.socket, "sendto", self._guarded(socket.socket.sendto, -1))
        real_lookup = socket.getaddrinfo

        def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
            self._allow(host)
            return real_lookup(host, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    def _guarded(self, real: Any, position: int) -> Any:
        def call(sock: socket.socket, *args: Any) -> Any:
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                self._allow(args[position][0])
            return real(sock, *args)

        return call

    def _allow(self, host: Any) -> None:
        text = host.decode() if isinstance(host, bytes) else host
        if text in (None, "", "localhost"):
            return
        try:
            if ipaddress.ip_address(text.partition("%")[0]).is_loopback:
                return
        except ValueError:
            pass
        self.attempts.append(str(text))
        raise ConnectionRefusedError(f"a test tried to reach {text}")
