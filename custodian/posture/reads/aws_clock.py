"""How far this machine's clock is from AWS's: the `Date` header of replies that were had anyway.

A refused call has a Date as well, and a wrong clock is a reason to be refused; so this needs no permission, and no
credentials that AWS accepts. The header counts whole seconds and is written while the reply is on its way, so the
truth lies in a span; the shortest round trip gives the narrowest one.
"""

from __future__ import annotations

from dataclasses import dataclass

from custodian.posture.failure import LATER, Failure, ReadFailed
from custodian.posture.reads.identity import IDENTITY
from custodian.posture.source import Asking, Source


@dataclass(frozen=True, slots=True)
class ClockReading:
    """This machine's clock minus AWS's, in milliseconds: at least `low`, at most `high`. Positive is ahead."""

    low_ms: int
    high_ms: int
    call: str

    @property
    def offset_ms(self) -> int:
        """The best guess: the middle."""
        return (self.low_ms + self.high_ms) // 2


def _take(asking: Asking) -> tuple[ClockReading, int]:
    identity = asking.read(IDENTITY)
    samples = asking.clock_samples()
    if not samples:
        raise ReadFailed(identity.failure or Failure("NoDate", "no reply of AWS told the time", LATER))
    best = min(samples, key=lambda s: s.took_ms)
    low = best.sent_ms - (best.date_ms + 1000)
    high = best.sent_ms + best.took_ms - best.date_ms
    return ClockReading(low, high, best.call), best.date_ms


CLOCK: Source[ClockReading] = Source("sts:GetCallerIdentity", _take, actions=IDENTITY.actions, of_account=False)
