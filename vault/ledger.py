"""The ledger: replica, chain, keys and state kept in step, and the one way anything gets said.

`say` is the heart of "log before reveal": the statement is durable in the outbox, then placed in the log, checked by the
fold at its final place, and durable there, before `say` returns. Two programs on one replica take turns by SQLite's write
lock; whoever comes second reads what the first wrote, checks again, and places after it. A crash between outbox and log
leaves the statement waiting; the next opening places it, or says why it can no longer be.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from vault import chain as chains
from vault import clock, encoding, entry, fold, local_seal, merkle, pins, snapshot, statement
from vault.backup import place_backup
from vault.entry import Clear, Envelope, SealedLogKey
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, OutOfReach, Refused, WrongUsage
from vault.events import FACTS, Attested, Event, VaultCreated
from vault.files import private_folder
from vault.fold import Placed
from vault.identity import Identity
from vault.pins import Pin
from vault.replica import FILE_NAME, Replica
from vault.state import State
from vault.statement import Statement

KEYRING = "the OS keyring"
KEYRING_PAUSE = 2.0
"""Seconds between two writes of the head to the OS keyring: an import of a thousand accounts makes thousands of entries."""

_UNKNOWN = "it holds something that this version of breakglass does not know: it can be read, and nothing can be written"


class _Device(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The replica as an author's device: a random id, and how many statements it has made."""

    id: bytes
    count: int


