"""Wiping, and no core files."""

from __future__ import annotations

import subprocess
import sys

from vault.memory import wipe


def test_wiping_overwrites_in_place_and_keeps_the_length():
    first, second = bytearray(b"canary"), bytearray(b"another")
    alias = memoryview(first)
    wipe(first, second)
    assert bytes(alias) == bytes(6)
    assert second == bytes(7)


def test_wiping_twice_or_nothing_is_harmless():
    wipe()
    buffer = bytearray()
    wipe(buffer, buffer)
    assert buffer == b""


def test_after_no_core_dumps_the_limit_is_zero_and_linux_makes_the_process_not_dumpable():
    # In a process of its own: it cannot be undone.
    script = (
        "import ctypes, resource, sys\n"
        "from vault.memory import no_core_dumps\n"
        "no_core_dumps(); no_core_dumps()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if sys.platform == 'linux' else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["(0, 0)", "0"]


def test_a_system_that_offers_neither_is_left_as_it_is(monkeypatch):
    import ctypes
    import resource

    from vault.memory import no_core_dumps

    def refuse(*args, **kwargs):
        raise OSError("not here")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    monkeypatch.setattr(ctypes, "CDLL", refuse)
    no_core_dumps()
