"""Checking in: posture is read once more, and what it was before and is after goes into the log with the end of the checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from screens.guarded_screen import BACK, GuardedScreen
from screens.reading import Reading
from screens.widgets.findings_panel import FindingsPanel
from screens.widgets.line import Line
from screens.widgets.toggle import Toggle

if TYPE_CHECKING:
    from vault.events import PostureLine


class CheckIn(GuardedScreen[bool]):
    """Says what changed while root was in use. Enter ends the checkout; it does not wait for AWS if you do not want to."""

    DEFAULT_CSS = """
    CheckIn #words { padding: 1 3; }
    CheckIn Toggle { margin: 0 2 1 2; }
    CheckIn FindingsPanel { margin: 0 1; }
    """
    BINDINGS = [Binding("f", "findings", "findings", tooltip="posture in full, with evidence and remedies"), BACK]  # noqa: RUF012
    AUTO_FOCUS = "Toggle"
    next_step = "check in without waiting"
    question = "Have you finished with root, and how do you leave the account?"

    def __init__(self, checkout: bytes, before: tuple[PostureLine, ...]) -> None:
        super().__init__()
        self._checkout = checkout
        self._before = before
        self._after: tuple[PostureLine, ...] = ()
        self._reading: Reading | None = None

    def header_title(self) -> str:
        checkout = self.breakglass.vault.state.checkouts[self._checkout]
        return f"{self.breakglass.vault.state.accounts[checkout.account].name} · check in {checkout.short}"

    def body(self) -> ComposeResult:
        yield Line("Sign out of the root user's session in your browser now.", id="words")
        yield Toggle("the password was changed at AWS, and the new one is sealed here", id="rotated")
        yield FindingsPanel("Posture, read again")

    def on_mount(self) -> None:
        """Read again at once."""
        vault = self.breakglass.vault
        account = vault.state.checkouts[self._checkout].account
        self._before = self._before or vault.state.accounts[account].posture
        self.query_one(FindingsPanel).begin()
        self._reading = Reading(self, account)  # type: ignore[arg-type]

    def on_unmount(self) -> None:
        """Nobody waits for AWS any more."""
        if self._reading is not None:
            self._reading.cancel()

    @on(Reading.Found)
    def found(self, event: Reading.Found) -> None:
        """One answer."""
        self.query_one(FindingsPanel).add(event.finding)

    @on(Reading.Done)
    def read(self, event: Reading.Done) -> None:
        """All have answered: say what changed."""
        self._after = event.lines
        self.query_one(FindingsPanel).done()
        self.set_next_step("check in")
        changes = changed(self._before, event.lines)
        if changes:
            self.note.warn("changed since: " + "; ".join(changes))
        elif self._before:
            self.say("nothing that is checked has changed since the checkout began")

    @on(Reading.Failed)
    def not_recorded(self, event: Reading.Failed) -> None:
        """Read, but not recorded."""
        self.query_one(FindingsPanel).done()
        self.show_error(event.error)

    def action_findings(self) -> None:
        """Posture in full."""
        from screens.posture import Posture

        self.app.push_screen(Posture(self.breakglass.vault.state.checkouts[self._checkout].account))

    @on(Toggle.Entered)
    def check_in(self) -> None:
        """End the checkout, with what is known by now."""
        vault, checkout = self.breakglass.vault, self._checkout
        rotated = self.query_one("#rotated", Toggle).on
        before, after = self._before, self._after
        if self._reading is not None:
            self._reading.cancel()
        self.in_background(
            lambda: vault.check_in(checkout, rotated=rotated, before=before, after=after),
            lambda _: self._done(),
            busy="writing the log",
        )

    def _done(self) -> None:
        self.dismiss(True)


def changed(before: tuple[PostureLine, ...], after: tuple[PostureLine, ...]) -> list[str]:
    """`root-mfa is fail, was pass`, for each check that answered differently."""
    was = {line.check: line.status for line in before}
    return [
        f"{line.check} is {line.status.replace('_', ' ')}, was {was[line.check].replace('_', ' ')}"
        for line in after
        if line.check in was and was[line.check] != line.status
    ]
