"""Files that only their owner may read, written whole or not at all.

Every file this product makes goes through `write_private`; every file it is given goes through a bounded
read, so that a hostile or mistaken path (a device, a pipe that never ends, ten gigabytes) is a sentence and
not a hang.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from vault.errors import BreakglassError, IntegrityFailure, OutOfReach, WrongUsage
from vault.memory import wipe


def write_private(path: Path, data: bytes | bytearray, *, replace: bool) -> None:
    """Write `data` to `path` with mode 0600: after a crash at any point there is the old file or the new one.

    With `replace=False` an existing file is never touched (WrongUsage), not even one that appears meanwhile.
    A symbolic link is followed, so that the file it names is the one that changes. OutOfReach where the disk
    says no.
    """
    path = Path(os.path.realpath(path))
    if not replace and path.exists():
        raise _already_there(path)
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made 0600
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
        else:
            os.link(temporary, path)  # unlike a rename, fails when the name is taken
        _sync_folder(path.parent)
    except FileExistsError:
        raise _already_there(path) from None
    except FileNotFoundError:
        raise WrongUsage(f"cannot write {path}", "its folder is not there", "make the folder first") from None
    except OSError as error:
        raise _no_disk(f"cannot write {path}", error) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def private_folder(path: Path) -> Path:
    """Make `path` and what is missing above it with mode 0700, and return it.

    One that is there already is taken as it is, unless somebody else owns it or could write in it:
    WrongUsage.
    """
    try:
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        found = path.stat()
    except OSError as error:
        raise _no_disk(f"cannot make the folder {path}", error) from None
    if not stat.S_ISDIR(found.st_mode):
        raise WrongUsage(f"cannot use {path}", "it is not a folder")
    if found.st_uid != os.geteuid():
        raise WrongUsage(f"cannot use the folder {path}", "it belongs to another user", "name another folder")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise WrongUsage(f"cannot use the folder {path}", "others can write in it", f"chmod 700 {path}")
    return path


def read_bounded(path: Path, limit: int, what: str) -> bytes:
    """The bytes of the regular file `path`, at most `limit` of them; `what` names it in an error.

    WrongUsage if it is missing or no file, OutOfReach if it cannot be read, IntegrityFailure if it is longer.
    """
    return bytes(_read(path, limit, what, secret=False))


def read_secret(path: Path, limit: int, what: str) -> bytearray:
    """Like `read_bounded`, for a file that holds a secret: refused if others can read it; a pipe will do as
    well.

    The permissions are those of the opened file, so that a swap between the look and the read gains nothing.
    """
    return _read(path, limit, what, secret=True)


def _read(path: Path, limit: int, what: str, *, secret: bool) -> bytearray:
    try:
        # Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if secret else os.O_NONBLOCK))
    except ValueError:
        raise WrongUsage(f"cannot read {what}", "no file can have such a name") from None
    except OSError as error:
        raise _no_file(path, what, error) from None
    try:
        found = os.fstat(descriptor)
        if not (stat.S_ISREG(found.st_mode) or (secret and stat.S_ISFIFO(found.st_mode))):
            raise WrongUsage(f"cannot read {what}", f"{path} is not a file")
        if secret:
            _refuse_open_to_others(path, found)
        size = found.st_size if stat.S_ISREG(found.st_mode) else limit
        buffer = bytearray(min(size, limit) + 1)  # one more than there should be, to see what is longer
        view, length = memoryview(buffer), 0
        while length < len(buffer) and (count := os.readv(descriptor, [view[length:]])):
            length += count
        view.release()
        content = buffer[:length]
        wipe(buffer)
    except OSError as error:
        raise _no_file(path, what, error) from None
    finally:
        os.close(descriptor)
    if length > limit:
        wipe(content)
        raise IntegrityFailure(f"{what} is damaged", f"{path} has more than the {limit} bytes allowed")
    if length > size:
        wipe(content)
        raise OutOfReach(f"cannot read {what}", f"{path} is being written to")
    return content


def _refuse_open_to_others(path: Path, found: os.stat_result) -> None:
    if found.st_mode & (stat.S_IRGRP | stat.S_IROTH):
        raise WrongUsage(f"cannot take {path}", "others can read it", f"chmod 600 {path}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)  # without it, the name itself may be gone after a power cut
    finally:
        os.close(descriptor)


def _already_there(path: Path) -> BreakglassError:
    return WrongUsage(f"cannot write {path}", "a file of that name is already there", "name another file")


def _no_file(path: Path, what: str, error: OSError) -> BreakglassError:
    if isinstance(error, FileNotFoundError):
        return WrongUsage(f"cannot read {what}", f"{path} is not there")
    return _no_disk(f"cannot read {what} {path}", error)


def _no_disk(what: str, error: OSError) -> BreakglassError:
    return OutOfReach(what, (error.strerror or "the system refused").lower())
