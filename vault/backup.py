"""A backup: one consistent copy of the replica, in a file of its own.

`place_backup` puts it into a folder that has no vault. The copy goes on as a device of its own, so that the original and
the copy never speak as one.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from vault.errors import OutOfReach, WrongUsage
from vault.files import private_folder
from vault.replica import FILE_NAME, Replica


def write_backup(replica: Replica, path: Path, *, without: tuple[str, ...]) -> None:
    """Copy `replica` to `path` (0600), which must not be there yet: whole and durable, or not at all."""
    _write(path, lambda temporary: replica.copy_to(temporary, without), "cannot write the backup")


def place_backup(backup: Path, folder: Path, what: str = "cannot restore the backup") -> None:
    """Make `backup` the replica of `folder`, which must have none. Whether it is whole is found on opening it."""
    if not backup.is_file():
        raise WrongUsage(what, f"{backup} is not a file")
    private_folder(folder)
    for end in ("-wal", "-shm"):  # SQLite would take it for the backup's own
        if (folder / f"{FILE_NAME}{end}").exists():
            raise WrongUsage(what, f"{folder} holds {FILE_NAME}{end} of another replica", "move it away first")
    _write(folder / FILE_NAME, lambda temporary: shutil.copyfile(backup, temporary), what)


def take_back(folder: Path) -> None:
    """Undo `place_backup` where what was put there turned out not to open."""
    for end in ("", "-wal", "-shm"):
        (folder / f"{FILE_NAME}{end}").unlink(missing_ok=True)


def _write(path: Path, fill: Callable[[Path], object], what: str) -> None:
    if path.exists():
        raise WrongUsage(what, f"{path} is there already", "name one that does not exist")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _failed(what, path, error) from None
    temporary = Path(name)
    try:
        fill(temporary)
        os.fsync(handle)
        _name(temporary, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _failed(what, path, error) from None
    finally:
        os.close(handle)
        temporary.unlink(missing_ok=True)


def _name(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)  # unlike a rename, fails where the name is taken
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        temporary.rename(path)  # a stick's filesystem has no links; whether the name is free was looked at before


def _failed(what: str, path: Path, error: OSError) -> OutOfReach:
    return OutOfReach(what, f"{path}: {os.strerror(error.errno or 0).lower()}", "look at the disk and the folder's permissions")
