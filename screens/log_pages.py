"""Where the lines of the log screen come from: the log itself, any part of it at once, or a search that goes back through it.

Both give rows newest first and read only what is asked for, so that a hundred thousand entries cost what is looked at. They never
draw; `read` blocks and is called in a thread, one at a time. Entries are known by their place, so that one which is added while
somebody reads shifts nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vault import Vault
    from vault.log_lines import LogLine

PAGE = 200
KEPT = 20 * PAGE
"""Lines of the log that stay in memory; those farthest from what is looked at are let go."""


class LogSource(Protocol):
    """Rows of the log, the newest first."""

    @property
    def size(self) -> int:
        """Entries of the log when this began to read it."""
        ...

    @property
    def complete(self) -> bool:
        """Whether no more rows will come."""
        ...

    @property
    def count(self) -> int:
        """Rows that can be shown now."""
        ...

    def at(self, row: int) -> LogLine | None:
        """The line at `row`, or None while it is not read."""
        ...

    def wants(self, first: int, last: int) -> bool:
        """Whether something must be read before the rows from `first` to `last` can be shown."""
        ...

    def read(self, first: int, last: int) -> None:
        """Read around those rows. Raises what the vault raises; what was read until then stays."""
        ...

    def stop(self) -> None:
        """Nobody waits for it any more: a running `read` returns soon."""
        ...


class LogPages:
    """The whole log: every row exists, and is read when it comes into sight."""

    complete = True

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.size = vault.size
        self._lines: dict[int, LogLine] = {}
        self._stopped = threading.Event()

    @property
    def count(self) -> int:
        """Every entry is a row."""
        return self.size

    def at(self, row: int) -> LogLine | None:
        """The line at `row`."""
        return self._lines.get(self.size - 1 - row)

    def wants(self, first: int, last: int) -> bool:
        """Whether one of them, or a row soon after them, has not been read."""
        soon = min(last + PAGE // 4, self.size)
        return any(self.at(row) is None for row in (*range(first, min(last, self.size)), soon - 1) if row >= 0)

    def read(self, first: int, last: int) -> None:
        """The page around those rows, up to whole pages on both sides."""
        begin = max(first // PAGE * PAGE, 0)
        end = min(-(-max(last + PAGE // 4, begin + 1) // PAGE) * PAGE, self.size)
        for seq, line in _newest_first(self._vault, self.size - 1 - begin, self.size - 1 - end, self._stopped):
            self._lines[seq] = line
        if len(self._lines) > KEPT:
            middle = self.size - 1 - (begin + end) // 2
            for seq in sorted(self._lines, key=lambda seq: abs(seq - middle))[KEPT:]:
                del self._lines[seq]

    def stop(self) -> None:
        """A running `read` returns soon."""
        self._stopped.set()


class LogSearch:
    """The lines that hold every one of some words, found by going back through the log as far as is looked."""

    def __init__(self, vault: Vault, words: list[str]) -> None:
        self._vault = vault
        self._words = [word.casefold() for word in words]
        self._found: list[LogLine] = []
        self.size = vault.size
        self._next = self.size - 1
        self._stopped = threading.Event()

    @property
    def complete(self) -> bool:
        """Whether it has come to the first entry."""
        return self._next < 0

    @property
    def searched(self) -> int:
        """How many entries were looked at."""
        return self.size - 1 - self._next

    @property
    def count(self) -> int:
        """Lines found so far."""
        return len(self._found)

    def at(self, row: int) -> LogLine | None:
        """The line at `row`."""
        return self._found[row] if row < len(self._found) else None

    def wants(self, first: int, last: int) -> bool:
        """Whether the end of what was found is near, and the log goes on."""
        return not self.complete and last + PAGE // 4 > len(self._found)

    def read(self, first: int, last: int) -> None:
        """Search on until there is a page more than what is looked at."""
        enough = last + PAGE
        for seq, line in _newest_first(self._vault, self._next, -1, self._stopped):
            if _matches(line, self._account_name(line.account), self._words):
                self._found.append(line)
            self._next = seq - 1
            if len(self._found) >= enough:
                return

    def stop(self) -> None:
        """A running `read` returns soon."""
        self._stopped.set()

    def _account_name(self, account: str) -> str:
        known = self._vault.state.accounts.get(account)
        return known.name if known else ""


def _newest_first(vault: Vault, newest: int, before: int, stopped: threading.Event) -> Iterator[tuple[int, LogLine]]:
    """The entries from place `newest` down to and without `before`."""
    seq = newest
    while seq > before and not stopped.is_set():
        # The vault counts from its end, which another program may move on at any time; so it is asked for a few at once.
        for line in vault.log(vault.size - 1 - seq, min(seq - before, PAGE), newest_first=True):
            if line.seq == seq:
                yield seq, line
                seq -= 1
            if stopped.is_set():
                return


def _matches(line: LogLine, account_name: str, words: list[str]) -> bool:
    state = ("offline" if line.offline else "", f"rejected {line.rejected}" if line.rejected else "")
    about = (line.author_name, line.event, line.account, account_name, line.checkout, line.reason, line.ticket)
    text = "\n".join((*about, line.detail, *state, str(line.seq))).casefold()
    return all(word in text for word in words)
