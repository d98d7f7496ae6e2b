"""Work that takes time, off the thread that reads the keys.

Threads are daemons: leaving the app never waits for an AWS call that hangs or a key derivation that nobody needs any more.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own and return what it returns, or raise what it raises.

    When the awaiting task is cancelled, `work` runs to its end and its result is dropped: what it holds of secrets it
    must hand over through an object that wipes itself, not through the result alone.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def body() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as e:  # noqa: BLE001  it is raised again where it is awaited
            error = e
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            return  # the app has been left meanwhile

    # Textual finds the app through a context variable; without it a thread could not post a message to a widget.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(body,), daemon=True, name="breakglass-work").start()
    return await future
