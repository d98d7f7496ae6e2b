"""One reading of an account's posture: in a thread, result by result, and over when the screen that asked is gone.

Every finding arrives as a message, `Reading.Found`, so nothing on the screen waits for AWS. When all checks have answered the
result is recorded in the vault, so that the accounts list has its light at once.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual.message import Message

from screens.background import in_thread
from vault import clock
from vault.errors import BreakglassError

if TYPE_CHECKING:
    from custodian.posture.finding import Finding
    from screens.guarded_screen import GuardedScreen
    from vault.events import PostureLine

SAME_FOR_MS = 15 * 60_000
"""An answer that says the same again within this time is not written into the log a second time."""


class Reading:
    """Begins at once. `cancel` ends it early; what it has found by then stays in `findings`."""

    class Found(Message):
        """One check has answered."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    class Done(Message):
        """All checks have answered; `lines` are what the log keeps."""

        def __init__(self, reading: Reading, lines: tuple[PostureLine, ...]) -> None:
            super().__init__()
            self.reading = reading
            self.lines = lines

    class Failed(Message):
        """The posture was read but could not be recorded."""

        def __init__(self, error: BreakglassError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, screen: GuardedScreen[None], account: str) -> None:
        self._screen = screen
        self._account = account
        self._cancelled = threading.Event()
        self.findings: list[Finding] = []
        self.started = clock.now_ms()
        self.ended: int | None = None
        screen.run_worker(self._run(), group="posture", exclusive=True)

    def cancel(self) -> None:
        """Nobody waits for it any more."""
        self._cancelled.set()

    async def _run(self) -> None:
        app = self._screen.breakglass
        vault, config, account = app.vault, app.session.config, self._account
        cancelled, post = self._cancelled, self._screen.post_message

        def found(finding: Finding) -> None:
            if not cancelled.is_set():
                self.findings.append(finding)
                post(Reading.Found(finding))

        def work() -> tuple[PostureLine, ...]:
            from custodian.account_posture import access_of, lines_of
            from custodian.config import Config
            from custodian.posture.access import windows_from
            from custodian.posture.engine import scan

            access = access_of(vault.state.accounts[account].record, config or Config())
            windows = windows_from(vault.state, account, clock.now_ms())
            lines = lines_of(scan(access, windows, on_finding=found, cancel=cancelled))
            known = vault.state.accounts[account]
            fresh = known.posture_at is not None and clock.now_ms() - known.posture_at < SAME_FOR_MS
            if not cancelled.is_set() and not (fresh and known.posture == lines):
                vault.record_posture(account, lines)
            return lines

        try:
            lines = await in_thread(work)
        except BreakglassError as error:
            self._screen.post_message(Reading.Failed(error))
            return
        finally:
            self._cancelled.set()
        self.ended = clock.now_ms()
        self._screen.post_message(Reading.Done(self, lines))
