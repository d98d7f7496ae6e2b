"""The shape of a posture check, and the catalogue of all of them.

A check is one file in `checks/` with a module-level `CHECK`: what it is called, what it reads, what to do when it fails,
and `judge`, a pure function from those reads to a verdict. The catalogue finds it there; nothing else is touched.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from custodian.posture.access import Access, Window
from custodian.posture.finding import Evidence, Severity, Status
from custodian.posture.source import Read, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `judge` makes of the reads."""

    status: Status
    summary: str
    evidence: Evidence
    details: tuple[str, ...] = ()


class Unanswered(Exception):
    """A check needs a read that failed. The engine turns it into an `unknown` with the read's own reason."""

    def __init__(self, read: Read[Any], details: tuple[str, ...] = ()) -> None:
        super().__init__(read.call)
        self.read = read
        self.details = details


class Facts:
    """What `judge` may look at: the account, the checkouts, the time, and the reads that its check declares."""

    def __init__(
        self,
        access: Access,
        now_ms: Callable[[], int],
        windows: Sequence[Window],
        reads: Callable[[Source[Any]], Read[Any]],
        declared: Sequence[Source[Any]],
    ) -> None:
        self.access = access
        self.windows = tuple(windows)
        self._now_ms = now_ms
        self._reads = reads
        self._declared = tuple(declared)

    @property
    def now_ms(self) -> int:
        """The time of the scan, ms."""
        return self._now_ms()

    def read(self, source: Source[T]) -> Read[T]:
        """The answer of `source`, or why there is none. It must be one that the check declares."""
        assert source in self._declared, f"{source.call} is not declared by this check"
        return self._reads(source)

    def need(self, source: Source[T]) -> T:
        """The value of `source`; where there is none, the check ends here as unknown."""
        read = self.read(source)
        if read.value is None:
            raise Unanswered(read)
        return read.value


@dataclass(frozen=True)
class Check:
    """One question about an account's root user."""

    id: str
    """`root-mfa`: what people name it by on the command line and in the log."""
    place: int
    """Where it stands in a list; the specification's table in tens."""
    title: str
    severity: Severity
    reads: tuple[Source[Any], ...]
    judge: Callable[[Facts], Verdict]
    remedy: tuple[str, ...]
    """What to do when it fails, step by step."""
    references: tuple[str, ...]
    absent_in: Mapping[str, str] = field(default_factory=dict)
    """Partitions in which the question makes no sense, with the sentence that says why."""

    @property
    def actions(self) -> frozenset[str]:
        """The API actions that answering it may take."""
        return frozenset(action for source in self.reads for action in source.actions)


@functools.cache
def catalogue() -> tuple[Check, ...]:
    """Every check in `checks/`, in its place."""
    import custodian.posture.checks as folder

    found: list[Check] = []
    for module in pkgutil.iter_modules(folder.__path__):
        check = importlib.import_module(f"{folder.__name__}.{module.name}").CHECK
        assert isinstance(check, Check)
        found.append(check)
    return tuple(sorted(found, key=lambda c: (c.place, c.id)))


def actions() -> tuple[str, ...]:
    """Every API action that a full scan may call, sorted: what the read-only role must allow, and no more."""
    from custodian.posture.reads.identity import IDENTITY

    return tuple(sorted(set(IDENTITY.actions).union(*(c.actions for c in catalogue()))))
