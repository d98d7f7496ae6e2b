"""`status`: how the vault stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from custodian import output
from custodian.cli import documents
from custodian.cli.options import as_json, command
from custodian.cli.spans import left, since
from custodian.cli.unlocking import open_vault
from vault import clock

if TYPE_CHECKING:
    from vault import Vault


@command()
@as_json
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show the vault, its members, open checkouts, and what is due.

    Example: breakglass status --json
    """
    with open_vault(ctx) as vault:
        if as_json:
            output.document(_document(vault))
        else:
            _show(vault)


def _document(vault: Vault) -> documents.Json:
    from vault.entry import FORMAT_VERSION

    state = vault.state
    return {
        "vault": vault.id.hex(),
        "name": vault.name,
        "format": FORMAT_VERSION,
        "entries": vault.size,
        "head": vault.head.hex(),
        "remote": None,
        "members": [
            {"name": m.name, "role": m.role, "fingerprint": m.fingerprint.hex()}
            for m in sorted(state.members.values(), key=lambda m: (m.name, m.fingerprint))
            if m.revoked is None
        ],
        "accounts": sum(a.retired is None for a in state.accounts.values()),
        "open_checkouts": [
            documents.checkout_in_full(vault, c) for c in sorted(state.open_checkouts(), key=lambda c: c.id)
        ],
        "due": [
            {"kind": d.kind, "account": d.account or None, "since": clock.iso(d.since), "why": d.why}
            for d in sorted(vault.due(), key=lambda d: (d.kind, d.account or "", d.since))
        ],
    }


def _show(vault: Vault) -> None:
    now, document = clock.now_ms(), _document(vault)
    output.fields(
        [
            ("vault", f"{output.outside(vault.name)}  {vault.id.hex()}"),
            ("entries", f"{vault.size:,}"),
            ("head", vault.head.hex()),
            ("remote", "– none, this machine only"),
            ("members", ", ".join(f"{output.outside(m['name'])} ({m['role']})" for m in document["members"])),
            ("accounts", str(document["accounts"])),
        ]
    )
    for checkout in vault.state.open_checkouts():
        output.data(
            f"open      {checkout.short}  {checkout.account}  {output.outside(documents.name_of(vault, checkout.member))}, "
            f"{left(checkout.expires, now)}: {output.outside(checkout.reason)}"
        )
    for due in sorted(vault.due(), key=lambda d: d.since):
        account = f"  {due.account}" if due.account else ""
        glyph = output.coloured("▲ due", output.ORANGE)
        output.data(f"{glyph}     {output.outside(due.kind)}{account}, {since(due.since, now)}: {output.outside(due.why)}")
