"""The first screen of all: what this is, where its files will lie, and whether to begin or to bring something back."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from screens.guarded_screen import GuardedScreen
from screens.shown import fit
from screens.widgets.line import Line
from screens.wizard.choices import Choice, Choices
from screens.wizard.step import Step

ABOUT = (
    "It keeps the root passwords and MFA devices of your AWS accounts, sealed, "
    "on this machine. Every use is in its log before anything is shown, and "
    "beside each password stands whether its account is safe."
)
NEW = Choice("new", "Make a new vault", "names, a passphrase, recovery words, a first account", "make a new vault")
BACK = Choice("back", "Bring my identity back", "from the recovery words on paper", "type the words")


class Welcome(Step):
    """Nothing is written before the step that says so. Another place for the files is named when breakglass is started."""

    question = "A break-glass vault for AWS root credentials"
    place = 1

    def header_title(self) -> str:
        return "welcome"

    def content(self) -> ComposeResult:
        yield Line(ABOUT)
        if self.founding.has_vault:
            yield Line("There is a vault here already, and no identity that opens it.", classes="strong")
            yield Choices([BACK])
        else:
            yield Choices([NEW, BACK])
        session = self.breakglass.session
        yield Line(
            f"\nvault      {fit(str(session.vault_folder), 40):<40}  --vault FOLDER\n"
            f"identity   {fit(str(session.identity_file), 40):<40}  --identity FILE\n"
            "           the options name another place: breakglass --help",
            classes="quiet",
        )

    def on_mount(self) -> None:
        """What the lock has to say is said here, where it can be seen."""
        lock = self.app.screen_stack[0]
        if isinstance(lock, GuardedScreen) and lock.note.told:
            self.say(lock.note.told)

    @on(Choices.Taken)
    def taken(self, event: Choices.Taken) -> None:
        """On."""
        if event.choice is NEW:
            self.founding.found_new()
        else:
            self.founding.bring_back()
