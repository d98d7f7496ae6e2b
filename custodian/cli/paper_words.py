"""Recovery words between the vault and paper: shown on a terminal and asked back, or typed in again.

The words are the identity. They go to the terminal alone, on its passing screen, never to stdout or a file.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from custodian import incoming, terminal
from vault.errors import Refused

if TYPE_CHECKING:
    from vault.identity import Identity

ASKED = 3
"""Words asked back of each share."""
TRIES = 3
WORDS_A_LINE = 4


def give_words(identity: Identity, threshold: int, count: int) -> None:
    """Show each share of `identity`'s words and ask some of them back; Refused when they cannot be given."""
    from vault import paper

    sheets = paper.to_words(identity, threshold, count)
    for number, sheet in enumerate(sheets, 1):
        words = sheet.split()
        title = "Your recovery words"
        if count > 1:
            title += f", share {number} of {count} (any {threshold} of them bring your identity back)"
        _show(title, words)
        _ask_back(words, f" of share {number}" if count > 1 else "")


def read_words(source: str | None) -> Identity:
    """The identity of the shares in the file `source` (`-`: standard input), or typed in one by one."""
    from vault import paper

    if source is not None:
        text = incoming.text(incoming.read(source, "the recovery words", 16 * 1024), "the recovery words")
        return paper.from_words([line.strip() for line in text.splitlines() if line.strip()])
    terminal.require("the recovery words", "use --words-file F")
    with terminal.passing_screen():
        return _typed()


def _typed() -> Identity:
    from vault import paper

    sheets: list[str] = []
    terminal.write("Type each share as one line of words; an empty line when that is all.\n\n")
    while len(sheets) < paper.MAX_SHARES:
        sheet = " ".join(terminal.ask(f"Share {len(sheets) + 1}: ").lower().split())
        if not sheet:
            break
        problems = paper.check_words(sheet)
        for problem in problems:
            meant = f", perhaps {' or '.join(problem.suggestions)}" if problem.suggestions else ""
            terminal.write(f"  Word {problem.index + 1} is not on the list{meant}.\n")
        if problems:
            terminal.write("  Type the share again.\n")
        else:
            sheets.append(sheet)
    return paper.from_words(sheets)


def _show(title: str, words: list[str]) -> None:
    with terminal.passing_screen():
        terminal.write(f"{title}\n\nWrite them down on paper, in this order. Whoever reads them can be you.\n\n")
        for start in range(0, len(words), WORDS_A_LINE):
            row = [f"{n + 1:>3} {words[n]:<12}" for n in range(start, min(start + WORDS_A_LINE, len(words)))]
            terminal.write("  ".join(row).rstrip() + "\n")
        terminal.ask("\nEnter, when they are written down: ")


def _ask_back(words: list[str], of_sheet: str) -> None:
    places = sorted(secrets.SystemRandom().sample(range(len(words)), min(ASKED, len(words))))
    for place in places:
        for _ in range(TRIES):
            if terminal.ask(f"Word {place + 1}{of_sheet}: ").lower() == words[place]:
                break
            terminal.write("It is another word.\n")
        else:
            raise Refused(
                "the recovery words are not confirmed",
                f"word {place + 1}{of_sheet} was wrong {TRIES} times",
                "run: breakglass identity words, and compare what you have written",
            )
