"""A question with a few answers: one under the cursor, a sentence about each, Enter takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True)
class Choice:
    """One answer."""

    key: str
    words: str
    about: str
    """What follows from it, in one row."""
    step: str
    """What Enter does with it, for the footer."""


class Choices(Widget, can_focus=True):
    """The first answer is the usual one, and the cursor begins there; anything graver is further down."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Choices { height: auto; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "choose", key_display="↑↓"),
        Binding("down,j,tab", "move(1)", "choose", show=False),
        Binding("shift+tab", "move(-1)", show=False),
        Binding("enter", "take", "take", show=False),
    ]

    cursor = reactive(0)

    class Moved(Message):
        """Another answer is under the cursor."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    class Taken(Message):
        """This is the answer."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, choices: Sequence[Choice] = (), *, id: str | None = None) -> None:
        super().__init__(id=id, classes="focus-first")
        self._choices = tuple(choices)

    def on_mount(self) -> None:
        """Tell what is under the cursor."""
        self._tell()

    def offer(self, choices: Sequence[Choice]) -> None:
        """Offer these from now on, with the cursor on the first."""
        self._choices = tuple(choices)
        self.set_reactive(Choices.cursor, 0)
        self.refresh(layout=True)
        self._tell()

    def validate_cursor(self, cursor: int) -> int:
        """Stay on an answer."""
        return max(min(cursor, len(self._choices) - 1), 0)

    def watch_cursor(self) -> None:
        """Tell."""
        self._tell()

    def _tell(self) -> None:
        if self._choices:
            self.post_message(self.Moved(self._choices[self.cursor]))

    def action_move(self, by: int) -> None:
        """Up or down."""
        self.cursor += by

    def action_take(self) -> None:
        """Answer."""
        if self._choices:
            self.post_message(self.Taken(self._choices[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one answers."""
        at = event.y // 3
        if at < len(self._choices):
            self.cursor = at
            if event.chain >= 2:
                self.action_take()

    def render(self) -> RenderResult:
        """Two rows an answer, and one between."""
        rows: list[Content] = []
        for at, choice in enumerate(self._choices):
            here = at == self.cursor
            rows.append(
                Content.assemble("▸ " if here else "  ", (f" {choice.words} ", "bold reverse" if here else "bold"))
            )
            rows.append(Content.styled(f"   {choice.about}", "$quiet"))
            rows.append(Content(""))
        return Content("\n").join(rows[:-1])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Three rows each, but for the last."""
        return max(3 * len(self._choices) - 1, 0)
