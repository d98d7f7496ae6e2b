"""The replica: this machine's copy of the vault, one SQLite file that holds ciphertext only.

Rows are bytes that other modules encrypt, sign and check; this file only keeps them, durably and whole. It is WAL with
synchronous=FULL (a committed row survives a power cut), 0600 in a 0700 folder, and refuses network filesystems, where
SQLite's locks cannot be relied on. Its schema is compared with the one written here at every opening, so that nobody
adds a trigger or a view. No SQLite error text leaves this file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, OutOfReach, WrongUsage
from vault.files import private_folder
from vault.local_disk import refuse_network_filesystem

FILE_NAME = "replica.sqlite3"
APPLICATION_ID = 0x42474C53  # "BGLS", so that file(1) and other tools can tell
SCHEMA_VERSION = 1

_SCHEMA = (
    "CREATE TABLE entries (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
    "CREATE TABLE blobs (name BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE outbox (n INTEGER PRIMARY KEY AUTOINCREMENT, member BLOB NOT NULL, bytes BLOB NOT NULL) STRICT",
    "CREATE TABLE nodes (level INTEGER, idx INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, idx)) STRICT, WITHOUT ROWID",
    "CREATE TABLE sealed (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID",
)
"""`sealed` holds this machine's own things under keys of the identity: pin, device, snapshot."""

_FAULTS = (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError)
"""What the module raises. The last where SQLite quotes a damaged schema in its message, and the bytes are no text."""


class Replica:
    """An open replica. One connection, used by one thread at a time: the caller holds the lock."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection

    @classmethod
    def create(cls, folder: Path) -> Replica:
        """Make an empty replica in `folder` (made 0700 if it is not there). WrongUsage where there is one already."""
        private_folder(folder)
        refuse_network_filesystem(folder)
        path = folder / FILE_NAME
        try:
            # Made by us before SQLite sees it: it then has its mode from its first byte on, and so do -wal and -shm.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise WrongUsage(
                "cannot make a vault", f"there is one in {folder} already", "open it, or name another folder by --vault"
            ) from None
        except OSError as error:
            raise _unwritable(error) from None
        replica = cls(path, _connect(path))
        with replica._guarded():
            replica._db.execute("PRAGMA journal_mode = WAL")
            replica._db.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                replica._db.execute(statement)
            replica._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            replica._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            replica._db.execute("COMMIT")
        return replica

    @classmethod
    def open(cls, folder: Path) -> Replica:
        """Open the replica in `folder`. WrongUsage where there is none, IntegrityFailure where it is not ours."""
        path = folder / FILE_NAME
        if not os.path.isfile(path):  # noqa: PTH113  # unlike Path.is_file, raises nothing for a folder that is closed to us
            raise WrongUsage("there is no vault here", str(folder), "make one with `breakglass init`, or name its folder by --vault")
        refuse_network_filesystem(folder)
        replica = cls(path, _connect(path))
        try:
            replica._check_schema()
            with replica._guarded():  # a backup leaves it
                if replica._db.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                    replica._db.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            replica.close()
            raise
        return replica

    def _check_schema(self) -> None:
        with self._guarded():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            application = self._db.execute("PRAGMA application_id").fetchone()[0]
            found = {row[0] for row in self._db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
        if application == APPLICATION_ID and version > SCHEMA_VERSION:
            raise IntegrityFailure(
                "the replica is of a newer form", f"version {version}; this breakglass knows {SCHEMA_VERSION}", "update breakglass"
            )
        expected = {*_SCHEMA, "CREATE TABLE sqlite_sequence(name,seq)"}
        if application != APPLICATION_ID or version != SCHEMA_VERSION or found != expected:
            raise _damaged("its tables are not as breakglass makes them")

    def close(self) -> None:
        """Close the file; the write-ahead log is folded into it when nobody else has it open."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes durable together at the end, or not at all. Shuts other writers out meanwhile."""
        with self._guarded():
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        try:
            with self._guarded():
                self._db.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        # SQLite rolls back by itself at some errors; whatever stands in the way here, the error before it says more.
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except _FAULTS as error:
            raise _translated(error) from None

    def _one(self, query: str, *values: object) -> bytes | None:
        with self._guarded():
            row = self._db.execute(query, values).fetchone()
        return None if row is None else _bytes(row[0])

    def _run(self, statement: str, *values: object) -> None:
        with self._guarded():
            self._db.execute(statement, values)

    # -- the log ------------------------------------------------------------------------------------------------

    def size(self) -> int:
        """How many entries there are: one more than the highest place."""
        with self._guarded():
            return int(self._db.execute("SELECT coalesce(max(seq) + 1, 0) FROM entries").fetchone()[0])

    def rows(self) -> int:
        """How many rows the log's table has; the same as `size` where none is missing and none is beside the log."""
        with self._guarded():
            return int(self._db.execute("SELECT count(*) FROM entries").fetchone()[0])

    def entry(self, seq: int) -> bytes | None:
        """The stored bytes at one place."""
        return self._one("SELECT bytes FROM entries WHERE seq = ?", seq)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """(place, bytes) from `start` up to and without `stop`, in order. Gaps are not filled."""
        at, end = start, 2**63 - 1 if stop is None else stop
        while at < end:  # in pages, so that no statement stays open while the caller writes
            with self._guarded():
                page = self._db.execute(
                    "SELECT seq, bytes FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 512", (at, end)
                ).fetchall()
            if not page:
                return
            for seq, data in page:
                yield seq, _bytes(data)
            at = page[-1][0] + 1

    def append(self, seq: int, data: bytes, nodes: list[tuple[int, int, bytes]]) -> None:
        """Put an entry at its place, with the Merkle nodes it completes. Within a transaction."""
        self._run("INSERT INTO entries (seq, bytes) VALUES (?, ?)", seq, data)
        for level, index, node in nodes:
            self._run("INSERT OR REPLACE INTO nodes (level, idx, hash) VALUES (?, ?, ?)", level, index, node)

    def node(self, level: int, index: int) -> bytes | None:
        """A Merkle node. Not trusted: it proves nothing until the root comes out right."""
        return self._one("SELECT hash FROM nodes WHERE level = ? AND idx = ?", level, index)

    # -- blobs --------------------------------------------------------------------------------------------------

    def put_blob(self, name: bytes, data: bytes) -> None:
        """Keep a sealing under its hash. Putting the same again is no change."""
        self._run("INSERT OR IGNORE INTO blobs (name, bytes) VALUES (?, ?)", name, data)

    def blob(self, name: bytes) -> bytes | None:
        """A sealing's bytes."""
        return self._one("SELECT bytes FROM blobs WHERE name = ?", name)

    # -- the outbox ---------------------------------------------------------------------------------------------

    def queue(self, member: bytes, data: bytes) -> int:
        """Add a row of one member's to the outbox; return its number."""
        with self._guarded():
            number = self._db.execute("INSERT INTO outbox (member, bytes) VALUES (?, ?)", (member, data)).lastrowid
        if number is None:
            raise _damaged("its outbox took a row and gave no number")
        return number

    def waiting(self) -> list[tuple[int, bytes, bytes]]:
        """(number, member, bytes) of all rows in the outbox, oldest first."""
        with self._guarded():
            rows = self._db.execute("SELECT n, member, bytes FROM outbox ORDER BY n")
            return [(n, _bytes(member), _bytes(data)) for n, member, data in rows]

    def unqueue(self, number: int) -> None:
        """Take a row out of the outbox."""
        self._run("DELETE FROM outbox WHERE n = ?", number)

    # -- this machine's own things ------------------------------------------------------------------------------

    def put_sealed(self, name: str, data: bytes) -> None:
        """Keep a thing of this machine, sealed under a key of the identity."""
        self._run("INSERT OR REPLACE INTO sealed (name, bytes) VALUES (?, ?)", name, data)

    def sealed(self, name: str) -> bytes | None:
        """A thing of this machine."""
        return self._one("SELECT bytes FROM sealed WHERE name = ?", name)

    def unseal(self, name: str) -> None:
        """Forget a thing of this machine."""
        self._run("DELETE FROM sealed WHERE name = ?", name)

    # -- the whole ----------------------------------------------------------------------------------------------

    def quick_check(self) -> str | None:
        """What SQLite itself finds wrong with the file's structure, in our words; None where it is sound."""
        with self._guarded():
            rows = self._db.execute("PRAGMA quick_check(1)").fetchall()
        return None if rows == [("ok",)] else "the database file is not well-formed"

    def copy_to(self, target: Path, without: tuple[str, ...]) -> None:
        """A consistent copy into `target`, an empty file, leaving out the named sealed things."""
        with self._guarded(), closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA secure_delete = ON")
            self._db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            for name in without:
                copy.execute("DELETE FROM sealed WHERE name = ?", (name,))
            copy.execute("VACUUM")


