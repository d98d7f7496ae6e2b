"""The recovery words: shown to be written on paper, some of them asked back, then noted in the log that this was done.

They are masked until asked for, never copied, and gone when the screen is left. Put off, they stay on the list of what is due. A sheet
that is made another time has other words for the same identity, so one sheet lasts as long as this screen.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from screens.guarded_screen import GuardedScreen
from screens.widgets.field import Field
from screens.widgets.header_line import HeaderLine
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.wizard.step import place_words
from vault.errors import WrongUsage
from vault.memory import wipe

ABOUT = (
    "They bring your identity back when the passphrase is forgotten or this "
    "machine is lost. Whoever reads them can be you: lock the paper away."
)
ASK = "So that the paper is right, four of the words, as they stand on it."
COLUMNS = 3
ASKED = 4
TRIES = 3
PUT_OFF = (
    "Until they are on paper, a lost passphrase or machine costs you the vault. They stay on the list of what is due. "
    "Esc again puts them off."
)


class RecoveryWords(GuardedScreen[bool]):
    """First the words to write down, all 33 in order; then four of them are asked back, and the log has it."""

    DEFAULT_CSS = """
    RecoveryWords #page { height: 1fr; align-horizontal: center; padding: 1 0 0 0; }
    RecoveryWords .column { width: 72; height: auto; }
    RecoveryWords .column > Line { margin: 0 0 1 0; }
    RecoveryWords #asked { display: none; }
    RecoveryWords.-asking #asked { display: block; }
    RecoveryWords.-asking #shown { display: none; }
    RecoveryWords #word { width: 24; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("h", "hide", "hide", tooltip="mask the words again"),
        Binding("escape", "back", "put off", key_display="esc", tooltip="leave them for another time; they stay on the list of what is due"),
        Binding("escape", "words", "the words", key_display="esc", tooltip="compare with the words once more"),
    ]
    AUTO_FOCUS = ""
    question = "Write these 33 words down, in this order"

    def __init__(self, done: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._done = done
        self._words: list[str] = []
        self._shown = False
        self._asked: list[int] = []
        self._tries = 0
        self._warned = False

    def header_title(self) -> str:
        return "recovery words"

    def body(self) -> ComposeResult:
        with Vertical(id="page"):
            with Vertical(id="shown", classes="column"):
                yield Line(self.question, classes="strong")
                yield Line(ABOUT)
                yield Line("", id="words")
            with Vertical(id="asked", classes="column"):
                yield Line("Which words stand on the paper?", classes="strong")
                yield Line(ASK)
                yield Field("", MaskedInput(hidden=False, id="word"))
                yield Line("", id="progress", classes="quiet")

    def on_mount(self) -> None:
        """Make the words, and show their places only."""
        if self._done is not None:
            self.query_one(HeaderLine).right = place_words(6)
        identity = self.breakglass.identity

        def work() -> list[str]:
            from vault import paper

            return paper.to_words(identity)[0].split()

        self.in_background(work, self._made, busy="making the words")

    def _made(self, words: list[str]) -> None:
        self._words = words
        self._show(False)

    # The words.

    def _show(self, shown: bool) -> None:
        self._shown = shown
        field = self.query_one("#words", Line)
        field.set_class(shown and bool(self._words), "-secret-shown")
        field.set_text(_sheet(self._words, shown=shown), layout=True)
        self.set_next_step("they are on paper" if shown else "show the words")
        if shown:
            minutes = round(self.app.idle_seconds / 60) if hasattr(self.app, "idle_seconds") else 5
            self.say(f"Nobody behind you? After {minutes} minutes without a key it locks, and the next sheet has other words.")
        else:
            self.note.clear()

    def action_hide(self) -> None:
        """Mask them."""
        self._show(False)

    def action_next(self) -> None:
        """Show them; then, written down, ask some back."""
        self._warned = False
        if self.has_class("-asking") or not self._words:
            return
        if not self._shown:
            self._show(True)
            return
        self._show(False)
        self._asked = sorted(secrets.SystemRandom().sample(range(len(self._words)), ASKED))
        self.add_class("-asking")
        self._ask()

    # Some of them back.

    def _ask(self) -> None:
        self._tries = 0
        field = self.query_one("#word", MaskedInput)
        self.query_one("#asked Field .label", Line).set_text(f"Word {self._asked[0] + 1}")
        done = ASKED - len(self._asked)
        self.query_one("#progress", Line).set_text(f"{'● ' * done}{'○ ' * len(self._asked)}  {done} of {ASKED} right")
        field.focus()
        self.set_next_step("that is it")

    @on(Input.Submitted, "#word")
    def answered(self) -> None:
        """Right: the next one. Wrong: what may be the matter; three times, back to the words."""
        typed = self.query_one("#word", MaskedInput).take()
        word = typed.decode(errors="replace").strip().lower()
        wipe(typed)
        if not word:
            return
        if word == self._words[self._asked[0]]:
            self.note.clear()
            self._asked.pop(0)
            if self._asked:
                self._ask()
            else:
                vault = self.breakglass.vault
                self.in_background(vault.confirm_words, lambda _: self._confirmed(), busy="noting it in the log")
            return
        self._tries += 1
        place = self._asked[0] + 1
        if self._tries >= TRIES:
            self._back_to_words()
            self.note.warn(f"word {place} was another one three times: compare what you have written, then go on")
            return
        self.show_error(WrongUsage(f"word {place} is another one", *_about_wrong(word)))

    def _confirmed(self) -> None:
        told = "noted in the log: the recovery words are on paper"
        self.breakglass.call_after_refresh(self.breakglass.tell, told)
        self._leave(True)

    # Leaving.

    def action_back(self) -> None:
        """Onwards without, and they stay due. On the way to a new vault that is asked twice."""
        if self._done is not None and not self._warned:
            self._show(False)
            self._warned = True
            self.note.warn(PUT_OFF)
        else:
            self._leave(False)

    def action_words(self) -> None:
        """From the questions back to the words."""
        self._back_to_words()

    def _back_to_words(self) -> None:
        self.remove_class("-asking")
        self.refresh_bindings()
        self.query_one("#word", MaskedInput).forget()
        self.set_focus(None)
        self._show(False)

    def _leave(self, confirmed: bool) -> None:
        self._words = []
        if self._done is not None:
            self._done()
        else:
            self.dismiss(confirmed)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is masked that is not shown; from the questions the way back is to the words."""
        if action in ("back", "words"):
            return self.has_class("-asking") == (action == "words")
        return self._shown if action == "hide" else True

    def forget(self) -> None:
        """On locking."""
        super().forget()
        self._words = []
        if self.is_attached:
            self._show(False)

    def on_unmount(self) -> None:
        """Nothing is left in a removed screen."""
        self._words = []


def _sheet(words: list[str], *, shown: bool) -> Content:
    """Numbered, in columns that are read downwards."""
    rows = -(-len(words) // COLUMNS)
    style = "bold" if shown else "$quiet"
    lines: list[Content] = []
    for row in range(rows):
        cells = [
            Content.assemble((f"{at + 1:>6}  ", "$quiet"), (f"{words[at] if shown else '••••••':<16}", style))
            for at in range(row, len(words), rows)
        ]
        lines.append(Content.assemble(*cells))
    return Content("\n").join(lines)


def _about_wrong(word: str) -> tuple[str, str]:
    """Why, and what may have been meant. Only what was typed is looked up: nothing is said of the word that is wanted."""
    from vault import paper

    problems = paper.check_words(word)
    if len(word.split()) > 1:
        return "one word is asked for", ""
    if not problems:
        return "what was typed is on the list, and is not this word", "Look at the number beside it on the paper."
    near = " or ".join(problems[0].suggestions)
    return "what was typed is not on the list of words", f"Perhaps {near}." if near else "Look at its spelling."
