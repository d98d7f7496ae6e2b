"""One bit wrong in any byte of anything that is stored: it is noticed, its place is named, and nothing is raised but that.

Each byte is tried with one of its bits, the next byte with the next bit. What counts as noticed is what `log verify` does:
open the vault, and where that goes well, verify it. The counts are printed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.vault.founding import (
    ACCOUNT,
    PASSWORD,
    PASSWORD_REF,
    REASON,
    Founded,
    broken_off,
    fill,
    found,
    lived_in,
)
from vault import Vault, identity_file, snapshot
from vault import verify as verification
from vault.errors import CannotUnlock, IntegrityFailure
from vault.identity_file import IdentityFile, KdfCost
from vault.log_lines import LogLine
from vault.plaintext import Password
from vault.verify import Problem

PLACES = 2_000
"""In what has more bytes than that, so many places are tried instead of all."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    return lived_in(tmp_path_factory.mktemp("tampering") / "vault")


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str, int, int], None]:
    """Prints how many places were tried, past pytest's capture: the count is part of the proof."""

    def told(what: str, places: int, things: int) -> None:
        assert places > 0
        with capsys.disabled():
            print(f"\n  flipped one bit in {places:,} bytes of {what} ({things} of them): each was noticed", end="")

    return told


def places(size: int) -> Sequence[int]:
    """Every place, or PLACES of them evenly spread, first and last included."""
    return range(size) if size <= PLACES else [n * (size - 1) // (PLACES - 1) for n in range(PLACES)]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]


def what_is_wrong(founded: Founded) -> str:
    """What somebody is told who runs `log verify`; empty where all seems well."""
    try:
        opened = founded.open()
    except IntegrityFailure as failure:
        return str(failure)
    try:
        result = opened.verify()
        assert result.ok == (not result.problems)
        return "; ".join(f"{p.seq} {p.kind} {p.detail}" for p in result.problems)
    finally:
        opened.close()


def flip_rows(founded: Founded, table: str, key: str, noticed: Callable[[object, int], None]) -> tuple[int, int]:
    """Flip in every row of `table`, `noticed(key, place)` each time, and put it back. (places, rows)."""
    tried = 0
    with founded.raw() as db:
        column = "hash" if table == "nodes" else "bytes"
        rows = db.execute(f"SELECT {key}, {column} FROM {table}").fetchall()
        for *names, data in rows:
            where = " AND ".join(f"{k} = ?" for k in key.split(", "))
            change = f"UPDATE {table} SET {column} = ? WHERE {where}"
            for at in places(len(data)):
                db.execute(change, (flipped(data, at), *names))
                noticed(names[0] if len(names) == 1 else tuple(names), at)
                tried += 1
            db.execute(change, (data, *names))
    return tried, len(rows)


def test_every_byte_of_every_entry_counts(lived: Founded, tell: Callable[[str, int, int], None]) -> None:
    def noticed(seq: object, at: int) -> None:
        said = what_is_wrong(lived)
        assert f"entry {seq} " in said or f"entry {seq}," in said, (seq, at, said)

    tell("entries", *flip_rows(lived, "entries", "seq", noticed))
    assert not what_is_wrong(lived)


def test_every_byte_of_every_sealing_counts(lived: Founded, tell: Callable[[str, int, int], None]) -> None:
    with lived.open() as opened:
        kinds = {v.sealings[0].blob: s.ref.kind for s in opened.state.secrets.values() for v in s.versions}

        def noticed(name: object, at: int) -> None:
            assert isinstance(name, bytes)
            found: list[Problem] = []
            if at % 8 == 0:
                found = list(opened.verify().problems)
            else:  # the part of it that reads sealings; eight times as fast
                verification._check_blobs(opened._ledger, opened.state, found)
            (problem,) = found
            assert problem.kind == "blob"
            assert f"sealing {name.hex()[:16]} of the {kinds[name]} of account {ACCOUNT}" in problem.detail, at

        tell("sealings", *flip_rows(lived, "blobs", "name", noticed))
        assert opened.verify().ok


def test_a_flipped_sealing_is_not_opened_either(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    checkout = opened.check_out(ACCOUNT, REASON)
    name = opened.state.secrets[PASSWORD_REF].versions[0].sealings[0].blob
    with founded.raw() as db:
        (data,) = db.execute("SELECT bytes FROM blobs WHERE name = ?", (name,)).fetchone()
        for at in range(len(data)):
            db.execute("UPDATE blobs SET bytes = ? WHERE name = ?", (flipped(data, at), name))
            with pytest.raises(IntegrityFailure):
                opened.reveal(checkout.id, PASSWORD_REF)
        db.execute("UPDATE blobs SET bytes = ? WHERE name = ?", (data, name))
    assert opened.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
    opened.close()


def test_every_byte_of_a_waiting_statement_counts(tmp_path: Path, tell: Callable[[str, int, int], None]) -> None:
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    with broken_off(), pytest.raises(KeyboardInterrupt):
        opened.check_out(ACCOUNT, REASON)
    opened.close()

    def noticed(number: object, at: int) -> None:
        assert f"outbox row {number} is damaged" in what_is_wrong(founded), at

    tell("outbox rows", *flip_rows(founded, "outbox", "n", noticed))
    with founded.open() as again:
        assert "'checkout requested' had waited" in again.notices[0]
        assert [c.reason for c in again.state.checkouts.values()] == [REASON]
        assert again.verify().ok


def test_every_byte_of_pin_and_device_record_counts(lived: Founded, tell: Callable[[str, int, int], None]) -> None:
    words = {"pin": "the head remembered in the replica is damaged", "device": "the device record is damaged"}

    def noticed(name: object, at: int) -> None:
        assert words[str(name).partition("/")[0]] in what_is_wrong(lived), (name, at)

    tell("pins and device records", *flip_rows(lived, "sealed", "name", noticed))


def test_every_byte_of_the_pin_in_the_keyring_counts(
    tmp_path: Path, memory_keyring, tell: Callable[[str, int, int], None]
) -> None:
    founded = lived_in(tmp_path / "vault", keyring_pin=True)
    ((entry, text),) = [(e, t) for e, t in memory_keyring.stored.items() if e[1].startswith("pin ")]
    for at in range(len(text)):
        memory_keyring.stored[entry] = flipped(text.encode(), at).decode("latin-1")
        assert "the head remembered in the OS keyring is damaged" in what_is_wrong(founded), at
    memory_keyring.stored[entry] = text
    tell("the pin in the keyring", len(text), 1)
    assert not what_is_wrong(founded)


def read(opened: Vault, seq: int) -> LogLine | str:
    """The line of an old entry, or what is wrong with it."""
    try:
        return next(opened.log(seq, 1))
    except IntegrityFailure as failure:
        return failure.what


def test_every_byte_of_every_tree_node_counts_and_misleads_nobody(
    tmp_path: Path, tell: Callable[[str, int, int], None]
) -> None:
    founded = lived_in(tmp_path / "vault")
    with founded.open() as opened:
        sound = list(opened.log())

        def noticed(node: object, at: int) -> None:
            assert isinstance(node, tuple)
            level, index = node
            result = opened.verify()
            assert [(p.kind, p.seq) for p in result.problems] == [("node", ((index + 1) << level) - 1)]
            if at % 32 == 0:  # an old entry reads as it is, or not at all
                for seq in range(opened.size):
                    assert read(opened, seq) in (sound[seq], f"entry {seq} is not valid")

        tell("tree nodes", *flip_rows(founded, "nodes", "level, idx", noticed))
        assert opened.verify().ok


def test_a_damaged_snapshot_is_said_named_and_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[str, int, int], None]
) -> None:
    monkeypatch.setattr(snapshot, "EVERY", 8)
    founded = lived_in(tmp_path / "vault")
    monkeypatch.setattr(snapshot, "EVERY", 1 << 30)  # or the next closing would mend it
    with founded.open() as opened:
        sound = (opened.head, opened.state)
        assert not opened.notices
    tried = 0
    with founded.raw() as db:
        ((name, data),) = db.execute("SELECT name, bytes FROM sealed WHERE name LIKE 'snapshot/%'").fetchall()
        for at in places(len(data)):
            db.execute("UPDATE sealed SET bytes = ? WHERE name = ?", (flipped(data, at), name))
            with founded.open() as opened:
                assert opened.notices == [
                    "the snapshot is damaged: the log was read from its start instead; run `breakglass log verify`"
                ]
                assert (opened.head, opened.state) == sound
                if at % 16 == 0:
                    (problem,) = opened.verify().problems
                    assert (problem.kind, problem.seq) == ("snapshot", None)
            tried += 1
    tell("the snapshot", tried, 1)


