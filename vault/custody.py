"""The Vault: what a custodian can do, and the order in which it happens.

This is the library's public face, with `vault.create` and `vault.open`. Its one promise above all others: nothing secret
leaves a Vault before the log entry that says so is durable. `reveal` and `codes` are the only ways out for a secret's
value, and both say their fact first. Every method may be called from any thread; calls take turns.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self

import msgspec

from vault import clock, due, log_lines, reason, records, sealing, totp
from vault import verify as verification
from vault.backup import place_backup, take_back, write_backup
from vault.due import Due
from vault.errors import IntegrityFailure, Refused, WrongUsage
from vault.events import (
    AccountAdded,
    AccountEdited,
    AccountRecord,
    AccountRetired,
    Attested,
    CheckoutCancelled,
    CheckoutCheckedIn,
    CheckoutOpened,
    CheckoutRequested,
    CheckoutRevealed,
    Imported,
    Policy,
    PostureLine,
    PostureRecorded,
    SealingRef,
    Target,
    VaultCreated,
    VersionSealed,
    VersionWithdrawn,
)
from vault.identity import Identity
from vault.ledger import Ledger
from vault.log_lines import LogLine
from vault.memory import wipe
from vault.plaintext import Mfa, Password, Plaintext, Recovery, decode_plaintext, encode_plaintext
from vault.replica import FILE_NAME
from vault.sealing import Binding, SecretRef
from vault.state import Account, Checkout, Member, State, Version
from vault.totp import Code
from vault.verify import Verification


class Device(msgspec.Struct, frozen=True):
    """An MFA device as it may be shown: everything but the seed."""

    ref: SecretRef
    label: str
    serial: str


def exists(folder: Path) -> bool:
    """Whether there is a vault in `folder`."""
    return (folder / FILE_NAME).is_file()


def create(
    folder: Path, name: str, member: str, identity: Identity, *, policy: Policy | None = None, keyring_pin: bool = False
) -> Vault:
    """Make a vault in `folder` with `member` as its first custodian, and open it.

    `keyring_pin` keeps the head in the OS keyring as well: set it where the identity has a device secret there.
    """
    created = VaultCreated(records.check_name(name, "the vault"), records.check_name(member, "the member"), policy or Policy())
    return Vault(Ledger.create(folder, identity, created, keyring_pin=keyring_pin))


def open(folder: Path, identity: Identity, *, keyring_pin: bool = False) -> Vault:  # noqa: A001  # the design's name
    """Open the vault in `folder`. Raises CannotUnlock where `identity` is no member, IntegrityFailure at any tampering,
    WrongUsage where there is no vault, OutOfReach where disk or keyring does not answer.
    """
    return Vault(Ledger.open(folder, identity, keyring_pin=keyring_pin))


def restore(backup: Path, folder: Path, identity: Identity, *, keyring_pin: bool = False) -> Vault:
    """Put a backup into `folder`, where there must be no vault, and open it.

    Where the OS keyring remembers more entries than the backup holds, that is said in the log and the vault goes on:
    entries made after the backup are lost to this copy, and a reviewer should know. What opens but is not whole is kept,
    since it may be all there is, and `notices` says so.
    """
    place_backup(backup, folder)
    try:
        ledger = Ledger.open(folder, identity, keyring_pin=keyring_pin, restored=True)
    except BaseException:
        take_back(folder)
        raise
    problems = verification.verify(ledger).problems
    if problems:
        ledger.notices.append(f"the backup is not whole, {problems[0].detail}: run `breakglass log verify`")
    return Vault(ledger)


class Vault:
    """An open vault. Close it: that forgets the keys."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.RLock()
        self._identity = ledger.identity

    # -- what it is -------------------------------------------------------------------------------------------------

    @property
    def id(self) -> bytes:
        """The vault id: the hash of the log's first entry."""
        return self._ledger.chain.vault

    @property
    def name(self) -> str:
        """What the vault is called."""
        return self.state.vault_name

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._ledger.chain.size

    @property
    def head(self) -> bytes:
        """The last entry's hash."""
        return self._ledger.chain.head

    @property
    def state(self) -> State:
        """What the log adds up to. To be read, not changed."""
        return self._ledger.state

    @property
    def me(self) -> Member:
        """The member whose identity opened the vault."""
        return self.state.members[self._identity.fingerprint]

    @property
    def notices(self) -> list[str]:
        """What a person should know about how the vault opened."""
        return list(self._ledger.notices)

    def __repr__(self) -> str:
        return f"<Vault {self.id.hex()[:8]}>"

    def refresh(self) -> None:
        """Read what another program on this machine has written meanwhile."""
        with self._lock:
            self._ledger.catch_up()

    def close(self) -> None:
        """Forget identity and keys, close the replica. Nothing works afterwards."""
        with self._lock:
            self._ledger.close()
            self._identity.wipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- records ----------------------------------------------------------------------------------------------------

    def add_account(self, record: AccountRecord) -> Account:
        """Put an account on record. WrongUsage names the field that does not fit."""
        records.check_record(record)
        with self._lock:
            self._ledger.say(AccountAdded(record))
            return self.state.accounts[record.id]

    def edit_account(self, account_id: str, record: AccountRecord) -> Account:
        """Replace an account's record; its id and partition stay as they are."""
        records.check_record(record)
        with self._lock:
            old = self._account(account_id).record
            if (record.id, record.partition) != (old.id, old.partition):
                raise WrongUsage("cannot edit the account", "its id and partition never change", "retire it and add another")
            self._ledger.say(AccountEdited(record))
            return self.state.accounts[account_id]

    def retire_account(self, account_id: str, why: str) -> None:
        """Take an account out of use. Its secrets and history stay in the vault."""
        with self._lock:
            self._account(account_id)
            self._ledger.say(AccountRetired(account_id, why))

    def note_import(self, source: str, digest: bytes, count: int) -> None:
        """Remember that a source was brought in; `digest` (32 bytes) recognises it the next time."""
        with self._lock:
            self._ledger.say(Imported(source, digest, count))

    def record_posture(self, account_id: str, lines: Iterable[PostureLine], as_of: int | None = None) -> None:
        """Keep what AWS answered about an account."""
        with self._lock:
            self._account(account_id)
            now = clock.now_ms()
            self._ledger.say(PostureRecorded(account_id, tuple(lines), now if as_of is None else min(as_of, now)))

    def confirm_words(self) -> None:
        """Note that this member's recovery words are on paper and some were asked back."""
        with self._lock:
            self._ledger.say(Attested(due.RECOVERY_WORDS, self._identity.fingerprint.hex()))

    # -- secrets ----------------------------------------------------------------------------------------------------

    def seal(self, account_id: str, plaintext: Plaintext) -> Version:
        """Seal a new current version for the holders that policy names; it supersedes the one before."""
        if isinstance(plaintext, Mfa) and not plaintext.label:
            raise WrongUsage("cannot keep the MFA device", "it has no name", "give it one by --label")
        ref = SecretRef(account_id, plaintext.kind, plaintext.name)
        serial = plaintext.serial if isinstance(plaintext, Mfa) else ""
        with self._lock:
            self._account(account_id)
            policy = self.state.policy.of(ref.kind)
            holders = tuple(sorted(policy.holders or (m.fingerprint for m in self.state.custodians())))
            bound = self._binding(ref, os.urandom(16), holders, policy.threshold)
            keys = {h: k for h, k in self._ledger.chain.announced.items() if h in holders}
            if len(keys) != len(holders):
                raise Refused("cannot seal it", "policy names a holder who has not joined the vault", "have them join, or change the policy")
            padded = encode_plaintext(plaintext)
            try:
                blob = sealing.seal(bound, padded, keys)
            finally:
                wipe(padded)
            name = sealing.blob_name(blob)
            named = SealingRef(name, holders, policy.threshold)
            self._ledger.say(VersionSealed(ref, bound.version, "current", named, serial), {name: blob})
            version = self.state.secrets[ref].current
            if version is None:
                raise Refused("refused", "the log did not take the new version")
            return version

    def withdraw(self, ref: SecretRef, why: str) -> None:
        """Take the current version of a secret out of use."""
        with self._lock:
            secret = self.state.secrets.get(ref)
            if secret is None or secret.current is None:
                raise WrongUsage("cannot remove it", f"the account has no such {ref.kind}")
            self._ledger.say(VersionWithdrawn(ref, secret.current.id, why))

    def _binding(self, ref: SecretRef, version: bytes, holders: tuple[bytes, ...], threshold: int) -> Binding:
        return Binding(self.id, ref, version, "store", holders, threshold)

    # -- checkouts --------------------------------------------------------------------------------------------------

    def check_out(
        self, account_id: str, why: str, *, ticket: str = "", minutes: int = 60, kinds: set[str] | None = None, task: str = ""
    ) -> Checkout:
        """Ask for an account's secrets and, where this member alone meets every threshold, open the checkout.

        Both entries are durable when this returns. `kinds` names what is needed; by default password and MFA. Refused
        where the reason says nothing, the time is too long, or this member has the account checked out already.
        """
        with self._lock:
            self._ledger.settle()
            account = self._account(account_id)
            poor = reason.judge(why, self.state.policy.min_reason)
            if poor:
                raise Refused("the reason is not enough", poor, "say what you are going to do and why, as a reviewer should read it")
            for mine in self.state.open_checkouts(account_id):
                if mine.member == self._identity.fingerprint and mine.is_open(clock.now_ms()):
                    raise Refused(
                        f"{account.name} is checked out to you already", f"checkout {mine.short} is open", "use it, or check it in first"
                    )
            targets = self._targets(account, kinds)
            said = self._ledger.say(CheckoutRequested(account_id, targets, why.strip(), minutes, ticket.strip(), task.strip()))
            checkout = self.state.checkouts[said.id]
            if self.approvals_needed(checkout) == 0:
                self._ledger.say(CheckoutOpened(said.ref()), not_before=said.happened)
            return checkout

    def approvals_needed(self, checkout: Checkout) -> int:
        """How many others must still approve before the checkout can be opened."""
        versions = (v for t in checkout.targets for v in self.state.secrets[t.secret].versions if v.id == t.version)
        return max((v.threshold - 1 for v in versions), default=0)

    def _targets(self, account: Account, kinds: set[str] | None) -> tuple[Target, ...]:
        found = self.state.secrets_of(account.id)
        if not found:
            raise Refused(
                f"there is nothing to check out for {account.name}", "the vault holds no secret of it", "set one with `breakglass secret set` or `breakglass mfa add`"
            )
        missing = (kinds or set()) - {s.ref.kind for s in found}
        if missing:
            raise Refused(f"{account.name} has no {min(missing)} in the vault", "", "leave it out, or set it first")
        if kinds is None:
            usual = [s for s in found if s.ref.kind != "recovery"]
            found = usual or found
        else:
            found = [s for s in found if s.ref.kind in kinds]
        return tuple(
            Target(s.ref, s.current.id, s.current.sealings[-1].blob) for s in found if s.current is not None
        )

    def reveal(self, checkout_id: bytes, ref: SecretRef, how: str = "shown") -> Password | Recovery:
        """A password or recovery notes, within an open checkout that asked for them; `how` is "shown" or "copied".

        The fact is durable in the log before this returns. MFA seeds never leave this way: Refused.
        """
        if ref.kind == "mfa":
            raise Refused("an MFA seed is never shown", "a checkout gives its codes", "use `breakglass code`")
        if how not in ("shown", "copied"):
            raise WrongUsage("cannot reveal", f"'{how}' is no way of revealing")
        with self._lock:
            checkout = self._mine(checkout_id)
            target = self._target(checkout, ref)
            self._say_revealed(checkout, target, how)
            plaintext = self._opened(target)
        if isinstance(plaintext, Mfa) or plaintext.kind != ref.kind:
            raise IntegrityFailure("the sealing is not what the log says", f"it does not hold a {ref.kind}")
        return plaintext

    def codes(self, checkout_id: bytes) -> list[tuple[Device, Code]]:
        """For each MFA device of an open checkout: what it is, the code now, seconds left, the next code.

        The fact is durable in the log before the first code of a device is made.
        """
        with self._lock:
            checkout = self._mine(checkout_id)
            found = []
            for target in checkout.targets:
                if target.secret.kind != "mfa":
                    continue
                self._say_revealed(checkout, target, "code")
                mfa = self._opened(target)
                if not isinstance(mfa, Mfa):
                    raise IntegrityFailure("the sealing is not what the log says", "it does not hold an MFA device")
                found.append((Device(target.secret, mfa.label, mfa.serial), totp.codes(mfa, clock.now_ms())))
            return found

    def check_in(
        self, checkout_id: bytes, *, rotated: bool = False, before: tuple[PostureLine, ...] = (), after: tuple[PostureLine, ...] = ()
    ) -> Checkout:
        """End a checkout, with the posture read before and after. Possible after its time as well."""
        with self._lock:
            self._ledger.say(CheckoutCheckedIn(checkout_id, rotated, before, after))
            return self.state.checkouts[checkout_id]

    def cancel(self, checkout_id: bytes, why: str = "") -> Checkout:
        """End a checkout in which nothing was revealed."""
        with self._lock:
            self._ledger.say(CheckoutCancelled(checkout_id, why))
            return self.state.checkouts[checkout_id]

    def _mine(self, checkout_id: bytes) -> Checkout:
        """The checkout, if secrets may be revealed in it to this member now."""
        self._ledger.catch_up()
        checkout = self.state.checkouts.get(checkout_id)
        if checkout is None or checkout.member != self._identity.fingerprint:
            raise Refused("there is no such checkout of yours", "", "see yours with `breakglass status`")
        if checkout.status != "open":
            raise Refused(f"checkout {checkout.short} is not open", f"it is {checkout.status}", "check the account out again")
        if not checkout.is_open(clock.now_ms()):
            raise Refused(
                f"checkout {checkout.short} is over", f"its time ended at {clock.iso(checkout.expires or 0)}", "check it in, and check the account out again if you need it"
            )
        return checkout

    def _target(self, checkout: Checkout, ref: SecretRef) -> Target:
        for target in checkout.targets:
            if target.secret == ref:
                return target
        raise Refused(f"checkout {checkout.short} does not ask for it", f"it was opened without the {ref.kind}", "check in, and ask for it in a new checkout")

    def _say_revealed(self, checkout: Checkout, target: Target, how: str) -> None:
        if not any(r.secret == target.secret and r.how == how for r in checkout.revealed):
            self._ledger.say(CheckoutRevealed(checkout.id, target.secret, target.version, how))  # type: ignore[arg-type]
            # Another program may have ended the checkout while this one spoke.
            self._mine(checkout.id)

    def _opened(self, target: Target) -> Plaintext:
        """Open the sealing a checkout names, bound to everything the log says of it."""
        version = next(v for v in self.state.secrets[target.secret].versions if v.id == target.version)
        named = next(s for s in version.sealings if s.blob == target.blob)
        blob = self._ledger.replica.blob(named.blob)
        if blob is None:
            raise IntegrityFailure(
                f"the {target.secret.kind} is missing", f"its sealing {named.blob.hex()[:16]} is not in the replica", "restore a backup; keep this replica as evidence"
            )
        bound = self._binding(target.secret, target.version, named.holders, named.threshold)
        padded = sealing.open_alone(blob, bound, self._identity, name=named.blob)
        try:
            return decode_plaintext(padded)
        finally:
            wipe(padded)

    # -- finding things ---------------------------------------------------------------------------------------------

    def find_account(self, text: str) -> Account:
        """The account in use with this id or exactly this name. WrongUsage names what comes near."""
        return records.find_account(self.state, text)

    def find_checkout(self, prefix: str) -> Checkout:
        """The checkout whose id begins with these hex digits, at least four. WrongUsage where it is none or several."""
        return records.find_checkout(self.state, prefix)

    def _account(self, account_id: str) -> Account:
        account = self.state.accounts.get(account_id)
        if account is None or account.retired is not None:
            raise WrongUsage("there is no such account", account_id, "see `breakglass accounts list`")
        return account

    # -- views ------------------------------------------------------------------------------------------------------

    def due(self) -> list[Due]:
        """What is due now, most urgent first."""
        with self._lock:
            return due.due(self.state, self._identity.fingerprint, clock.now_ms())

    def log(self, start: int = 0, count: int | None = None, *, newest_first: bool = False) -> Iterator[LogLine]:
        """Entries as lines to read, `count` of them; `start` counts from the end that comes first. Each is checked
        against the log's root as it is read.
        """
        with self._lock:
            self._ledger.catch_up()
            size = self.size
        stop = size if count is None else min(size, start + count)
        places = (size - 1 - i for i in range(start, stop)) if newest_first else iter(range(start, stop))
        for seq in places:
            with self._lock:
                old = self._ledger.old(seq)
                line = log_lines.void(seq, old) if isinstance(old, bytes) else log_lines.line(self.state, *old)
            yield line

    def verify(self, progress: Callable[[int, int], None] | None = None) -> Verification:
        """Check the whole log, every sealing and this machine's own rows from nothing."""
        with self._lock:
            return verification.verify(self._ledger, progress)

    def backup(self, path: Path) -> None:
        """A consistent copy of the replica in a new file. It holds what the replica holds: ciphertext."""
        with self._lock:
            write_backup(self._ledger.replica, path, without=self._ledger.backup_leaves_out())
