"""Which filesystem a folder lies on, from the tables that Linux and macOS keep."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from vault import local_disk
from vault.errors import Refused

MOUNTINFO = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
25 22 0:22 / /proc rw - proc proc rw
90 22 0:50 / /home rw shared:40 - nfs4 server:/home rw,vers=4.2
91 90 8:2 / /home/anna/local rw shared:41 - xfs /dev/sdb1 rw
92 22 0:51 / /mnt/my\040share rw shared:42 - cifs //server/share rw
93 22 0:52 / /mnt/fuse rw master:1 propagate_from:2 - fuse.sshfs host:/ rw
94 22 0:53 / /mnt/over rw - ext4 /dev/sdc rw
95 22 0:54 / /mnt/over rw - nfs server:/over rw
"""
MOUNT = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ann@server/share on /Volumes/share (smbfs, nodev, nosuid, mounted by ann)
server:/home on /Network/home (of us) (nfs, nodev)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
"""


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_disk, "_mounts", lambda: local_disk.parse_mountinfo(MOUNTINFO))


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/x", "ext4"), ("/home/anna/vault", "nfs4"), ("/home/anna/local/vault", "xfs"), ("/home/anna/local", "xfs"), ("/home", "nfs4"),
        ("/homework", "ext4"), ("/mnt/my share/vault", "cifs"), ("/mnt/fuse/a/b", "fuse.sshfs"), ("/mnt/over/x", "nfs"), ("/", "ext4"),
    ],
)  # fmt: skip
def test_the_nearest_mount_above_a_folder_decides_and_of_two_the_later(linux: None, folder: str, kind: str) -> None:
    assert local_disk.filesystem_of(Path(folder)) == kind


@pytest.mark.parametrize("folder", ["/home/anna/vault", "/mnt/my share/vault", "/mnt/fuse", "/mnt/over"])
def test_a_network_filesystem_is_refused_by_name(linux: None, folder: str) -> None:
    with pytest.raises(Refused, match="is on a network filesystem") as caught:
        local_disk.refuse_network_filesystem(Path(folder))
    assert caught.value.hint


def test_a_disk_of_this_machine_is_taken(linux: None) -> None:
    local_disk.refuse_network_filesystem(Path("/home/anna/local"))


def test_a_link_is_followed_to_where_it_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    monkeypatch.setattr(local_disk, "_mounts", lambda: [(Path("/"), "ext4"), ((tmp_path / "far").resolve(), "nfs")])
    assert local_disk.filesystem_of(tmp_path / "near") == "nfs"


def test_macos_says_it_in_another_form() -> None:
    assert local_disk._parse_mount(MOUNT) == [
        (Path("/"), "apfs"), (Path("/Volumes/share"), "smbfs"), (Path("/Network/home (of us)"), "nfs"),
        (Path("/System/Volumes/Data/home"), "autofs"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "\n", "garbage", "1 2 3 - ", "- - -", "a b c d /x - ", "\udcff" * 9])
def test_a_table_that_cannot_be_read_refuses_nothing(text: str) -> None:
    assert local_disk.parse_mountinfo(text) == []
    assert local_disk._parse_mount(text) == []


@pytest.mark.parametrize("failure", [OSError("gone"), subprocess.TimeoutExpired("mount", 5)])
def test_a_system_that_does_not_answer_refuses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    def fails(*_: object, **__: object) -> str:
        raise failure

    monkeypatch.setattr(Path, "read_text", fails)
    assert local_disk.filesystem_of(tmp_path) == ""
    monkeypatch.setattr(local_disk.sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", fails)
    assert local_disk.filesystem_of(tmp_path) == ""


def test_this_machines_own_table_is_understood(tmp_path: Path) -> None:
    assert local_disk.filesystem_of(tmp_path)
