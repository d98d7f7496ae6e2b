"""Something in full that a list shows in one line: label and text, line by line, scrolled where it is long."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from screens.guarded_screen import BACK, GuardedScreen
from screens.widgets.labelled import Labelled
from screens.widgets.panel import ScrollPanel
from vault.text import printable

LABEL = 13


class InFull(GuardedScreen[None]):
    """Nothing here is cut. Enter or esc goes back to the list."""

    DEFAULT_CSS = """
    InFull ScrollPanel { margin: 0 1; padding: 1 1 0 1; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("down,j", "scroll(1)", "scroll", key_display="↑↓"),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(15)", show=False),
        Binding("pageup", "scroll(-15)", show=False),
        BACK,
    ]
    next_step = "back"

    def __init__(self, title: str, question: str, rows: Iterable[tuple[str, str, str]]) -> None:
        """`rows` are label, text, and "wrong" where the text says something is."""
        super().__init__()
        self._title = title
        self.question = question
        self._rows = list(rows)

    def header_title(self) -> str:
        return self._title

    def body(self) -> ComposeResult:
        rows = [(label, Content.styled(printable(text), "bold $wrong" if kind else "")) for label, text, kind in self._rows]
        with ScrollPanel(self._title):
            yield Labelled(LABEL, rows)

    def action_scroll(self, rows: int) -> None:
        """Scroll the text."""
        self.query_one(ScrollPanel).scroll_relative(y=rows, animate=False)

    def action_next(self) -> None:
        """Back to the list."""
        self.dismiss()
