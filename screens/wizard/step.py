"""What every step of the founding shares: a question, a column of text and fields under it, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from screens.guarded_screen import BACK, GuardedScreen
from screens.widgets.header_line import HeaderLine
from screens.widgets.line import Line
from screens.wizard.choices import Choices

if TYPE_CHECKING:
    from screens.wizard.founding import Founding

PLACES = 9
"""How many steps there are on the way from nothing to a vault."""


class Step(GuardedScreen[None]):
    """One question. What was answered is kept by the founding, so that going back finds it again."""

    DEFAULT_CSS = """
    Step #page { height: 1fr; align-horizontal: center; padding: 1 0 0 0; }
    Step #column { width: 72; height: auto; }
    Step #column > Line { margin: 0 0 1 0; }
    Step Field { margin: 0 0 1 0; }
    Step Choices { margin: 1 0 0 0; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    place = 0
    """Which of the `PLACES` this is; 0 where it is none of them."""

    def __init__(self, founding: Founding) -> None:
        super().__init__()
        self.founding = founding

    def header_title(self) -> str:
        return "new vault"

    def body(self) -> ComposeResult:
        with Vertical(id="page"), Vertical(id="column"):
            yield Line(self.question, classes="strong")
            yield from self.content()

    def content(self) -> ComposeResult:
        """What stands under the question."""
        yield from ()

    def on_mount(self) -> None:
        """Say how far this is."""
        self.query_one(HeaderLine).right = place_words(self.place)

    @on(Choices.Moved)
    def choice_moved(self, event: Choices.Moved) -> None:
        """The footer says what Enter does with it."""
        self.set_next_step(event.choice.step)

    def forget(self) -> None:
        """On locking nothing of the founding stays."""
        super().forget()
        self.founding.forget()

    def action_back(self) -> None:
        """To the question before."""
        self.founding.back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the way back where there is one."""
        return self.founding.can_go_back if action == "back" else True


def place_words(place: int) -> str:
    """`step 3 of 9`."""
    return f"step {place} of {PLACES}" if place else ""
