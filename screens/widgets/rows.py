"""A list in columns that draws only the rows that are seen: a thousand accounts or a hundred thousand entries cost the same.

Ids have columns of fixed width and are never cut; one column takes the room that is left, and its text is cut in the middle
(names) or at the end (sentences). The row under the cursor is told by a mark as well as by its colours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.shown import cut, fit


@dataclass(frozen=True)
class Column:
    """One column: its title, its width in cells, how it is laid."""

    title: str
    width: int
    """Cells; for a column that takes the room left (`share` > 0), the least it needs."""
    share: int = 0
    """Its part of the room that is left; 0 keeps the width."""
    right: bool = False
    """Numbers line up on the right."""
    sentence: bool = False
    """Cut at the end rather than in the middle."""


@dataclass(frozen=True)
class Cell:
    """One value and the kind of its style: "", "well", "wrong", "quiet" or "strong"."""

    text: str
    kind: str = ""


class Rows(ScrollView, can_focus=True):
    """The list. `show` gives it rows; it sends `Chosen` on enter or a double click, `Moved` with the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{k}" for k in ("plain", "well", "wrong", "quiet", "strong", "cursor", "title")}
    DEFAULT_CSS = """
    Rows { height: 1fr; width: 1fr; background: $background; scrollbar-size-vertical: 1; overflow-x: hidden; scrollbar-color: $line; }
    Rows > .rows--well { color: $well; }
    Rows > .rows--wrong { color: $wrong; text-style: bold; }
    Rows > .rows--quiet { color: $quiet; }
    Rows > .rows--strong { text-style: bold; }
    Rows > .rows--title { color: $quiet; }
    Rows > .rows--cursor { background: $panel; text-style: bold; }
    Rows:focus > .rows--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home,g", "edge(0)", "first", show=False),
        Binding("end,G", "edge(1)", "last", show=False),
        Binding("enter", "choose", "choose", show=False),
    ]

    cursor = reactive(0)

    class Chosen(Message):
        """Enter or a double click on a row."""

        def __init__(self, rows: Rows, index: int) -> None:
            super().__init__()
            self.rows = rows
            self.index = index

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, rows: Rows, index: int) -> None:
            super().__init__()
            self.rows = rows
            self.index = index

    def __init__(self, columns: Sequence[Column], *, empty: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.empty = empty
        """What to say when there are no rows: what belongs here and the key that starts it."""
        self.count = 0
        self._row_at: Callable[[int], Sequence[Cell]] = lambda _: ()

    def show(self, count: int, row_at: Callable[[int], Sequence[Cell]], *, cursor: int | None = None) -> None:
        """Show `count` rows; `row_at` is asked for those that are seen."""
        self.count = count
        self._row_at = row_at
        self.virtual_size = Size(1, count + 1)
        wanted = self.cursor if cursor is None else cursor
        self.set_reactive(Rows.cursor, max(min(wanted, count - 1), 0))
        self.refresh()
        self._keep_in_sight()
        self.post_message(self.Moved(self, self.cursor))

    def again(self) -> None:
        """Draw the same rows anew: what they say has changed."""
        self.refresh()

    def validate_cursor(self, cursor: int) -> int:
        """Stay on a row."""
        return max(min(cursor, self.count - 1), 0)

    def watch_cursor(self) -> None:
        """Follow with the view, and tell."""
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved(self, self.cursor))

    def _keep_in_sight(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 2), animate=False, force=True)

    def action_move(self, by: int) -> None:
        """One row up or down."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """One page up or down."""
        self.cursor += by * max(self.size.height - 2, 1)

    def action_edge(self, last: int) -> None:
        """The first or the last row."""
        self.cursor = self.count - 1 if last else 0

    def action_choose(self) -> None:
        """The row under the cursor."""
        if not self.count:
            raise SkipAction  # an empty list leaves Enter to the screen
        self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one chooses."""
        row = int(event.y) - 1 + int(self.scroll_offset.y)
        if event.y >= 1 and 0 <= row < self.count:
            self.cursor = row
            if event.chain >= 2:
                self.action_choose()

    def on_resize(self) -> None:
        """The widths follow the room."""
        self._keep_in_sight()

    def widths(self) -> list[int]:
        """Cells of each column in the room there is; two cells are the cursor's, two stand between columns."""
        room = self.scrollable_content_region.width - 2 - 2 * (len(self.columns) - 1)
        spare = max(room - sum(c.width for c in self.columns), 0)
        shares = sum(c.share for c in self.columns) or 1
        return [c.width + spare * c.share // shares for c in self.columns]

    def render_line(self, y: int) -> Strip:
        """One row of the screen: the titles, or a row of the list."""
        width = self.scrollable_content_region.width
        base = self.rich_style
        if y == 0:
            return self._line("  ", [Cell(c.title, "title") for c in self.columns], base, width)
        at = y - 1 + int(self.scroll_offset.y)
        if self.count == 0:
            lines = self.empty.split("\n")
            text = lines[y - 2] if 2 <= y < len(lines) + 2 else ""
            return Strip([Segment(f"  {text}".ljust(width), base + self._style("quiet"))]).adjust_cell_length(width, base)
        if at >= self.count:
            return Strip.blank(width, base)
        if at == self.cursor:
            style = base + self.get_component_rich_style("rows--cursor", partial=True)
            return self._line("▸ ", self._row_at(at), style, width, keep_colours=not self.has_focus)
        return self._line("  ", self._row_at(at), base, width)

    def _line(
        self, mark: str, cells: Sequence[Cell], style: Style, width: int, *, keep_colours: bool = True
    ) -> Strip:
        segments = [Segment(mark, style)]
        for number, (column, room, cell) in enumerate(zip(self.columns, self.widths(), cells, strict=False)):
            text = cut(cell.text, room) if column.sentence else fit(cell.text, room)
            space = " " * max(room - cell_len(text), 0)
            kind = style + self._style(cell.kind) if keep_colours and cell.kind else style
            segments.append(Segment(space + text if column.right else text + space, kind))
            if number < len(self.columns) - 1:
                segments.append(Segment("  ", style))
        return Strip(segments).adjust_cell_length(width, style)

    def _style(self, kind: str) -> Style:
        return self.get_component_rich_style(f"rows--{kind or 'plain'}", partial=True)
