"""An entry: readable without a key as far as its envelope, signed over all of it, opened by its log key only."""

from __future__ import annotations

import msgspec
import pytest

from tests.vault.saying import START
from vault import encoding, entry, statement
from vault import events as e
from vault.entry import Clear, Entry, Envelope
from vault.errors import IntegrityFailure
from vault.identity import Identity
from vault.statement import Statement

KEY = bytearray(b"k" * 32)
SAID = statement.say(e.AccountRetired("123456789012", "canary, closed"), device=bytes(16), count=1, happened=START)


@pytest.fixture(scope="module")
def author() -> Identity:
    return Identity.generate()


def place(author: Identity, said: Statement = SAID, **more: object) -> bytes:
    usual = {"author": author, "log_key": KEY, "vault": b"v" * 32, "seq": 5, "prev": b"p" * 32, "placed": START}
    return entry.place(said, **{**usual, **more})  # type: ignore[arg-type]


def opened(data: bytes, author: Identity, key: bytearray = KEY) -> Statement:
    envelope = entry.read_envelope(data, "entry 5")
    entry.check_signature(envelope, {author.fingerprint: author.public}, "entry 5")
    return entry.open_statement(envelope, key, "entry 5")


def resigned(author: Identity, envelope: Envelope, **parts: bytes) -> bytes:
    """The entry with some parts replaced, and signed again by its own author."""
    changed = msgspec.structs.replace(envelope.entry, **parts)
    signature = author.sign(entry.PAYLOAD_TYPE, entry._signed(changed.header, changed.clear, changed.ciphertext))
    return encoding.encode(msgspec.structs.replace(changed, signature=signature))


def test_a_statement_placed_is_read_again(author: Identity) -> None:
    data = place(author)
    assert opened(data, author) == SAID
    header = entry.read_envelope(data, "").header
    assert (header.version, header.vault, header.seq, header.prev) == (1, b"v" * 32, 5, b"p" * 32)
    assert (header.author, header.epoch, header.placed) == (author.fingerprint, entry.epoch_of(KEY), START)


def test_without_the_log_key_nothing_of_the_statement_is_to_be_seen(author: Identity) -> None:
    data = place(author)
    for word in (b"canary", b"123456789012", b"account retired", SAID.id, SAID.digest(), SAID.device * 2):
        assert word not in data


def test_statements_of_many_lengths_take_the_same_room(author: Identity) -> None:
    sizes = set()
    for length in range(0, 140, 7):
        said = statement.say(e.AccountRetired("123456789012", "x" * length), device=bytes(16), count=1, happened=START)
        sizes.add(len(place(author, said)))
    assert len(sizes) == 1


def test_one_statement_placed_twice_shows_no_likeness(author: Identity) -> None:
    one, other = (entry.read_envelope(place(author), "") for _ in range(2))
    assert one.header.commit != other.header.commit
    assert one.entry.ciphertext[:44] != other.entry.ciphertext[:44]


def test_every_bit_is_signed(author: Identity) -> None:
    data = place(author)
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(IntegrityFailure, match=r"^entry 5(,| )"):
            opened(bytes(changed), author)


def test_the_hash_is_over_every_byte_the_signature_included(author: Identity) -> None:
    data = place(author)
    assert entry.hash_of(data) != entry.hash_of(data[:-1] + bytes([data[-1] ^ 1]))


def test_only_the_author_it_names_has_signed_it(author: Identity, new_identity) -> None:
    stranger = new_identity()
    envelope = entry.read_envelope(place(author), "entry 5")
    with pytest.raises(IntegrityFailure, match="never announced"):
        entry.check_signature(envelope, {stranger.fingerprint: stranger.public}, "entry 5")
    with pytest.raises(IntegrityFailure, match="signature does not fit"):
        entry.check_signature(envelope, {author.fingerprint: stranger.public}, "entry 5")


