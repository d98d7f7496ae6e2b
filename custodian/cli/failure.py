"""How a command that did not succeed tells so: `breakglass: what: why`, then `hint: what to do`.

An expected error brings its own words. An unexpected one is a defect of ours: its type and its place in our code are
told, and nothing else, because its text, its arguments and its local variables could hold a secret.
"""

from __future__ import annotations

import errno
import types

import click

from custodian import output
from custodian.exit_codes import ExitCode, exit_code_of
from vault.errors import BreakglassError

OURS = ("custodian", "screens", "vault")
_SYSTEM = frozenset(
    {errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOTDIR}
)
"""What a disk or a system may answer to anybody; any other such error is a mistake of ours."""

REPORT_AT = "report this line to the project, see 'Reporting a defect' in README.md; it holds no secret"


def tell(error: BaseException) -> ExitCode:
    """Tell what `error` means for the person, and return the exit code it stands for."""
    if isinstance(error, BreakglassError):
        output.failure(error.what, error.why, error.hint)
        return exit_code_of(error)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        output.say(error.format_message())
        return ExitCode.WRONG_USAGE
    if isinstance(error, click.ClickException):
        output.failure("wrong usage", _words_of(error), _help_for(error))
        return ExitCode.WRONG_USAGE
    if isinstance(error, (KeyboardInterrupt, EOFError, click.Abort)):
        output.say("breakglass: interrupted")
        return ExitCode.INTERRUPTED
    if isinstance(error, (click.exceptions.Exit, SystemExit)):
        code = error.exit_code if isinstance(error, click.exceptions.Exit) else error.code
        return ExitCode(code) if code in list(ExitCode) else ExitCode.DEFECT
    if isinstance(error, OSError) and error.errno in _SYSTEM:
        where = f" {error.filename}" if isinstance(error.filename, str) else ""
        output.failure(f"the system refused{where}", (error.strerror or "").lower(), "see: breakglass doctor")
        return ExitCode.OUT_OF_REACH
    tell_defect(type(error), error.__traceback__)
    return ExitCode.DEFECT


def tell_defect(kind: type[BaseException] | None, trace: types.TracebackType | None) -> None:
    """Tell of an unexpected exception by its type and its place alone."""
    name = kind.__qualname__ if kind is not None else "unknown"
    output.failure(f"a defect of this program: {name} at {_place(trace)}", "", REPORT_AT)


def _place(trace: types.TracebackType | None) -> str:
    """`module:line` of the innermost frame that is ours."""
    place = "an unknown place"
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in OURS:
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _words_of(error: click.ClickException) -> str:
    # A surplus argument may well be a secret that somebody tried to pass; it is not repeated.
    message = error.format_message()
    if message.startswith("Got unexpected extra argument"):
        return "there are more arguments than the command takes"
    message = " ".join(message.split()).removesuffix(".")
    return message[:1].lower() + message[1:]


def _help_for(error: click.ClickException) -> str:
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return f"see: {ctx.command_path if ctx else 'breakglass'} --help"
