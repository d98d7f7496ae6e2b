"""The last step: what split custody is, and how to have it later. Nothing to decide now."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.guarded_screen import GuardedScreen
from screens.widgets.line import Line
from screens.widgets.panel import Panel

ABOUT = """\
Today you alone hold what is in this vault, and one person suffices to open it.

Split custody changes that: the password of an account is held by some people and its MFA
device by others, or any two of four must agree, so that nobody becomes root alone or
unseen. What is stored already carries holders and thresholds for that: when more people
join, nothing has to be brought in again.

Until then, keep three things apart from this machine:
  the paper with your recovery words,
  a copy of the vault, made with `breakglass backup FILE`,
  somebody who knows that both exist."""


class SplitCustody(GuardedScreen[None]):
    """A page to read. Enter opens the accounts."""

    DEFAULT_CSS = "SplitCustody Panel { margin: 1 1; padding: 1 1; }"
    question = "Who else?"
    next_step = "to the accounts"

    def header_title(self) -> str:
        return "one thing to know"

    def body(self) -> ComposeResult:
        with Panel("Split custody"):
            yield Line(ABOUT)

    def key_enter(self) -> None:
        """On."""
        self.dismiss()
