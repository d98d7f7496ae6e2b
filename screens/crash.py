"""What a defect of ours may print: where it happened and of which type it was, and nothing that it held.

An exception's text can quote what was being read, and the locals of its frames are the secrets themselves. So the report
names types, modules, lines and functions. `install` makes the same hold outside the app: for threads, for the event loop's
forgotten tasks and for what Python prints by itself.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

EXIT_CODE = 70

HINT = (
    "hint: report these lines to the project, see 'Reporting a defect' in README.md; they hold no secret. "
    "The vault is as it was, and the command line does everything the app does."
)


def report(error: BaseException) -> str:
    """The lines to print for `error`: its type, those of its causes, and the places, innermost last."""
    lines = [f"breakglass: a defect of ours: {_type_name(error)}"]
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen and len(seen) < 8:
        seen.add(id(cause))
        if cause is not error:
            lines.append(f"  from {_type_name(cause)}")
        lines.extend(_places(cause.__traceback__))
        cause = _behind(cause)
    return "\n".join([*lines, HINT])


def install() -> None:
    """Let nothing in this process print a traceback with text or locals in it."""

    def at_top(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        _say(error)

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            _say(args.exc_value)

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            _say(args.exc_value)

    sys.excepthook = at_top
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable


def quiet_loop(loop: asyncio.AbstractEventLoop) -> None:
    """A task that nobody awaited must not log its exception's text."""

    def forgotten(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            _say(error)

    loop.set_exception_handler(forgotten)


def _say(error: BaseException) -> None:
    stream = sys.__stderr__
    if stream is not None:
        stream.write(report(error) + "\n")


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _behind(error: BaseException) -> BaseException | None:
    inner = getattr(error, "error", None)  # textual's WorkerFailed carries what failed
    if isinstance(inner, BaseException):
        return inner
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(trace: TracebackType | None) -> list[str]:
    return [
        f"  at {frame.f_globals.get('__name__', '?')}:{line} in {frame.f_code.co_name}"
        for frame, line in list(traceback.walk_tb(trace))[-12:]
    ]
