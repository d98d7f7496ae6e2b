"""`mfa add` and `mfa remove`: the virtual MFA devices of an account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from custodian import incoming, output, terminal
from custodian.cli import documents
from custodian.cli.options import as_json, group
from custodian.cli.unlocking import open_vault
from vault.errors import WrongUsage
from vault.text import printable

if TYPE_CHECKING:
    from vault.plaintext import Mfa
    from vault.state import State

MAX_URIS = 256 * 1024


@group()
def mfa() -> None:
    """Virtual MFA devices: several of an account are told apart by their labels."""


@mfa.command()
@click.argument("account")
@click.option("--uri-file", metavar="F", help="File with an otpauth URI or a base32 seed ('-': standard input).")
@click.option(
    "--image", "images", multiple=True, type=click.Path(path_type=Path), metavar="F", help="Picture of the QR code (PNG, JPEG)."
)
@click.option("--label", metavar="L", help="What to call the device; of an export with several entries, the one to take.")
@click.option("--serial", metavar="ARN", help="The device's serial, as AWS lists it.")
@as_json
@click.pass_context
def add(
    ctx: click.Context,
    account: str,
    uri_file: str | None,
    images: tuple[Path, ...],
    label: str | None,
    serial: str | None,
    as_json: bool,
) -> None:
    """Add a virtual MFA device to ACCOUNT: from a file, from pictures, or asked for without echo.

    Takes an otpauth:// URI, a bare base32 seed, and Google Authenticator's export (otpauth-migration://, in one or several
    pictures). It does not change anything at AWS.

    Example: breakglass mfa add payments-prod --image qr.png --label phone-safe
    """
    if uri_file is not None and images:
        raise WrongUsage("cannot add the MFA device", "both a file and a picture are given", "give one of them")
    if uri_file is None and not images:
        terminal.require("the MFA device's URI or seed", "use --uri-file F or --image F")
    with open_vault(ctx, stdin_is_data=uri_file == "-") as vault:
        target = vault.find_account(account)
        device = _choose(_devices(uri_file, images), target.id, label)
        named = _named(device, label, serial)
        _refuse_taken(vault.state, target.id, named.label)
        version = vault.seal(target.id, named)
        document = {**documents.sealed(target.id, "mfa", named.label, version), "serial": named.serial}
    if as_json:
        output.document(document)
    else:
        output.data(f"sealed  mfa {output.outside(named.label)} of {target.id} {output.outside(target.name)}")
    for picture in images:
        output.say(f"note: {printable(str(picture))} holds the seed in plain sight; delete it")


@mfa.command()
@click.argument("account")
@click.argument("label")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is taken out of the vault.")
@as_json
@click.pass_context
def remove(ctx: click.Context, account: str, label: str, reason: str, as_json: bool) -> None:
    """Take the MFA device LABEL of ACCOUNT out of use here. It does not change anything at AWS.

    Example: breakglass mfa remove payments-prod old-phone --reason "device deactivated at AWS"
    """
    with open_vault(ctx) as vault:
        target = vault.find_account(account)
        held = [s.ref for s in vault.state.secrets_of(target.id) if s.ref.kind == "mfa"]
        found = [ref for ref in held if ref.name == label]
        if not found:
            names = ", ".join(printable(ref.name) for ref in held) or "none"
            raise WrongUsage("no such MFA device", f"{target.id} has: {names}", "name one of them")
        vault.withdraw(found[0], reason)
    if as_json:
        output.document({"account": target.id, "kind": "mfa", "name": label, "withdrawn": True})
    else:
        output.data(f"withdrawn  mfa {output.outside(label)} of {target.id} {output.outside(target.name)}")


def _devices(uri_file: str | None, images: tuple[Path, ...]) -> list[Mfa]:
    """Every device that the source holds."""
    from custodian.intake import migration, otpauth, qr

    if images:
        texts = [text for picture in images for text in qr.read(picture)]
    else:
        content = (
            incoming.read(uri_file, "the MFA seed", MAX_URIS)
            if uri_file is not None
            else terminal.ask_hidden("otpauth URI or base32 seed: ")
        )
        text = incoming.text(content, "the MFA seed")
        texts = [line.strip() for line in text.splitlines() if line.strip()]
    exported = [text for text in texts if migration.is_migration(text)]
    devices = [otpauth.parse(text) for text in texts if not migration.is_migration(text)]
    if exported:
        export = migration.read(exported)
        devices.extend(export.devices)
        for left_out in export.left_out:
            output.say(f"note: left out: {printable(left_out)}")
    return devices


def _choose(devices: list[Mfa], account: str, label: str | None) -> Mfa:
    """The one device that is meant: the only one, the one of that label, or the only one of that account."""
    from custodian.intake.otpauth import account_of

    if not devices:
        raise WrongUsage("no MFA device found", "there is neither an otpauth URI nor a seed", "check the file or the picture")
    chosen = devices
    if len(devices) > 1 and label is not None:
        chosen = [d for d in devices if d.label == label]
    elif len(devices) > 1:
        chosen = [d for d in devices if account_of(d) == account]
    if len(chosen) != 1:
        labels = ", ".join(sorted(printable(d.label, 80) for d in devices))
        raise WrongUsage("several MFA devices", f"the source holds: {labels}", "name one with --label, or: accounts import")
    found = account_of(chosen[0])
    if found is not None and found != account:
        raise WrongUsage("the MFA device is another account's", f"its label names {found}", f"add it to {found}")
    return chosen[0]


def _named(device: Mfa, label: str | None, serial: str | None) -> Mfa:
    import msgspec

    return msgspec.structs.replace(
        device,
        label=(label or device.label).strip() or "root-account-mfa-device",
        serial=device.serial if serial is None else serial.strip(),
    )


def _refuse_taken(state: State, account: str, label: str) -> None:
    if any(s.ref.kind == "mfa" and s.ref.name == label for s in state.secrets_of(account)):
        raise WrongUsage(
            "cannot add the MFA device", f"there is one called {printable(label)} already", "give another --label"
        )
