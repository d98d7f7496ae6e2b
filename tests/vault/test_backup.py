"""A backup is one file, whole or not there; put back, it goes on as a device of its own."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
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
    record,
    use,
)
from vault import Vault
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, OutOfReach, WrongUsage
from vault.plaintext import Password


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Founded, Path]:
    """A vault, and a backup made while a checkout was open."""
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    opened.check_out(ACCOUNT, REASON)
    opened.backup(tmp_path / "backup")
    opened.close()
    return founded, tmp_path / "backup"


def restored(founded: Founded, backup: Path, folder: Path, **more: bool) -> Vault:
    return vault.restore(backup, folder, founded.identity(), **more)


def device_of(opened: Vault) -> bytes:
    return opened._ledger._device(opened.id).id


def test_a_backup_put_back_is_the_vault_and_goes_on_as_another_device(saved: tuple[Founded, Path], tmp_path: Path) -> None:
    founded, backup = saved
    with founded.open() as original, restored(founded, backup, tmp_path / "other") as copy:
        assert (copy.id, copy.head, copy.size) == (original.id, original.head, original.size)
        assert copy.state == original.state
        (checkout,) = copy.state.open_checkouts()
        assert copy.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
        copy.check_in(checkout.id)
        assert copy.verify().ok
        original.confirm_words()
        assert device_of(copy) != device_of(original)
        assert len(copy.state.counts) == 2
    with Founded(tmp_path / "other", founded.secret).open() as again:
        use(again)
        assert again.verify().ok
        assert again._ledger.replica._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_backup_is_one_private_file_and_nothing_lies_beside_it(saved: tuple[Founded, Path], tmp_path: Path) -> None:
    assert stat.S_IMODE(saved[1].stat().st_mode) == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["backup", "vault"]
    with closing(sqlite3.connect(saved[1])) as db:
        assert [name.partition("/")[0] for (name,) in db.execute("SELECT name FROM sealed")] == ["pin"]
        assert db.execute("PRAGMA freelist_count").fetchone() == (0,)


def test_a_backup_of_a_vault_in_use_has_all_that_was_said_before_it(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    with broken_off(), pytest.raises(KeyboardInterrupt):
        opened.add_account(record("210987654321", "sandbox"))
    opened.backup(tmp_path / "backup")
    opened.close()
    with restored(founded, tmp_path / "backup", tmp_path / "other") as copy:
        assert copy.size == 6
        assert "'account added' had waited" in copy.notices[0]  # what waited is in the copy too, under the same id
        assert copy.verify().ok


def test_nothing_is_written_over(saved: tuple[Founded, Path]) -> None:
    founded, backup = saved
    before = backup.read_bytes()
    with founded.open() as opened, pytest.raises(WrongUsage, match="is there already"):
        opened.backup(backup)
    assert backup.read_bytes() == before
    with pytest.raises(WrongUsage, match="is there already"):
        restored(founded, backup, founded.folder)
    founded.open().close()


@pytest.mark.parametrize("end", ["-wal", "-shm"])
def test_it_is_not_put_beside_what_another_replica_left(saved: tuple[Founded, Path], tmp_path: Path, end: str) -> None:
    (tmp_path / "other").mkdir(mode=0o700)
    (tmp_path / "other" / f"replica.sqlite3{end}").write_bytes(b"left behind")
    with pytest.raises(WrongUsage, match="of another replica"):
        restored(saved[0], saved[1], tmp_path / "other")
    assert [p.name for p in (tmp_path / "other").iterdir()] == [f"replica.sqlite3{end}"]


def test_where_it_cannot_be_written_that_is_said_and_nothing_is_left(saved: tuple[Founded, Path], tmp_path: Path, monkeypatch) -> None:
    founded, _ = saved
    with founded.open() as opened:
        with pytest.raises(OutOfReach, match="no such file"):
            opened.backup(tmp_path / "nowhere" / "backup")
        (tmp_path / "usb").mkdir()

        def refused(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refused)
            with pytest.raises(OutOfReach, match="no space left"):
                opened.backup(tmp_path / "usb" / "backup")
        assert not list((tmp_path / "usb").iterdir())


def test_a_filesystem_without_hard_links_takes_a_backup_as_well(saved: tuple[Founded, Path], tmp_path: Path, monkeypatch) -> None:
    """As a USB stick has it, where many backups go."""
    (tmp_path / "usb").mkdir()

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with saved[0].open() as opened, monkeypatch.context() as patch:
        patch.setattr(os, "link", refused)
        opened.backup(tmp_path / "usb" / "backup")
        with pytest.raises(WrongUsage):
            opened.backup(tmp_path / "usb" / "backup")
    assert [p.name for p in (tmp_path / "usb").iterdir()] == ["backup"]
    restored(saved[0], tmp_path / "usb" / "backup", tmp_path / "other").close()


def test_every_way_in_which_a_backup_may_be_damaged_is_refused_and_taken_back(saved: tuple[Founded, Path], tmp_path: Path) -> None:
    founded, backup = saved
    data = backup.read_bytes()
    for bad in (b"", b"not a database", data[:5000], data[:5000] + bytes(len(data) - 5000)):
        backup.write_bytes(bad)
        with pytest.raises(IntegrityFailure):
            restored(founded, backup, tmp_path / "other")
        assert not list((tmp_path / "other").iterdir())
    with pytest.raises(WrongUsage, match="is not a file"):
        restored(founded, tmp_path / "nowhere", tmp_path / "other")


def test_a_backup_that_opens_and_is_not_whole_is_kept_and_that_is_said(saved: tuple[Founded, Path], tmp_path: Path) -> None:
    """It may be the only one: what is whole in it is not thrown away for what is not."""
    founded, backup = saved
    with closing(sqlite3.connect(backup)) as db:
        db.execute("DELETE FROM blobs WHERE name = (SELECT name FROM blobs LIMIT 1)")
        db.commit()
    with restored(founded, backup, tmp_path / "other") as copy:
        assert "the backup is not whole, sealing" in copy.notices[-1]
        assert [p.kind for p in copy.verify().problems] == ["blob"]


def test_a_backup_opens_for_members_only(saved: tuple[Founded, Path], tmp_path: Path, new_identity) -> None:
    with pytest.raises(CannotUnlock, match="not a member"):
        vault.restore(saved[1], tmp_path / "other", new_identity())
    assert not list((tmp_path / "other").iterdir())


def test_where_the_keyring_remembers_more_the_log_says_what_was_lost(tmp_path: Path, memory_keyring) -> None:
    founded, opened = found(tmp_path / "vault", keyring_pin=True)
    fill(opened)
    opened.backup(tmp_path / "backup")
    use(opened)
    head = opened.head.hex()
    opened.close()
    with restored(founded, tmp_path / "backup", tmp_path / "other", keyring_pin=True) as copy:
        last = list(copy.log())[-1]
        assert (last.event, "10 entries were seen before" in last.detail, head in last.detail) == ("attested", True, True)
    copied = Founded(tmp_path / "other", founded.secret, keyring_pin=True)
    copied.open().close()  # from now on the keyring remembers the copy
    with pytest.raises(BreakglassError, match="the log was replaced"):
        founded.open()
