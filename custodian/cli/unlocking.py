"""From a command line to an unlocked identity and an open vault, and back to wiped memory.

What can be found out without the passphrase (no vault, no identity, a damaged file) is found out before it is asked
for. Core dumps are off before the first secret is in memory.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from custodian import output, passphrase
from custodian.cli.options import paths_of
from custodian.paths import Paths
from vault.errors import WrongUsage
from vault.files import private_folder
from vault.memory import no_core_dumps, wipe
from vault.text import printable

if TYPE_CHECKING:
    from vault import Vault
    from vault.identity import Identity


@contextlib.contextmanager
def open_vault(ctx: click.Context, *, stdin_is_data: bool = False) -> Iterator[Vault]:
    """The vault of this command line, unlocked; closed and wiped on leaving.

    `stdin_is_data` says that the command reads standard input itself, so that the passphrase may still be asked for on
    the controlling terminal.
    """
    paths = paths_of(ctx)
    require_vault(paths)
    identity = unlock_identity(paths, stdin_is_data=stdin_is_data)
    with open_with(paths, identity) as opened:
        yield opened


@contextlib.contextmanager
def open_with(paths: Paths, identity: Identity) -> Iterator[Vault]:
    """The vault, opened with an identity that is unlocked already; both are closed and wiped on leaving."""
    import vault

    try:
        opened = vault.open(paths.vault, identity, keyring_pin=has_device_secret(paths))
    except BaseException:
        identity.wipe()
        raise
    try:
        for notice in opened.notices:
            output.say(f"note: {printable(notice)}")
        yield opened
    finally:
        opened.close()
        identity.wipe()


def has_device_secret(paths: Paths) -> bool:
    """Whether the identity file is bound to this machine's keyring; the vault's head is pinned there too, then."""
    from vault import identity_file

    return identity_file.inspect(paths.identity).device is not None


def require_vault(paths: Paths) -> None:
    """WrongUsage unless there is a vault in its folder."""
    import vault

    if not vault.exists(paths.vault):
        raise WrongUsage(
            "no vault",
            f"there is none in {paths.vault}",
            "make one with: breakglass init NAME --member MEMBER; or name its folder with --vault",
        )


def unlock_identity(paths: Paths, *, stdin_is_data: bool = False) -> Identity:
    """The identity, unlocked with the passphrase from file or terminal; the caller wipes it."""
    from vault import identity_file

    no_core_dumps()
    require_identity(paths)
    identity_file.inspect(paths.identity)
    secret = passphrase.read(paths.passphrase_file, stdin_is_data=stdin_is_data)
    try:
        return identity_file.unlock(paths.identity, secret)
    finally:
        wipe(secret)


def require_identity(paths: Paths) -> None:
    """WrongUsage unless there is an identity file."""
    if not paths.identity.exists():
        raise WrongUsage(
            "no identity",
            f"there is no file {paths.identity}",
            "make one with: breakglass identity new; or name yours with --identity",
        )


def refuse_second_identity(paths: Paths) -> None:
    """WrongUsage where a new identity file would take the place of one that is there."""
    if paths.identity.exists():
        raise WrongUsage(
            "an identity is there already",
            f"{paths.identity} would be overwritten",
            "name another file with --identity",
        )


def make_identity_file(
    paths: Paths, identity: Identity, *, about: tuple[str, ...] = (), with_device_secret: bool = True
) -> None:
    """Write `identity` under a new passphrase; the keyring is tried before the passphrase is asked for."""
    from vault import device_secret, identity_file

    if with_device_secret:
        device_secret.check()
    if not paths.identity.parent.exists():
        private_folder(paths.identity.parent)
    secret = passphrase.read_new(paths.passphrase_file, about=about)
    try:
        identity_file.create(paths.identity, identity, secret, with_device_secret=with_device_secret)
    finally:
        wipe(secret)
