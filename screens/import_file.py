"""Bringing accounts and secrets in from another tool: first what it would do, then, on a second Enter, doing it.

What is not certain is asked here, one question at a time, or left out and named. Afterwards it says what to do about the
file, which still holds the secrets.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import counted
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from screens.widgets.rows import Cell, Column, Rows
from vault.errors import WrongUsage
from vault.memory import wipe

if TYPE_CHECKING:
    from custodian.intake.actions import Plan, Result
    from custodian.intake.candidate import Candidate
    from custodian.intake.reading import Reading

ABOUT = (
    "KeePass (KDBX 3.1 and 4), CSV with named columns, pictures of QR codes, or text with otpauth links.\n"
    "The several pictures of one Google Authenticator export go together, separated by commas."
)
EMPTY = "\nWhat would be brought in is shown here before anything is written."
COLUMNS = (Column("", 9), Column("WHAT", 20, share=1, sentence=True))


class ImportFile(GuardedScreen[None]):
    """A file, its passphrase if it has one, and the plan. Enter reads it; Enter again does what the plan says."""

    DEFAULT_CSS = """
    ImportFile #source { margin: 0 1; }
    ImportFile #question { margin: 0 1; display: none; border: round $wrong; }
    ImportFile.-asking #question { display: block; }
    ImportFile #plan { height: 1fr; margin: 0 1; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    next_step = "read it"
    question = "Where are the credentials today?"

    def __init__(self, *, done: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._done = done
        self._reading: Reading | None = None
        self._answers: list[Candidate] = []
        self._doubtful: list[Candidate] = []
        self._plan: Plan | None = None
        self._result: Result | None = None

    def header_title(self) -> str:
        return "import"

    def body(self) -> ComposeResult:
        with Panel("From", id="source"):
            yield Line(ABOUT, classes="quiet")
            yield Field("File", PlainInput(id="file", placeholder="roots.kdbx"))
            yield Field("Its passphrase", MaskedInput(id="passphrase", placeholder="of a KeePass file"))
            yield Field("Key file", PlainInput(id="keyfile", placeholder="if the KeePass file has one"))
        with Panel("Which account is it?", id="question"):
            yield Line("", id="doubt")
            yield Field("Account id", PlainInput(id="answer"), hint="empty leaves it out")
            yield Field("Name", PlainInput(id="answer-name"))
        with Panel("Plan", id="plan"):
            yield Rows(COLUMNS, empty=EMPTY)

    def forget(self) -> None:
        """What was read goes with the fields."""
        super().forget()
        self._reading = self._plan = None
        self._answers.clear()
        self._doubtful.clear()

    @on(Input.Changed, "#file, #keyfile")
    def another(self) -> None:
        """Another file is meant: read again before anything is done."""
        if self._reading is not None and self._result is None and not self.has_class("-asking"):
            self._reading = self._plan = None
            self.set_next_step("read it")
            self.query_one(Rows).show(0, lambda _: ())

    @on(Input.Submitted, "#file, #passphrase, #keyfile")
    @on(Rows.Chosen)
    def next(self) -> None:
        """Read, then do, then leave."""
        if self._result is not None:
            self._leave()
        elif self._plan is None:
            self._read()
        elif self._plan.actions:
            self._apply()
        else:
            self.show_error(WrongUsage("nothing to import", "all of it is here already, or was left out"))

    def _read(self) -> None:
        paths = [Path(p.strip()).expanduser() for p in self.query_one("#file", PlainInput).value.split(",") if p.strip()]
        key = self.query_one("#keyfile", PlainInput).value.strip()
        if not paths:
            self.query_one("#file").focus()
            self.show_error(WrongUsage("nothing to read", "no file is named"))
            return
        field = self.query_one("#passphrase", MaskedInput)
        typed = field.take()
        if not typed:
            wipe(typed)

        def work() -> Reading | None:
            from custodian.intake import reading

            try:
                if not typed and any(reading.needs_passphrase(path) for path in paths):
                    return None
                return reading.read(paths, typed or None, Path(key).expanduser() if key else None)
            finally:
                wipe(typed)

        self.in_background(work, self._was_read, busy="reading")

    def _was_read(self, reading: Reading | None) -> None:
        if reading is None:
            self.query_one("#passphrase").focus()
            self.say("this is a KeePass file: type its passphrase")
            return
        self._reading = reading
        self._answers.clear()
        self._doubtful = [c for c in reading.candidates if not c.certain and not c.unrelated]
        self._ask_next()

    # What is not certain is asked, one by one.

    def _ask_next(self) -> None:
        self.set_class(bool(self._doubtful), "-asking")
        if not self._doubtful:
            self._make_plan()
            return
        candidate = self._doubtful[0]
        doubts = "\n".join(f"  {doubt}" for doubt in candidate.doubts[:3]) or "  no account id was found in it"
        rest = f"   ({len(self._doubtful)} to answer)" if len(self._doubtful) > 1 else ""
        self.query_one("#doubt", Line).set_text(f"{candidate.title}{rest}\n{doubts}", layout=True)
        self.query_one("#answer", PlainInput).value = candidate.account_id or ""
        self.query_one("#answer-name", PlainInput).value = candidate.name
        self.query_one("#answer").focus()
        self.set_next_step("that is the account")

    @on(Input.Submitted, "#answer, #answer-name")
    def answered(self) -> None:
        """Take it as that account, or leave it out."""
        if not self._doubtful:
            return
        digits = "".join(self.query_one("#answer", PlainInput).value.replace("-", " ").split())
        name = self.query_one("#answer-name", PlainInput).value.strip()
        if digits and not (len(digits) == 12 and digits.isascii() and digits.isdigit()):
            self.show_error(WrongUsage("this is no account id", "it has 12 digits", "Leave it empty to leave this one out."))
            return
        known = self.breakglass.vault.state.accounts.get(digits)
        if digits and not name and known is None:
            self.query_one("#answer-name").focus()
            self.show_error(WrongUsage("the account has no name yet", "it is not on record", "Type what to call it."))
            return
        candidate = self._doubtful.pop(0)
        if digits:
            self._answers.append(candidate.answered(digits, name=name or (known.name if known else "")))
        self.note.clear()
        self._ask_next()

    def _make_plan(self) -> None:
        from custodian.intake.plan import plan

        reading = self._reading
        assert reading is not None
        answered = {(c.place, c.source): c for c in self._answers}
        candidates = [answered.get((c.place, c.source), c) for c in reading.candidates]
        vault = self.breakglass.vault
        self.in_background(
            lambda: plan(candidates, vault.state, sources=reading.sources), self._planned, busy="comparing with the vault"
        )

    def _planned(self, made: Plan) -> None:
        assert self._reading is not None
        self._plan = made
        rows = [(Cell("will", "well"), Cell(action.words)) for action in made.actions]
        rows += [(Cell("has", "quiet"), Cell(f"{c.title}: {why}", "quiet")) for c, why in made.already]
        rows += [(Cell("left out", "wrong"), Cell(f"{c.title}: {why}")) for c, why in made.left_out]
        rows += [(Cell("left out", "wrong"), Cell(why)) for why in self._reading.not_taken]
        table = self.query_one(Rows)
        table.show(len(rows), lambda at: rows[at], cursor=0)
        table.focus()
        left = len(made.left_out) + len(self._reading.not_taken)
        self.query_one("#plan", Panel).set_corner(f"{counted(len(made.actions), 'step')}, {left} left out")
        self.set_next_step("import this" if made.actions else "")
        if made.seen_before:
            self.note.warn(f"{made.seen_before[0][0].name} was imported before; what is here already is not brought in twice")

    def _apply(self) -> None:
        from custodian.intake.plan import apply

        made, vault, post = self._plan, self.breakglass.vault, self.call_later
        assert made is not None

        def progress(done: int, total: int, words: str) -> None:
            post(self.note.busy, f"{done} of {total}  {words}")

        self.in_background(lambda: apply(made, vault, progress), self._imported, busy="importing")

    def _imported(self, result: Result) -> None:
        self._result = result
        rows = [(Cell("done", "well"), Cell(f"{counted(len(result.added), 'account')}, {counted(len(result.sealed), 'secret')} brought in"))]
        rows += [(Cell("now", "wrong"), Cell(advice)) for advice in result.advice]
        rows += [(Cell("left out", "wrong"), Cell(f"{c.title}: {why}")) for c, why in result.left_out]
        self.query_one(Rows).show(len(rows), lambda at: rows[at], cursor=0)
        self.query_one("#plan", Panel).set_title("Done")
        self.query_one("#plan", Panel).set_corner("")
        self.forget()
        self.note.warn(result.advice[0] if result.advice else "done")
        self.set_next_step("to the accounts")

    def _leave(self) -> None:
        if self._done is not None:
            self._done()
        else:
            self.dismiss()
