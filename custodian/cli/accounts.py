"""`accounts`: the records of AWS accounts; `accounts import` has a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from custodian import output
from custodian.cli import documents
from custodian.cli.accounts_import import import_
from custodian.cli.options import as_json, group
from custodian.cli.spans import left, since
from custodian.cli.unlocking import open_vault
from vault import clock
from vault.errors import WrongUsage

if TYPE_CHECKING:
    from vault import Vault
    from vault.state import Account

_GLYPHS = {"pass": "●", "fail": "▲", "unknown": "?", "not_applicable": "–"}


@group()
def accounts() -> None:
    """The AWS accounts whose root credentials are in the vault."""


accounts.add_command(import_, "import")


def _record_options(*, new: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The fields of a record as options; only of a new one are some required."""
    options = (
        click.option("--name", required=new, metavar="N", help="What you call it."),
        click.option("--email", required=new, metavar="E", help="E-mail address of its root user."),
        click.option("--partition", type=click.Choice(["aws", "aws-us-gov", "aws-cn"]), help="Usually aws."),
        click.option("--profile", metavar="P", help="AWS profile that reads its posture."),
        click.option("--role", metavar="R", help="Role to assume in it for that."),
        click.option("--inbox-readers", metavar="TEXT", help="Who reads the root user's inbox."),
        click.option("--phone-holder", metavar="TEXT", help="Who holds the phone that AWS calls."),
        click.option("--notes", metavar="TEXT", help="Anything else; no secret."),
    )

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@accounts.command()
@click.argument("account_id", metavar="ID")
@_record_options(new=True)
@as_json
@click.pass_context
def add(ctx: click.Context, /, account_id: str, as_json: bool, **given: str | None) -> None:
    """Add the account ID (12 digits).

    Example: breakglass accounts add 111122223333 --name payments-prod --email aws+payments@acme.example
    """
    from vault.events import AccountRecord
    from vault.records import check_record

    record = AccountRecord(id=account_id.replace("-", "").replace(" ", ""), **_said(given))
    check_record(record)  # before the passphrase is asked for
    with open_vault(ctx) as opened:
        _tell(opened, opened.add_account(record), "added", as_json=as_json)


@accounts.command("list")
@click.option("--all", "with_retired", is_flag=True, help="Retired ones too.")
@as_json
@click.pass_context
def list_(ctx: click.Context, with_retired: bool, as_json: bool) -> None:
    """List the accounts, by id.

    Example: breakglass accounts list --json
    """
    with open_vault(ctx) as vault:
        found = sorted(vault.state.accounts.values(), key=lambda a: a.id)
        found = [a for a in found if with_retired or a.retired is None]
        if as_json:
            output.document([documents.account(vault, a) for a in found])
        elif found:
            output.table(["ACCOUNT", "NAME", "SECRETS", "ROOT IN USE BY", "ROTATED"], [_row(vault, a) for a in found])
        else:
            output.say("no accounts yet", "next: breakglass accounts add, or breakglass accounts import")


@accounts.command()
@click.argument("account")
@as_json
@click.pass_context
def show(ctx: click.Context, account: str, as_json: bool) -> None:
    """Show the record of ACCOUNT (its id or name), its secrets by name, and its last posture.

    Example: breakglass accounts show payments-prod
    """
    with open_vault(ctx) as vault:
        found = vault.find_account(account)
        if as_json:
            output.document(documents.account_in_full(vault, found))
        else:
            _show(vault, found)


@accounts.command()
@click.argument("account")
@_record_options(new=False)
@as_json
@click.pass_context
def edit(ctx: click.Context, /, account: str, as_json: bool, **given: str | None) -> None:
    """Change what is given of the record of ACCOUNT; an empty text clears a field.

    Example: breakglass accounts edit payments-prod --inbox-readers "platform team"
    """
    import msgspec

    said = _said(given)
    if not said:
        raise WrongUsage("nothing to change", "no field is given", "see: breakglass accounts edit --help")
    with open_vault(ctx) as vault:
        found = vault.find_account(account)
        changed = vault.edit_account(found.id, msgspec.structs.replace(found.record, **said))
        _tell(vault, changed, "edited", as_json=as_json)