def _connect(path: Path) -> sqlite3.Connection:
    os.umask(os.umask(0o077) | 0o077)  # -wal and -shm are made by SQLite later on
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    except sqlite3.Error as error:
        raise _translated(error) from None
    try:
        for pragma in ("synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF", "cell_size_check = ON",
                       "temp_store = MEMORY", "fullfsync = ON", "checkpoint_fullfsync = ON"):
            db.execute(f"PRAGMA {pragma}")
    except _FAULTS as error:
        db.close()
        raise _translated(error) from None
    return db


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise _damaged("a row does not hold bytes")
    return value


def _damaged(why: str) -> IntegrityFailure:
    return IntegrityFailure("the replica is damaged", why, "restore a backup into an empty folder, and keep this file as evidence")


def _unwritable(error: OSError) -> OutOfReach:
    return OutOfReach("cannot write the replica", os.strerror(error.errno or 0).lower(), "nothing was lost; make room or mend the folder's permissions")


def _translated(error: Exception) -> BreakglassError:
    if isinstance(error, sqlite3.ProgrammingError):  # what the module says of a connection that was closed
        return CannotUnlock("locked", "the vault was closed meanwhile", "unlock again")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return OutOfReach("cannot write the replica", "another breakglass is writing to it", "try again when it has finished")
    if code == sqlite3.SQLITE_FULL:
        return OutOfReach("cannot write the replica", "the disk is full", "make room; nothing was lost and nothing was shown")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return OutOfReach("cannot use the replica", "its file cannot be read or written", "look at the folder's permissions and the disk")
    return _damaged("SQLite cannot read the file")
