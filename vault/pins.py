"""The pin: the highest head this identity has seen on this machine.

A replica put back to an older state is whole in itself; only somebody who remembers more can tell. The pin remembers, in
the replica (against rows cut off) and, where there is a device secret, in the OS keyring too (against the whole file being
put back). Both are sealed under the identity.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

from vault import encoding, local_seal
from vault.chain import HINT
from vault.errors import IntegrityFailure
from vault.identity import Identity


class Pin(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A size of the log and the head it had then."""

    size: int
    head: bytes


def seal(identity: Identity, vault: bytes, pin: Pin) -> bytes:
    """The pin's stored bytes."""
    return local_seal.seal(identity, "pin", vault, "head", encoding.encode(pin))


def read(identity: Identity, vault: bytes, sealed: bytes, what: str) -> Pin:
    """Undo `seal`; IntegrityFailure names `what`."""
    return encoding.decode(local_seal.unseal(identity, "pin", vault, "head", sealed, what), Pin, 256, what)


def check(pin: Pin, size: int, head: bytes | None, where: str) -> None:
    """`head` is the hash of the entry at place `pin.size - 1`, None where there is none. IntegrityFailure at a rollback."""
    if size < pin.size or head is None:
        raise IntegrityFailure(
            "the log was rolled back",
            f"this replica holds {size} entries; {where} remembers {pin.size}",
            f"{HINT}; if you put back a backup yourself, do it with `breakglass restore`, which says so in the log",
        )
    if head != pin.head:
        raise IntegrityFailure(
            "the log was replaced", f"entry {pin.size - 1} is not the one that {where} remembers", HINT
        )


def to_keyring(identity: Identity, vault: bytes, pin: Pin) -> None:
    """Remember the pin in the OS keyring. OutOfReach where it does not take it."""
    from vault import device_secret

    device_secret.pin_store(vault, base64.b64encode(seal(identity, vault, pin)).decode())


def from_keyring(identity: Identity, vault: bytes) -> Pin | None:
    """The pin that the OS keyring remembers, None where it has none."""
    from vault import device_secret

    text = device_secret.pin_load(vault)
    if text is None:
        return None
    what = "the head remembered in the OS keyring"
    try:
        sealed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        sealed = b""
    if base64.b64encode(sealed).decode() != text:
        raise IntegrityFailure(f"{what} is damaged", "it cannot be read", HINT)
    return read(identity, vault, sealed, what)
