"""`log show` and `log verify`: the access log, and whether it is whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from custodian import output
from custodian.cli.options import Day, as_json, group
from custodian.cli.unlocking import open_vault
from custodian.exit_codes import ExitCode
from vault.clock import iso
from vault.errors import IntegrityFailure

if TYPE_CHECKING:
    from vault import Vault
    from vault.log_lines import LogLine


@group()
def log() -> None:
    """The access log: who used what, when and why."""


@log.command()
@click.option("--account", metavar="ACCOUNT", help="Only entries about this account (id or name).")
@click.option("--member", metavar="MEMBER", help="Only entries by this member (name or fingerprint).")
@click.option("--event", metavar="EVENT", help="Only entries of this event, such as 'checkout opened'.")
@click.option("--checkout", metavar="CHECKOUT", help="Only entries of this checkout; four hex digits are enough.")
@click.option("--since", type=Day(), metavar="DATE", help="Only what happened at or after this time (UTC).")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the last N of them.")
@as_json
@click.pass_context
def show(ctx: click.Context, /, as_json: bool, limit: int | None, **filters: Any) -> None:
    """Print the log, oldest entry first.

    Example: breakglass log show --account payments-prod --since 2026-11-01
    """
    with open_vault(ctx) as vault:
        if filters["account"] is not None:
            known = filters["account"] in vault.state.accounts  # a retired one has a history too
            filters["account"] = filters["account"] if known else vault.find_account(filters["account"]).id
        if filters["checkout"] is not None:
            filters["checkout"] = vault.find_checkout(filters["checkout"]).id.hex()
        newest = itertools.islice(_matching(vault, filters), limit)
        lines = list(newest)[::-1]
    if as_json:
        output.document([_document(line) for line in lines])
    else:
        _print(lines)


@log.command()
@as_json
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> int:
    """Check the whole log from its first byte: chain, signatures, sealings. Exit code 5 if anything is wrong.

    Example: breakglass log verify
    """
    try:
        with open_vault(ctx) as vault, output.Progress("checking") as progress:
            result = vault.verify(progress.step)
    except IntegrityFailure as damage:
        if as_json:
            # It was found before the log could even be opened; scripts get their document all the same.
            output.document(_no_verification(damage))
        raise
    if as_json:
        output.document(
            {
                "ok": result.ok,
                "entries": result.entries,
                "head": result.head.hex(),
                "rejected": [{"seq": seq, "why": why} for seq, why in sorted(result.rejected)],
                "problems": [
                    {"seq": p.seq, "kind": p.kind, "detail": p.detail}
                    for p in sorted(result.problems, key=lambda p: (p.seq is None, p.seq or 0, p.kind))
                ],
            }
        )
    else:
        output.fields([("entries", f"{result.entries:,}"), ("head", result.head.hex())])
        for seq, why in sorted(result.rejected):
            output.data(f"rejected  entry {seq}: {output.outside(why)}")
        for problem in result.problems:
            place = "" if problem.seq is None else f"entry {problem.seq}: "
            output.data(f"{output.coloured('▲ problem', output.ORANGE)}  {place}{problem.kind}: {output.outside(problem.detail)}")
        if result.ok:
            output.data(output.coloured("● whole", output.BLUE))
    if result.ok:
        return ExitCode.DONE
    output.failure("the log is not whole", f"{len(result.problems)} problems", "keep this copy as evidence, and compare it with a backup")
    return ExitCode.INTEGRITY


def _matching(vault: Vault, filters: dict[str, Any]) -> Iterator[LogLine]:
    """Entries that pass the filters, newest first."""
    for line in vault.log(newest_first=True):
        if filters["account"] is not None and line.account != filters["account"]:
            continue
        if filters["member"] is not None and filters["member"] not in (line.author_name, line.author.hex()):
            continue
        if filters["event"] is not None and line.event != filters["event"]:
            continue
        if filters["checkout"] is not None and line.checkout != filters["checkout"]:
            continue
        if filters["since"] is not None and line.happened < filters["since"]:
            continue
        yield line


def _document(line: LogLine) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "hash": line.hash.hex(),
        "time": iso(line.happened),
        "placed": iso(line.placed),
        "author": line.author.hex(),
        "author_name": line.author_name,
        "event": line.event,
        "account": line.account or None,
        "checkout": line.checkout or None,
        "reason": line.reason or None,
        "ticket": line.ticket or None,
        "offline": line.offline,
        "rejected": line.rejected or None,
        "detail": line.detail,
    }


def _print(lines: list[LogLine]) -> None:
    rows = []
    for line in lines:
        said = [output.outside(line.detail)]
        if line.offline:
            said.append("(offline)")
        if line.rejected:
            said.append(output.coloured(f"▲ rejected: {output.outside(line.rejected)}", output.ORANGE))
        who = output.outside(line.author_name)
        rows.append([str(line.seq), iso(line.happened), who, output.outside(line.event), line.account or "–", " ".join(said)])
    output.table(["SEQ", "WHEN", "WHO", "EVENT", "ACCOUNT", "WHAT"], rows, right=[0])


def _no_verification(damage: IntegrityFailure) -> dict[str, Any]:
    return {
        "ok": False,
        "entries": None,
        "head": None,
        "rejected": [],
        "problems": [{"seq": None, "kind": "unreadable", "detail": str(damage)}],
    }
