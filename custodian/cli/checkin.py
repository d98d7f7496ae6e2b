"""`checkin` and `cancel`: end a checkout."""

from __future__ import annotations

import click

from custodian import output
from custodian.cli import documents
from custodian.cli.options import as_json, command, config_of, paths_of
from custodian.cli.posture import lines_for_log
from custodian.cli.unlocking import open_vault


@command()
@click.argument("checkout")
@click.option("--rotated", is_flag=True, help="The password was changed, and the new one is in the vault.")
@click.option("--no-posture", is_flag=True, help="Do not wait for the account's posture.")
@as_json
@click.pass_context
def checkin(ctx: click.Context, checkout: str, rotated: bool, no_posture: bool, as_json: bool) -> None:
    """End CHECKOUT: you no longer use root. At least four hex digits of its id are enough.

    The account's posture is read again and recorded; where AWS does not answer it is unknown, and the checkout ends all the same.

    Example: breakglass checkin 7f3a --rotated
    """
    with open_vault(ctx) as vault:
        found = vault.find_checkout(checkout)
        before = vault.state.accounts[found.account].posture
        after = () if no_posture else lines_for_log(vault, found.account, config_of(paths_of(ctx)))
        if after:
            # As the app does: in the log as the account's newest posture, and below as what this checkout left behind.
            vault.record_posture(found.account, after)
        ended = vault.check_in(found.id, rotated=rotated, before=before, after=after)
        _tell(documents.checkout_in_full(vault, ended), as_json, "checked in")


@command()
@click.argument("checkout")
@as_json
@click.pass_context
def cancel(ctx: click.Context, checkout: str, as_json: bool) -> None:
    """Cancel CHECKOUT: it was not needed. At least four hex digits of its id are enough.

    Example: breakglass cancel 7f3a
    """
    with open_vault(ctx) as vault:
        found = vault.find_checkout(checkout)
        _tell(documents.checkout_in_full(vault, vault.cancel(found.id)), as_json, "cancelled")


def _tell(document: documents.Json, as_json: bool, done: str) -> None:
    if as_json:
        output.document(document)
    else:
        output.data(f"{done}  {document['checkout'][:8]}  {document['account']}")
