"""The passphrase: where it comes from, and whether a new one is strong enough.

It is typed without echo, or read from a file that nobody else can read (`-` is one line of standard input); never an
argument, never an environment variable. It travels as a bytearray that its user wipes. What is said about a weak one
never quotes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from custodian import terminal
from vault.errors import IntegrityFailure, WrongUsage
from vault.files import read_secret
from vault.memory import wipe
from vault.text import printable

STRONG_ENOUGH = 10.0
"""Powers of ten of guesses that a new passphrase must be expected to withstand."""

_JUDGED_CHARACTERS = 72
"""zxcvbn judges no more than this many; a longer passphrase is judged by its beginning."""


@dataclass(frozen=True)
class Strength:
    """What is thought of a passphrase; it says nothing of the passphrase itself."""

    guesses_log10: float
    """How many guesses are expected, as a power of ten."""
    advice: str
    """How to make a stronger one, as one or more sentences; empty where it is strong enough."""

    @property
    def enough(self) -> bool:
        """Whether a new identity may be kept under it."""
        return self.guesses_log10 >= STRONG_ENOUGH


def strength(passphrase: bytearray, about: tuple[str, ...] = ()) -> Strength:
    """Judge `passphrase`; `about` are words that an attacker would try first (the names of member and vault)."""
    from zxcvbn import zxcvbn  # a dictionary of 90,000 words; only a new passphrase needs it

    text = passphrase.decode(errors="replace")[:_JUDGED_CHARACTERS]
    if not text.strip():
        return Strength(0.0, "Use five or more words that do not belong together.")
    result = zxcvbn(text, user_inputs=[word for word in about if word])
    guesses = float(result["guesses_log10"])
    if guesses >= STRONG_ENOUGH:
        return Strength(guesses, "")
    feedback = result["feedback"]
    parts = [feedback["warning"], *feedback["suggestions"], "Five or more words that do not belong together are enough."]
    return Strength(guesses, " ".join(f"{part.rstrip('.')}." for part in parts if part))


def check_new(passphrase: bytearray, about: tuple[str, ...] = ()) -> None:
    """Raise WrongUsage with advice unless `passphrase` is strong enough for a new identity file."""
    judged = strength(passphrase, about)
    if not judged.enough:
        raise WrongUsage("the new passphrase is too weak", "it could be guessed", judged.advice)


def read(source: str | None, question: str = "Passphrase: ", *, stdin_is_data: bool = False) -> bytearray:
    """The passphrase of an identity that exists: from the file named by `source`, or from the terminal."""
    if source is not None:
        return from_file(source, "the passphrase")
    terminal.require("the passphrase", "use --passphrase-file FILE", stdin_is_data=stdin_is_data)
    return terminal.ask_hidden(question)


def read_new(
    source: str | None, *, about: tuple[str, ...] = (), option: str = "--passphrase-file", stdin_is_data: bool = False
) -> bytearray:
    """A passphrase for an identity file yet to be written: judged, and typed twice where it is typed.

    On a terminal a weak or mistyped one is asked for again; from a file it is an error.
    """
    if source is not None:
        passphrase = from_file(source, "the new passphrase")
        try:
            check_new(passphrase, about)
        except WrongUsage:
            wipe(passphrase)
            raise
        return passphrase
    terminal.require("the new passphrase", f"use {option} FILE", stdin_is_data=stdin_is_data)
    while True:
        passphrase = terminal.ask_hidden_twice("New passphrase: ")
        judged = strength(passphrase, about)
        if judged.enough:
            return passphrase
        wipe(passphrase)
        terminal.write(f"That could be guessed. {judged.advice}\n")


def from_file(source: str, what: str) -> bytearray:
    """The one line of a secret file, or of standard input for `-`.

    A file that group or others can read is refused: whoever can read it could have unlocked the vault already.
    """
    if source == "-":
        return _not_empty(terminal.hidden_line_of_stdin(what), what, "standard input")
    shown = printable(source)
    try:
        line = read_secret(Path(source).expanduser(), terminal.MAX_LINE, what)
    except IntegrityFailure:
        raise WrongUsage(f"cannot read {what} from {shown}", "the file is too long", "name the right file") from None
    while line.endswith((b"\n", b"\r")):
        del line[-1:]
    if b"\n" in line:
        wipe(line)
        raise WrongUsage(f"cannot read {what} from {shown}", "the file has more than one line", "leave just the one")
    return _not_empty(line, what, shown)


def _not_empty(line: bytearray, what: str, where: str) -> bytearray:
    if not line:
        raise WrongUsage(f"cannot read {what} from {where}", "it is empty", "write it there as one line")
    return line