def test_behind_a_snapshot_an_old_entry_is_checked_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "EVERY", 8)
    founded = lived_in(tmp_path / "vault")
    with founded.raw() as db:
        size = db.execute("SELECT count(*) FROM entries").fetchone()[0]
        for seq in range(size):
            (data,) = db.execute("SELECT bytes FROM entries WHERE seq = ?", (seq,)).fetchone()
            for at in range(0, len(data), 29):
                db.execute("UPDATE entries SET bytes = ? WHERE seq = ?", (flipped(data, at), seq))
                if seq in (0, size - 1):
                    # The first is read whole at every opening, the last is what the snapshot must fit.
                    with pytest.raises(IntegrityFailure, match=f"entry {seq}"):
                        founded.open()
                    continue
                with founded.open() as opened:
                    with pytest.raises(IntegrityFailure, match=f"entry {seq} is not valid"):
                        list(opened.log(seq, 1))
                    assert opened.verify().problems[0].seq == seq
            db.execute("UPDATE entries SET bytes = ? WHERE seq = ?", (data, seq))


# -- the identity file ------------------------------------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path: Path, cheap_kdf: KdfCost, new_identity) -> Path:
    path = tmp_path / "identity"
    identity_file.write(path, new_identity(), b"eight calm otters read", cost=cheap_kdf)
    return path


