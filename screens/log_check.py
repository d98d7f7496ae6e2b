"""The check of the whole log from its first byte, as a screen sees it: in a thread, with how far it is, and can be left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from screens.shown import ago, counted
from vault import clock

if TYPE_CHECKING:
    from vault import Vault
    from vault.verify import Verification


class _Left(Exception):
    """Nobody waits for the answer any more."""


class LogCheck:
    """One check. `run` blocks; everything else is for the screen's own thread."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._left = threading.Event()
        self._done, self._total = 0, vault.size
        self.result: Verification | None = None
        self._ended = 0

    def run(self) -> None:
        """Check; sets `result`, unless it is left meanwhile."""
        try:
            self.result = self._vault.verify(self._step)
        except _Left:
            return
        self._ended = clock.now_ms()

    def leave(self) -> None:
        """Stop soon: the vault is waiting for nothing else meanwhile."""
        self._left.set()

    def _step(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        if self._left.is_set():
            raise _Left

    def progress(self) -> str:
        """How far it is."""
        return f"checking {self._done:,} of {counted(self._total, 'entry', 'entries')}"

    def told(self, size_now: int) -> tuple[str, str]:
        """Status and sentence of the result; `size_now` says how many entries the log has by now."""
        found = self.result
        assert found is not None
        when = f"checked {ago(clock.now_ms() - self._ended)}"
        if found.ok:
            # Placed since the check: they were checked as they were placed, though not by it.
            newer = size_now - self._total
            parts = [
                "chain whole",
                counted(found.entries, "entry", "entries"),
                f"head {found.head.hex()[:8]}…",
                when + (f", {newer:,} newer" if newer > 0 else ""),
            ]
            if found.rejected:
                parts.insert(1, f"{len(found.rejected):,} rejected")
            return "pass", " · ".join(parts)
        first = found.problems[0]
        place = "not whole" if first.seq is None else f"broken at entry {first.seq:,}"
        more = f" · {len(found.problems) - 1:,} more, o shows all" if len(found.problems) > 1 else ""
        return "fail", f"{place}: {first.detail}{more}"
