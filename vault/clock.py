"""The one place that asks what time it is.

All of `vault` and `custodian` take the time from here, so that a test can set it; nothing reads it from the environment.
Times are whole milliseconds since 1970 in UTC, as they stand in the log.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Milliseconds since 1970-01-01T00:00Z by this machine's clock."""
    return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """Render `ms` as RFC 3339 in UTC with whole seconds: `2026-11-23T20:08:16Z`. Any integer renders."""
    try:
        return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"time {ms} ms"
