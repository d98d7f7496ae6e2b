"""What every screen shares: nothing on it can be selected or copied, work runs beside it, it says when it is too small.

A screen asks one question in its header line, names the next step at the start of its footer, and shows an error as a
sentence above that footer until it has been read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from screens.background import in_thread
from screens.widgets.footer_line import FooterLine
from screens.widgets.header_line import HeaderLine
from screens.widgets.masked_input import MaskedInput
from screens.widgets.note import Note
from screens.widgets.too_small import TooSmall
from vault.errors import BreakglassError

if TYPE_CHECKING:
    from screens.app import Breakglass

T = TypeVar("T")
R = TypeVar("R")


class GuardedScreen(Screen[R]):
    """A full screen: header line, body, note, footer. Subclasses yield the body and name the next step."""

    ALLOW_SELECT = False
    AUTO_FOCUS = "Input, .focus-first"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next", show=False),
        Binding("f1,question_mark", "help", "help", key_display="?", show=True),
    ]
    DEFAULT_CSS = """
    GuardedScreen { background: $background; color: $foreground; layout: vertical; scrollbar-size-vertical: 1; }
    GuardedScreen.-too-small > * { display: none; }
    GuardedScreen.-too-small > TooSmall { display: block; }
    """

    question = ""
    """The one question this screen answers; shown by help."""
    next_step = ""
    """What Enter does here, in two or three words; first and brightest in the footer."""
    allowed_over_lock = False
    """Whether this screen may stand where nothing is unlocked: it shows and holds nothing of a vault."""

    @property
    def breakglass(self) -> Breakglass:
        """The app, as what it is."""
        return cast("Breakglass", self.app)

    def compose(self) -> ComposeResult:
        """Header, body, note, footer."""
        yield HeaderLine(self.header_title(), "ctrl+l lock")
        yield from self.body()
        yield Note()
        yield FooterLine()

    def body(self) -> ComposeResult:
        """What this screen shows between header and footer."""
        yield from ()

    def header_title(self) -> str:
        """What stands on the left of the header, after the product's name."""
        return ""

    # What was done, what went wrong.

    @property
    def note(self) -> Note:
        """The line above the footer."""
        return self.query_one(Note)

    def show_error(self, error: BreakglassError) -> None:
        """Show `error` until the next thing is asked for."""
        self.note.error(error)

    def say(self, text: str) -> None:
        """Show what was done."""
        self.note.say(text)

    def forget(self) -> None:
        """Empty every field a secret may have been typed into. Called before a screen is removed."""
        for field in self.query(MaskedInput):
            field.forget()

    def set_next_step(self, words: str) -> None:
        """Rename what Enter does."""
        self.next_step = words
        self.refresh_bindings()

    def in_background(
        self,
        work: Callable[[], T],
        done: Callable[[T], object],
        *,
        failed: Callable[[BreakglassError], None] | None = None,
        group: str = "work",
        busy: str = "",
    ) -> None:
        """Run `work` in a thread; then `done` with its result, or `failed` (else `show_error`) with what went wrong.

        Nothing is called once the screen is gone. `busy` is said while it lasts. A new one replaces an older of its group.
        """
        if busy:
            self.note.busy(busy)

        async def run() -> None:
            try:
                result = await in_thread(work)
            except BreakglassError as error:
                if self.is_attached:
                    (failed or self.show_error)(error)
                return
            if self.is_attached:
                if busy:
                    self.note.clear()
                # What it returns is not awaited: a screen that leaves from here would wait for its own worker.
                done(result)

        self.run_worker(run(), group=group, exclusive=True)

    # Nothing on a screen can be selected; what may be copied has its own key.

    def get_selected_text(self) -> str | None:
        """Nothing."""
        return None

    def text_select_all(self) -> None:
        """Selects nothing."""

    def action_copy_text(self) -> None:
        """ctrl+c copies nothing here; it says what does."""
        self.app.action_help_quit()

    # Size.

    def on_resize(self, event: events.Resize) -> None:
        """Below the smallest size everything is hidden, and the app lets no key through."""
        small = bool(getattr(self.app, "too_small", False))
        if small and not self.query(TooSmall):
            self.mount(TooSmall())
        if small != self.has_class("-too-small"):
            self.set_class(small, "-too-small")
            if small:
                self._focus_before: Widget | None = self.focused
            elif getattr(self, "_focus_before", None) is not None:
                self.call_after_refresh(self.set_focus, self._focus_before)

    # Keys that every screen has.

    def action_help(self) -> None:
        """What this screen is for and every key it takes."""
        from screens.help import Help

        if not isinstance(self, Help):
            self.app.push_screen(Help.about(cast("GuardedScreen[Any]", self)))

    def action_next(self) -> None:
        """The next step, where no field or list has taken Enter for itself."""

    def action_back(self) -> None:
        """Leave this screen."""
        self.dismiss()

    def action_later(self) -> None:
        """Leave this step of the founding for later."""
        self.dismiss()


BACK = Binding("escape", "back", "back", key_display="esc")
"""The binding of every screen that was opened from another."""

LATER = Binding("escape", "later", "later", key_display="esc")
"""The binding of a step that may be put off."""
