"""Whether a folder lies on a disk of this machine.

SQLite's write-ahead log needs shared memory and locks that network filesystems do not give reliably; a replica there
could lose what it acknowledged. The answer comes from the table of mounts, never from guessing by the path.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from vault.errors import Refused

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "afpfs", "webdav", "ceph", "glusterfs", "lustre", "ncpfs", "davfs",
     "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.davfs2", "fuse.glusterfs", "fuse.ceph", "fuse.curlftpfs"}
)
"""Filesystem types, as mount tables spell them."""


def refuse_network_filesystem(folder: Path) -> None:
    """Raise Refused where `folder` lies on a network filesystem. A table that cannot be read refuses nothing."""
    kind = filesystem_of(folder)
    if kind in NETWORK:
        raise Refused(
            "cannot keep the replica there",
            f"{folder} is on a network filesystem ({kind}), where a database can lose what it wrote",
            "name a folder on this machine's own disk by --vault",
        )


def filesystem_of(folder: Path) -> str:
    """The type of the filesystem that holds `folder`, or an empty string where it cannot be told."""
    best, kind = -1, ""
    target = folder.resolve()
    for point, name in _mounts():
        if (target == point or point in target.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), name
    return kind


def _mounts() -> list[tuple[Path, str]]:
    try:
        if sys.platform == "darwin":
            return _parse_mount(subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False).stdout)
        return parse_mountinfo(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))
    except (OSError, subprocess.SubprocessError):
        return []


def parse_mountinfo(text: str) -> list[tuple[Path, str]]:
    """(mount point, type) of each line of Linux's /proc/self/mountinfo (proc(5))."""
    found = []
    for line in text.splitlines():
        left, dash, right = line.partition(" - ")
        fields = left.split(" ")
        if dash and len(fields) > 4 and right:
            point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
            found.append((Path(point), right.split(" ")[0]))
    return found


def _parse_mount(text: str) -> list[tuple[Path, str]]:
    """The same from macOS's mount(8): `//host/share on /Volumes/share (smbfs, nodev)`."""
    found = []
    for line in text.splitlines():
        head, _, options = line.rpartition(" (")
        _, _, point = head.partition(" on ")
        if point:
            found.append((Path(point), options.split(",")[0].rstrip(")")))
    return found
