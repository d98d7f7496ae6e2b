"""`doctor`: what is well on this machine, and what to do about the rest."""

from __future__ import annotations

import click

from custodian import output
from custodian.cli.glyphs import marked
from custodian.cli.options import as_json, command, paths_of
from custodian.exit_codes import ExitCode


@command()
@as_json
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> int:
    """Look at this machine: keyring, clipboard, clock, terminal, permissions, AWS access, remote. Changes nothing.

    Exit code 1 if anything is not well or could not be found out.

    Example: breakglass doctor
    """
    from custodian.doctor import examine

    found = examine(paths_of(ctx))
    if as_json:
        output.document(
            [
                {"check": o.check, "status": o.state, "summary": o.summary, "remedy": o.remedy or None}
                for o in sorted(found, key=lambda o: o.check)
            ]
        )
    else:
        output.table(["", "CHECK", "WHAT WAS FOUND"], [[marked(o.state), o.check, output.outside(o.summary)] for o in found])
        for o in found:
            if o.remedy and o.state in ("fail", "unknown"):
                output.data(f"  → {o.check}: {output.outside(o.remedy)}")
    well = all(o.state in ("pass", "not_applicable") for o in found)
    return ExitCode.DONE if well else ExitCode.NOT_WELL
