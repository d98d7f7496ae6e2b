"""`secret set`: a new version of a password, or of the recovery notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from custodian import incoming, output, terminal
from custodian.cli import documents
from custodian.cli.options import as_json, group
from custodian.cli.unlocking import open_vault
from custodian.passwords import generate_password
from vault.errors import WrongUsage

if TYPE_CHECKING:
    from vault.plaintext import Password, Recovery

@group()
def secret() -> None:
    """Passwords and recovery notes. MFA devices have a command of their own: mfa."""


@secret.command("set")
@click.argument("account")
@click.argument("kind", type=click.Choice(["password", "recovery"]))
@click.option("--file", "source", metavar="F", help="Read it from F ('-': standard input).")
@click.option("--generate", is_flag=True, help="Make a new random password.")
@as_json
@click.pass_context
def set_(
    ctx: click.Context, account: str, kind: str, source: str | None, generate: bool, as_json: bool
) -> None:
    """Seal a new version of a secret of ACCOUNT; without an option it is asked for, without echo.

    A generated password is shown by a checkout only, like any other. It does not change anything at AWS.

    Example: breakglass secret set payments-prod password --generate
    """
    if generate and (source is not None or kind != "password"):
        raise WrongUsage("cannot generate", "only a password can be, and then from no file", "drop --generate or --file")
    if not generate and source is None:
        terminal.require(_words(kind), "use --file F" + (", or --generate" if kind == "password" else ""))
    with open_vault(ctx, stdin_is_data=source == "-") as vault:
        target = vault.find_account(account)
        version = vault.seal(target.id, _plaintext(kind, source, generate=generate))
        document = documents.sealed(target.id, kind, "", version)
    if as_json:
        output.document(document)
    else:
        output.data(f"sealed  {kind} of {target.id} {output.outside(target.name)}")


def _plaintext(kind: str, source: str | None, *, generate: bool) -> Password | Recovery:
    from vault.plaintext import Password, Recovery

    if generate:
        return Password(generate_password())
    if source is not None:
        limit = 64 * 1024
        content = incoming.line(incoming.read(source, _words(kind), limit))
    else:
        content = terminal.ask_hidden_twice(f"New {_words(kind).removeprefix('the ')}: ")
    text = incoming.text(content, _words(kind))
    if kind == "password" and len(text.splitlines()) > 1:
        raise WrongUsage("cannot take the password", "it has more than one line", "leave just the one")
    return Password(text) if kind == "password" else Recovery(text)


def _words(kind: str) -> str:
    return "the password" if kind == "password" else "the recovery notes"
