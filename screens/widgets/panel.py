"""A framed part of a screen with its name in the frame."""

from __future__ import annotations

from typing import Any

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget

from vault.text import printable


class Panel(Vertical):
    """A frame around what belongs together; as high as its content."""

    DEFAULT_CSS = """
    Panel {
        border: round $line; border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $quiet;
        padding: 0 1; height: auto; width: 1fr;
    }
    """

    def __init__(self, title: str, *children: Widget, **kwargs: Any) -> None:
        super().__init__(*children, **kwargs)
        self.set_title(title)

    def set_title(self, title: str) -> None:
        """Rename it."""
        _set_title(self, title)

    def set_corner(self, text: str) -> None:
        """What stands at the right of its lower edge."""
        _set_corner(self, text)


class ScrollPanel(VerticalScroll, can_focus=False):
    """A frame that takes the room that is left and scrolls."""

    DEFAULT_CSS = """
    ScrollPanel {
        border: round $line; border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $quiet;
        padding: 0 1; height: 1fr; width: 1fr; scrollbar-size-vertical: 1; scrollbar-color: $line;
    }
    """

    def __init__(self, title: str, *children: Widget, **kwargs: Any) -> None:
        super().__init__(*children, **kwargs)
        self.set_title(title)

    def set_title(self, title: str) -> None:
        """Rename it."""
        _set_title(self, title)

    def set_corner(self, text: str) -> None:
        """What stands at the right of its lower edge."""
        _set_corner(self, text)


# A `str` here would be read as markup whatever is asked of the widget; `Content` is not.


def _set_title(widget: Widget, text: str) -> None:
    widget.border_title = Content(printable(text)) if text else None


def _set_corner(widget: Widget, text: str) -> None:
    widget.border_subtitle = Content(printable(text)) if text else None
