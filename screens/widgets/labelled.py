"""Labels and texts beside each other, row by row; a text that is longer than its row goes on under itself, not under its label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.containers import Horizontal, Vertical
from textual.content import Content

from screens.widgets.line import Line

Row = tuple[Content | str, Content | str]


class Labelled(Vertical):
    """As high as its rows. `show` changes those that are there before it makes or removes any."""

    DEFAULT_CSS = """
    Labelled { height: auto; width: 1fr; }
    Labelled .labelled { height: auto; width: 1fr; }
    Labelled .label { color: $quiet; }
    Labelled .text { width: 1fr; }
    """

    def __init__(self, label_width: int, rows: Sequence[Row] = (), **kwargs: Any) -> None:
        """`label_width` in cells, the space after the label included."""
        super().__init__(**kwargs)
        self._label_width = label_width
        self._shown: list[tuple[Horizontal, Line, Line]] = []
        self._first = list(rows)

    def on_mount(self) -> None:
        """What it was made with."""
        if self._first and not self._shown:
            self.show(self._first)

    def show(self, rows: Sequence[Row]) -> None:
        """Show `rows` instead of what is there."""
        for row, _, _ in self._shown[len(rows) :]:
            row.remove()
        del self._shown[len(rows) :]
        for (_, label, text), (left, right) in zip(self._shown, rows, strict=False):
            label.set_text(left)
            text.set_text(right, layout=True)
        made = [self._made(left, right) for left, right in rows[len(self._shown) :]]
        if made:
            self._shown += made
            self.mount(*(row for row, _, _ in made))

    def _made(self, left: Content | str, right: Content | str) -> tuple[Horizontal, Line, Line]:
        label, text = Line(left, classes="label"), Line(right, classes="text")
        label.styles.width = self._label_width
        return Horizontal(label, text, classes="labelled"), label, text
