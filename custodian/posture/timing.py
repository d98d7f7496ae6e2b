"""How long a scan waits for what, and the clock it goes by.

Both are parameters of a scan, never read from the environment: a test shortens them, a person never needs to.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import vault.clock


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The limits of one scan of one account; seconds, unless the name says otherwise."""

    connect: float = 5
    read: float = 10
    attempts: int = 3
    """How often a call is tried in all, by botocore's standard retries."""
    report_wait: float = 30
    """How long AWS may take to make a credential report."""
    report_pause: float = 2
    event_pages: int = 20
    """How many pages of 50 events are read at most; more is an answer in itself."""
    event_pause: float = 0.5
    """Between two pages: CloudTrail allows two look-ups a second for an account and region."""


def _now_ms() -> int:
    return vault.clock.now_ms()  # looked up when asked, so that a test which sets the clock sets this one too


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks of a scan; a test brings its own and waits for nothing."""

    now_ms: Callable[[], int] = field(default=_now_ms)
    monotonic: Callable[[], float] = field(default=time.monotonic)
    pause: Callable[[float], None] | None = None
    """Waits the given seconds; None waits for real, and stops waiting when the scan is cancelled."""
