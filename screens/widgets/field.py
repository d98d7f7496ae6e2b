"""A label and the field it names, in one row."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from screens.widgets.line import Line


class Field(Horizontal):
    """`Label        [field                ]`."""

    DEFAULT_CSS = """
    Field { height: auto; width: 1fr; }
    Field > .label { width: 18; color: $quiet; }
    Field > .hint { width: auto; color: $quiet; padding: 0 0 0 1; }
    """

    def __init__(self, label: str, *inputs: Widget, hint: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self._inputs = inputs
        self._hint = hint

    def compose(self) -> ComposeResult:
        """The label, the field, what to know about it."""
        yield Line(self._label, classes="label")
        yield from self._inputs
        if self._hint:
            yield Line(self._hint, classes="hint")
