"""The codes of an account's MFA devices: the code in two halves, how long it holds, and the one after it.

Time left is a bar, seconds and, in the last five, words: a code typed then arrives too late. When a period is over the next code
moves up at once and the vault is asked for the one after it. Every part has a fixed width, so that counting moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from screens.shown import fit
from vault import clock

LAST_SECONDS = 5
BAR = 10


@dataclass(frozen=True)
class ShownCode:
    """One device's code as of one period."""

    label: str
    code: str
    next_code: str
    period: int
    counter: int
    """Which period the code belongs to: seconds since 1970 divided by `period`."""

    def __repr__(self) -> str:
        return f"ShownCode({self.label!r})"


class CodeCountdown(Widget):
    """Masked until it is given codes; then counts."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "CodeCountdown { height: auto; width: 1fr; }"

    class Over(Message):
        """A period has ended: newer codes are needed."""

    def __init__(self, devices: int = 1, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._devices = devices
        self._codes: tuple[ShownCode, ...] = ()
        self._skew = ""
        self._asked_at = 0

    def on_mount(self) -> None:
        """Count."""
        self.set_interval(0.5, self._tick)

    def show(self, codes: Sequence[ShownCode]) -> None:
        """Show `codes` from now on; without any, mask those that are there."""
        self._codes = tuple(codes)
        self._devices = len(self._codes) or self._devices
        self.refresh(layout=True)

    def warn_of_skew(self, words: str) -> None:
        """This machine's clock is off: a code made by it will fail. Empty words take the warning back."""
        if words != self._skew:
            self._skew = words
            self.refresh(layout=True)

    @property
    def shown(self) -> bool:
        """Whether codes are legible."""
        return bool(self._codes)

    def current(self) -> str | None:
        """The code of the first device that holds now, for copying."""
        now = clock.now_ms()
        return _now(self._codes[0], now)[0] if self._codes else None

    def on_unmount(self) -> None:
        """Nothing is left in a removed widget."""
        self._codes = ()

    def _tick(self) -> None:
        if not self._codes:
            return
        now = clock.now_ms()
        if any(now // 1000 // c.period > c.counter for c in self._codes) and now - self._asked_at > 3000:
            self._asked_at = now
            self.post_message(self.Over())
        self.refresh()

    def render(self) -> RenderResult:
        """One row a device, and a second with its label where there are several."""
        now = clock.now_ms()
        rows: list[Content] = []
        if not self._codes:
            rows.append(Content.styled("••• •••" if self._devices else "none", "$quiet"))
        for shown in self._codes:
            rows.append(_row(shown, now))
            if len(self._codes) > 1:
                rows.append(Content.styled(fit(shown.label, 48), "$quiet"))
        if self._skew:
            rows.append(Content.styled(f"▲ {self._skew}", "bold $wrong"))
        return Content("\n").join(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows for every device and for the warning."""
        rows = len(self._codes) * (2 if len(self._codes) > 1 else 1)
        return max(rows, 1) + (1 if self._skew else 0)


def _now(shown: ShownCode, now: int) -> tuple[str, str, int]:
    """Code, next code and seconds left at `now`; a code whose successor is not known yet is not shown."""
    counter = now // 1000 // shown.period
    left = shown.period - now // 1000 % shown.period
    if counter == shown.counter:
        return shown.code, shown.next_code, left
    if counter == shown.counter + 1:
        return shown.next_code, "", left
    return "", "", left


def _row(shown: ShownCode, now: int) -> Content:
    code, after, left = _now(shown, now)
    late = left <= LAST_SECONDS
    filled = -(-left * BAR // shown.period)
    bar = "█" * filled + "░" * (BAR - filled)
    colour = "bold $wrong" if late else "$well"
    words = "▲ use next" if late else "next"
    return Content.assemble(
        (halves(code) or "··· ···", "$quiet" if late else "bold"),
        "  ",
        (bar, colour),
        (f" {left:>2} s  ", colour),
        (words.rjust(10), "bold $wrong" if late else "$quiet"),
        " ",
        (halves(after) or "··· ···", "bold" if late else "$quiet"),
    )


def halves(code: str) -> str:
    """`492817` as `492 817`, `12345678` as `1234 5678`."""
    middle = len(code) // 2
    return f"{code[:middle]} {code[middle:]}" if code else ""
