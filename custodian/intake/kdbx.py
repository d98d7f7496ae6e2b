"""Reads KeePass databases, KDBX 3.1 and 4, as KeePassXC and pykeepass write them; through pykeepass, the extra `keepass`.

What pykeepass does not guard against is guarded here: a header that asks for absurd key derivation (`kdbx_header`), a
payload that unpacks without end, protected values that it would pass on still encrypted, its log lines, and its
exceptions, which carry what they had read. It writes no file when reading. The recycle bin, history and templates are
not credentials in use and are passed over; attachments are named.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import io
import logging
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from custodian.intake import foreign_entry, kdbx_header, keepass_fields
from custodian.intake.candidate import Candidate
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, OutOfReach, WrongUsage
from vault.files import read_bounded
from vault.text import printable

LARGEST_FILE = 32 * 1024 * 1024
LARGEST_KEY_FILE = 1024 * 1024
LARGEST_PAYLOAD = 128 * 1024 * 1024
"""Bytes after unpacking."""
MOST_ENTRIES = 10_000

ENOUGH_TEXT = 64
"""Bytes of protected text that prove the key by being text: under a wrong one they would be, with a chance below 2^-50."""

HEADER_DOUBT = (
    "the file's header does not fit the checksum inside the file: some programs leave it so, and so would somebody who "
    "changed the header; compare the password with the original"
)

_one_at_a_time = threading.Lock()


def is_kdbx(head: bytes) -> bool:
    """Whether a file that begins with `head` (8 bytes or more) is a KeePass database."""
    return head.startswith(kdbx_header.SIGNATURE)


def read(path: Path, passphrase: bytearray, keyfile: Path | None = None) -> list[Candidate]:
    """A candidate for each entry that holds anything, in the file's order.

    Raises CannotUnlock for a wrong passphrase or key file, IntegrityFailure for damage, WrongUsage for what is no
    KeePass file, OutOfReach where pykeepass is not installed. The caller wipes `passphrase`.
    """
    data = read_bounded(path, LARGEST_FILE, "the KeePass file")
    key = read_bounded(keyfile, LARGEST_KEY_FILE, "the key file") if keyfile else None
    return entries(data, passphrase, path.name, key)


def entries(data: bytes, passphrase: bytearray, name: str, keyfile: bytes | None = None) -> list[Candidate]:
    """The same for a file's bytes; `name` is what messages and candidates call it."""
    what = f"cannot read the KeePass file {printable(name, 80)}"
    header = kdbx_header.read(data, what)
    with _one_at_a_time:
        tree = _open(data, header, passphrase, keyfile, what)
    root = tree.getroot()
    _refuse_unread_protection(root, what)
    doubts = () if _header_fits(root, header) or _decrypted_for_sure(root) else (HEADER_DOUBT,)
    found = []
    by_id = keepass_fields.by_id(root)
    for count, (group, element) in enumerate(_live_entries(root), start=1):
        if count > MOST_ENTRIES:
            raise WrongUsage(what, f"it has more than {MOST_ENTRIES} entries")
        entry = keepass_fields.read(element, group, printable(name, 80), by_id, doubts)
        if entry is not None:
            found.append(foreign_entry.candidate(entry))
    return found


def _open(
    data: bytes, header: kdbx_header.Header, passphrase: bytearray, keyfile: bytes | None, what: str
) -> Any:
    """The decrypted XML tree. Errors are made outside the `except` blocks: an exception keeps what it was raised from,
    and pykeepass's frames hold the plain text."""
    try:
        from pykeepass import PyKeePass
        from pykeepass.exceptions import CredentialsError
        from pykeepass.kdbx_parsing import common
    except ImportError:
        PyKeePass = None  # noqa: N806
    if PyKeePass is None:
        raise OutOfReach(
            what,
            "reading KeePass files needs the extra 'keepass', which is not installed",
            "Install breakglass-custodian[keepass].",
        )
    common.Decompressed._decode = _unpack  # noqa: SLF001 - its own has no bound
    password = _text(passphrase, what) if passphrase or keyfile is None else None
    failure: BreakglassError | None = None
    tree: Any = None
    with _unheard() as complaints:
        try:
            composite = common.compute_key_composite(password, _stream(keyfile))
        except Exception:  # noqa: BLE001 - a key file is XML, hex or anything
            failure = WrongUsage(what, "the key file is damaged")
    if failure is None:
        transformed = _aes_rounds(composite, header.seed, header.rounds) if header.kdf == "aes" else None
        with _unheard() as complaints:
            try:
                tree = PyKeePass(io.BytesIO(data), password, _stream(keyfile), transformed).tree
            except CredentialsError:
                failure = CannotUnlock(what, "the passphrase or the key file is wrong")
            except _TooMuch:
                failure = WrongUsage(what, "it unpacks to more than any honest file holds")
            except Exception:  # noqa: BLE001 - whatever a parser meets in damaged bytes
                failure = IntegrityFailure(what, "its contents are damaged", "Use a copy of it.")
        if failure is None and complaints:
            failure = IntegrityFailure(
                what, "a protected value in it cannot be decrypted", "Use a copy of it."
            )
    if failure is not None:
        raise failure
    return tree


