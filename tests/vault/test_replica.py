"""The replica keeps bytes, durably and privately, and tells in sentences of ours what SQLite would tell in its own."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from vault import replica as replicas
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, OutOfReach, Refused, WrongUsage
from vault.replica import Replica


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    made = Replica.create(tmp_path / "vault")
    yield made
    made.close()


def pragma(replica: Replica, name: str) -> object:
    return replica._db.execute(f"PRAGMA {name}").fetchone()[0]


def test_it_is_private_from_the_first_byte_even_where_the_umask_is_generous(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = Replica.create(tmp_path / "vault")
        with made.transaction():
            made.put_sealed("x", b"y")
        for path in (tmp_path / "vault").iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert stat.S_IMODE((tmp_path / "vault").stat().st_mode) == 0o700
        assert len(list((tmp_path / "vault").iterdir())) == 3
        made.close()
    finally:
        os.umask(before)


def test_what_is_committed_survives_and_what_is_deleted_is_overwritten(replica: Replica) -> None:
    for again in (replica, Replica.open(replica.path.parent)):
        assert pragma(again, "journal_mode") == "wal"
        assert pragma(again, "synchronous") == 2  # FULL
        assert pragma(again, "secure_delete") == 1
        assert pragma(again, "trusted_schema") == 0
        assert pragma(again, "temp_store") == 2  # MEMORY
        assert pragma(again, "cell_size_check") == 1
        assert pragma(again, "fullfsync") == pragma(again, "checkpoint_fullfsync") == 1
    again.close()


def test_everything_in_a_transaction_comes_together_or_not_at_all(replica: Replica) -> None:
    with pytest.raises(KeyboardInterrupt), replica.transaction():  # noqa: PT012  # the end of the block is what is tested
        replica.append(0, b"entry", [(0, 0, b"n" * 32)])
        replica.put_blob(b"name", b"blob")
        replica.queue(b"m", b"waits")
        raise KeyboardInterrupt
    assert (replica.size(), replica.blob(b"name"), replica.waiting(), replica.node(0, 0)) == (0, None, [], None)
    with replica.transaction():
        replica.append(0, b"entry", [(0, 0, b"n" * 32)])
        number = replica.queue(b"m", b"waits")
    other = Replica.open(replica.path.parent)
    assert (other.size(), other.rows(), other.entry(0), other.node(0, 0)) == (1, 1, b"entry", b"n" * 32)
    assert other.waiting() == [(number, b"m", b"waits")]
    other.close()


def test_a_number_of_the_outbox_is_never_given_twice(replica: Replica) -> None:
    one = replica.queue(b"m", b"a")
    replica.unqueue(one)
    assert replica.queue(b"m", b"b") > one


def test_entries_come_in_order_and_from_anywhere(replica: Replica) -> None:
    with replica.transaction():
        for seq in range(1200):
            replica.append(seq, seq.to_bytes(2, "big"), [])
    assert [seq for seq, _ in replica.entries()] == list(range(1200))
    assert list(replica.entries(1198)) == [(1198, b"\x04\xae"), (1199, b"\x04\xaf")]
    assert [seq for seq, _ in replica.entries(510, 515)] == [510, 511, 512, 513, 514]
    assert replica.entry(1200) is None


def test_nothing_is_written_twice_to_one_place(replica: Replica) -> None:
    replica.append(0, b"entry", [])
    with pytest.raises(IntegrityFailure):
        replica.append(0, b"another", [])
    replica.put_blob(b"name", b"blob")
    replica.put_blob(b"name", b"another")
    assert (replica.entry(0), replica.blob(b"name"), replica._db.execute("SELECT name FROM blobs").fetchall()) == (b"entry", b"blob", [(b"name",)])


def test_a_sealed_thing_is_replaced_and_forgotten(replica: Replica) -> None:
    replica.put_sealed("x", b"1")
    replica.put_sealed("x", b"2")
    assert replica.sealed("x") == b"2"
    replica.unseal("x")
    assert replica.sealed("x") is None


@pytest.mark.parametrize(
    ("code", "expected", "why"),
    [
        (sqlite3.SQLITE_BUSY, OutOfReach, "another breakglass is writing to it"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, OutOfReach, "another breakglass is writing to it"),
        (sqlite3.SQLITE_LOCKED, OutOfReach, "another breakglass is writing to it"),
        (sqlite3.SQLITE_FULL, OutOfReach, "the disk is full"),
        (sqlite3.SQLITE_READONLY, OutOfReach, "its file cannot be read or written"),
        (sqlite3.SQLITE_IOERR_FSYNC, OutOfReach, "its file cannot be read or written"),
        (sqlite3.SQLITE_CANTOPEN, OutOfReach, "its file cannot be read or written"),
        (sqlite3.SQLITE_CORRUPT, IntegrityFailure, "SQLite cannot read the file"),
        (sqlite3.SQLITE_NOTADB, IntegrityFailure, "SQLite cannot read the file"),
        (sqlite3.SQLITE_CONSTRAINT, IntegrityFailure, "SQLite cannot read the file"),
    ],
)
def test_each_of_sqlites_errors_is_a_sentence_of_ours(replica: Replica, monkeypatch, code: int, expected: type, why: str) -> None:
    error = sqlite3.OperationalError("canary: raw text of the library")
    error.sqlite_errorcode = code

    class Failing:
        in_transaction = False

        def execute(self, *_: object) -> None:
            raise error

        def close(self) -> None:
            pass

    replica._db.close()
    replica._db = Failing()  # type: ignore[assignment]
    for call in (replica.size, replica.waiting, lambda: replica.entry(0), lambda: replica.queue(b"m", b""), replica.quick_check, lambda: list(replica.entries())):
        with pytest.raises(BreakglassError) as caught:
            call()
        assert (type(caught.value), caught.value.why) == (expected, why)
        assert "canary" not in repr(caught.value)
    with pytest.raises(expected), replica.transaction():
        pass


def test_a_closed_replica_is_no_damaged_one(replica: Replica) -> None:
    replica.close()
    with pytest.raises(CannotUnlock, match="the vault was closed meanwhile"):
        replica.size()


def test_a_folder_on_the_network_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch) -> None:
    from vault import local_disk

    monkeypatch.setattr(local_disk, "_mounts", lambda: [(Path("/"), "ext4"), (tmp_path, "nfs4")])
    with pytest.raises(Refused, match=r"network filesystem \(nfs4\)"):
        Replica.create(tmp_path / "vault")
    assert not (tmp_path / "vault" / replicas.FILE_NAME).exists()
    monkeypatch.undo()
    Replica.create(tmp_path / "vault").close()
    monkeypatch.setattr(local_disk, "_mounts", lambda: [(tmp_path, "fuse.sshfs")])
    with pytest.raises(Refused):
        Replica.open(tmp_path / "vault")


def test_a_folder_that_others_can_write_in_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault").chmod(0o777)
    with pytest.raises(WrongUsage, match="others can write in it"):
        Replica.create(tmp_path / "vault")


def test_a_copy_is_whole_and_leaves_out_what_it_should(replica: Replica, tmp_path: Path) -> None:
    replica.append(0, b"entry", [])
    replica.put_sealed("device/x", b"canary-device")
    replica.put_sealed("pin/x", b"pin")
    (tmp_path / "copy").touch()
    replica.copy_to(tmp_path / "copy", ("device/x",))
    with closing(sqlite3.connect(tmp_path / "copy")) as db:
        assert db.execute("SELECT name FROM sealed").fetchall() == [("pin/x",)]
        assert db.execute("PRAGMA application_id").fetchone() == (replicas.APPLICATION_ID,)
    assert b"canary-device" not in (tmp_path / "copy").read_bytes()
    assert replica.sealed("device/x") == b"canary-device"


def test_a_sound_file_checks_out(replica: Replica) -> None:
    assert replica.quick_check() is None
