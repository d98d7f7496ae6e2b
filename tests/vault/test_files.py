"""Files that only their owner may read, written whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from vault.errors import IntegrityFailure, OutOfReach, WrongUsage
from vault.files import private_folder, read_bounded, read_secret, write_private


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_for_its_owner_only_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        write_private(tmp_path / "a", b"content", replace=False)
    finally:
        os.umask(before)
    assert (tmp_path / "a").read_bytes() == b"content"
    assert mode(tmp_path / "a") == 0o600
    assert os.listdir(tmp_path) == ["a"]


def test_an_existing_file_is_replaced_only_when_that_is_asked_for(tmp_path):
    path = tmp_path / "a"
    write_private(path, b"old", replace=False)
    with pytest.raises(WrongUsage, match="already there"):
        write_private(path, b"new", replace=False)
    assert path.read_bytes() == b"old"
    write_private(path, b"new", replace=True)
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    path, link = tmp_path / "a", os.link

    def late(source, target):
        path.write_bytes(b"somebody else's")
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(WrongUsage, match="already there"):
        write_private(path, b"mine", replace=False)
    assert path.read_bytes() == b"somebody else's"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_when_the_disk_refuses_nothing_is_left_behind(tmp_path, monkeypatch, call):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OutOfReach, match="no space left"):
        write_private(tmp_path / "a", b"content", replace=False)
    assert os.listdir(tmp_path) == []


def test_when_replacing_fails_the_old_file_stays(tmp_path, monkeypatch):
    write_private(tmp_path / "a", b"old", replace=False)

    def full(*args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutOfReach):
        write_private(tmp_path / "a", b"new", replace=True)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_data_and_folder_are_synced_before_writing_returns(tmp_path, monkeypatch):
    order = []
    fsync, link = os.fsync, os.link

    def synced(descriptor):
        order.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", lambda a, b: (order.append("name"), link(a, b)))
    write_private(tmp_path / "a", b"content", replace=False)
    assert order == ["file", "name", "folder"]


def test_a_symbolic_link_is_followed_so_that_no_old_copy_stays_behind_it(tmp_path):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "real").write_bytes(b"old")
    (tmp_path / "a").symlink_to(tmp_path / "stick" / "real")
    write_private(tmp_path / "a", b"new", replace=True)
    assert (tmp_path / "a").is_symlink()
    assert (tmp_path / "stick" / "real").read_bytes() == b"new"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(WrongUsage, match="folder is not there"):
        write_private(tmp_path / "no" / "a", b"content", replace=True)


def test_a_private_folder_and_all_above_it_are_made_for_the_owner_only(tmp_path):
    before = os.umask(0)
    try:
        assert private_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700
    private_folder(tmp_path / "a" / "b")


@pytest.mark.parametrize("bits", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_in_is_refused(tmp_path, bits):
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(bits)
    with pytest.raises(WrongUsage, match="others can write"):
        private_folder(tmp_path / "a")


def test_a_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(WrongUsage, match="another user"):
        private_folder(tmp_path / "a")


def test_a_file_where_the_folder_should_be_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(WrongUsage, match="not a folder"):
        private_folder(tmp_path / "a")


def test_reading_takes_at_most_the_limit(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert read_bounded(tmp_path / "a", 100, "the thing") == b"x" * 100
    with pytest.raises(IntegrityFailure, match="the thing"):
        read_bounded(tmp_path / "a", 99, "the thing")


def test_a_file_that_grows_while_it_is_read_is_not_taken_in_half(tmp_path, monkeypatch):
    path, readv = tmp_path / "a", os.readv
    path.write_bytes(b"x" * 10)

    def growing(descriptor, buffers):
        with path.open("ab") as file:
            file.write(b"y" * 10)
        return readv(descriptor, buffers)

    monkeypatch.setattr(os, "readv", growing)
    with pytest.raises(OutOfReach, match="being written"):
        read_bounded(path, 100, "the thing")


def test_reading_what_is_no_file_is_refused_and_never_hangs(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        with pytest.raises(WrongUsage, match="not a file"):
            read_bounded(path, 100, "the thing")
    with pytest.raises(WrongUsage, match="not there"):
        read_bounded(tmp_path / "missing", 100, "the thing")
    with pytest.raises(WrongUsage, match="such a name"):
        read_bounded(tmp_path / "a\0b", 100, "the thing")


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o644])
def test_a_secret_that_others_can_read_is_refused(tmp_path, bits):
    path = tmp_path / "passphrase"
    path.write_bytes(b"canary")
    path.chmod(bits)
    with pytest.raises(WrongUsage, match="others can read it"):
        read_secret(path, 100, "the passphrase")
    path.chmod(0o600)
    assert read_secret(path, 100, "the passphrase") == bytearray(b"canary")


def test_a_secret_may_come_through_a_pipe():
    reading, writing = os.pipe()
    os.write(writing, b"canary")
    os.close(writing)
    assert read_secret(f"/dev/fd/{reading}", 100, "the passphrase") == b"canary"
    os.close(reading)
