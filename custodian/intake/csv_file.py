"""Reads a CSV file with named columns, one account a row: a list somebody keeps, or another tool's export.

The first row names the columns, in any order; `COLUMNS` lists the names that are understood, those of KeePassXC's,
Bitwarden's, 1Password's and LastPass's exports among them. The file must be UTF-8. Commas, semicolons and tabs may separate.
Values are taken exactly as they stand; where a spreadsheet has been at work on an account id, that is a doubt.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from custodian.intake import account_id, foreign_entry, otpauth
from custodian.intake.candidate import PARTITIONS, Candidate, Partition
from custodian.intake.foreign_entry import ForeignEntry
from vault.errors import BreakglassError, WrongUsage
from vault.files import read_bounded
from vault.plaintext import Mfa
from vault.text import printable

LARGEST_FILE = 16 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 100

COLUMNS: dict[str, tuple[str, ...]] = {
    "account id": ("account", "accountid", "aws account", "aws account id", "account number", "id"),
    "name": ("account name", "title", "alias"),
    "email": ("e-mail", "mail", "root email", "root e-mail", "root user email", "email address"),
    "user": ("user name", "username", "login", "login_username"),
    "password": ("root password", "login_password"),
    "totp": ("otpauth", "otp", "mfa", "mfa seed", "mfa secret", "totp seed", "totp secret", "login_totp"),
    "mfa serial": ("serial", "mfa arn", "serial number"),
    "notes": ("note", "recovery", "comment", "comments", "extra"),
    "url": ("login_uri", "website", "address"),
    "partition": ("aws partition",),
    "inbox readers": ("inbox", "inbox reader", "who reads the inbox"),
    "phone holder": ("phone", "phone number", "who holds the phone"),
    "profile": ("aws profile",),
    "role": ("aws role", "role name"),
}
"""Each column's name, and the other names that it may have. Case, underscores and spaces at the ends do not matter."""

IDLE = frozenset(
    "group folder grouping tags icon type favorite fav archived reprompt status created modified arn"
    " joinedmethod joinedtimestamp".split()
) | {"last modified", "joined method", "joined timestamp"}
"""Columns of other tools' exports, and of AWS's own list of accounts, that say nothing that is kept here."""

_MEANS = {alias.replace("_", " "): name for name, aliases in COLUMNS.items() for alias in (name, *aliases)}
_TELLING = {"account id", "password", "totp", "email"}
"""A file without any of these is not a list of credentials."""
_WHAT = "cannot read the CSV file"


def read(path: Path) -> list[Candidate]:
    """A candidate for each row. Raises WrongUsage, with the row's number, for what is not CSV or names no known column."""
    return rows(read_bounded(path, LARGEST_FILE, "the CSV file"), path.name)


def unknown_columns(data: bytes) -> tuple[str, ...]:
    """The columns that hold something and are not read, by their names as the file has them."""
    cells = _cells(_decoded(data, _WHAT), _WHAT)
    _, header = next(cells, (0, []))
    unread = {
        place for place, name in enumerate(header) if _meaning(name) is None and _folded(name) not in IDLE
    }
    used = {place for _, values in cells for place in unread if "".join(values[place : place + 1]).strip()}
    return tuple(printable(header[place], 60).strip() or f"number {place + 1}" for place in sorted(used))


def rows(data: bytes, name: str) -> list[Candidate]:
    """The same for a file's bytes; `name` is what messages and candidates call it."""
    source = printable(name, 80)
    what = f"{_WHAT} {source}"
    cells = _cells(_decoded(data, what), what)
    _, header = next(cells, (0, []))
    columns = _columns(header, what)
    found: list[Candidate] = []
    for number, values in cells:
        if not any(value.strip() for value in values):
            continue
        if len(found) >= MOST_ROWS:
            raise WrongUsage(what, f"it has more than {MOST_ROWS} rows")
        if len(values) > len(header) and any(value.strip() for value in values[len(header) :]):
            raise WrongUsage(
                what,
                f"row {number} has {len(values)} cells and the first row names {len(header)} columns",
                "Put a cell that holds a separator between double quotes.",
            )
        row = {column: values[place] for column, place in columns.items() if place < len(values)}
        found.append(
            foreign_entry.candidate(_entry(row, source, f"row {number}", explicit="account id" in columns))
        )
    if not found:
        raise WrongUsage(what, "it has no rows below its column names")
    return found


