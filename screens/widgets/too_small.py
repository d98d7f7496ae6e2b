"""Says what size is needed, instead of anything else, while the terminal is smaller than that."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget


class TooSmall(Widget):
    """Fills its screen with one sentence. The app lets no key through meanwhile."""

    DEFAULT_CSS = "TooSmall { width: 100%; height: 100%; content-align: center middle; display: none; }"

    def render(self) -> RenderResult:
        """The size there is and the size that is needed."""
        width, height = self.app.size
        return Content(
            f"breakglass needs 80 x 24\nthis terminal has {width} x {height}\n\nmake it larger, or ctrl+q"
        )
