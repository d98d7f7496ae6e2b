"""`init`: a new vault and its first custodian."""

from __future__ import annotations

import click

from custodian import output
from custodian.cli.options import as_json, command, paths_of
from custodian.cli.unlocking import has_device_secret, make_identity_file, unlock_identity
from custodian.paths import Paths
from vault.errors import WrongUsage
from vault.memory import no_core_dumps


@command()
@click.argument("name")
@click.option("--member", required=True, metavar="MEMBER", help="Your name, as the others know it.")
@click.option("--no-device-secret", is_flag=True, help="Do not bind a new identity to this machine's keyring.")
@as_json
@click.pass_context
def init(ctx: click.Context, name: str, member: str, no_device_secret: bool, as_json: bool) -> None:
    """Make a new vault called NAME, with you as its first custodian.

    Makes your identity file if there is none: it asks for a new passphrase, and keeps a device secret in the keyring, without
    which the file cannot be opened on another machine.

    Example: breakglass init Acme --member anna
    """
    import vault
    from vault.identity import Identity

    paths = paths_of(ctx)
    _check(paths, name, member)
    no_core_dumps()
    if paths.identity.exists():
        identity = unlock_identity(paths)
        if no_device_secret and has_device_secret(paths):
            output.say("note: your identity is bound to this machine's keyring already, and stays so")
    else:
        identity = Identity.generate()
        make_identity_file(paths, identity, about=(name, member), with_device_secret=not no_device_secret)
    try:
        founded = vault.create(paths.vault, name, member, identity, keyring_pin=has_device_secret(paths))
        try:
            document = {
                "vault": founded.id.hex(),
                "name": founded.name,
                "member": member,
                "fingerprint": identity.public.fingerprint.hex(),
                "identity": str(paths.identity),
                "device_secret": has_device_secret(paths),
            }
        finally:
            founded.close()
    finally:
        identity.wipe()
    if as_json:
        output.document(document)
    else:
        output.fields([(key.replace("_", " "), _word(value)) for key, value in document.items()])
    output.say(
        "next: write your recovery words down, so that a lost passphrase does not cost you the vault: breakglass identity words",
        "then: breakglass accounts add, or breakglass accounts import",
    )


def _check(paths: Paths, name: str, member: str) -> None:
    """Find out what would fail before an identity is made or a passphrase is asked for."""
    import vault
    from vault.records import check_name

    for what, text in (("the vault", name), ("the member", member)):
        check_name(text, what)
    if vault.exists(paths.vault):
        raise WrongUsage("cannot make the vault", f"there is one in {paths.vault} already", "name another folder with --vault")


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return output.outside(str(value))
