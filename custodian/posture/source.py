"""What a check reads: a source is one question to AWS, a read is its answer, or why there is none.

A scan asks each source once and shares the answer among the checks. A new source is one more file in `reads/`, which
the checks that use it import; nothing lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from custodian.posture.access import Access
from custodian.posture.failure import Failure
from custodian.posture.finding import Evidence
from custodian.posture.timing import Timeouts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """An answer and the time it speaks of, or a failure: exactly one of `value` and `failure` is there."""

    call: str
    as_of_ms: int
    value: T | None = None
    failure: Failure | None = None

    def evidence(self, field: str, value: object) -> Evidence:
        """Evidence for a field of this answer."""
        return Evidence(self.call, field, str(value), self.as_of_ms)


class Asking(Protocol):
    """What a source may use while it asks: the one conversation with one account that a scan has."""

    access: Access
    timeouts: Timeouts

    def call(self, service: str, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Make one API call; raises ReadFailed for whatever goes wrong."""

    def read(self, source: Source[T]) -> Read[T]:
        """Another source's answer."""

    def clock_samples(self) -> tuple[ClockSample, ...]:
        """What AWS's replies so far said about the time."""

    def now_ms(self) -> int:
        """The time by AWS's clock where a reply has told it, else by this machine's."""

    def monotonic(self) -> float:
        """Seconds on a clock that is never set."""

    def pause(self, seconds: float) -> None:
        """Wait, unless the scan is stopped."""


@dataclass(frozen=True, slots=True)
class ClockSample:
    """One reply's Date against this machine's clock."""

    sent_ms: int
    """This machine's time when the request went out."""
    took_ms: int
    """Until its reply was there, by a clock that is never set."""
    date_ms: int
    """AWS's Date header, which counts whole seconds."""
    call: str


@dataclass(frozen=True, eq=False)
class Source(Generic[T]):
    """One question to AWS."""

    call: str
    """The API call that answers it."""
    take: Callable[[Asking], tuple[T, int]]
    """Asks, and returns the answer and the time (ms) that it speaks of; raises ReadFailed."""
    actions: tuple[str, ...] = ()
    """Every API action it may call: the read-only role must allow exactly the sum of them."""
    of_account: bool = True
    """Whether the answer is about the account, so that it must not be had with another account's credentials."""
    slow: bool = False
    """Whether it may take many seconds: checks that need none such are judged first."""
