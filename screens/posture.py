"""The posture of one account in full: every check with its evidence, and for what failed the steps that mend it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from screens.guarded_screen import BACK, GuardedScreen
from screens.reading import Reading
from screens.shown import grouped_id
from screens.widgets.findings_panel import FindingsPanel


class Posture(GuardedScreen[None]):
    """Read live from AWS when it is opened. A check that could not be read is unknown, and says why."""

    DEFAULT_CSS = "Posture FindingsPanel { margin: 0 1; }"
    BINDINGS = [  # noqa: RUF012
        Binding("r", "again", "read again"),
        Binding("down,j", "scroll(1)", "scroll", key_display="↑↓"),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(15)", show=False),
        Binding("pageup", "scroll(-15)", show=False),
        BACK,
    ]
    question = "What is wrong where?"
    next_step = "back"

    def __init__(self, account: str) -> None:
        super().__init__()
        self._account = account
        self._reading: Reading | None = None

    def header_title(self) -> str:
        name = self.breakglass.vault.state.accounts[self._account].name
        return f"posture of {name} · {grouped_id(self._account)}"

    def body(self) -> ComposeResult:
        yield FindingsPanel(remedies=True)

    def on_mount(self) -> None:
        """Read at once."""
        self.action_again()

    def on_unmount(self) -> None:
        """Nobody waits for AWS any more."""
        if self._reading is not None:
            self._reading.cancel()

    def action_again(self) -> None:
        """Read again; a reading that still runs is replaced."""
        if self._reading is not None:
            self._reading.cancel()
        self.query_one(FindingsPanel).begin()
        self._reading = Reading(self, self._account)

    @on(Reading.Found)
    def found(self, event: Reading.Found) -> None:
        """One answer."""
        self.query_one(FindingsPanel).add(event.finding)

    @on(Reading.Done)
    def read(self) -> None:
        """All have answered."""
        self.query_one(FindingsPanel).done()

    @on(Reading.Failed)
    def not_recorded(self, event: Reading.Failed) -> None:
        """Read, but not recorded."""
        self.query_one(FindingsPanel).done()
        self.show_error(event.error)

    def action_scroll(self, rows: int) -> None:
        """Scroll the findings."""
        self.query_one(FindingsPanel).scroll_relative(y=rows, animate=False)

    def action_next(self) -> None:
        """Back to where it was asked from."""
        self.dismiss()
