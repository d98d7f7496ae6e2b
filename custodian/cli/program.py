"""The program: its commands, and what becomes of every way in which one can end.

A command is loaded from its file when it is asked for, so that `--version` and `--help` load nothing heavy. Whatever a
command raises ends here as one or two lines on stderr and an exit code; no traceback and no text of an unexpected
exception is ever shown, since either could hold a secret.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

import click

from custodian import __version__, output
from custodian.cli import failure
from custodian.cli.options import GlobalOptions, paths_of
from custodian.exit_codes import ExitCode

COMMANDS = {
    "init": "custodian.cli.init:init",
    "status": "custodian.cli.status:status",
    "doctor": "custodian.cli.doctor:doctor",
    "identity": "custodian.cli.identity:identity",
    "accounts": "custodian.cli.accounts:accounts",
    "secret": "custodian.cli.secret:secret",
    "mfa": "custodian.cli.mfa:mfa",
    "checkout": "custodian.cli.checkout:checkout",
    "reveal": "custodian.cli.reveal:reveal",
    "code": "custodian.cli.reveal:code",
    "checkin": "custodian.cli.checkin:checkin",
    "cancel": "custodian.cli.checkin:cancel",
    "posture": "custodian.cli.posture:posture",
    "log": "custodian.cli.log:log",
    "backup": "custodian.cli.backup:backup",
    "restore": "custodian.cli.backup:restore",
    "completions": "custodian.cli.completions:completions",
}
"""Each command, and where it is. What is not here does not exist, and no help speaks of it."""


class Program(GlobalOptions, click.Group):
    """The group of all commands; loads each when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(
    cls=Program,
    name="breakglass",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="breakglass", message="%(prog)s %(version)s")
@click.pass_context
def program(ctx: click.Context) -> int | None:
    """A custodian for AWS root credentials.

    Without a command, opens the app. Every command explains itself with `breakglass COMMAND --help`.
    """
    if ctx.invoked_subcommand is None:
        from custodian.cli.app import open_app

        return open_app(paths_of(ctx))
    return None


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Never raises, and never lets a library's text out."""
    output.survive_any_locale()
    with _endings_of_a_process():
        try:
            result = program.main(args=list(arguments), prog_name="breakglass", standalone_mode=False)
            sys.stdout.flush()
        except output.ReaderGone:
            _give_stdout_up()
            return ExitCode.INTERRUPTED
        except BaseException as error:  # noqa: BLE001  the one place where everything must end as a sentence
            if isinstance(error, OSError):
                _give_stdout_up()
            return failure.tell(error)
    return int(result) if isinstance(result, int) else ExitCode.DONE


def _give_stdout_up() -> None:
    """Whoever reads our stdout has gone, or its disk is full; Python must not complain once more at its exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _endings_of_a_process() -> Iterator[None]:
    """Let a request to end be an interruption (hidden input gets its echo back, copied secrets are cleared).

    An exception in a thread, or one that nobody can catch, is told without its text and its locals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hooks = threading.excepthook, sys.unraisablehook
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    threading.excepthook = lambda args: failure.tell_defect(args.exc_type, args.exc_traceback)
    sys.unraisablehook = lambda args: failure.tell_defect(args.exc_type, args.exc_traceback)
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = hooks
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
