"""Which objects may stand at which place: what is void, what must be named, what is a gap, and what is a fork."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from tests.vault.saying import START
from vault import entry, events, merkle, statement
from vault.chain import Chain, LogKeys, walk
from vault.entry import Clear, SealedLogKey, Void
from vault.errors import IntegrityFailure
from vault.identity import Identity


@dataclass
class Log:
    """Writes a log by hand, with whatever is wrong with it."""

    author: Identity
    key: bytearray = field(default_factory=lambda: bytearray(b"k" * 32))
    vault: bytes = entry.NO_VAULT
    objects: list[bytes] = field(default_factory=list)
    head: bytes = bytes(32)

    def make(self, **odd: object) -> bytes:
        """The next valid entry, but for what is said otherwise."""
        event = events.Attested("x") if self.objects else events.VaultCreated("acme", "Ann", events.Policy())
        usual = {
            "author": self.author, "log_key": self.key, "vault": self.vault, "seq": len(self.objects), "prev": self.head,
            "placed": START, "clear": Clear() if self.objects else self.first_clear(),
        }  # fmt: skip
        said = statement.say(event, device=bytes(16), count=1, happened=START)
        return entry.place(said, **{**usual, **odd})  # type: ignore[arg-type]

    def first_clear(self) -> Clear:
        epoch = entry.epoch_of(self.key)
        info = entry.log_key_info(entry.NO_VAULT, self.author.fingerprint, epoch)
        sealed = SealedLogKey(self.author.fingerprint, self.author.public.seal(self.key, info))
        return Clear(announced=(self.author.public,), log_keys=(sealed,))

    def add(self, **odd: object) -> bytes:
        """Append an entry that counts."""
        data = self.make(**odd)
        self.objects.append(data)
        self.head = entry.hash_of(data)
        self.vault = self.vault if self.vault != entry.NO_VAULT else self.head
        return data

    def add_void(self, data: bytes) -> Void:
        """Append an object that counts for nothing; gives what names it."""
        self.objects.append(data)
        return Void(len(self.objects) - 1, entry.hash_of(data))

    def walked(self, rows: Iterable[tuple[int, bytes]] | None = None) -> Chain:
        chain = Chain()
        taken = [e.header.seq for e, _ in walk(chain, iter(rows or enumerate(self.objects)))]
        assert taken == sorted(taken)
        return chain


@pytest.fixture
def log(new_identity) -> Log:
    made = Log(new_identity())
    for _ in range(3):
        made.add()
    return made


def why(log: Log, rows: Iterable[tuple[int, bytes]] | None = None) -> str:
    with pytest.raises(IntegrityFailure) as caught:
        log.walked(rows)
    return str(caught.value)


def test_a_whole_chain_ends_at_its_head_and_its_root(log: Log) -> None:
    chain = log.walked()
    assert (chain.size, chain.head, chain.vault, chain.voids) == (3, log.head, log.vault, [])
    tree = merkle.Frontier()
    for data in log.objects:
        tree.append(merkle.leaf_hash(data))
    assert chain.tree.root() == tree.root()


def test_the_vault_id_is_the_hash_of_the_first_entry_which_names_none(log: Log) -> None:
    assert log.walked().vault == entry.hash_of(log.objects[0])
    assert entry.read_envelope(log.objects[0], "").header.vault == bytes(32)


def foreign(log: Log, new_identity) -> list[bytes]:
    """Objects that nobody of this vault signed for this place."""
    stranger = new_identity()
    sound = log.make()
    return [
        b"", b"\x00", b"not an entry", b"\x94" * 50, sound[:-1], sound + b"\x00", sound[:-1] + bytes([sound[-1] ^ 1]),
        log.make(author=stranger), log.make(vault=b"v" * 32), log.make(log_key=bytearray(b"other key" * 4)[:32]),
        log.make(clear=Clear(announced=(type(stranger.public)((("ed25519", b"x" * 32),)),))),
    ]  # fmt: skip


def test_a_foreign_object_that_the_next_entry_names_is_passed_over(log: Log, new_identity) -> None:
    for data in foreign(log, new_identity):
        void = log.add_void(data)
        log.add(clear=Clear(voids=(void,)))
    chain = log.walked()
    assert (chain.size, chain.head, chain.voids) == (len(log.objects), log.head, [])


def test_several_in_a_row_are_named_together_in_order(log: Log) -> None:
    voids = tuple(log.add_void(data) for data in (b"one", b"two", b"three"))
    sound = log.make(clear=Clear(voids=voids))
    log.objects.append(sound)
    assert log.walked().size == 7
    for wrong in (voids[::-1], voids[:2], voids[1:], (), (*voids, Void(9, bytes(32)))):
        log.objects[-1] = log.make(seq=6, clear=Clear(voids=wrong))
        assert why(log).startswith("entry 3 ")


def test_one_that_nobody_has_named_is_where_the_log_is_broken(log: Log, new_identity) -> None:
    for data in foreign(log, new_identity):
        log.add_void(data)
        assert why(log).startswith("entry 3")
        log.objects.append(log.make())  # goes on as if nothing had been there
        assert why(log).startswith("entry 3")
        del log.objects[3:]
    log.walked()


def test_an_entry_that_names_what_was_not_there_is_refused(log: Log) -> None:
    log.add(clear=Clear(voids=(Void(2, entry.hash_of(log.objects[2])),)))
    assert why(log) == "entry 3 is not valid: the void objects that it names are not those before it"


def test_a_void_is_named_by_its_place_and_by_every_byte_of_it(log: Log) -> None:
    void = log.add_void(b"foreign")
    for wrong in (Void(2, void.hash), Void(3, entry.hash_of(b"another"))):
        log.objects[4:] = [log.make(seq=4, clear=Clear(voids=(wrong,)))]
        assert why(log).startswith("entry 3 ")
    log.objects[4:] = [log.make(seq=4, clear=Clear(voids=(void,)))]
    log.walked()


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_gap_is_named(log: Log, gone: int) -> None:
    log.add()
    rows = [(seq, data) for seq, data in enumerate(log.objects) if seq != gone]
    assert why(log, rows) == f"entry {gone} is missing: the next one found is {gone + 1}"


def test_a_signed_entry_that_does_not_extend_the_head_is_a_fork_at_once_and_no_later_entry_mends_it(log: Log) -> None:
    for data, told in (
        (log.make(prev=entry.hash_of(log.objects[1])), "it does not follow the entry before it"),
        (log.make(seq=2), "it was written for place 2"),
        (log.objects[1], "it was written for place 1"),
        (log.make(seq=9), "it was written for place 9"),
    ):
        log.objects[3:] = [data]
        assert why(log) == f"entry 3 is not valid: {told}"
        log.objects.append(log.make(seq=4, clear=Clear(voids=(Void(3, entry.hash_of(data)),))))
        assert why(log) == f"entry 3 is not valid: {told}"


def test_two_logs_from_one_beginning_do_not_fit_together(log: Log) -> None:
    ours = list(log.objects)
    log.objects, log.head = ours[:2], entry.hash_of(ours[1])
    log.add()
    log.add()
    theirs = log.objects
    log.objects = [*ours, theirs[3]]
    assert why(log) == "entry 3 is not valid: it does not follow the entry before it"


def test_a_first_entry_that_is_not_one_makes_no_log(new_identity) -> None:
    identity = new_identity()
    for odd, told in (
        ({"seq": 1}, "it was written for place 1"),
        ({"prev": b"p" * 32}, "it does not follow the entry before it"),
        ({"vault": b"v" * 32}, "it belongs to another vault"),
        ({"clear": Clear()}, "its author's key was never announced"),
        ({"author": new_identity()}, "its author's key was never announced"),
    ):
        log = Log(identity)
        log.objects.append(log.make(**odd))
        assert why(log) == f"entry 0 is not valid: {told}"


def test_whoever_was_announced_may_sign_from_then_on_and_not_before(log: Log, new_identity) -> None:
    newcomer = new_identity()
    log.objects.append(log.make(author=newcomer))
    assert why(log) == "entry 3 is not valid: its author's key was never announced"
    log.objects.pop()
    log.add(clear=Clear(announced=(newcomer.public,)))
    log.add(author=newcomer)
    assert newcomer.fingerprint in log.walked().announced


def test_announced_keys_that_are_not_sound_are_named_with_their_place(log: Log, new_identity) -> None:
    public = new_identity().public
    weak = type(public)((("ed25519", bytes(32)), public.keys[1]))
    log.objects.append(log.make(clear=Clear(announced=(weak,))))
    assert why(log) == "entry 3 is not valid: a member's public keys are damaged: anybody could sign for such a key"


def test_a_position_kept_and_taken_up_again_goes_on_the_same(log: Log) -> None:
    chain = Chain()
    for data in log.objects[:2]:
        chain.take(data)
    again = Chain(chain.record())
    assert again.record() == chain.record()
    assert again.take(log.objects[2]) is not None
    assert (again.head, again.tree.root()) == (log.head, log.walked().tree.root())


def test_a_log_key_is_learned_by_whom_it_is_sealed_to_and_by_nobody_else(log: Log, new_identity) -> None:
    first = entry.read_envelope(log.objects[0], "")
    keys = LogKeys()
    assert not keys.learn(first, new_identity())
    with pytest.raises(IntegrityFailure, match="never sealed to this identity"):
        keys.of(first.header.epoch, "entry 0")
    assert keys.learn(first, log.author)
    held = keys.of(first.header.epoch, "entry 0")
    assert held == log.key
    keys.wipe()
    assert held == bytes(32)
    with pytest.raises(IntegrityFailure):
        keys.of(first.header.epoch, "entry 0")


def test_a_log_key_that_is_not_the_one_its_entry_names_is_refused(new_identity) -> None:
    log = Log(new_identity())
    info = entry.log_key_info(entry.NO_VAULT, log.author.fingerprint, entry.epoch_of(log.key))
    sealed = SealedLogKey(log.author.fingerprint, log.author.public.seal(b"z" * 32, info))
    data = log.make(clear=Clear(announced=(log.author.public,), log_keys=(sealed,)))
    with pytest.raises(IntegrityFailure, match="the log key in it is not the one it names"):
        LogKeys().learn(entry.read_envelope(data, ""), log.author)
