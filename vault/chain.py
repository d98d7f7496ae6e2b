"""The chain: which bytes may stand at which place of the log.

`take` checks one stored object against everything before it: form, vault id, place, previous hash, epoch, announced
key, signature. It needs no secret, so a holder of the bytes alone can run it. What an entry *says* is not looked at here.

An object that is nobody's entry of this log is void: it is remembered, and the next valid entry has to name it. So a
damaged or foreign object never stops the log by itself, and never goes by unnamed; one that is not named is where the
log is broken. An entry that somebody signed, and that does not extend the head, is a fork: it stops the log at once.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

import msgspec

from vault import entry, merkle
from vault.entry import Envelope
from vault.errors import IntegrityFailure
from vault.identity import Identity, PublicIdentity

HINT = "keep this replica as evidence, and compare the log with another member's copy or a backup"


class ChainRecord(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A chain's position, as a snapshot keeps it."""

    vault: bytes
    size: int
    head: bytes
    edge: tuple[bytes, ...]
    announced: tuple[PublicIdentity, ...]
    epoch: bytes
    key_places: tuple[tuple[bytes, int], ...]


class Chain:
    """A position in the log: everything the next entry is checked against."""

    def __init__(self, record: ChainRecord | None = None) -> None:
        self.vault = record.vault if record else b""
        """The vault id; empty before the first entry."""
        self.head = record.head if record else bytes(32)
        """Hash of the last valid entry."""
        self.epoch = record.epoch if record else b""
        self.announced = {p.fingerprint: p for p in record.announced} if record else {}
        self.key_places = dict(record.key_places) if record else {}
        """Epoch to the place of the entry that brought its log key."""
        self.tree = merkle.Frontier(record.size, record.edge) if record else merkle.Frontier()
        self.voids: list[tuple[entry.Void, IntegrityFailure]] = []
        """Objects at the end that no valid entry has named yet, with what is wrong with each."""

    @property
    def size(self) -> int:
        """How many places are taken, voids included."""
        return self.tree.size

    def record(self) -> ChainRecord:
        """The position, to be kept."""
        return ChainRecord(
            self.vault, self.size, self.head, tuple(self.tree.edge), tuple(self.announced.values()), self.epoch,
            tuple(self.key_places.items()),
        )

    def take(self, data: bytes) -> Envelope | None:
        """Check the object at the next place and move on; None where it is void for now. IntegrityFailure at a fork."""
        seq = self.size
        try:
            envelope = self._check(data)
        except IntegrityFailure as failure:
            self.voids.append((entry.Void(seq, entry.hash_of(data)), failure))
            self.tree.append(merkle.leaf_hash(data))
            return None
        fork = self._fork(envelope)
        if fork:
            self.finish()  # where a void went unnamed, that is where it began
            raise IntegrityFailure(f"entry {seq} is not valid", fork, HINT)
        self.advance(data, envelope)
        return envelope

    def advance(self, data: bytes, envelope: Envelope) -> list[tuple[int, int, bytes]]:
        """Move on over an entry known to be valid; return the Merkle nodes it completes."""
        header = envelope.header
        if header.seq == 0:
            self.vault = envelope.hash
            self.epoch = header.epoch
            self.key_places[header.epoch] = 0
        for newcomer in envelope.clear.announced:
            self.announced[newcomer.fingerprint] = newcomer
        self.voids.clear()
        self.head = envelope.hash
        return self.tree.append(merkle.leaf_hash(data))

    def finish(self) -> None:
        """Say that nothing more comes: a void that no entry has named is a broken log."""
        if self.voids:
            _, failure = self.voids[0]
            raise IntegrityFailure(failure.what, failure.why, HINT) from None

    def _check(self, data: bytes) -> Envelope:
        """The object as an entry that a member of this vault has signed; IntegrityFailure where it is none."""
        seq = self.size
        where = f"entry {seq}"
        envelope = entry.read_envelope(data, where)
        header, first = envelope.header, seq == 0
        if header.vault != (entry.NO_VAULT if first else self.vault):
            raise IntegrityFailure(f"{where} is not valid", "it belongs to another vault", HINT)
        if not first and header.epoch != self.epoch:
            raise IntegrityFailure(f"{where} is not valid", "it is under a log key that is not in force", HINT)
        for newcomer in envelope.clear.announced:
            try:
                newcomer.check()
            except IntegrityFailure as failure:
                raise IntegrityFailure(f"{where} is not valid", str(failure), HINT) from None
        announced = self.announced or {p.fingerprint: p for p in envelope.clear.announced}
        entry.check_signature(envelope, announced, where)
        return envelope

    def _fork(self, envelope: Envelope) -> str:
        """Why a signed entry does not extend the head, or an empty string."""
        if envelope.header.seq != self.size:
            return f"it was written for place {envelope.header.seq}"
        if not hmac.compare_digest(envelope.header.prev, self.head):
            return "it does not follow the entry before it"
        if envelope.clear.voids != tuple(void for void, _ in self.voids):
            return "the void objects that it names are not those before it"
        return ""


class LogKeys:
    """The log keys that an identity can open, by epoch. They are wiped with `wipe`."""

    def __init__(self) -> None:
        self._keys: dict[bytes, bytearray] = {}

    def add(self, key: bytearray) -> None:
        """Take a key that is known already: the founder's own."""
        self._keys[entry.epoch_of(key)] = key

    def learn(self, envelope: Envelope, identity: Identity) -> bool:
        """Open the log key that this entry brings for `identity`; False where it brings none for it."""
        header = envelope.header
        for sealed in envelope.clear.log_keys:
            if sealed.holder == identity.fingerprint:
                info = entry.log_key_info(header.vault, sealed.holder, header.epoch)
                key = identity.open_sealed(sealed.sealed, info)
                if not hmac.compare_digest(entry.epoch_of(key), header.epoch):
                    raise IntegrityFailure(f"entry {header.seq} is not valid", "the log key in it is not the one it names")
                self.add(key)
                return True
        return False

    def of(self, epoch: bytes, where: str) -> bytearray:
        """The log key of an epoch."""
        key = self._keys.get(epoch)
        if key is None:
            raise IntegrityFailure(f"{where} cannot be read", "its log key was never sealed to this identity")
        return key

    def wipe(self) -> None:
        """Forget all keys."""
        for key in self._keys.values():
            key[:] = bytes(len(key))
        self._keys.clear()


def walk(chain: Chain, rows: Iterator[tuple[int, bytes]]) -> Iterator[tuple[Envelope, bytes]]:
    """Take rows (place, bytes) in order; yield each valid entry. IntegrityFailure at a gap, an unnamed void or a fork."""
    for seq, data in rows:
        if seq != chain.size:
            raise IntegrityFailure(f"entry {chain.size} is missing", f"the next one found is {seq}", HINT)
        envelope = chain.take(data)
        if envelope is not None:
            yield envelope, data
    chain.finish()