def test_a_signature_for_something_else_is_none_for_an_entry(author: Identity) -> None:
    envelope = entry.read_envelope(place(author), "entry 5")
    parts = envelope.entry
    signature = author.sign("application/vnd.breakglass.checkpoint.v1", entry._signed(parts.header, parts.clear, parts.ciphertext))
    data = encoding.encode(msgspec.structs.replace(parts, signature=signature))
    with pytest.raises(IntegrityFailure, match="signature does not fit"):
        opened(data, author)


def test_another_log_key_does_not_open_it(author: Identity) -> None:
    with pytest.raises(IntegrityFailure, match="under another log key"):
        opened(place(author), author, bytearray(b"z" * 32))


@pytest.mark.parametrize("part", ["header", "clear", "ciphertext"])
def test_parts_of_two_entries_do_not_mix_even_where_their_author_signs_the_mixture(author: Identity, part: str) -> None:
    one = entry.read_envelope(place(author), "entry 5")
    other = entry.read_envelope(place(author, clear=Clear(previous_key=b"x"), placed=START + 1), "entry 5")
    mixed = resigned(author, one, **{part: getattr(other.entry, part)})
    with pytest.raises(IntegrityFailure, match="does not open under the log key"):
        opened(mixed, author)


def test_an_author_cannot_commit_to_one_statement_and_show_another(author: Identity) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    envelope = entry.read_envelope(place(author), "entry 5")
    for r32, padded in ((bytes(32), bytes(encoding.pad(SAID.encoded(), statement.STEP))), (b"", b"")):
        aad = entry._aad(envelope.entry.header, envelope.entry.clear)
        ciphertext = bytes(12) + AESGCM(bytes(KEY)).encrypt(bytes(12), r32 + padded, aad)
        with pytest.raises(IntegrityFailure, match="commitment does not fit"):
            opened(resigned(author, envelope, ciphertext=ciphertext), author)


@pytest.mark.parametrize("ciphertext", [b"", b"x" * 11, b"x" * 12, b"x" * 27, b"x" * 28])
def test_a_ciphertext_too_short_to_be_one_is_damage(author: Identity, ciphertext: bytes) -> None:
    envelope = entry.read_envelope(place(author), "entry 5")
    with pytest.raises(IntegrityFailure, match="entry 5 cannot be read"):
        opened(resigned(author, envelope, ciphertext=ciphertext), author)


def test_a_format_of_the_future_says_to_update(author: Identity) -> None:
    envelope = entry.read_envelope(place(author), "entry 5")
    header = encoding.encode(msgspec.structs.replace(envelope.header, version=2))
    with pytest.raises(IntegrityFailure) as caught:
        opened(resigned(author, envelope, header=header), author)
    assert (caught.value.what, caught.value.hint) == ("entry 5 is of format 2", "update breakglass")


@pytest.mark.parametrize("part", ["header", "clear"])
def test_header_and_clear_part_are_read_strictly(author: Identity, part: str) -> None:
    envelope = entry.read_envelope(place(author), "entry 5")
    value = getattr(envelope.entry, part)
    for odd in (value + b"\x00", value[:-1], b"", b"\xdc\x00" + value):
        with pytest.raises(IntegrityFailure, match="entry 5"):
            opened(resigned(author, envelope, **{part: odd}), author)


def test_bounds_are_part_of_the_format(author: Identity) -> None:
    big = encoding.encode(Entry(b"", b"", bytes(entry.LIMIT), bytes(64)))
    with pytest.raises(IntegrityFailure, match="more than the 262144 allowed"):
        entry.read_envelope(big, "entry 5")
    for odd in (b"s" * 63, b"s" * 65):
        with pytest.raises(IntegrityFailure):
            entry.read_envelope(encoding.encode(Entry(b"", b"", b"", odd)), "entry 5")
    too_many = Clear(voids=tuple(entry.Void(n, bytes(32)) for n in range(65)))
    with pytest.raises(IntegrityFailure):
        entry.read_envelope(place(author, clear=too_many), "entry 5")
