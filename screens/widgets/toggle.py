"""A choice that is on or off: space turns it, Enter is left to the screen's next step."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Toggle(Widget, can_focus=True):
    """`[x] words`."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Toggle { height: 1; width: auto; padding: 0 1; margin: 0 1 0 0; }
    Toggle:focus { text-style: bold reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "on or off"),
        Binding("enter", "go", "next", show=False),
    ]

    on = reactive(False)

    class Turned(Message):
        """It was turned on or off."""

        def __init__(self, toggle: Toggle) -> None:
            super().__init__()
            self.toggle = toggle

    class Entered(Message):
        """Enter, which means the screen's next step."""

    def __init__(self, words: str, *, on: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words
        self.set_reactive(Toggle.on, on)

    def render(self) -> RenderResult:
        """The box and the words."""
        return Content(f"[{'x' if self.on else ' '}] {self.words}")

    def action_turn(self) -> None:
        """Turn it."""
        self.on = not self.on
        self.post_message(self.Turned(self))

    def action_go(self) -> None:
        """Leave Enter to the screen."""
        self.post_message(self.Entered())

    def on_click(self) -> None:
        """A click turns it."""
        self.action_turn()
