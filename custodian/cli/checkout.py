"""`checkout`: ask for root of an account, and open what one may open.

All rules are the vault's: it judges the reason and writes the log before anything can be revealed. A checkout that is
refused leaves nothing behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from custodian import output
from custodian.cli import documents
from custodian.cli.options import Minutes, as_json, command
from custodian.cli.revealed import Revealed, reveal_all, tell_late_codes
from custodian.cli.spans import left
from custodian.cli.unlocking import open_vault
from vault import clock

if TYPE_CHECKING:
    from vault import Vault
    from vault.state import Checkout

KINDS = click.Choice(["password", "mfa", "recovery"])


@command()
@click.argument("account")
@click.option("--reason", required=True, metavar="TEXT", help="What root is needed for; a reviewer will read it.")
@click.option("--ticket", default="", metavar="T", help="The ticket it belongs to.")
@click.option(
    "--for", "minutes", type=Minutes(), default=60, metavar="TIME", show_default="1h", help="For how long: 30m, 2h, 1h30m."
)
@click.option("--secret", "kinds", type=KINDS, multiple=True, help="Only secrets of this kind; may be repeated.")
@click.option("--reveal", is_flag=True, help="Print the secrets at once.")
@as_json
@click.pass_context
def checkout(
    ctx: click.Context,
    account: str,
    reason: str,
    ticket: str,
    minutes: int,
    kinds: tuple[str, ...],
    reveal: bool,
    as_json: bool,
) -> None:
    """Check out root of ACCOUNT (its id or name). It is in the log before anything is shown.

    Example: breakglass checkout payments-prod --reason "INC-4711: IAM locked out, restoring SSO" --for 30m --reveal
    """
    with open_vault(ctx) as vault:
        target = vault.find_account(account)
        made = vault.check_out(target.id, reason, ticket=ticket, minutes=minutes, kinds=set(kinds) or None)
        revealed = reveal_all(vault, made) if reveal and made.status == "open" else None
        if as_json:
            document = documents.checkout(vault, made)
            output.document(document if revealed is None else {**document, "secrets": revealed.document()})
        else:
            _show(vault, made, revealed)
        if revealed is not None:
            tell_late_codes(revealed)


def _show(vault: Vault, made: Checkout, revealed: Revealed | None) -> None:
    record = vault.state.accounts[made.account].record
    lines = [
        ("checkout", made.short),
        ("account", f"{made.account}  {output.outside(record.name)}"),
        ("e-mail", output.outside(record.email)),
        ("state", "requested, waits for others" if made.status == "requested" else "open"),
    ]
    if made.expires is not None:
        lines.append(("until", f"{clock.iso(made.expires)}  {left(made.expires, clock.now_ms())}"))
    if made.offline:
        lines.append(("offline", "yes, it joins the shared log at the next sync"))
    output.fields(lines)
    if revealed is not None:
        revealed.show()
    elif made.status == "open":
        output.say(f"next: breakglass reveal {made.short}, breakglass code {made.short}, breakglass checkin {made.short}")
