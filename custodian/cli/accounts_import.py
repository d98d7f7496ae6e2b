"""`accounts import`: records and secrets from another tool; what is not certain is asked, or left out and named."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from custodian import output, passphrase, terminal
from custodian.cli.options import as_json, command
from custodian.cli.unlocking import open_vault
from custodian.exit_codes import ExitCode
from vault.clock import iso
from vault.memory import wipe

if TYPE_CHECKING:
    from custodian.intake.actions import Action, Plan, Result
    from custodian.intake.candidate import Candidate
    from custodian.intake.reading import Reading


@command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source-passphrase-file", metavar="F", help="Read the passphrase of FILE from F ('-': standard input).")
@click.option("--keyfile", type=click.Path(path_type=Path), metavar="F", help="Key file of a KeePass file.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Take what is certain without asking; leave out and name the rest.")
@as_json
@click.pass_context
def import_(
    ctx: click.Context,
    files: tuple[Path, ...],
    source_passphrase_file: str | None,
    keyfile: Path | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Bring accounts and their secrets in from FILE: KeePass (KDBX), CSV, or Google Authenticator's export.

    Several FILEs are the several pictures of one export. Nothing is imported twice. Exit code 1 if anything was left out.

    Example: breakglass accounts import roots.kdbx --dry-run
    """
    from custodian.intake.plan import apply, plan

    if not (dry_run or yes):
        terminal.require("your consent to the import", "use --yes, or --dry-run to look first")
    with open_vault(ctx) as vault:
        found = _read(files, source_passphrase_file, keyfile)
        ask = None if yes or not terminal.present() else _asking(vault.state.accounts)
        drafted = plan(found.candidates, vault.state, sources=found.sources, ask=ask)
        if not as_json or not (yes or dry_run):
            _show(drafted, found)
        result = None
        if not dry_run and (yes or _agreed(drafted)):
            with output.Progress("importing") as progress:
                result = apply(drafted, vault, lambda done, total, _: progress.step(done, total))
    if as_json:
        output.document(_document(drafted, found, result))
    elif result is not None:
        output.data(f"imported  {len(result.added)} accounts, {len(result.sealed)} secrets")
    for advice in result.advice if result is not None else ():
        output.say(f"note: {output.outside(advice)}")
    return ExitCode.NOT_WELL if drafted.left_out or found.not_taken else ExitCode.DONE


def _read(files: tuple[Path, ...], source_passphrase_file: str | None, keyfile: Path | None) -> Reading:
    from custodian.intake import reading

    if not any(reading.needs_passphrase(path) for path in files):
        return reading.read(files, keyfile=keyfile)
    if source_passphrase_file is not None:
        secret = passphrase.from_file(source_passphrase_file, "the source's passphrase")
    else:
        terminal.require("the source's passphrase", "use --source-passphrase-file F")
        secret = terminal.ask_hidden("Passphrase of the file to import: ")
    try:
        return reading.read(files, secret, keyfile)
    finally:
        wipe(secret)


def _asking(known: dict[str, Any]) -> Callable[[Candidate], Candidate | None]:
    """The questions about what is not certain: which account is it, or leave it out?"""

    def ask(candidate: Candidate) -> Candidate | None:
        terminal.write(f"\n{output.outside(candidate.title)}\n")
        for doubt in candidate.doubts:
            terminal.write(f"  {output.outside(doubt)}\n")
        proposed = candidate.account_id or ""
        default = f" [{proposed}]" if proposed else ""
        while True:
            answer = terminal.ask(f"  Account id, '-' to leave it out{default}: ") or proposed
            if answer in ("-", ""):
                return None
            digits = re.sub(r"[\s-]", "", answer)
            if re.fullmatch(r"[0-9]{12}", digits, re.ASCII):
                name = candidate.name or (known[digits].name if digits in known else terminal.ask("  Name: "))
                return candidate.answered(digits, name=name)
            terminal.write("  An account id has 12 digits.\n")

    return ask


def _agreed(drafted: Plan) -> bool:
    if not drafted.actions:
        return False
    return terminal.confirm(f"Import this: {len(drafted.actions)} steps?")


def _show(drafted: Plan, found: Reading) -> None:
    for action in drafted.actions:
        output.data(f"will      {output.outside(action.words)}")
    for candidate, why in drafted.already:
        output.data(f"has       {output.outside(candidate.title)}: {output.outside(why)}")
    for candidate, why in drafted.left_out:
        output.data(f"left out  {output.outside(candidate.title)}: {output.outside(why)}")
    for why in found.not_taken:
        output.data(f"left out  {output.outside(why)}")
    for source, when in drafted.seen_before:
        output.say(f"note: {output.outside(source.name)} was imported before, on {iso(when)}")
    if not drafted.actions:
        output.say("nothing to import")


def _document(drafted: Plan, found: Reading, result: Result | None) -> dict[str, Any]:
    def named(pairs: tuple[tuple[Candidate, str], ...]) -> list[dict[str, Any]]:
        rows = ({"account": c.account_id, "name": c.name, "place": c.place, "why": why} for c, why in pairs)
        return sorted(rows, key=lambda row: (row["account"] or "", row["name"], row["place"], row["why"]))

    return {
        "done": result is not None,
        "actions": [_action(action) for action in drafted.actions],
        "accounts": sorted(result.added) if result else [],
        "secrets": len(result.sealed) if result else 0,
        "already": named(drafted.already),
        "left_out": named(drafted.left_out),
        "not_taken": sorted(found.not_taken),
        "sources": sorted(str(source.path) for source in drafted.sources),
        "advice": list(result.advice) if result else [],
    }


def _action(action: Action) -> dict[str, Any]:
    from custodian.intake.actions import AddAccount

    if isinstance(action, AddAccount):
        return {"action": "add", "account": action.record.id, "name": action.record.name}
    return {"action": "seal", "account": action.ref.account, "kind": action.ref.kind, "name": action.ref.name}