def test_every_byte_of_the_identity_file_counts(key_file: Path, tell: Callable[[str, int, int], None]) -> None:
    data = key_file.read_bytes()
    for at in range(len(data)):
        key_file.write_bytes(flipped(data, at))
        with pytest.raises(IntegrityFailure) as caught:
            identity_file.unlock(key_file, b"eight calm otters read")
        assert str(key_file) in str(caught.value)
        assert f"byte {at} " in str(caught.value) or "its first line" in str(caught.value), at
    key_file.write_bytes(data)
    identity_file.unlock(key_file, b"eight calm otters read").wipe()
    tell("the identity file", len(data), 1)


def test_with_its_checksum_mended_a_changed_identity_file_still_does_not_open(
    key_file: Path, tell: Callable[[str, int, int], None]
) -> None:
    body = key_file.read_bytes()[:-32]
    file = identity_file.inspect(key_file)
    # Every field's own bytes are tried elsewhere and without the derivation; here each kind of place, with it.
    chosen = {body.index(field) + at for field in (file.salt, file.fingerprint, file.nonce) for at in (0, 7, 11)}
    chosen |= {*range(len(identity_file.MAGIC), body.index(file.salt)), *range(len(body) - 48, len(body), 7), len(body) - 1}
    for at in sorted(chosen):
        changed = flipped(body, at)
        key_file.write_bytes(changed + hashlib.sha256(changed).digest())
        with pytest.raises((IntegrityFailure, CannotUnlock)):
            identity_file.unlock(key_file, b"eight calm otters read")
    tell("the identity file with its checksum mended", len(chosen), 1)


def test_no_field_of_the_identity_file_is_left_out_of_what_is_authenticated(key_file: Path) -> None:
    sound = identity_file._associated(identity_file.inspect(key_file))
    data = key_file.read_bytes()
    for at in range(len(identity_file.MAGIC), len(data) - 32 - 48):
        changed = flipped(data[:-32], at)
        key_file.write_bytes(changed + hashlib.sha256(changed).digest())
        try:
            file: IdentityFile = identity_file.inspect(key_file)
        except IntegrityFailure:
            continue
        assert identity_file._associated(file) != sound


# -- the file as a whole ----------------------------------------------------------------------------------------------


def test_wherever_the_database_file_itself_is_damaged_nothing_worse_happens_than_a_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    founded = lived_in(tmp_path / "vault")
    with founded.open() as opened:
        sound = (opened.head, opened.size, opened.state)
    data = founded.file.read_bytes()
    used = [at for at in range(len(data)) if data[at]]
    step = len(used) // 700
    counts = {"refused": 0, "no matter": 0}
    for at in used[::step]:
        with open(founded.file, "r+b") as file:
            os.pwrite(file.fileno(), flipped(data, at)[at : at + 1], at)
        try:
            opened = founded.open()
        except IntegrityFailure:
            counts["refused"] += 1
        else:
            if opened.verify().ok:
                # A byte that means nothing (a freed cell, a counter): then all must be as it was.
                assert (opened.head, opened.size, opened.state) == sound, at
                counts["no matter"] += 1
            else:
                counts["refused"] += 1
            opened.close()
        for end in ("-wal", "-shm"):
            Path(f"{founded.file}{end}").unlink(missing_ok=True)
        founded.file.write_bytes(data)
    assert counts["refused"] > 20 * counts["no matter"]
    with capsys.disabled():
        print(f"\n  flipped one bit in {sum(counts.values()):,} used bytes of the database file: {counts}", end="")
