"""How AWS may be asked whether the accounts are safe, tried at once. It may stay empty; then posture is unknown, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.reading import Reading
from screens.shown import counted, cut
from screens.widgets.field import Field
from screens.widgets.findings_panel import FindingsPanel
from screens.widgets.line import Line
from screens.widgets.plain_input import PlainInput
from screens.wizard.step import Step

if TYPE_CHECKING:
    from screens.wizard.founding import Founding

ABOUT = (
    "Beside the credentials breakglass shows whether root is safe: MFA, access "
    "keys, last use. It asks AWS with read-only calls, never as root: with a "
    "profile of this machine, or with a role that the profile assumes."
)


class AwsAccess(Step):
    """Profile and role go into every record that names none. The first Enter saves and tries them; the second goes on."""

    question = "How may AWS be asked about these accounts?"
    place = 8
    next_step = "go on without"

    DEFAULT_CSS = """
    AwsAccess #page { height: auto; }
    AwsAccess #profiles { height: 1; }
    AwsAccess FindingsPanel { margin: 0 3; display: none; }
    AwsAccess.-trying FindingsPanel { display: block; }
    """

    def __init__(self, founding: Founding) -> None:
        super().__init__(founding)
        self._tried = False
        self._reading: Reading | None = None

    def header_title(self) -> str:
        return self.breakglass.vault.name

    def body(self) -> ComposeResult:
        yield from super().body()
        yield FindingsPanel("Tried")

    def content(self) -> ComposeResult:
        records = [a.record for a in self.breakglass.vault.state.accounts.values()]
        profile = next((r.profile for r in records if r.profile), "")
        role = next((r.role for r in records if r.role), "")
        lacking = sum(not r.profile and not r.role for r in records)
        yield Line(ABOUT)
        yield Field("AWS profile", PlainInput(profile, id="profile", placeholder="may stay empty"))
        yield Field("Role", PlainInput(role, id="role", placeholder="may stay empty"))
        yield Line("", id="profiles", classes="quiet")
        if lacking > 1:
            yield Line(f"For {counted(lacking, 'account')} whose record names neither; each can be edited later.", classes="quiet")

    def on_mount(self) -> None:
        """Name the profiles that there are."""
        from custodian.aws_profiles import profiles

        self.in_background(profiles, self._profiles, group="profiles")
        self.changed()

    def _profiles(self, names: list[str]) -> None:
        known = f"on this machine: {', '.join(names)}" if names else "this machine has no AWS profiles"
        self.query_one("#profiles", Line).set_text(cut(known, 72))

    def on_unmount(self) -> None:
        """Nobody waits for AWS any more."""
        if self._reading is not None:
            self._reading.cancel()

    @on(Input.Changed)
    def changed(self) -> None:
        """Other words: try again."""
        self._tried = False
        self.set_next_step("save and try" if any(self._answers()) else "go on without")

    def _answers(self) -> tuple[str, str]:
        profile, role = (self.query_one(f"#{name}", PlainInput).value.strip() for name in ("profile", "role"))
        return profile, role

    @on(Input.Submitted)
    def try_it(self) -> None:
        """Save, read once, go on."""
        profile, role = self._answers()
        if self._tried or not (profile or role):
            self.founding.explain_custody()
            return
        vault = self.breakglass.vault
        records = [a.record for a in vault.state.accounts.values() if a.retired is None]
        lacking = [r for r in records if not r.profile and not r.role]
        tried = next((r for r in records if (r.profile, r.role) == (profile, role)), None)
        # With nothing lacking, the words were changed for the account that had them.
        meant = lacking or ([] if tried is not None else records[:1])

        def work() -> str:
            import msgspec

            for record in meant:
                vault.edit_account(record.id, msgspec.structs.replace(record, profile=profile, role=role))
            return tried.id if tried is not None else meant[0].id

        self.in_background(work, self._read, busy="saving")

    def _read(self, account: str) -> None:
        self._tried = True
        self.set_next_step("go on")
        self.add_class("-trying")
        panel = self.query_one(FindingsPanel)
        panel.set_title(f"Tried with {self.breakglass.vault.state.accounts[account].name}")
        panel.begin()
        self._reading = Reading(self, account)

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
