"""`completions`: what makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from custodian import output
from custodian.cli.options import command


@command()
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
@click.pass_context
def completions(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    Example, in ~/.bashrc: eval "$(breakglass completions bash)"
    """
    found = get_completion_class(shell)
    assert found is not None
    root = ctx.find_root()
    script = found(root.command, {}, "breakglass", "_BREAKGLASS_COMPLETE")
    # The text alone: `source` would run the shell first, to ask for its version.
    output.data((script.source_template % script.source_vars()).strip())
