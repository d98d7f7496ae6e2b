"""The recovery words: shown to be written on paper, some of them asked back, then noted in the log that this was done.

They are masked until asked for, never copied, and gone when the screen is left. Put off, they stay on the list of what is due.
"""

from __future__ import annotations

import secrets

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from screens.guarded_screen import GuardedScreen
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.widgets.panel import Panel
from vault.errors import WrongUsage
from vault.memory import wipe

ABOUT = (
    "With these 33 words, and nothing else, your identity can be brought back when the passphrase or\n"
    "this machine is lost. Whoever has them is you: write them on paper, in order, and lock the paper away."
)
COLUMNS = 4
ASKED = 3


class RecoveryWords(GuardedScreen[bool]):
    """First the words to write down; then three of them are asked back. Putting it off leaves it on the list of what is due."""

    DEFAULT_CSS = """
    RecoveryWords Panel { margin: 0 1; padding: 1 1; }
    RecoveryWords #asked { display: none; }
    RecoveryWords.-asking #asked { display: block; }
    RecoveryWords.-asking #shown { display: none; }
    RecoveryWords Field { margin: 1 0 0 0; }
    RecoveryWords #word { width: 24; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("s", "show", "show the words"),
        Binding("escape", "later", "later", key_display="esc"),
    ]
    AUTO_FOCUS = ""
    question = "Can you come back without passphrase and machine?"
    next_step = "show the words"

    def __init__(self, *, founding: bool = False) -> None:
        super().__init__()
        self._founding = founding
        self._words: list[str] = []
        self._shown = False
        self._asked: list[int] = []

    def header_title(self) -> str:
        return "recovery words"

    def body(self) -> ComposeResult:
        with Panel("Recovery words", id="shown"):
            yield Line(ABOUT, classes="quiet")
            yield Line("")
            yield Line("", id="words")
        with Panel("Some of them back", id="asked"):
            yield Line("So that the paper is right, three of the words, as they stand on it:", classes="quiet")
            yield Field("", MaskedInput(hidden=False, id="word"))

    def on_mount(self) -> None:
        """Make the words, and show their places only."""
        identity = self.breakglass.identity

        def work() -> list[str]:
            from vault import paper

            return paper.to_words(identity)[0].split()

        self.in_background(work, self._made, busy="making the words")

    def _made(self, words: list[str]) -> None:
        self._words = words
        self._draw()

    def _draw(self) -> None:
        count = len(self._words)
        rows = -(-count // COLUMNS)
        lines: list[Content] = []
        for row in range(rows):
            cells: list[Content | str] = []
            for at in range(row, count, rows):
                word = self._words[at] if self._shown else "••••••"
                cells += [Content.assemble((f"{at + 1:>3} ", "$quiet"), (f"{word:<13}", "bold" if self._shown else "$quiet"))]
            lines.append(Content.assemble(*cells))
        field = self.query_one("#words", Line)
        field.set_class(self._shown, "-secret-shown")
        field.set_text(Content("\n").join(lines), layout=True)

    def action_show(self) -> None:
        """Show them, or mask them again."""
        self._shown = not self._shown
        self._draw()
        self.set_next_step("they are on paper" if self._shown else "show the words")

    def key_enter(self) -> None:
        """Show them; then, written down, ask some back."""
        if self.has_class("-asking") or not self._words:
            return
        if not self._shown:
            self.action_show()
            return
        self.action_show()
        self._asked = sorted(secrets.SystemRandom().sample(range(len(self._words)), ASKED))
        self.add_class("-asking")
        self.refresh_bindings()
        self._ask()

    def _ask(self) -> None:
        field = self.query_one("#word", MaskedInput)
        self.query_one("#asked Field .label", Line).set_text(f"Word {self._asked[0] + 1}")
        field.focus()
        self.set_next_step("that is it")

    @on(Input.Submitted, "#word")
    def answered(self) -> None:
        """Right: the next one. Wrong: back to the paper."""
        typed = self.query_one("#word", MaskedInput).take()
        right = typed.decode(errors="replace").strip().lower() == self._words[self._asked[0]]
        wipe(typed)
        if not right:
            self.show_error(
                WrongUsage("this is another word", f"word {self._asked[0] + 1} is not what was typed", "Esc shows the words again.")
            )
            return
        self.note.clear()
        self._asked.pop(0)
        if self._asked:
            self._ask()
            return
        vault = self.breakglass.vault
        self.in_background(vault.confirm_words, lambda _: self._confirmed(), busy="noting it in the log")

    def _confirmed(self) -> None:
        self.breakglass.call_after_refresh(self.breakglass.tell, "noted in the log: the recovery words are on paper")
        self.dismiss(True)

    def action_later(self) -> None:
        """From the question back to the words; from the words onwards, and it stays due."""
        if self.has_class("-asking"):
            self.remove_class("-asking")
            self.query_one("#word", MaskedInput).forget()
            self.set_focus(None)
            self.set_next_step("show the words")
            return
        self.dismiss(False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While words are asked back, s is a letter."""
        return not self.has_class("-asking") if action == "show" else True

    def forget(self) -> None:
        """On locking."""
        super().forget()
        self._words = []
        self._shown = False
        if self.is_attached:
            self._draw()

    def on_unmount(self) -> None:
        """Nothing is left in a removed screen."""
        self._words = []
