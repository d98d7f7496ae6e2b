"""A backup: one consistent copy of the replica, in a file of its own.

To restore it, put it into an empty folder as `replica.sqlite3` and open that folder. The copy goes on as a device of its
own, so that the original and the copy never speak as one.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from vault.errors import OutOfReach, WrongUsage
from vault.replica import Replica


def write_backup(replica: Replica, path: Path, *, without: tuple[str, ...]) -> None:
    """Copy `replica` to `path` (0600), which must not be there yet: whole and durable, or not at all."""
    if path.exists():
        raise WrongUsage("cannot write the backup", f"{path} is there already", "name a file that does not exist")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _failed(path, error) from None
    temporary = Path(name)
    try:
        replica.copy_to(temporary, without)
        os.fsync(handle)
        os.link(temporary, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        os.close(handle)
        temporary.unlink(missing_ok=True)


def _failed(path: Path, error: OSError) -> OutOfReach:
    return OutOfReach("cannot write the backup", f"{path}: {os.strerror(error.errno or 0).lower()}", "name a folder that can be written to")