class Ledger:
    """An open log. Not for use by two threads at once: the Vault holds the lock."""

    def __init__(self, replica: Replica, identity: Identity, *, keyring_pin: bool) -> None:
        self.replica = replica
        self.identity = identity
        self.chain = chains.Chain()
        self.state = State()
        self.keys = chains.LogKeys()
        self.notices: list[str] = []
        """What a person should know about how this opening went."""
        self._keyring_pin = keyring_pin
        self._snapshot_at = 0
        self._loaded = False
        self._broken: IntegrityFailure | None = None
        """What was wrong with the log when it was read on; nothing is said after that."""
        self._pinned_size = 0
        self._pinned_at = -KEYRING_PAUSE

    # -- making and opening ---------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Path, identity: Identity, created: VaultCreated, *, keyring_pin: bool) -> Ledger:
        """A new log in `folder`, whose first entry is `created`."""
        device = _Device(os.urandom(16), 1)
        now = clock.now_ms()
        said = statement.say(created, device=device.id, count=1, happened=now)
        if (folder / FILE_NAME).exists():
            raise WrongUsage(
                "cannot make a vault", f"there is one in {folder} already", "open it, or name another folder by --vault"
            )
        private_folder(folder)
        # Made whole beside its place and then put there: a power cut leaves a vault or none, never half of one.
        with tempfile.TemporaryDirectory(prefix=".new.", dir=folder) as making:
            ledger = cls(Replica.create(Path(making)), identity, keyring_pin=False)
            try:
                ledger._found(said, device, now)
            finally:
                ledger.close()
            place_backup(Path(making) / FILE_NAME, folder, "cannot make a vault")
        return cls.open(folder, identity, keyring_pin=keyring_pin)

    def _found(self, said: Statement, device: _Device, now: int) -> None:
        """Write the first entry and read it back."""
        identity = self.identity
        log_key = bytearray(os.urandom(32))
        epoch = entry.epoch_of(log_key)
        info = entry.log_key_info(entry.NO_VAULT, identity.fingerprint, epoch)
        clear = Clear(
            announced=(identity.public,),
            log_keys=(SealedLogKey(identity.fingerprint, identity.public.seal(log_key, info)),),
        )
        self.keys.add(log_key)
        with self.replica.transaction():
            data = entry.place(
                said, author=identity, log_key=log_key, vault=entry.NO_VAULT, seq=0, prev=bytes(32), placed=now, clear=clear
            )
            vault = entry.hash_of(data)
            self.replica.append(0, data, merkle.Frontier().append(merkle.leaf_hash(data)))
            self._keep_device(vault, device)
            self._keep_pin(vault, Pin(1, vault))
        self._read_on()

    @classmethod
    def open(cls, folder: Path, identity: Identity, *, keyring_pin: bool, restored: bool = False) -> Ledger:
        """Open the log in `folder`: check the pin, take the snapshot, read and check what is new, place what waits.

        CannotUnlock where the identity is no member, IntegrityFailure where anything is not as it was written. With
        `restored`, a keyring that remembers more than this replica holds stops nothing: that is said in the log instead.
        """
        ledger = cls(Replica.open(folder), identity, keyring_pin=keyring_pin)
        try:
            ledger._load(restored=restored)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def _load(self, *, restored: bool) -> None:
        first = self._first()
        vault = first.hash
        if not self.keys.learn(first, self.identity):
            raise CannotUnlock("cannot unlock", "this identity is not a member of the vault", "name the right one by --identity")
        kept = self._take_snapshot(vault)
        if kept is not None:
            self.chain, self.state = kept
            self._snapshot_at = self.chain.size
        remembered, lost = self._remembered(vault), None
        self._check_snapshot_head()
        self._read_on()
        for pin, where in remembered:
            data = self.replica.entry(pin.size - 1) if pin.size else None
            try:
                pins.check(pin, self.chain.size, entry.hash_of(data) if data else None, where)
            except IntegrityFailure:
                if not restored or where != KEYRING:
                    raise
                lost = pin
        if 0 in self.state.rejected:
            raise IntegrityFailure("cannot read this log", self.state.rejected[0], "update breakglass")
        if self.identity.fingerprint not in self.state.members:
            raise CannotUnlock("cannot unlock", "this identity is not a member of the vault", "name the right one by --identity")
        self._loaded = True
        self._place_waiting()
        if lost is not None:
            self.say(Attested("restored from a backup", f"{lost.size} entries were seen before, the last {lost.head.hex()}"))
        self._pin_in_keyring()

    def _first(self) -> Envelope:
        data = self.replica.entry(0)
        if data is None:
            raise IntegrityFailure("entry 0 is missing", "a log begins with the entry that made the vault", chains.HINT)
        # Checked as a whole even where a snapshot stands for the rest: the vault id and the log key come from here.
        alone = chains.Chain()
        envelope = alone.take(data)
        alone.finish()
        if envelope is None:  # finish() has raised; this line tells the type checker
            raise IntegrityFailure("entry 0 is not valid", "it cannot be read", chains.HINT)
        return envelope

    def _take_snapshot(self, vault: bytes) -> tuple[chains.Chain, State] | None:
        sealed = self.replica.sealed(self._name("snapshot"))
        if sealed is None:
            return None
        try:
            return snapshot.read(self.identity, vault, sealed)
        except IntegrityFailure:
            self.notices.append("the snapshot is damaged: the log was read from its start instead; run `breakglass log verify`")
            return None

    def _check_snapshot_head(self) -> None:
        if self.chain.size:
            last = self.replica.entry(self.chain.size - 1)
            head = entry.hash_of(last) if last else None
            pins.check(Pin(self.chain.size, self.chain.head), self.replica.size(), head, "the snapshot")

    def _remembered(self, vault: bytes) -> list[tuple[Pin, str]]:
        found = []
        sealed = self.replica.sealed(self._name("pin"))
        if sealed is not None:
            found.append((pins.read(self.identity, vault, sealed, "the head remembered in the replica"), "its pin"))
        elif self.replica.sealed(self._name("device")) is not None:
            raise IntegrityFailure("the head remembered in the replica is missing", "somebody took it out", chains.HINT)
        if self._keyring_pin:
            pin = pins.from_keyring(self.identity, vault)
            if pin is not None:
                found.append((pin, KEYRING))
        return found

    def close(self) -> None:
        """Keep a snapshot where it is worth it, forget the keys, close the file."""
        try:
            if self._loaded:
                self._pin_in_keyring(at_once=True)
                self._keep_snapshot()
        except BreakglassError:
            pass  # it is a cache: whatever stands in the way is met, and named, at the next write
        finally:
            self.keys.wipe()
            self.replica.close()

    # -- reading --------------------------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Read and check what another program has written meanwhile."""
        if self._broken is not None:
            raise IntegrityFailure(self._broken.what, self._broken.why, self._broken.hint)
        size = self.replica.size()
        if size < self.chain.size:
            raise IntegrityFailure("the log was rolled back", f"this replica holds {size} entries, and held {self.chain.size}", chains.HINT)
        if size > self.chain.size:
            self._read_on()

    def settle(self) -> None:
        """Catch up, and place what waits in the outbox: what was said before comes before what is said next."""
        self.catch_up()
        self._place_waiting()

    def _read_on(self) -> None:
        try:
            for envelope, _ in chains.walk(self.chain, self.replica.entries(self.chain.size)):
                if envelope.clear.log_keys and envelope.header.seq == 0:
                    self.keys.learn(envelope, self.identity)
                fold.take(self.state, self.opened(envelope))
        except IntegrityFailure as failure:
            # The chain may stand behind what could not be read: nothing may be concluded from it any more.
            self._broken = failure
            raise

    def opened(self, envelope: Envelope) -> Placed:
        """The statement in an entry, decrypted."""
        header = envelope.header
        where = f"entry {header.seq}"
        said = entry.open_statement(envelope, self.keys.of(header.epoch, where), where)
        return Placed(header.seq, header.author, said)

    def old(self, seq: int) -> tuple[Envelope, Placed] | bytes:
        """An entry read before, checked anew against the root that is known; the hash of a void object that stands there.

        IntegrityFailure names the place where the bytes are not those that were read.
        """
        data = self.replica.entry(seq)
        where = f"entry {seq}"
        if data is None:
            raise IntegrityFailure(f"{where} is missing", "it was there when the log was read", chains.HINT)
        root = merkle.root_through(merkle.leaf_hash(data), seq, self.chain.size, self.replica.node)
        if root != self.chain.tree.root():
            raise IntegrityFailure(f"{where} is not valid", "its bytes are not those that were read and checked before", chains.HINT)
        try:
            envelope = entry.read_envelope(data, where)
            entry.check_signature(envelope, self.chain.announced, where)
        except IntegrityFailure:
            # The chain has passed over these very bytes, so a later entry names them as void.
            return entry.hash_of(data)
        return envelope, self.opened(envelope)

    # -- saying ---------------------------------------------------------------------------------------------------

    def say(self, event: Event, blobs: Mapping[bytes, bytes] | None = None, *, not_before: int = 0) -> Statement:
        """Say one thing. When this returns, it stands in the log and is durable.

        Refused where a rule forbids it: then nothing was written. That holds for facts too: what is said here has not
        happened yet. `not_before` is a happened-time that this one follows, even if the clock was set back meanwhile.
        """
        self.settle()
        vault = self.chain.vault
        device = self._device(vault)
        device = _Device(device.id, device.count + 1)
        said = statement.say(event, device=device.id, count=device.count, happened=max(clock.now_ms(), not_before))
        self._allow(said)
        with self.replica.transaction():
            self._keep_device(vault, device)
            for name, data in (blobs or {}).items():
                self.replica.put_blob(name, data)
            number = self.replica.queue(self.identity.fingerprint, self._seal_waiting(vault, said))
        self._place(number, said)
        return said

    def _allow(self, said: Statement, *, waited: bool = False) -> None:
        if self.state.unknown_critical:
            raise IntegrityFailure("this log can only be read", _UNKNOWN, "update breakglass")
        why = fold.why_not(self.state, Placed(self.chain.size, self.identity.fingerprint, said))
        # A fact that waited may have happened, whatever became of the program that said it.
        if why is not None and not (waited and type(said.event()) in FACTS):
            raise Refused("refused", why)

    def _place(self, number: int, said: Statement, *, waited: bool = False) -> bool:
        """Move a statement from the outbox into the log, in one transaction; False where another program has done it."""
        refused: Refused | None = None
        with self.replica.transaction():
            self.catch_up()
            if fold.stands(self.state, self.identity.fingerprint, said):
                self.replica.unqueue(number)
                return False
            try:
                self._allow(said, waited=waited)
            except Refused as why:
                refused = why
                self.replica.unqueue(number)
            else:
                data = self._append(said)
                self.replica.unqueue(number)
        if refused is not None:
            raise refused
        # Only now, when it is durable, does it count here too.
        envelope = entry.read_envelope(data, f"entry {self.chain.size}")
        seq = self.chain.size
        self.chain.advance(data, envelope)
        fold.take(self.state, Placed(seq, self.identity.fingerprint, said))
        self._pin_in_keyring()
        if self.chain.size - self._snapshot_at >= snapshot.MEANWHILE:
            self._keep_snapshot()
        return True

    def _append(self, said: Statement) -> bytes:
        chain, seq = self.chain, self.chain.size
        data = entry.place(
            said, author=self.identity, log_key=self.keys.of(chain.epoch, "the log"), vault=chain.vault, seq=seq,
            prev=chain.head, placed=clock.now_ms(), clear=Clear(voids=tuple(void for void, _ in chain.voids)),
        )
        if len(data) > entry.LIMIT:
            raise Refused("refused", "what is to be said is too long for an entry of the log")
        self.replica.append(seq, data, chain.tree.copy().append(merkle.leaf_hash(data)))
        self._keep_pin(chain.vault, Pin(seq + 1, entry.hash_of(data)))
        return data

    def _place_waiting(self) -> None:
        if self.state.unknown_critical:
            if _UNKNOWN not in self.notices:
                self.notices.append(_UNKNOWN)
            return
        for number, said in self.waiting():
            try:
                placed = self._place(number, said, waited=True)
            except Refused as refused:
                self.notices.append(f"'{said.name}' waited to be written and can no longer be: {refused.why}")
            else:
                if placed:
                    self.notices.append(f"'{said.name}' had waited to be written since a run was broken off; it is in the log now")

    def waiting(self) -> list[tuple[int, Statement]]:
        """(number, statement) of what this member has in the outbox. IntegrityFailure names a damaged row."""
        found = []
        for number, member, sealed in self.replica.waiting():
            what = f"outbox row {number}"
            if member not in self.state.members:
                raise IntegrityFailure(f"{what} is damaged", "it belongs to nobody who is a member", chains.HINT)
            if member != self.identity.fingerprint:
                continue  # somebody else's who uses this machine; it waits for them
            plain = local_seal.unseal(self.identity, "outbox", self.chain.vault, "statement", sealed, what)
            found.append((number, statement.read(encoding.unpad(plain, what))))
        return found

    def _seal_waiting(self, vault: bytes, said: Statement) -> bytes:
        padded = bytes(encoding.pad(said.encoded(), statement.STEP))
        return local_seal.seal(self.identity, "outbox", vault, "statement", padded)

    # -- this machine's own things ----------------------------------------------------------------------------------

    def _name(self, thing: str) -> str:
        # By member, so that two people who share a machine account do not stumble over each other's.
        return f"{thing}/{self.identity.fingerprint.hex()}"

    def _device(self, vault: bytes) -> _Device:
        sealed = self.replica.sealed(self._name("device"))
        if sealed is None:
            return _Device(os.urandom(16), 0)
        what = "the device record"
        plain = local_seal.unseal(self.identity, "device", vault, "device", sealed, what)
        return encoding.decode(plain, _Device, 256, what)

    def _keep_device(self, vault: bytes, device: _Device) -> None:
        sealed = local_seal.seal(self.identity, "device", vault, "device", encoding.encode(device))
        self.replica.put_sealed(self._name("device"), sealed)

    def _keep_pin(self, vault: bytes, pin: Pin) -> None:
        self.replica.put_sealed(self._name("pin"), pins.seal(self.identity, vault, pin))

    def _pin_in_keyring(self, *, at_once: bool = False) -> None:
        stale = self._pinned_size != self.chain.size and (at_once or time.monotonic() - self._pinned_at >= KEYRING_PAUSE)
        if not (self._keyring_pin and stale):
            return
        self._pinned_size, self._pinned_at = self.chain.size, time.monotonic()
        try:
            pins.to_keyring(self.identity, self.chain.vault, Pin(self.chain.size, self.chain.head))
        except OutOfReach as failure:
            notice = f"the OS keyring did not take the newest head of the log: {failure.why}"
            if notice not in self.notices:
                self.notices.append(notice)

    def _keep_snapshot(self) -> None:
        if self.chain.size - self._snapshot_at < snapshot.EVERY or self._broken is not None:
            return
        sealed = snapshot.seal(self.identity, self.chain.vault, self.chain, self.state)
        with self.replica.transaction():
            self.replica.put_sealed(self._name("snapshot"), sealed)
        self._snapshot_at = self.chain.size

    def check_own(self, report: Callable[[str, str], None]) -> None:
        """Read this identity's sealed things; tell `report(kind, detail)` of each that is damaged."""
        vault = self.chain.vault
        for kind, read in (
            ("pin", lambda: self._remembered(vault)),
            ("device", lambda: self._device(vault)),
            ("outbox", self.waiting),
            ("snapshot", lambda: self._snapshot_whole(vault)),
        ):
            try:
                read()
            except IntegrityFailure as failure:
                report(kind, str(failure))

    def _snapshot_whole(self, vault: bytes) -> None:
        sealed = self.replica.sealed(self._name("snapshot"))
        if sealed is not None:
            snapshot.read(self.identity, vault, sealed)

    def backup_leaves_out(self) -> tuple[str, ...]:
        """What a copy must not take along: two copies that go on as one device would say different things as one."""
        return (self._name("device"),)
