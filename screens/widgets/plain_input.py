"""A one-line field as every form here uses it: a label's width of quiet line under it, no blinking, no border to move."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input


class PlainInput(Input):
    """Textual's Input in one row, without a blinking cursor: nothing on these screens moves by itself."""

    DEFAULT_CSS = """
    PlainInput {
        border: none; height: 1; padding: 0 1; width: 1fr; background: $panel; color: $foreground;
        &:focus { border: none; background: $panel; text-style: bold; }
        &.-invalid, &.-invalid:focus { border: none; }
        & > .input--placeholder { color: $quiet; text-style: none; }
    }
    """

    def __init__(self, value: str = "", **kwargs: Any) -> None:
        super().__init__(value, select_on_focus=False, **kwargs)
        self.cursor_blink = False
