"""The first line: the product, the vault or the thing in hand on the left; who and what is pending on the right."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from screens.shown import fit


class HeaderLine(Widget):
    """`breakglass · left` and `right`; the left is cut in the middle when both do not fit."""

    DEFAULT_CSS = "HeaderLine { height: 1; padding: 0 2; background: $panel; color: $foreground; dock: top; }"

    left = reactive("")
    right = reactive("")

    def __init__(self, left: str = "", right: str = "") -> None:
        super().__init__()
        self.set_reactive(HeaderLine.left, left)
        self.set_reactive(HeaderLine.right, right)

    def render(self) -> RenderResult:
        """Both sides in one row."""
        width = self.content_size.width
        right = fit(self.right, max(width - 24, 0))
        room = width - Content(right).cell_length - 2 - len("breakglass · ")
        left = fit(self.left, max(room, 0))
        name = Content.assemble(("breakglass", "bold"), (" · " if left else "", "$quiet"), left)
        gap = " " * max(width - name.cell_length - Content(right).cell_length, 1)
        return Content.assemble(name, gap, (right, "$quiet"))
