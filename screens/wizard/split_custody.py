"""The last step: what one custodian cannot have, and how to come nearer to it today. Nothing to decide now."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.widgets.line import Line
from screens.wizard.step import Step

TODAY = (
    "Today you alone hold what is in this vault: password and MFA device of each account. Whoever is you "
    "can become root; the log tells of it, and cannot stop it."
)
LATER = (
    "Split custody gives the password to one custodian and the MFA device to another, or lets any two of four "
    "agree, so that nobody becomes root alone. What is sealed carries holders and thresholds for that already: "
    "when a later version lets others join, nothing stored changes."
)
MEANWHILE = (
    "To have it for an account today, leave its MFA device out of this vault, and let somebody else keep it, "
    "in a vault of their own or on their phone."
)
APART = """\
And apart from this machine, keep
  ● the paper with your recovery words,
  ● a copy of the vault, made with: breakglass backup FILE
  ● somebody who knows that both exist."""


class SplitCustody(Step):
    """A page to read. Enter opens the accounts."""

    question = "Who else should it take to become root?"
    place = 9
    next_step = "to the accounts"

    def header_title(self) -> str:
        return self.breakglass.vault.name

    def content(self) -> ComposeResult:
        yield Line(TODAY)
        yield Line(LATER)
        yield Line(MEANWHILE)
        yield Line(APART)

    def action_next(self) -> None:
        """On."""
        self.founding.finish()
