"""`identity`: one's own keys; made, shown, kept under another passphrase, put on paper, brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from custodian import output, passphrase, terminal
from custodian.cli.drawn_qr import qr_lines
from custodian.cli.options import as_json, group, paths_of
from custodian.cli.paper_words import give_words, read_words
from custodian.cli.unlocking import (
    make_identity_file,
    open_with,
    refuse_second_identity,
    require_identity,
    unlock_identity,
)
from vault.errors import WrongUsage
from vault.memory import no_core_dumps, wipe

if TYPE_CHECKING:
    from custodian.paths import Paths


@group()
def identity() -> None:
    """Your own identity: the keys that sign for you and open what is sealed to you."""


@identity.command()
@click.option("--no-device-secret", is_flag=True, help="Do not bind it to this machine's keyring.")
@as_json
@click.pass_context
def new(ctx: click.Context, no_device_secret: bool, as_json: bool) -> None:
    """Make an identity file, to join a vault that others have made.

    Example: breakglass identity new
    """
    from vault.identity import Identity

    paths = paths_of(ctx)
    refuse_second_identity(paths)
    no_core_dumps()
    _keep(paths, Identity.generate(), as_json=as_json, with_device_secret=not no_device_secret)


@identity.command()
@click.option("--qr", is_flag=True, help="Draw the fingerprint as a QR code as well, for somebody else's camera.")
@as_json
@click.pass_context
def show(ctx: click.Context, qr: bool, as_json: bool) -> None:
    """Show your fingerprint and how your identity file is protected; it stays locked.

    Example: breakglass identity show --qr
    """
    paths = paths_of(ctx)
    require_identity(paths)
    document = _document(paths)
    _tell(document, as_json=as_json)
    if qr and not as_json:
        output.data("", *qr_lines(str(document["fingerprint"])))


@identity.command("passphrase")
@click.option("--new-passphrase-file", metavar="FILE", help="Read the new one from FILE ('-': the next line of standard input).")
@click.pass_context
def passphrase_(ctx: click.Context, new_passphrase_file: str | None) -> None:
    """Put your identity file under a new passphrase. The identity, and its recovery words, stay the same.

    Example: breakglass identity passphrase
    """
    from vault import identity_file

    paths = paths_of(ctx)
    no_core_dumps()
    require_identity(paths)
    identity_file.inspect(paths.identity)
    old = passphrase.read(paths.passphrase_file, "Passphrase of now: ")
    try:
        new = passphrase.read_new(new_passphrase_file, option="--new-passphrase-file")
        try:
            identity_file.change_passphrase(paths.identity, old, new)
        finally:
            wipe(new)
    finally:
        wipe(old)
    output.say("the identity file is under the new passphrase")


@identity.command()
@click.option("--count", type=click.IntRange(1, 16), default=1, show_default=True, help="How many shares of words to make.")
@click.option("--threshold", type=click.IntRange(1, 16), default=1, show_default=True, help="How many of them bring it back.")
@click.pass_context
def words(ctx: click.Context, count: int, threshold: int) -> None:
    """Show your recovery words to write down (SLIP-39), and ask some of them back.

    Whoever has enough of the shares is you. They are shown on the terminal only, and gone from it afterwards.

    Example: breakglass identity words --count 3 --threshold 2
    """
    import vault

    paths = paths_of(ctx)
    if threshold > count or (threshold == 1 and count > 1):
        raise WrongUsage(
            "cannot share the words like that",
            "of several shares at least two, and at most all, must be needed",
            "for example: --count 3 --threshold 2",
        )
    terminal.require("a person to write the words down", "run it on a terminal")
    own = unlock_identity(paths)
    if not vault.exists(paths.vault):
        try:
            give_words(own, threshold, count)
        finally:
            own.wipe()
        output.say("note: there is no vault here yet in which to note that the words were written down")
        return
    with open_with(paths, own) as opened:
        give_words(own, threshold, count)
        opened.confirm_words()
    output.say("noted in the vault: the recovery words were written down")


@identity.command()
@click.option("--words-file", metavar="F", help="Read the shares from F, one a line ('-': standard input).")
@click.option("--no-device-secret", is_flag=True, help="Do not bind it to this machine's keyring.")
@as_json
@click.pass_context
def restore(ctx: click.Context, words_file: str | None, no_device_secret: bool, as_json: bool) -> None:
    """Bring your identity back from its recovery words, under a new passphrase.

    Example: breakglass identity restore
    """
    paths = paths_of(ctx)
    refuse_second_identity(paths)
    no_core_dumps()
    _keep(paths, read_words(words_file), as_json=as_json, with_device_secret=not no_device_secret)


def _keep(paths: Paths, own: Any, *, as_json: bool, with_device_secret: bool) -> None:
    try:
        make_identity_file(paths, own, with_device_secret=with_device_secret)
    finally:
        own.wipe()
    _tell(_document(paths), as_json=as_json)


def _document(paths: Paths) -> dict[str, Any]:
    from vault import identity_file
    from vault.identity import hex_groups
    from vault.identity import words as fingerprint_words

    found = identity_file.inspect(paths.identity)
    return {
        "identity": str(paths.identity),
        "fingerprint": found.fingerprint.hex(),
        "groups": hex_groups(found.fingerprint),
        "words": list(fingerprint_words(found.fingerprint)),
        "device_secret": found.device is not None,
        "kdf": {
            "memory_kib": found.cost.memory_kib,
            "passes": found.cost.passes,
            "lanes": found.cost.lanes,
        },
    }


def _tell(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.document(document)
        return
    kdf = document["kdf"]
    output.fields(
        [
            ("identity", output.outside(document["identity"])),
            ("fingerprint", document["groups"]),
            ("in words", " ".join(document["words"])),
            ("device secret", "in this machine's keyring" if document["device_secret"] else "none, the passphrase is all"),
            ("passphrase", f"Argon2id, {kdf['memory_kib'] // 1024} MiB, {kdf['passes']} passes, {kdf['lanes']} lanes"),
        ]
    )
