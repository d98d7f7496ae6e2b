"""Text on a screen that came from outside, or may have: shown as it is, never read as markup."""

from __future__ import annotations

from typing import Any

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static


class Line(Static):
    """A Static that never parses markup and cannot be selected."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Line { height: auto; }
    Line.quiet { color: $quiet; }
    Line.strong { text-style: bold; }
    Line.title { text-style: bold; margin: 0 0 1 0; }
    """

    def __init__(self, content: VisualType = "", **kwargs: Any) -> None:
        super().__init__(Content(content) if isinstance(content, str) else content, markup=False, **kwargs)

    def set_text(self, content: str | Content, *, layout: bool = False) -> None:
        """Show something else. `layout` only where the number of rows may change."""
        self.update(Content(content) if isinstance(content, str) else content, layout=layout)
