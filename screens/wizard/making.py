"""Founding a vault for an identity that is unlocked already."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.guarded_screen import GuardedScreen
from screens.widgets.line import Line
from vault.errors import BreakglassError


class Making(GuardedScreen[bool]):
    """Nothing to type: the vault is founded, or it is said why not."""

    DEFAULT_CSS = "Making Line { padding: 1 3; }"
    question = "Founding the vault"

    def __init__(self, name: str, member: str) -> None:
        super().__init__()
        self._names = (name, member)
        self._failed = False

    def body(self) -> ComposeResult:
        yield Line("Founding the vault.")

    def on_mount(self) -> None:
        """Begin at once."""
        session, names = self.breakglass.session, self._names
        self.in_background(lambda: session.found_vault(*names), lambda _: self._made(), failed=self._not_made)

    def _made(self) -> None:
        self.dismiss(True)

    def _not_made(self, error: BreakglassError) -> None:
        self._failed = True
        self.set_next_step("back")
        self.show_error(error)

    def key_enter(self) -> None:
        """Back to the names after a failure."""
        if self._failed:
            self.dismiss(False)
