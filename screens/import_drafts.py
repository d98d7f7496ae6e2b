"""What stands between the files of an import and its plan: the questions that the plan has, and the answers given so far.

The plan is drawn up anew after each answer, since an answer can raise a question or settle one. Nothing is decided here: which
questions there are and what an answer means is the matter of `custodian.intake`. Calls block, and belong in a thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vault.errors import WrongUsage
from vault.text import printable

if TYPE_CHECKING:
    from custodian.intake.actions import Plan
    from custodian.intake.candidate import Candidate
    from custodian.intake.reading import Reading
    from vault.state import State


class Drafts:
    """One reading of files, and its answers in the order in which the questions came."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._answers: list[Candidate | None] = []
        self.question: Candidate | None = None
        """What is to be answered next; None where nothing is left to ask."""
        self.open_questions = 0
        """How many questions there are still, the next one included."""

    def __repr__(self) -> str:
        return f"Drafts({self.open_questions} open)"

    @property
    def number(self) -> int:
        """Which question is asked: 1 for the first."""
        return len(self._answers) + 1

    def answer(self, candidate: Candidate) -> None:
        """The answer to `question`: the candidate with its account."""
        self._answers.append(candidate)

    def leave_out(self, *, all_of_them: bool) -> None:
        """What `question` asks about is not brought in, or nothing that is still to be asked."""
        self._answers += [None] * (self.open_questions if all_of_them else min(self.open_questions, 1))

    def draw_up(self, state: State) -> Plan:
        """The plan as it stands with the answers so far; what is not answered is left out of it."""
        from custodian.intake.plan import plan

        given = iter(self._answers)
        unanswered: list[Candidate] = []

        def ask(candidate: Candidate) -> Candidate | None:
            for answer in given:
                return answer
            unanswered.append(candidate)
            return None

        drawn = plan(self.reading.candidates, state, sources=self.reading.sources, ask=ask)
        self.question = unanswered[0] if unanswered else None
        self.open_questions = len(unanswered)
        return drawn


def paths_in(typed: str) -> list[Path]:
    """The files that `typed` names: one, or several separated by commas. WrongUsage where it names none."""
    whole = typed.strip().replace("\0", "\N{REPLACEMENT CHARACTER}")  # no path has it, and the system says so in no sentence
    try:
        alone = _path(whole)
        paths = [alone] if "," not in whole or alone.is_file() else [_path(p) for p in whole.split(",") if p.strip()]
    except (RuntimeError, ValueError, OSError):  # a home that does not exist, a name that is too long
        raise WrongUsage("cannot read the file", f"{printable(whole, 60)} names none") from None
    if not whole or not paths:
        raise WrongUsage("nothing to read", "no file is named", "Type where it is, for example ~/roots.kdbx.")
    return paths


def _path(text: str) -> Path:
    """Terminals put quotes around a file that is dropped on them."""
    text = text.strip()
    for quote in "'\"":
        if len(text) > 1 and text[0] == text[-1] == quote:
            text = text[1:-1]
    return Path(text).expanduser()
