"""How values are written on a screen: ids in full, names cut in the middle, times as time left.

Every text that came from outside passes through here or through `vault.text.printable`, and reaches a widget as
`Content` without markup, so that nothing somebody else wrote can style the screen.
"""

from __future__ import annotations

from rich.cells import cell_len

from vault.text import printable

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def grouped_id(account_id: str) -> str:
    """`111122223333` as `1111 2222 3333`: as a person reads it to another, never cut."""
    return " ".join(account_id[at : at + 4] for at in range(0, len(account_id), 4))


def fit(text: str, width: int) -> str:
    """`text` made harmless and cut in the middle to at most `width` cells."""
    shown = printable(text)
    if cell_len(shown) <= width:
        return shown
    if width <= 1:
        return "…"[:width]
    head, tail = shown[: len(shown) // 2], shown[len(shown) // 2 :]
    while cell_len(head) + 1 + cell_len(tail) > width:
        if cell_len(head) >= cell_len(tail):
            head = head[:-1]
        else:
            tail = tail[1:]
    return f"{head}…{tail}"


def cut(text: str, width: int) -> str:
    """`text` made harmless and cut at its end to at most `width` cells: for sentences, not for names."""
    shown = printable(text)
    if cell_len(shown) <= width:
        return shown
    while shown and cell_len(shown) + 1 > width:
        shown = shown[:-1]
    return f"{shown.rstrip()}…" if width > 0 else ""


def time_left(ms: int) -> str:
    """`41 min left`, `2 h 5 min left`, `48 s left`, `over`."""
    return f"{span(ms)} left" if ms > 0 else "over"


def span(ms: int) -> str:
    """A duration in at most two units: `12 s`, `41 min`, `2 h 5 min`, `3 d`."""
    if ms < MINUTE:
        return f"{max(ms, 0) // 1000} s"
    if ms < HOUR:
        return f"{ms // MINUTE} min"
    if ms < 2 * DAY:
        minutes = ms % HOUR // MINUTE
        return f"{ms // HOUR} h {minutes} min" if minutes else f"{ms // HOUR} h"
    return f"{ms // DAY} d"


def ago(ms: int) -> str:
    """`8 s ago`, `3 d ago`, `just now`."""
    return "just now" if ms < 2000 else f"{span(ms)} ago"


def days(ms: int) -> str:
    """Whole days, for columns: `94 d`."""
    return f"{max(ms, 0) // DAY} d"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 account`, `2 accounts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