def _decoded(data: bytes, what: str) -> str:
    if len(data) > LARGEST_FILE:
        raise WrongUsage(what, f"it has more than {LARGEST_FILE} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"  # raised below: the error at hand carries the whole file
    if "\0" in text:
        raise WrongUsage(what, "it is not UTF-8 text", "Save it as CSV UTF-8.")
    return text


def _cells(text: str, what: str) -> Iterator[tuple[int, list[str]]]:
    """(row number as a spreadsheet shows it, cells) for each row that is not empty."""
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    for number in range(1, MOST_ROWS * 2):
        broken, values = False, None
        try:
            values = next(reader, None)
        except csv.Error:
            broken = True
        if broken:
            raise WrongUsage(
                what,
                f"row {number} is not proper CSV",
                "Double every double quote inside a quoted cell, and close each quoted cell.",
            )
        if values is None:
            return
        if len(values) > MOST_COLUMNS:
            raise WrongUsage(what, f"row {number} has more than {MOST_COLUMNS} cells")
        if values:
            yield number, values


def _meaning(name: str) -> str | None:
    return _MEANS.get(_folded(name))


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


def _columns(header: list[str], what: str) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, name in enumerate(header):
        meaning = _meaning(name)
        if meaning is None:
            continue
        if meaning in columns:
            raise WrongUsage(
                what,
                f"two columns, '{printable(header[columns[meaning]], 40)}' and '{printable(name, 40)}', mean the same",
                "Leave one of them out.",
            )
        columns[meaning] = place
    if not _TELLING & columns.keys():
        raise WrongUsage(
            what,
            "its first row names none of the columns 'account id', 'email', 'password' and 'totp'",
            "Name the columns in the first row; docs/importing.md lists the names.",
        )
    return columns


def _entry(row: dict[str, str], source: str, place: str, *, explicit: bool) -> ForeignEntry:
    doubts: list[str] = []
    stated: str | None = None
    if explicit:
        stated, wrong = account_id.exact(row.get("account id", ""))
        # An empty cell is no mistake by itself: the id may stand in the name or the URL.
        if wrong and row.get("account id", "").strip():
            doubts.append(wrong)
    password = row.get("password", "")
    if password != password.strip():
        doubts.append(
            "the password begins or ends with a space; it may belong to the file and not to the password"
        )
    devices = _devices(row.get("totp", ""), doubts)
    partition = _partition(row.get("partition", ""), doubts)
    serial = row.get("mfa serial", "").strip()
    return ForeignEntry(
        source=source,
        place=place,
        title=row.get("name", ""),
        user=row.get("user", ""),
        url=row.get("url", ""),
        password=password,
        devices=devices,
        notes=row.get("notes", ""),
        fields=(("MFA serial", serial),) if serial else (),
        stated_id=stated,
        email=row.get("email", ""),
        doubts=tuple(doubts),
        partition=partition,
        inbox_readers=row.get("inbox readers", ""),
        phone_holder=row.get("phone holder", ""),
        profile=row.get("profile", ""),
        role=row.get("role", ""),
    )


def _devices(cell: str, doubts: list[str]) -> tuple[Mfa, ...]:
    if not cell.strip():
        return ()
    try:
        return (otpauth.parse(cell),)
    except BreakglassError as error:
        doubts.append(f"its TOTP settings cannot be read: {error.why}")
        return ()


def _partition(cell: str, doubts: list[str]) -> Partition | None:
    text = cell.strip().casefold()
    for partition in PARTITIONS:
        if text == partition:
            return partition
    if text:
        doubts.append(
            f"there is no partition '{printable(cell.strip(), 30)}'; there are {', '.join(PARTITIONS)}"
        )
    return None
