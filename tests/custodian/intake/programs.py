"""Drives keepassxc-cli and oathtool as a person would: passphrases by standard input, files made by the real program."""

from __future__ import annotations

import base64
import shutil
import subprocess
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from vault.plaintext import Mfa

PASSPHRASE = "correct horse ü battery"


def need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"the Debian program {program} is not there")


def keepassxc(*arguments: str | Path, answers: Iterable[str] = (PASSPHRASE,)) -> str:
    """The output of one call of keepassxc-cli; every answer is a line of its standard input."""
    done = subprocess.run(
        ["keepassxc-cli", *map(str, arguments)],
        input="".join(f"{answer}\n" for answer in answers).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def shown(database: Path, title: str) -> str:
    """The password as `keepassxc-cli show` prints it, without the line break that it adds."""
    return keepassxc("show", "-q", "-a", "Password", database, title).removesuffix("\n")


def shown_code(database: Path, title: str) -> str:
    return keepassxc("show", "-q", "-t", database, title).strip()


def oathtool(mfa: Mfa, seconds: int) -> str:
    """The code that oathtool makes of the same seed at the same time."""
    done = subprocess.run(
        [
            "oathtool",
            f"--totp={mfa.algorithm}",
            f"--digits={mfa.digits}",
            f"--time-step-size={mfa.period}s",
            f"--now=@{seconds}",
            "-",
        ],
        input=mfa.seed.hex().encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


@dataclass(frozen=True)
class Written:
    """One entry as a test wants it written."""

    title: str
    password: str = ""
    user: str = ""
    url: str = ""
    notes: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    uuid: bytes = field(default_factory=lambda: uuid.uuid4().bytes)
    history: str = ""


def xml(entries: Iterable[Written], *, version_4: bool, binned: Iterable[Written] = ()) -> str:
    """A KeePass XML export, for `keepassxc-cli import`. Custom data in a group is what makes the program write KDBX 4."""
    bin_id = _id(uuid.uuid4().bytes)
    custom = "<CustomData><Item><Key>k</Key><Value>v</Value></Item></CustomData>" if version_4 else ""
    return (
        "<?xml version='1.0' encoding='utf-8'?><KeePassFile><Meta><Generator>tests</Generator>"
        f"<RecycleBinEnabled>True</RecycleBinEnabled><RecycleBinUUID>{bin_id}</RecycleBinUUID></Meta><Root><Group>"
        f"<UUID>{_id(uuid.uuid4().bytes)}</UUID><Name>Root</Name>{custom}{''.join(map(_entry, entries))}"
        f"<Group><UUID>{bin_id}</UUID><Name>Recycle Bin</Name>{''.join(map(_entry, binned))}</Group>"
        "</Group></Root></KeePassFile>"
    )


def database(folder: Path, name: str, text: str) -> Path:
    """What `keepassxc-cli import` writes of an XML export."""
    source, made = folder / f"{name}.xml", folder / f"{name}.kdbx"
    source.write_text(text, encoding="utf-8")
    keepassxc("import", "-q", "-p", source, made, answers=(PASSPHRASE, PASSPHRASE))
    source.unlink()
    return made


def version(made: Path) -> tuple[int, int]:
    """(major, minor) as the file's own bytes say it."""
    head = made.read_bytes()[:12]
    return int.from_bytes(head[10:12], "little"), int.from_bytes(head[8:10], "little")


def _entry(entry: Written) -> str:
    strings = {"Title": entry.title, "UserName": entry.user, "URL": entry.url, "Notes": entry.notes}
    plain = "".join(
        f"<String><Key>{key}</Key><Value>{escape(value)}</Value></String>" for key, value in strings.items()
    )
    secret = "".join(
        f"<String><Key>{escape(key)}</Key><Value ProtectInMemory='True'>{escape(value)}</Value></String>"
        for key, value in {"Password": entry.password, **entry.fields}.items()
    )
    past = _entry(Written(entry.title, entry.history, uuid=entry.uuid)) if entry.history else ""
    history = f"<History>{past}</History>" if past else ""
    return f"<Entry><UUID>{_id(entry.uuid)}</UUID>{plain}{secret}{history}</Entry>"


def _id(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
