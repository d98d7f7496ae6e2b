"""Whether the identity file is bound to this machine's keyring. Going without is a decision, never a fallback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from screens.widgets.line import Line
from screens.wizard.choices import Choice, Choices
from screens.wizard.step import Step
from vault.errors import BreakglassError
from vault.text import printable

if TYPE_CHECKING:
    from screens.wizard.founding import Founding

ABOUT = (
    "A second secret, which this machine's keyring keeps, makes a stolen copy "
    "of your identity file worthless: it opens here, with your passphrase, "
    "and nowhere else. The recovery words open it without either."
)
ASKING = "… asking the keyring; it may open a window and ask for its password"
COST = "a copy of the file then needs your passphrase and nothing else"

KEEP = Choice("keep", "Keep a device secret in this keyring", "a copy of the identity file is worth nothing elsewhere", "keep it there")
AGAIN = Choice("again", "Try the keyring again", "after it was started and unlocked", "try again")
WITHOUT = Choice("without", "Go without a device secret", COST, "go without")


class DeviceSecret(Step):
    """Asks the keyring once. Where none will do, it says why; going without it takes a choice of one's own."""

    question = "What should a copy of your identity file be worth?"
    place = 4

    DEFAULT_CSS = "DeviceSecret #column > #found { min-height: 2; }"

    def __init__(self, founding: Founding) -> None:
        super().__init__(founding)
        self._keyring = ""

    def content(self) -> ComposeResult:
        yield Line(ABOUT)
        yield Line("", id="found")
        yield Choices()

    def on_mount(self) -> None:
        """Ask at once."""
        self.ask()

    def ask(self) -> None:
        """Ask the keyring; it may take as long as somebody needs to find its password."""
        from vault import device_secret

        self._tell(Content.styled(ASKING, "$quiet"))
        self.query_one(Choices).offer(())
        self.set_next_step("")
        self.in_background(device_secret.check, self._found, failed=self._absent, group="keyring")

    def _found(self, name: str) -> None:
        self._keyring = name
        self._tell(Content.assemble(("● ", "$well"), ("found: ", "$well"), (printable(name, 60), "bold")))
        self.query_one(Choices).offer((KEEP, WITHOUT))

    def _absent(self, error: BreakglassError) -> None:
        self._keyring = ""
        self._tell(
            Content.assemble(
                ("▲ no keyring will do: ", "bold $wrong"),
                (printable(error.why), "$wrong"),
                "\n  GNOME Keyring, KWallet and the macOS Keychain will do.",
            )
        )
        self.query_one(Choices).offer((AGAIN, WITHOUT))

    def _tell(self, content: Content) -> None:
        self.query_one("#found", Line).set_text(content, layout=True)

    @on(Choices.Taken)
    def taken(self, event: Choices.Taken) -> None:
        """On, or once more."""
        if event.choice is AGAIN:
            self.ask()
            return
        self.founding.keyring = self._keyring if event.choice is KEEP else ""
        self.founding.make()
