"""The real command line, watched from inside: `python -P watched_program.py ARGUMENTS`, told by a JSON file that WATCHED names.

Before `breakglass` starts: every logger there is or will be writes at debug level into a file (`log`), as if somebody had
switched it on to look for a fault. Once the vault is unlocked: limits, dumpability, arguments and environment of the
process are written down (`seen`), and whatever it starts is (`children`). With `crash`: something goes wrong in a way nobody thought of, a secret in its hands.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

PR_GET_DUMPABLE = 3


def main() -> int:
    told = json.loads(Path(os.environ["WATCHED"]).read_text())
    logging.basicConfig(level=logging.DEBUG, filename=told["log"], format="%(name)s %(levelname)s %(message)s %(args)s")
    _look_in_once_unlocked(Path(told["seen"]))
    sys.addaudithook(_tell_of_children(Path(told["children"])))
    if told.get("crash"):
        CRASHES[told["crash"]]()
    from custodian.cli.program import run

    return run(sys.argv[1:])


def _look_in_once_unlocked(seen: Path) -> None:
    from vault import custody

    real = custody.Vault.__init__

    def opened(self: Any, *given: Any) -> None:
        real(self, *given)
        what = {
            "core_limit": resource.getrlimit(resource.RLIMIT_CORE),
            "dumpable": ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
            "arguments": Path("/proc/self/cmdline").read_bytes().hex(),
            "environment": Path("/proc/self/environ").read_bytes().hex(),
            "later_environment": json.dumps(dict(os.environ)).encode().hex(),
        }
        with seen.open("a") as file:
            file.write(json.dumps(what) + "\n")

    custody.Vault.__init__ = opened  # type: ignore[method-assign]


def _tell_of_children(children: Path) -> Any:
    """Python's own account of every program it is about to start: strace may not look into a process that cannot be dumped."""

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.putenv")):
            with children.open("a") as file:
                file.write(f"{event} {given!r}\n")

    return hook


def _crash_while_showing(fault: Any) -> None:
    from custodian.cli.revealed import Revealed

    def show(self: Revealed) -> None:
        in_a_local_variable = f"{self.password} {[code.code for code in self.codes]}"
        fault(in_a_local_variable)

    Revealed.show = show  # type: ignore[method-assign]


def _raise(secret: str) -> NoReturn:
    raise RuntimeError(secret)


def _chain(secret: str) -> NoReturn:
    try:
        raise KeyError(secret)
    except KeyError as error:
        error.add_note(secret)
        raise ValueError(f"while handling {secret}") from error


def _group(secret: str) -> NoReturn:
    raise BaseExceptionGroup(secret, [RuntimeError(secret), KeyboardInterrupt(secret)])


def _deep(secret: str) -> int:
    return _deep(secret + secret[:1]) + 1


def _exit_with_it(secret: str) -> NoReturn:
    raise SystemExit(secret)


def _in_a_thread(secret: str) -> None:
    thread = threading.Thread(target=_raise, args=(secret,), name=secret)
    thread.start()
    thread.join()


class _Dying:
    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __del__(self) -> None:
        raise RuntimeError(self.secret)


def _nobody_can_catch(secret: str) -> None:
    _Dying(secret)


def _while_unlocking() -> None:
    from vault import identity_file

    def unlock(path: Path, passphrase: bytearray) -> NoReturn:
        raise ValueError(bytes(passphrase), passphrase, str(path))

    identity_file.unlock = unlock  # type: ignore[assignment]


def _while_decrypting() -> None:
    from vault import custody

    real = custody.decode_plaintext

    def decode(padded: bytearray) -> NoReturn:
        raise RuntimeError(real(padded), bytes(padded))

    custody.decode_plaintext = decode


CRASHES = {
    "raised": lambda: _crash_while_showing(_raise),
    "chained": lambda: _crash_while_showing(_chain),
    "in a group": lambda: _crash_while_showing(_group),
    "too deep": lambda: _crash_while_showing(_deep),
    "exit with it": lambda: _crash_while_showing(_exit_with_it),
    "in a thread": lambda: _crash_while_showing(_in_a_thread),
    "nobody can catch": lambda: _crash_while_showing(_nobody_can_catch),
    "while unlocking": _while_unlocking,
    "while decrypting": _while_decrypting,
}

if __name__ == "__main__":
    sys.exit(main())
