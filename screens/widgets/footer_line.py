"""The last lines: the next step first and brightest, then the other keys that work now, as the focused widget knows them."""

from __future__ import annotations

from textual import events
from textual.app import RenderResult
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

LAST = {"help": 1, "back": 2, "later": 2}
"""Actions that every screen has, in the order in which they end the line."""


class FooterLine(Widget):
    """Made anew whenever the bindings change; takes a second row where one does not hold them. Each key can be clicked."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "FooterLine { height: auto; padding: 0 2; background: $panel; dock: bottom; }"

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _: Screen[object]) -> None:
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        """`enter next step   key what  key what`."""
        return Content("\n").join(Content("  ").join(part for part, _ in row) for row in self._rows(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the keys need."""
        return len(self._rows(width))

    def on_click(self, event: events.Click) -> None:
        """A click on a key is that key."""
        at = event.get_content_offset(self)
        rows = self._rows(self.content_size.width)
        if at is None or at.y >= len(rows):
            return
        left = 0
        for part, key in rows[at.y]:
            if left <= at.x < left + part.cell_length:
                self.app.simulate_key(key)
                return
            left += part.cell_length + 2

    def _rows(self, width: int) -> list[list[tuple[Content, str]]]:
        """What stands in each row, and the key that each part stands for."""
        rows: list[list[tuple[Content, str]]] = [[]]
        left = 0
        for part, key in self._parts():
            if rows[-1] and left + part.cell_length > width:
                rows.append([])
                left = 0
            rows[-1].append((part, key))
            left += part.cell_length + 2
        return rows

    def _parts(self) -> list[tuple[Content, str]]:
        parts: list[tuple[Content, str]] = []
        step = getattr(self.screen, "next_step", "")
        if step:
            parts.append((Content.styled(f" enter {step} ", "bold reverse"), "enter"))
        told: set[str] = set()
        # What is particular to the screen comes first; what is the same everywhere stands at the end.
        bindings = sorted(self.screen.active_bindings.values(), key=lambda a: LAST.get(a.binding.action, 0))
        for active in bindings:
            binding = active.binding
            if not binding.show or not active.enabled or not binding.description or binding.action in told:
                continue
            told.add(binding.action)
            parts.append((Content.assemble((key_name(binding), "bold"), " ", (binding.description, "$quiet")), binding.key))
        return parts


def key_name(binding: Binding) -> str:
    """How a key is written for people."""
    names = {"escape": "esc", "question_mark": "?", "slash": "/"}
    return binding.key_display or names.get(binding.key, binding.key)
