"""Options that every command takes, before or after its name, and the small types of its arguments.

The four global options name files; where one is given twice, the later one holds. A command written with
`@command` has them without saying so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from custodian.config import Config, load
from custodian.paths import ENVIRONMENT, Paths, resolve

_GLOBAL = (
    ("--vault", "vault", "DIR", "Folder of the vault."),
    ("--identity", "identity", "FILE", "Your identity file."),
    ("--passphrase-file", "passphrase_file", "FILE", "Read the passphrase from FILE ('-': one line of standard input)."),
    ("--config", "config", "FILE", "Settings file."),
)


class GlobalOptions(click.Command):
    """Adds the global options to a command; what they say is kept with the outermost context."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own parameters and, after them, the global ones."""
        own = super().get_params(ctx)
        options: list[click.Parameter] = [
            click.Option(
                [flag, name],
                metavar=metavar,
                expose_value=False,
                callback=_keep,
                help=f"{explanation} [{ENVIRONMENT[name]}]",
            )
            for flag, name, metavar, explanation in _GLOBAL
        ]
        return [*own[:-1], *options, *own[-1:]] if own and "--help" in own[-1].opts else [*own, *options]


class Command(GlobalOptions):
    """One command."""


class CommandGroup(GlobalOptions, click.Group):
    """A command with commands of its own."""

    command_class = Command


def command(name: str | None = None) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command that takes the global options."""
    return click.command(name, cls=Command)


def group(name: str | None = None) -> Callable[[Callable[..., Any]], CommandGroup]:
    """Make a function a group of commands that takes the global options."""
    return click.group(name, cls=CommandGroup)


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
"""The option of every command that prints data."""


def paths_of(ctx: click.Context) -> Paths:
    """The paths that this command line and the environment settle on."""
    return resolve(_given(ctx), os.environ)


def config_of(paths: Paths) -> Config:
    """The settings; the file must exist if it was named."""
    return load(paths.config, must_exist=paths.config_was_named)


def _given(ctx: click.Context) -> dict[str, str | None]:
    kept: dict[str, str | None] = ctx.find_root().ensure_object(dict)
    return kept


def _keep(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None and parameter.name is not None:
        _given(ctx)[parameter.name] = value


class Minutes(click.ParamType[int]):
    """A duration such as `30m`, `2h` or `1h30m`, as whole minutes."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Minutes, at least one."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?", str(value).strip().lower(), re.ASCII)
        minutes = int(found[1] or 0) * 60 + int(found[2] or 0) if found and value else 0
        if not minutes:
            self.fail("a duration is written as 30m, 2h or 1h30m", param, ctx)
        return minutes


class Day(click.ParamType[int]):
    """A day (`2026-11-23`) or an RFC 3339 time, as milliseconds since 1970 in UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Milliseconds of the day's first moment, or of the time; without a zone it is UTC."""
        if isinstance(value, int):
            return value
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail("a date is written as 2026-11-23 or 2026-11-23T20:08:16Z", param, ctx)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
