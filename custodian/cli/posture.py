"""`posture`: the checks, live, of some or all accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from custodian import output
from custodian.cli.glyphs import marked
from custodian.cli.options import as_json, command, config_of, paths_of
from custodian.cli.unlocking import open_vault
from custodian.exit_codes import ExitCode
from vault import clock
from vault.errors import OutOfReach

if TYPE_CHECKING:
    from custodian.config import Config
    from custodian.posture.access import Access, Window
    from custodian.posture.finding import Finding
    from vault import Vault
    from vault.events import PostureLine

@command()
@click.argument("account", nargs=-1)
@click.option("--record", is_flag=True, help="Write the result into the log.")
@as_json
@click.pass_context
def posture(ctx: click.Context, account: tuple[str, ...], record: bool, as_json: bool) -> int:
    """Read the posture of the ACCOUNTs (id or name) from AWS, or of all.

    Exit code 1 if any check failed or is unknown, 6 if AWS could not be read at all.

    Example: breakglass posture payments-prod
    """
    from custodian.account_posture import access_of, lines_of
    from custodian.posture.access import windows_from

    config = config_of(paths_of(ctx))
    with open_vault(ctx) as vault:
        chosen = [vault.find_account(text) for text in account] or [
            a for a in vault.state.accounts.values() if a.retired is None
        ]
        names = {a.id: a.name for a in chosen}
        accesses = [access_of(a.record, config) for a in {a.id: a for a in chosen}.values()]
        windows = {id_: windows_from(vault.state, id_, clock.now_ms()) for id_ in names}
        findings = _scan_all(accesses, windows)
        for id_ in sorted(names) if record else ():
            vault.record_posture(id_, lines_of(f for f in findings if f.account == id_))
    findings.sort(key=lambda f: (f.account, f.check))
    if as_json:
        from custodian.posture.finding import as_json as document_of

        output.document([document_of(f) for f in findings])
    else:
        _show(findings, names)
    return _ending(findings)


def lines_for_log(vault: Vault, account: str, config: Config) -> tuple[PostureLine, ...]:
    """The posture of one account now, as the log keeps it. It takes seconds, and raises nothing for what AWS does."""
    from custodian.account_posture import access_of, lines_of
    from custodian.posture.access import windows_from
    from custodian.posture.engine import scan

    access = access_of(vault.state.accounts[account].record, config)
    return lines_of(scan(access, windows_from(vault.state, account, clock.now_ms())))


def _scan_all(accesses: list[Access], windows: dict[str, tuple[Window, ...]]) -> list[Finding]:
    from custodian.posture.engine import scan_many

    findings: list[Finding] = []
    with output.Progress("reading AWS") as progress:
        progress.step(0, len(accesses))
        for done, scanned in enumerate(scan_many(accesses, windows), 1):
            findings += scanned.findings
            progress.step(done, len(accesses))
    return findings


def _show(findings: list[Finding], names: dict[str, str]) -> None:
    if not findings:
        output.say("no accounts yet", "next: breakglass accounts add")
    account = ""
    for finding in findings:
        if finding.account != account:
            account = finding.account
            output.data(f"{account}  {output.outside(names[account])}")
        error = f" ({output.outside(finding.error)})" if finding.error not in finding.summary else ""
        output.data(f"  {marked(finding.status)}  {finding.check}: {output.outside(finding.summary)}{error}")
        if finding.status in ("fail", "unknown"):
            output.data(*[f"      {n}. {output.outside(step)}" for n, step in enumerate(finding.remedy, 1)])


def _ending(findings: list[Finding]) -> int:
    statuses = {f.status.value for f in findings}
    if statuses and statuses <= {"unknown"}:
        raise OutOfReach("posture", "nothing could be read from AWS", "see: breakglass doctor; and the errors above")
    return ExitCode.NOT_WELL if statuses & {"fail", "unknown"} else ExitCode.DONE
