"""Vaults to try things on: founded quickly, opened again as often as wanted, and reached into with plain sqlite3."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import vault
from vault import Vault
from vault.events import AccountRecord, Policy
from vault.identity import Identity
from vault.ledger import Ledger
from vault.plaintext import Mfa, Password, Recovery
from vault.replica import FILE_NAME
from vault.sealing import SecretRef

ACCOUNT = "123456789012"
REASON = "billing alarm, looking at the console"
PASSWORD = "Correct-Horse-7-Battery"
SEED = b"12345678901234567890"
NOTES = "the mailbox is read by two people"

PASSWORD_REF = SecretRef(ACCOUNT, "password")
MFA_REF = SecretRef(ACCOUNT, "mfa", "root")
RECOVERY_REF = SecretRef(ACCOUNT, "recovery")


def record(account: str = ACCOUNT, name: str = "payments-prod", **more: str) -> AccountRecord:
    return AccountRecord(account, name, f"aws+{account}@acme.example", **more)  # type: ignore[arg-type]


@dataclass
class Founded:
    """A vault in `folder` whose one custodian is made from `secret`."""

    folder: Path
    secret: bytes = field(repr=False)
    keyring_pin: bool = False

    @property
    def file(self) -> Path:
        return self.folder / FILE_NAME

    def identity(self) -> Identity:
        return Identity.from_secret(self.secret)

    def open(self) -> Vault:
        return vault.open(self.folder, self.identity(), keyring_pin=self.keyring_pin)

    @contextlib.contextmanager
    def raw(self) -> Iterator[sqlite3.Connection]:
        """The replica as an attacker sees it: a database without rules."""
        db = sqlite3.connect(self.file, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous = OFF")
            yield db
        finally:
            db.close()


def found(folder: Path, *, keyring_pin: bool = False, policy: Policy | None = None) -> tuple[Founded, Vault]:
    """A new vault, open and with no account."""
    identity = Identity.generate()
    secret = bytes(identity.secret_copy())
    opened = vault.create(folder, "acme", "Ann", identity, policy=policy, keyring_pin=keyring_pin)
    return Founded(folder, secret, keyring_pin), opened


def fill(opened: Vault) -> None:
    """One account with a password, an MFA device and recovery notes."""
    opened.add_account(record())
    opened.seal(ACCOUNT, Password(PASSWORD))
    opened.seal(ACCOUNT, Mfa("root", f"arn:aws:iam::{ACCOUNT}:mfa/root", SEED))
    opened.seal(ACCOUNT, Recovery(NOTES))


def use(opened: Vault) -> bytes:
    """One checkout from request to check-in; its id."""
    checkout = opened.check_out(ACCOUNT, REASON, ticket="OPS-7")
    opened.reveal(checkout.id, PASSWORD_REF)
    opened.codes(checkout.id)
    opened.check_in(checkout.id)
    return checkout.id


def lived_in(folder: Path, *, keyring_pin: bool = False) -> Founded:
    """A closed vault in which everything has happened once."""
    founded, opened = found(folder, keyring_pin=keyring_pin)
    fill(opened)
    use(opened)
    opened.close()
    return founded


def broken_off() -> contextlib.AbstractContextManager[object]:
    """Within it, what is said gets into the outbox and no further, as in a run that is killed there."""
    return mock.patch.object(Ledger, "_append", side_effect=KeyboardInterrupt)
