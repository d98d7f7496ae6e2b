"""`reveal` and `code`: what a checkout that is open lets one see."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from custodian import output
from custodian.cli.checkout import KINDS
from custodian.cli.options import as_json, command, config_of, paths_of
from custodian.cli.revealed import Revealed, codes_of, for_stdout, reveal_all, tell_late_codes
from custodian.cli.unlocking import open_vault
from vault.errors import OutOfReach, WrongUsage
from vault.memory import wipe

if TYPE_CHECKING:
    from custodian.clipboard import Clipboard


@command()
@click.argument("checkout")
@click.option("--secret", "kinds", type=KINDS, multiple=True, help="Only secrets of this kind; may be repeated.")
@click.option("--copy", is_flag=True, help="Put the one secret on the clipboard, and clear it after a while.")
@as_json
@click.pass_context
def reveal(ctx: click.Context, checkout: str, kinds: tuple[str, ...], copy: bool, as_json: bool) -> None:
    """Print the secrets of CHECKOUT, which must be open. At least four hex digits of its id are enough.

    With one --secret, its bare value is printed. With --copy nothing is printed: the password (or what --secret names) goes to
    the clipboard, and the command waits until it has cleared it again; ctrl-c clears it at once.

    Example: breakglass reveal 7f3a --secret password --copy
    """
    if copy and (as_json or len(set(kinds)) > 1):
        raise WrongUsage("cannot copy", "--copy takes one secret and prints nothing", "give one --secret and no --json")
    clipboard, seconds = None, 0
    if copy:
        from custodian.clipboard import Clipboard

        # Before the passphrase, and before the log says "copied".
        clipboard, seconds = Clipboard.require(), config_of(paths_of(ctx)).clipboard_seconds
        kinds = kinds or ("password",)
    with open_vault(ctx) as vault:
        found = vault.find_checkout(checkout)
        missing = sorted(set(kinds) - {ref.kind for ref in found.secrets})
        if missing:
            raise WrongUsage(
                "nothing to reveal", f"this checkout has no {' and no '.join(missing)}", "check out what you need"
            )
        revealed = reveal_all(vault, found, kinds, "copied" if clipboard else "shown")
        if as_json:
            output.document(
                {"checkout": found.id.hex(), "account": found.account, "secrets": revealed.document()}
            )
    # The keys are wiped by now; only what was asked for is left.
    if clipboard is not None:
        _copy(clipboard, revealed, seconds)
    elif not as_json:
        _show(revealed, kinds)
    tell_late_codes(revealed)


@command()
@click.argument("checkout")
@as_json
@click.pass_context
def code(ctx: click.Context, checkout: str, as_json: bool) -> None:
    """Print the MFA codes of CHECKOUT, which must be open: the code, its seconds left, and the next one.

    Example: breakglass code 7f3a
    """
    with open_vault(ctx) as vault:
        found = vault.find_checkout(checkout)
        revealed = Revealed(codes=codes_of(vault, found))
    if as_json:
        output.document([one.document() for one in revealed.codes])
    else:
        output.data(*[one.line() for one in revealed.codes])
    tell_late_codes(revealed)


def _show(revealed: Revealed, kinds: tuple[str, ...]) -> None:
    if len(set(kinds)) != 1:
        revealed.show()
        return
    for value in (revealed.password, revealed.recovery):
        if value is not None:
            output.data(*[for_stdout(line) for line in value.splitlines()] or [""])
    output.data(*[one.code for one in revealed.codes])


def _copy(clipboard: Clipboard, revealed: Revealed, seconds: int) -> None:
    if len(revealed.codes) > 1:
        raise WrongUsage("cannot copy", "there are several codes", "use: breakglass code")
    value = revealed.password or revealed.recovery or (revealed.codes[0].code if revealed.codes else "")
    secret = bytearray(value.encode())
    try:
        clipboard.copy(secret)
    finally:
        wipe(secret)
    output.say(f"sent to the clipboard by {clipboard.name}, cleared in {seconds} s (ctrl-c clears it now)")
    try:
        time.sleep(seconds)
    finally:
        try:
            gone = clipboard.clear_if_ours()
        except OutOfReach:
            gone = False
        output.say("the clipboard is cleared" if gone else "warning: the clipboard did not answer; clear it yourself")
