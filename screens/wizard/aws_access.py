"""The step that asks how AWS may be asked about the first account, and tries it at once."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.reading import Reading
from screens.widgets.field import Field
from screens.widgets.findings_panel import FindingsPanel
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput

ABOUT = (
    "To show beside the credentials whether the account is safe, AWS is asked with read-only access: a profile\n"
    "of this machine for the account, or a role that is assumed in it. Without one, posture is unknown."
)


class AwsAccess(GuardedScreen[None]):
    """Profile and role of the record. The first Enter saves and tries them; the second goes on."""

    DEFAULT_CSS = """
    AwsAccess Panel { margin: 0 1; padding: 1 1; }
    AwsAccess FindingsPanel { margin: 0 1; }
    AwsAccess Field { margin: 1 0 0 0; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    question = "How may AWS be asked about this account?"
    next_step = "try it"

    def __init__(self, account: str) -> None:
        super().__init__()
        self._account = account
        self._tried = False
        self._reading: Reading | None = None

    def header_title(self) -> str:
        return "AWS access"

    def body(self) -> ComposeResult:
        record = self.breakglass.vault.state.accounts[self._account].record
        with Panel("Read-only access"):
            yield Line(ABOUT, classes="quiet")
            yield Field("AWS profile", PlainInput(record.profile, id="profile", placeholder="none"))
            yield Field("Role", PlainInput(record.role, id="role", placeholder="none"))
        yield FindingsPanel("Tried")

    def on_unmount(self) -> None:
        """Nobody waits for AWS any more."""
        if self._reading is not None:
            self._reading.cancel()

    @on(Input.Changed)
    def changed(self) -> None:
        """Other words: try again."""
        if self._tried:
            self._tried = False
            self.set_next_step("try it")

    @on(Input.Submitted)
    def try_it(self) -> None:
        """Save, read once, go on."""
        profile, role = (self.query_one(f"#{name}", PlainInput).value.strip() for name in ("profile", "role"))
        if self._tried or not (profile or role):
            self.dismiss()
            return
        vault, account = self.breakglass.vault, self._account

        def work() -> None:
            import msgspec

            record = msgspec.structs.replace(vault.state.accounts[account].record, profile=profile, role=role)
            if record != vault.state.accounts[account].record:
                vault.edit_account(account, record)

        self.in_background(work, lambda _: self._read(), busy="saving")

    def _read(self) -> None:
        self._tried = True
        self.set_next_step("go on")
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