@accounts.command()
@click.argument("account")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is retired.")
@as_json
@click.pass_context
def retire(ctx: click.Context, account: str, reason: str, as_json: bool) -> None:
    """Retire ACCOUNT: it is kept in the log and can no longer be checked out.

    Example: breakglass accounts retire sandbox-7 --reason "account closed on 1 November"
    """
    with open_vault(ctx) as vault:
        found = vault.find_account(account)
        vault.retire_account(found.id, reason)
        _tell(vault, vault.state.accounts[found.id], "retired", as_json=as_json)


def _said(given: dict[str, str | None]) -> dict[str, Any]:
    return {name: value.strip() for name, value in given.items() if value is not None}


def _tell(vault: Vault, account: Account, done: str, *, as_json: bool) -> None:
    if as_json:
        output.document(documents.account(vault, account))
    else:
        output.data(f"{done}  {account.id}  {output.outside(account.name)}")


def _row(vault: Vault, account: Account) -> list[str]:
    now = clock.now_ms()
    in_use = [
        f"{output.outside(documents.name_of(vault, c.member))}, {left(c.expires, now)}"
        for c in vault.state.open_checkouts(account.id)
    ]
    held = [s.ref.kind for s in vault.state.secrets_of(account.id)]
    kinds = [f"{held.count(kind)} mfa" if kind == "mfa" else kind for kind in dict.fromkeys(held)]
    rotated = vault.state.last_rotation(account.id)
    return [
        account.id,
        output.outside(account.name) + (" (retired)" if account.retired is not None else ""),
        ", ".join(kinds) or "–",
        "; ".join(in_use) or "–",
        "–" if rotated is None else since(rotated, now),
    ]


def _show(vault: Vault, account: Account) -> None:
    now, record = clock.now_ms(), account.record
    lines = [("account", account.id)]
    lines += [
        (name, output.outside(str(getattr(record, field))))
        for name, field in (
            ("name", "name"),
            ("e-mail", "email"),
            ("partition", "partition"),
            ("inbox read by", "inbox_readers"),
            ("phone held by", "phone_holder"),
            ("notes", "notes"),
            ("AWS profile", "profile"),
            ("AWS role", "role"),
        )
    ]
    if account.retired is not None:
        lines.append(("retired", f"{since(account.retired, now)}: {output.outside(account.retired_why)}"))
    for secret in vault.state.secrets_of(account.id):
        current = secret.current
        assert current is not None
        called = f" {output.outside(secret.ref.name)}" if secret.ref.name else ""
        serial = f"  {output.outside(current.serial)}" if current.serial else ""
        lines.append(
            (secret.ref.kind, f"••••••{called}  {since(current.since, now)}  {_opened_by(vault, current.holders, current.threshold)}{serial}")
        )
    for checkout in vault.state.open_checkouts(account.id):
        who = output.outside(documents.name_of(vault, checkout.member))
        lines.append(("open", f"{checkout.short}  {who}, {left(checkout.expires, now)}: {output.outside(checkout.reason)}"))
    for line in account.posture:
        status = line.status.replace("_applicable", "/a").replace("not", "n")
        lines.append(("posture", f"{_GLYPHS[line.status]} {status}  {line.check}: {output.outside(line.summary)}"))
    if account.posture_at is not None:
        lines.append(("posture read", since(account.posture_at, now)))
    output.fields(lines)


def _opened_by(vault: Vault, holders: tuple[bytes, ...], threshold: int) -> str:
    names = ", ".join(sorted(output.outside(documents.name_of(vault, h)) for h in holders))
    return f"{threshold} of {len(holders)} ({names})"
