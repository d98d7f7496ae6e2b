"""Spans of time in words: how long is left, how long ago."""

from __future__ import annotations


def left(until: int | None, now: int) -> str:
    """Time left until `until` (ms), in words."""
    if until is None:
        return "not opened yet"
    if until <= now:
        return "its time is over"
    return f"{_words(until - now)} left"


def since(then: int, now: int) -> str:
    """How long `then` (ms) is ago, in words."""
    return f"since {_words(max(0, now - then))}"


def _words(ms: int) -> str:
    seconds = -(-ms // 1000)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 2 * 3600:
        return f"{-(-seconds // 60)} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} d"
