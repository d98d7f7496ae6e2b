"""Reads a file of any kind that is understood, and tells what it was: KeePass, CSV, picture, or text with otpauth links.

This is the one call that the command line and the app make. Several files may be given at once, because an export of Google
Authenticator comes in several pictures. Each source gets a digest, by which a second import of the same file is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from custodian.intake import csv_file, foreign_entry, kdbx, migration, otpauth, qr
from custodian.intake.candidate import Candidate
from vault.encoding import digest
from vault.errors import WrongUsage
from vault.files import read_bounded
from vault.text import printable

Form = Literal["KeePass file", "CSV file", "picture", "text file"]

LARGEST_FILE = 32 * 1024 * 1024
MOST_FILES = 100
MOST_LINES = 10_000


@dataclass(frozen=True)
class Source:
    """One file that was read."""

    path: Path
    form: Form
    digest: bytes
    """32 bytes; see `source_digest`."""

    @property
    def name(self) -> str:
        """The file's name, harmless to print."""
        return printable(self.path.name, 80)

    @property
    def plain(self) -> bool:
        """Whether the file holds secrets in plain text and should not stay where it is."""
        return self.form != "KeePass file"


@dataclass(frozen=True)
class Reading:
    """What the files hold."""

    candidates: tuple[Candidate, ...] = field(repr=False)
    sources: tuple[Source, ...]
    not_taken: tuple[str, ...] = ()
    """What the files hold besides: devices of other kinds, columns that are not read."""


def needs_passphrase(path: Path) -> bool:
    """Whether `read` needs the passphrase of this file. Raises as `read` does where it cannot be read."""
    return kdbx.is_kdbx(read_bounded(path, LARGEST_FILE, "the file")[:8])


def read(paths: Sequence[Path], passphrase: bytearray | None = None, keyfile: Path | None = None) -> Reading:
    """Everything in `paths`. Links of Google Authenticator are put together across all of them.

    Raises a BreakglassError that names the file: WrongUsage, CannotUnlock, IntegrityFailure or OutOfReach.
    """
    if not 1 <= len(paths) <= MOST_FILES:
        raise WrongUsage("cannot import", f"between 1 and {MOST_FILES} files are read at once")
    candidates: list[Candidate] = []
    sources: list[Source] = []
    not_taken: list[str] = []
    links: list[tuple[Source, str]] = []
    for path in paths:
        data = read_bounded(path, LARGEST_FILE, "the file")
        form = _form(data, path)
        source = Source(path, form, source_digest(data, form))
        if any(other.digest == source.digest for other in sources):
            continue
        sources.append(source)
        if form == "KeePass file":
            if passphrase is None:
                raise WrongUsage(
                    f"cannot read {source.name}",
                    "it needs its passphrase",
                    "Give --source-passphrase-file FILE.",
                )
            key = read_bounded(keyfile, kdbx.LARGEST_KEY_FILE, "the key file") if keyfile else None
            candidates += kdbx.entries(data, passphrase, path.name, key)
        elif form == "CSV file":
            candidates += csv_file.rows(data, path.name)
            not_taken += [
                f"{source.name}: the column '{name}' is not read" for name in csv_file.unknown_columns(data)
            ]
        else:
            links += [(source, text) for text in _links(data, source)]
    found, counter_based = _devices(links)
    return Reading((*candidates, *found), tuple(sources), (*not_taken, *counter_based))


def source_digest(data: bytes, form: Form) -> bytes:
    """The digest that stands for the file in the log, where every member, reviewers included, can read it.

    A KeePass file is ciphertext, and hashing it says nothing. A plain file may hold one short password among things that
    a reviewer knows; a plain hash would let them try guesses at leisure, so here every guess costs 32 MiB of scrypt.
    """
    plain = digest("import source", data)
    if form == "KeePass file":
        return plain
    salt = b"breakglass/v1/import source"
    return hashlib.scrypt(plain, salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)


def _form(data: bytes, path: Path) -> Form:
    if kdbx.is_kdbx(data):
        return "KeePass file"
    if qr.is_picture(data):
        return "picture"
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"otpauth://", b"otpauth-migration:")):
        return "text file"
    if b"\0" in data[:1000]:
        raise WrongUsage(
            f"cannot import {printable(path.name, 80)}",
            "it is none of KeePass (KDBX), CSV, PNG, JPEG, or text with otpauth links",
            "Export it from its program in one of these.",
        )
    return "CSV file"


def _links(data: bytes, source: Source) -> list[str]:
    """The otpauth links of a picture or a text file."""
    if source.form == "picture":
        return qr.codes(data, source.path.name)
    what = f"cannot read {source.name}"
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        lines = []
    lines = [line for line in lines if line]
    if not lines:
        raise WrongUsage(what, "it is not UTF-8 text")
    if len(lines) > MOST_LINES:
        raise WrongUsage(what, f"it has more than {MOST_LINES} lines")
    return lines


def _devices(links: list[tuple[Source, str]]) -> tuple[list[Candidate], list[str]]:
    """Candidates of all links, and a sentence for each device that cannot be brought in."""
    candidates: list[Candidate] = []
    for source, text in links:
        if migration.is_migration(text):
            continue
        mfa = otpauth.parse(text)
        candidates.append(foreign_entry.of_device(mfa, source.name, _place(mfa.label, mfa.issuer)))
    exported = [(source, text) for source, text in links if migration.is_migration(text)]
    if not exported:
        return candidates, []
    export = migration.read([text for _, text in exported])
    names = ", ".join(dict.fromkeys(source.name for source, _ in exported))
    candidates += [
        foreign_entry.of_device(mfa, names, _place(mfa.label, mfa.issuer)) for mfa in export.devices
    ]
    return candidates, list(export.left_out)


def _place(label: str, issuer: str) -> str:
    return f"device {issuer}: {label}" if issuer else f"device {label or 'without a label'}"
