"""Bringing accounts and secrets in from another tool: read, answer what is not certain, look at the plan, and only then Enter.

Everything before that last Enter writes nothing, and esc goes a step back. Afterwards the screen names the files that still hold the
secrets. What is read, what is doubtful and what a plan does is the matter of `custodian.intake`.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from screens.account_lines import in_rows
from screens.guarded_screen import BACK, GuardedScreen
from screens.import_drafts import Drafts, paths_in
from screens.shown import ago, counted, fit
from screens.widgets.field import Field
from screens.widgets.labelled import Labelled, Row
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.widgets.panel import Panel, ScrollPanel
from screens.widgets.plain_input import PlainInput
from screens.widgets.rows import Cell, Column, Rows
from screens.widgets.which_account import WhichAccount
from vault import clock
from vault.errors import BreakglassError
from vault.memory import wipe
from vault.text import printable

if TYPE_CHECKING:
    from custodian.intake.actions import Plan, Result
    from custodian.intake.candidate import Candidate
    from custodian.intake.reading import Reading

ABOUT = (
    "A KeePass file (KDBX 3.1 or 4), a CSV file with named columns, a picture of a QR code (PNG, JPEG), or a text file with "
    "otpauth links. The several pictures of one Google Authenticator export go together, separated by commas.\n\n"
    "First it is read and compared with the vault; nothing is written before you have seen the plan."
)
PLAN = (Column("", 11), Column("WHAT", 20, share=1, sentence=True))
PHASES = ("-naming", "-asking", "-planned", "-done")
DETAIL = 3


class _Stopped(Exception):
    """Nobody wants the rest of the import."""


class ImportFile(GuardedScreen[str]):
    """The files, then questions about what is not certain, then the plan. Enter goes on, esc goes back; only the plan's Enter writes."""

    DEFAULT_CSS = """
    ImportFile > Panel, ImportFile > ScrollPanel { display: none; margin: 0 1; }
    ImportFile.-naming #naming, ImportFile.-asking #asking, ImportFile.-planned #planned, ImportFile.-done #done { display: block; }
    ImportFile #naming { padding: 1 1; }
    ImportFile #naming Field { margin: 1 0 0 0; }
    ImportFile .keepass { display: none; }
    ImportFile.-keepass .keepass { display: block; }
    ImportFile #planned { height: 1fr; }
    ImportFile #detail { height: 3; padding: 0 3; display: none; }
    ImportFile.-planned #detail { display: block; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    next_step = "read it"
    question = "Where are the credentials today?"

    def __init__(self) -> None:
        super().__init__()
        self._drafts: Drafts | None = None
        self._plan: Plan | None = None
        self._rows: list[tuple[str, str, str]] = []
        self._stopped: threading.Event | None = None
        self._progress = ""
        self.add_class("-naming")

    def header_title(self) -> str:
        return "import"

    def body(self) -> ComposeResult:
        with Panel("From", id="naming"):
            yield Line(ABOUT, classes="quiet")
            yield Field("File", PlainInput(id="file", placeholder="~/roots.kdbx"))
            yield Field("Its passphrase", MaskedInput(id="passphrase"), id="its-passphrase")
            yield Field("Its key file", PlainInput(id="keyfile", placeholder="if it has one"), id="its-keyfile")
        yield WhichAccount(id="asking")
        with Panel("Plan, nothing is written yet", id="planned"):
            yield Rows(PLAN, id="plan")
        with ScrollPanel("Done", id="done"):
            yield Labelled(11, id="result")
        yield Line("", id="detail")

    def on_mount(self) -> None:
        """Begin with the file."""
        for name in ("its-passphrase", "its-keyfile"):
            self.query_one(f"#{name}").add_class("keepass")
        self.set_interval(0.2, self._tell_progress)
        self.query_one("#file").focus()

    def on_unmount(self) -> None:
        """What is not yet brought in stays out."""
        self._stop()

    def forget(self) -> None:
        """What was read goes with the fields."""
        super().forget()
        self._stop()
        self._drafts = self._plan = None
        self._rows.clear()

    def _enter(self, phase: str, step: str, focus: str) -> None:
        for other in PHASES:
            self.set_class(other == phase, other)
        self.set_next_step(step)
        self.call_after_refresh(self.query_one(focus).focus)
        self.refresh_bindings()

    def action_back(self) -> None:
        """A step back: out of a running import, from plan or question to the file, then out."""
        if self._stopped is not None:
            self._stop()
        elif self.has_class("-done") or self.has_class("-naming"):
            self.forget()
            self.dismiss()
        else:
            self._drafts = self._plan = None
            self.note.clear()
            self._enter("-naming", "read it", "#file")

    # The files.

    @on(Input.Changed, "#file")
    def another(self) -> None:
        """Another file may need no passphrase."""
        self.remove_class("-keepass")

    @on(Input.Submitted, "#file, #passphrase, #keyfile")
    def read(self) -> None:
        """Read it; a KeePass file asks for its passphrase first."""
        typed = self.query_one("#passphrase", MaskedInput).take()
        key = self.query_one("#keyfile", PlainInput).value if self.has_class("-keepass") else ""
        named = self.query_one("#file", PlainInput).value

        def work() -> Reading | None:
            from custodian.intake import reading

            try:
                paths = paths_in(named)
                if any(reading.needs_passphrase(path) for path in paths) and not typed:
                    return None
                return reading.read(paths, typed or None, paths_in(key)[0] if key.strip() else None)
            finally:
                wipe(typed)

        self.in_background(work, self._was_read, failed=self._not_read, busy="reading")

    def _was_read(self, reading: Reading | None) -> None:
        if reading is None:
            self.add_class("-keepass")
            self.query_one("#passphrase").focus()
            self.say("this is a KeePass file: type its passphrase")
            return
        self._drafts = Drafts(reading)
        self.draw_up()

    def _not_read(self, error: BreakglassError) -> None:
        self.query_one("#passphrase" if self.has_class("-keepass") else "#file").focus()
        self.show_error(error)

    def draw_up(self) -> None:
        """The plan with the answers so far."""
        drafts, state = self._drafts, self.breakglass.vault.state
        assert drafts is not None
        self.in_background(lambda: drafts.draw_up(state), self._drawn, group="draw")

    def _drawn(self, plan: Plan) -> None:
        if self._drafts is None:
            return
        if self._drafts.question is not None:
            self._ask(self._drafts, self._drafts.question)
        else:
            self._show_plan(plan)

    # What is not certain is asked, one by one.

    def _ask(self, drafts: Drafts, asked: Candidate) -> None:
        panel = self.query_one(WhichAccount)
        panel.ask(asked, list(self.breakglass.vault.state.accounts.values()))
        rest = drafts.open_questions - 1
        panel.set_corner(f"question {drafts.number}, {f'{rest:,} after it' if rest else 'the last'}")
        self._enter("-asking", "that is it", "#answer")

    @on(WhichAccount.Answered)
    def answered(self, event: WhichAccount.Answered) -> None:
        """It is that account."""
        drafts = self._drafts
        if drafts is not None and drafts.question is not None:
            drafts.answer(drafts.question.answered(event.account, name=event.name))
            self.note.clear()
            self.draw_up()

    @on(WhichAccount.LeftOut)
    def left_out(self, event: WhichAccount.LeftOut) -> None:
        """This one, or nothing that is doubtful, is brought in."""
        if self._drafts is not None:
            self._drafts.leave_out(all_of_them=event.all_of_them)
            self.note.clear()
            self.draw_up()

    @on(WhichAccount.Unclear)
    def unclear(self, event: WhichAccount.Unclear) -> None:
        """Ask again."""
        self.show_error(event.error)

    # The plan.

    def _show_plan(self, plan: Plan) -> None:
        assert self._drafts is not None
        self._plan = plan
        now = clock.now_ms()
        self._rows = [("▲ again", f"{s.name} was imported before, {ago(now - when)}", "wrong") for s, when in plan.seen_before]
        self._rows += [("+ will", action.words, "well") for action in plan.actions]
        left_out = [f"{c.title}: {why}" for c, why in plan.left_out] + list(self._drafts.reading.not_taken)
        self._rows += [("▲ left out", words, "wrong") for words in left_out]
        self._rows += [("= is there", f"{c.title}: {why}", "quiet") for c, why in plan.already]
        rows = self._rows
        table = self.query_one("#plan", Rows)
        table.empty = "\nNothing in it speaks of an account."
        table.show(len(rows), lambda at: (Cell(rows[at][0], rows[at][2]), Cell(rows[at][1])), cursor=0)
        counts = [counted(len(plan.actions), "step")]
        counts += [f"{len(plan.already):,} there already"] if plan.already else []
        counts += [f"{len(left_out):,} left out"] if left_out else []
        self.query_one("#planned", Panel).set_corner(", ".join(counts))
        if not plan.actions:
            self.say("there is nothing to bring in")
        self._enter("-planned", f"import this, {counted(len(plan.actions), 'step')}" if plan.actions else "back", "#plan")

    @on(Rows.Moved)
    def moved(self, event: Rows.Moved) -> None:
        """The whole of a line that the plan has no room for."""
        if event.rows.id != "plan":
            return
        told = self._rows[event.index][1] if event.index < len(self._rows) else ""
        self.query_one("#detail", Line).set_text("\n".join(in_rows(told, self.size.width - 6, DETAIL)))

    @on(Rows.Chosen)
    def apply(self) -> None:
        """Do what the plan says."""
        plan, vault = self._plan, self.breakglass.vault
        if plan is None or self._stopped is not None:
            return
        if not plan.actions:
            self.action_back()
            return
        stopped = self._stopped = threading.Event()

        def step(done: int, total: int, words: str) -> None:
            if stopped.is_set():
                raise _Stopped
            self._progress = f"{done:,} of {counted(total, 'step')}: {words}, esc stops it"

        def work() -> Result | None:
            from custodian.intake.plan import apply

            try:
                return apply(plan, vault, step)
            except _Stopped:
                return None

        self.in_background(work, self._applied, failed=self._not_applied, group="apply")

    def _tell_progress(self) -> None:
        if self._stopped is not None and self._progress:
            self.note.busy(self._progress)

    def _stop(self) -> None:
        if self._stopped is not None:
            self._stopped.set()

    def _not_applied(self, error: BreakglassError) -> None:
        self._stopped, self._progress = None, ""
        self.show_error(error)

    def _applied(self, result: Result | None) -> None:
        self._stopped, self._progress = None, ""
        if result is None:
            self.note.warn("stopped; what was brought in stays, and importing the same again brings in the rest")
            self.draw_up()
            return
        plan = self._plan
        plain = [source.path for source in plan.sources if source.plain] if plan is not None else []
        done = f"{counted(len(result.added), 'account')} and {counted(len(result.sealed), 'secret')} brought in"
        rows: list[Row] = [(Content.styled("● done", "$well"), done)]
        rows += [(Content.styled("▲ delete", "bold $wrong"), Content.styled(_where(path), "bold")) for path in plain]
        rows += [("", Content.styled(printable(advice), "")) for advice in result.advice]
        rows += [(Content.styled("▲ left out", "$wrong"), f"{c.title}: {printable(why)}") for c, why in result.left_out[:200]]
        self.query_one("#result", Labelled).show(rows)
        self.forget()
        self.say(done)
        self._enter("-done", "to the accounts", "#done")

    def action_next(self) -> None:
        """Enter where no field or list has it."""
        if self.has_class("-done"):
            self.dismiss(self.note.told)
        elif self.has_class("-planned"):
            self.apply()


def _where(path: Path) -> str:
    try:
        return fit(str(path.resolve()), 200)
    except (OSError, RuntimeError):
        return fit(str(path), 200)
