"""A vault of 1,000 accounts and 10,000 entries: `write` makes one; run as a program, this file opens it and prints the seconds.

Each account has a password and an MFA device, and went through checkouts. The last 63 entries lie behind the last
snapshot: as many as a vault that was closed in order can have, so opening it costs what it can cost at most.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import vault
from vault.events import AccountRecord
from vault.identity import Identity
from vault.plaintext import Mfa, Password
from vault.sealing import SecretRef
from vault.snapshot import EVERY

ACCOUNTS = 1_000
ENTRIES = 10_000


def write(folder: Path, secret_file: Path, *, accounts: int = ACCOUNTS, entries: int = ENTRIES) -> None:
    """Make the vault in `folder`, and leave the identity's secret in `secret_file`."""
    identity = Identity.generate()
    secret_file.write_bytes(identity.secret_copy())
    secret_file.chmod(0o600)
    with vault.create(folder, "Acme", "anna", identity) as made:
        for number in range(accounts):
            account = f"{100_000_000_000 + number}"
            made.add_account(AccountRecord(account, f"account-{number:04}", f"aws+{number:04}@acme.example", notes="inbox: four people"))
            made.seal(account, Password(f"password of account {number:04}"))
            made.seal(account, Mfa("root", f"arn:aws:iam::{account}:mfa/root", seed=number.to_bytes(20, "big")))
        _use(made, entries - EVERY + 1)
    with vault.open(folder, _identity(secret_file)) as made:
        _use(made, entries)
        if made.size != entries:
            raise SystemExit(f"bench: the vault has {made.size} entries, not {entries}")


def _use(made: vault.Vault, until: int) -> None:
    """Check accounts out and in, four entries each, then note imports, one entry each, to the exact size."""
    ids = sorted(made.state.accounts)
    turn = made.size
    while made.size + 4 <= until:
        account = ids[turn % len(ids)]
        turn += 1
        checkout = made.check_out(account, "INC-4711: IAM locked out, restoring SSO", ticket="INC-4711", kinds={"password"})
        made.reveal(checkout.id, SecretRef(account, "password", ""))
        made.check_in(checkout.id)
    while made.size < until:
        made.note_import(f"list-{made.size}.csv", made.size.to_bytes(32, "big"), 1)


def _identity(secret_file: Path) -> Identity:
    return Identity.from_secret(bytearray(secret_file.read_bytes()))


def main(folder: Path, small: Path) -> None:
    """Open the vault in `folder` once and print how long that took. `small`, opened before, has every import done."""
    with vault.open(small / "vault", _identity(small / "secret")):
        pass
    identity = _identity(folder / "secret")
    begun = time.perf_counter()
    opened = vault.open(folder / "vault", identity)
    seconds = time.perf_counter() - begun
    if (len(opened.state.accounts), opened.size) != (ACCOUNTS, ENTRIES):
        raise SystemExit("bench: that is not the vault that was written")
    print(seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
