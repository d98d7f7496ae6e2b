"""Whole rows moved, taken out, put back or added, and the whole file put back: seen, and told where."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

import vault
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
    record,
    use,
)
from vault.errors import CannotUnlock, IntegrityFailure
from vault.plaintext import Password


@pytest.fixture
def lived(tmp_path: Path) -> Founded:
    return lived_in(tmp_path / "vault")


def told(founded: Founded) -> str:
    with pytest.raises(IntegrityFailure) as caught:
        founded.open().close()
    return str(caught.value)


def size_of(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM entries").fetchone()[0])


def test_any_entry_taken_out_is_missed_at_its_place(lived: Founded) -> None:
    with lived.raw() as db:
        size = size_of(db)
        for seq in range(size):
            (data,) = db.execute("SELECT bytes FROM entries WHERE seq = ?", (seq,)).fetchone()
            db.execute("DELETE FROM entries WHERE seq = ?", (seq,))
            if seq == size - 1:
                assert "the log was rolled back: this replica holds 9 entries; its pin remembers 10" in told(lived)
            else:
                assert f"entry {seq} is missing" in told(lived)
            db.execute("INSERT INTO entries VALUES (?, ?)", (seq, data))
    lived.open().close()


def test_a_log_cut_short_anywhere_is_a_rollback(lived: Founded) -> None:
    with lived.raw() as db:
        rows = db.execute("SELECT seq, bytes FROM entries").fetchall()
        for keep in range(1, len(rows)):
            db.execute("DELETE FROM entries WHERE seq >= ?", (keep,))
            assert f"the log was rolled back: this replica holds {keep} entries" in told(lived)
            db.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?)", rows)
        db.execute("DELETE FROM entries")
    assert "entry 0 is missing" in told(lived)


def test_any_two_entries_swapped_are_found_at_the_first_of_them(lived: Founded) -> None:
    with lived.raw() as db:
        rows = dict(db.execute("SELECT seq, bytes FROM entries").fetchall())
        for one in range(len(rows)):
            for other in range(one + 1, len(rows)):
                swapped = {**rows, one: rows[other], other: rows[one]}
                for seq in (one, other):
                    db.execute("UPDATE entries SET bytes = ? WHERE seq = ?", (swapped[seq], seq))
                assert f"entry {one} is not valid" in told(lived)
                for seq in (one, other):
                    db.execute("UPDATE entries SET bytes = ? WHERE seq = ?", (rows[seq], seq))


def test_an_entry_said_again_at_the_end_is_a_fork(lived: Founded) -> None:
    with lived.raw() as db:
        size = size_of(db)
        db.execute("INSERT INTO entries SELECT ?, bytes FROM entries WHERE seq = 3", (size,))
    assert f"entry {size} is not valid: it was written for place 3" in told(lived)


@pytest.mark.parametrize("seq", [-1, 1 << 40, (1 << 63) - 2])
def test_a_row_beside_the_log_is_found(lived: Founded, seq: int) -> None:
    with lived.raw() as db:
        db.execute("INSERT INTO entries SELECT ?, bytes FROM entries WHERE seq = 3", (seq,))
    if seq > 0:
        assert "entry 10 is missing" in told(lived)
    else:
        with lived.open() as opened:
            assert [p.kind for p in opened.verify().problems] == ["database"]


def test_an_entry_of_another_vault_of_the_same_person_is_not_taken(lived: Founded, tmp_path: Path) -> None:
    with vault.create(tmp_path / "other", "acme", "Ann", lived.identity()) as other:
        fill(other)
    foreign = Founded(tmp_path / "other", lived.secret)
    with lived.raw() as db, foreign.raw() as theirs:
        for seq, data in theirs.execute("SELECT seq, bytes FROM entries").fetchall():
            (own,) = db.execute("SELECT bytes FROM entries WHERE seq = ?", (seq,)).fetchone()
            db.execute("UPDATE entries SET bytes = ? WHERE seq = ?", (data, seq))
            if seq == 0:  # the first entry makes the vault: with another, what is remembered belongs to another vault
                assert "the head remembered in the replica is damaged" in told(lived)
            else:
                assert f"entry {seq} is not valid: it belongs to another vault" in told(lived)
            db.execute("UPDATE entries SET bytes = ? WHERE seq = ?", (own, seq))


def test_another_whole_log_under_the_same_pins_is_not_taken(lived: Founded, tmp_path: Path) -> None:
    with vault.create(tmp_path / "other", "acme", "Ann", lived.identity()) as other:
        for number in range(20):
            other.add_account(record(f"{number:012}", f"account {number}"))
    with lived.raw() as db:
        db.execute("ATTACH ? AS other", (str(tmp_path / "other" / "replica.sqlite3"),))
        for table in ("entries", "nodes", "blobs"):
            db.execute(f"DELETE FROM {table}")
            db.execute(f"INSERT INTO {table} SELECT * FROM other.{table}")
    assert "the head remembered in the replica is damaged" in told(lived)


def test_a_sealing_moved_to_another_name_is_found_and_not_opened(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    opened.add_account(record("210987654321", "sandbox"))
    opened.seal("210987654321", Password("another password of somebody's"))
    checkout = opened.check_out(ACCOUNT, REASON)
    with founded.raw() as db:
        names = [v.sealings[0].blob for s in opened.state.secrets.values() for v in s.versions]
        rows = dict(db.execute("SELECT name, bytes FROM blobs").fetchall())
        for name in names:
            for other in set(names) - {name}:
                db.execute("UPDATE blobs SET bytes = ? WHERE name = ?", (rows[other], name))
                (problem,) = opened.verify().problems
                assert problem.kind == "blob"
                assert name.hex()[:16] in problem.detail
                if name == checkout.targets[0].blob:
                    with pytest.raises(IntegrityFailure):
                        opened.reveal(checkout.id, PASSWORD_REF)
            db.execute("UPDATE blobs SET bytes = ? WHERE name = ?", (rows[name], name))
    assert opened.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
    opened.close()


def test_a_sealing_taken_out_is_missed_by_verify_and_by_whoever_needs_it(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    checkout = opened.check_out(ACCOUNT, REASON)
    with founded.raw() as db:
        db.execute("DELETE FROM blobs")
    problems = opened.verify().problems
    assert [p.kind for p in problems] == ["blob"] * 3
    assert all("is missing" in p.detail for p in problems)
    with pytest.raises(IntegrityFailure, match="the password is missing"):
        opened.reveal(checkout.id, PASSWORD_REF)
    opened.close()


def test_a_pin_taken_out_is_missed(lived: Founded) -> None:
    with lived.raw() as db:
        db.execute("DELETE FROM sealed WHERE name LIKE 'pin/%'")
    assert "the head remembered in the replica is missing" in told(lived)


def test_pin_and_device_record_do_not_stand_in_for_each_other(lived: Founded) -> None:
    with lived.raw() as db:
        rows = dict(db.execute("SELECT name, bytes FROM sealed").fetchall())
        (pin,), (device,) = [n for n in rows if n.startswith("pin/")], [n for n in rows if n.startswith("device/")]
        db.execute("UPDATE sealed SET bytes = ? WHERE name = ?", (rows[device], pin))
    assert "the head remembered in the replica is damaged" in told(lived)


def test_the_whole_file_put_back_is_seen_where_the_keyring_remembers_more(tmp_path: Path, memory_keyring) -> None:
    founded, opened = found(tmp_path / "vault", keyring_pin=True)
    fill(opened)
    opened.close()
    shutil.copy(founded.file, tmp_path / "older")
    with founded.open() as opened:
        use(opened)
        size = opened.size
    shutil.copy(tmp_path / "older", founded.file)
    assert told(founded) == f"the log was rolled back: this replica holds 5 entries; the OS keyring remembers {size}"


def test_the_whole_file_put_back_and_written_on_is_seen_too(tmp_path: Path, memory_keyring) -> None:
    founded, opened = found(tmp_path / "vault", keyring_pin=True)
    opened.close()
    shutil.copy(founded.file, tmp_path / "older")
    with founded.open() as opened:
        fill(opened)
        size = opened.size
    shutil.copy(tmp_path / "older", founded.file)
    founded.keyring_pin = False  # as a client would that is patched, or on a machine without the keyring
    with founded.open() as opened:
        fill(opened)
        use(opened)
    founded.keyring_pin = True
    assert told(founded) == f"the log was replaced: entry {size - 1} is not the one that the OS keyring remembers"


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries WHERE seq = new.seq; END",
        "CREATE TABLE more (x)",
        "CREATE VIEW v AS SELECT * FROM entries",
        "CREATE INDEX i ON entries (bytes)",
        "ALTER TABLE blobs ADD COLUMN more TEXT",
        "ALTER TABLE outbox RENAME TO inbox",
        "DROP TABLE nodes",
        "ANALYZE",
        "PRAGMA application_id = 1",
        "PRAGMA user_version = 0",
    ],
)
def test_a_database_of_another_form_is_refused(lived: Founded, change: str) -> None:
    with lived.raw() as db:
        db.execute(change)
    assert told(lived) == "the replica is damaged: its tables are not as breakglass makes them"


def test_a_database_of_a_newer_form_says_to_update(lived: Founded) -> None:
    with lived.raw() as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(IntegrityFailure) as caught:
        lived.open()
    assert (caught.value.what, caught.value.hint) == ("the replica is of a newer form", "update breakglass")


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"\0" * 4096, b"hello " * 1000])
def test_a_file_that_is_no_database_of_ours_is_refused(lived: Founded, content: bytes) -> None:
    lived.file.write_bytes(content)
    assert told(lived).startswith("the replica is damaged")


def test_the_file_cut_anywhere_is_refused_or_read_as_it_was(lived: Founded) -> None:
    data = lived.file.read_bytes()
    for keep in range(0, len(data), 512):
        lived.file.write_bytes(data[:keep])
        assert told(lived)
        for end in ("-wal", "-shm"):
            Path(f"{lived.file}{end}").unlink(missing_ok=True)


def test_a_stranger_is_told_that_they_are_no_member_and_nothing_else(lived: Founded, new_identity) -> None:
    with pytest.raises(CannotUnlock) as caught:
        vault.open(lived.folder, new_identity())
    assert str(caught.value) == "cannot unlock: this identity is not a member of the vault"


# -- while the vault is open --------------------------------------------------------------------------------------------


def test_a_log_cut_short_while_it_is_open_is_a_rollback_and_nothing_is_written_on(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    with founded.raw() as db:
        db.execute("DELETE FROM entries WHERE seq >= 3")
    for _ in range(2):
        with pytest.raises(IntegrityFailure, match="rolled back"):
            opened.check_out(ACCOUNT, REASON)
    assert [p.kind for p in opened.verify().problems] == ["chain"]
    with founded.raw() as db:
        assert size_of(db) == 3
    opened.close()


def test_what_is_no_entry_at_the_end_stops_an_open_vault_for_good(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    with founded.raw() as db:
        db.execute("INSERT INTO entries VALUES (5, x'00')")
        for _ in range(2):  # the first attempt must not pave the way for the second
            with pytest.raises(IntegrityFailure, match="entry 5"):
                opened.check_out(ACCOUNT, REASON)
        assert (5, "entry") in [(p.seq, p.kind) for p in opened.verify().problems]
        assert size_of(db) == 6
    opened.close()


def test_a_waiting_statement_put_back_after_it_was_placed_is_not_said_twice(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault")
    with broken_off(), pytest.raises(KeyboardInterrupt):
        opened.add_account(record())
    opened.close()
    with founded.raw() as db:
        rows = db.execute("SELECT n, member, bytes FROM outbox").fetchall()
    assert len(rows) == 1
    founded.open().close()
    with founded.raw() as db:
        assert not db.execute("SELECT * FROM outbox").fetchall()
        db.executemany("INSERT INTO outbox VALUES (?, ?, ?)", rows)
    with founded.open() as opened:
        assert (opened.size, opened.notices) == (2, [])
        assert opened.verify().ok
    with founded.raw() as db:
        assert not db.execute("SELECT * FROM outbox").fetchall()
