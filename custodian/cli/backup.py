"""`backup` and `restore`: a consistent copy of the replica, and a vault from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from custodian import output
from custodian.cli.options import as_json, command, paths_of
from custodian.cli.unlocking import has_device_secret, open_vault, unlock_identity
from vault.errors import WrongUsage

if TYPE_CHECKING:
    from vault import Vault


@command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def backup(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Write a consistent copy of the vault to FILE, which must not exist yet.

    The copy holds ciphertext only; whoever wants to use it needs an identity of the vault as well. Your identity file and
    its recovery words are not part of it.

    Example: breakglass backup /media/usb/acme.backup
    """
    with open_vault(ctx) as vault:
        vault.backup(file)
        document = _document(file, vault)
    _tell(document, as_json=as_json)


@command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def restore(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Make the vault anew from the backup FILE; its folder must hold none. Your identity must be one of its members.

    What was written after the backup is lost to this copy. Where the keyring remembers that there was more, the log says so.

    Example: breakglass --vault ~/acme restore /media/usb/acme.backup
    """
    import vault

    paths = paths_of(ctx)
    if vault.exists(paths.vault):
        raise WrongUsage("cannot restore", f"there is a vault in {paths.vault}", "name another folder with --vault")
    identity = unlock_identity(paths)
    try:
        restored = vault.restore(file, paths.vault, identity, keyring_pin=has_device_secret(paths))
    except BaseException:
        identity.wipe()
        raise
    with restored:
        for notice in restored.notices:
            output.say(f"note: {output.outside(notice)}")
        document = _document(file, restored)
    _tell(document, as_json=as_json)


def _document(file: Path, vault: Vault) -> dict[str, Any]:
    return {"backup": str(file), "vault": vault.id.hex(), "entries": vault.size, "head": vault.head.hex()}


def _tell(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.document(document)
    else:
        output.fields([(key, output.outside(str(value))) for key, value in document.items()])