def _text(passphrase: bytearray, what: str) -> str:
    try:
        return passphrase.decode()
    except UnicodeDecodeError:
        pass
    raise WrongUsage(what, "the passphrase is not UTF-8 text")


def _stream(keyfile: bytes | None) -> io.BytesIO | None:
    return None if keyfile is None else io.BytesIO(keyfile)


class _TooMuch(Exception):
    pass


def _unpack(_self: object, data: bytes, _context: object, _path: object) -> bytes:
    unpacker = zlib.decompressobj(16 + 15)
    unpacked = unpacker.decompress(data, LARGEST_PAYLOAD)
    if unpacker.unconsumed_tail:
        raise _TooMuch
    if not unpacker.eof:
        raise zlib.error("truncated")
    return unpacked


@contextlib.contextmanager
def _unheard() -> Iterator[list[int]]:
    """Let nothing of pykeepass reach a log; yields the levels of the warnings and errors that it had to report."""
    complaints: list[int] = []

    def silence(record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            complaints.append(record.levelno)
        return False

    names = [name for name in list(logging.root.manager.loggerDict) if name.split(".")[0] == "pykeepass"]
    loggers = [logging.getLogger(name) for name in names]
    for logger in loggers:
        logger.addFilter(silence)
    try:
        yield complaints
    finally:
        for logger in loggers:
            logger.removeFilter(silence)


def _aes_rounds(composite: bytes, seed: bytes, rounds: int) -> bytes:
    """The AES key derivation of KDBX. Each half of the key goes through AES-256 `rounds` times over.

    CBC over zeros does exactly that in one call (each block is the encryption of the one before), where a loop of single
    calls takes half a minute for what KeePassXC does in a second.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    step = 1 << 20
    zeros = bytes(16 * step)
    halves = []
    for half in (composite[:16], composite[16:]):
        encryptor = Cipher(algorithms.AES256(seed), modes.CBC(half)).encryptor()
        left, last = rounds, half
        while left:
            count = min(left, step)
            last = encryptor.update(zeros[: 16 * count])[-16:]
            left -= count
        halves.append(last)
    return hashlib.sha256(b"".join(halves)).digest()


def _refuse_unread_protection(root: Any, what: str) -> None:
    """Refuse a tree in which a value may still be encrypted: pykeepass decrypts `<Value Protected="True">` only."""
    for element in root.iter():
        protected = element.get("Protected") if isinstance(element.tag, str) else None
        if protected in (None, "False") or (protected == "True" and element.tag == "Value"):
            continue
        raise WrongUsage(
            what,
            "it protects its values in a way that is not read with certainty",
            "Save it anew with KeePassXC.",
        )


def _header_fits(root: Any, header: kdbx_header.Header) -> bool:
    """Whether the hash of the header that KDBX 3.1 keeps inside is right. 4 has checks of its own, done by now."""
    if header.version[0] == 4:
        return True
    text = root.findtext("Meta/HeaderHash") or ""
    try:
        inside = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(inside, header.digest)


def _decrypted_for_sure(root: Any) -> bool:
    """Whether the values are text for certain, for a 3.1 file in which that hash is wrong: pykeepass leaves it as it was.

    What a changed header could do unnoticed is to garble protected values: everything else in it decides whether the
    payload decrypts at all. Random bytes are hardly ever valid UTF-8, which all of them were, or `_open` had refused.
    """
    protected = (element.text or "" for element in root.iter("Value") if element.get("Protected") == "True")
    return sum(len(text.encode()) for text in protected) >= ENOUGH_TEXT


def _live_entries(root: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(names of the groups above, element) of each entry outside the recycle bin and the templates, in order."""
    apart = {root.findtext("Meta/RecycleBinUUID"), root.findtext("Meta/EntryTemplatesGroup")} - {
        None,
        "",
        "A" * 22 + "==",
    }
    stack: list[tuple[tuple[str, ...], Any]] = [((), group) for group in reversed(root.findall("Root/Group"))]
    while stack:
        above, group = stack.pop()
        if group.findtext("UUID") in apart:
            continue
        names = (*above, group.findtext("Name") or "")
        for element in group.findall("Entry"):
            yield names, element
        stack += [(names, child) for child in reversed(group.findall("Group"))]
