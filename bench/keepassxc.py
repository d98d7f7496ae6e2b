"""The yardstick for opening: keepassxc-cli on 1,000 entries that it wrote itself with its smallest key derivation."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import time
from pathlib import Path

PASSWORD = "the same for every run"
ENTRIES = 1_000

_ENTRY = """<Entry><UUID>{uuid}</UUID><String><Key>Title</Key><Value>account-{n:04}</Value></String>
<String><Key>UserName</Key><Value>aws+{n:04}@acme.example</Value></String>
<String><Key>Password</Key><Value ProtectInMemory="True">password of account {n:04}</Value></String>
<String><Key>URL</Key><Value>https://{id}.signin.aws.example</Value></String>
<String><Key>Notes</Key><Value>inbox: four people</Value></String></Entry>"""
_DATABASE = """<?xml version="1.0" encoding="UTF-8"?><KeePassFile><Meta><Generator>bench</Generator></Meta><Root>
<Group><UUID>{uuid}</UUID><Name>Root</Name>{entries}</Group></Root></KeePassFile>"""


def there() -> bool:
    """Whether keepassxc-cli is installed."""
    return shutil.which("keepassxc-cli") is not None


def write(folder: Path) -> Path:
    """Let keepassxc-cli make a database by `db-create -t 100` and fill it: by `import` and `merge`, as `add` would take minutes."""
    entries = "".join(_ENTRY.format(uuid=_uuid(), n=n, id=100_000_000_000 + n) for n in range(ENTRIES))
    source, filled, made = folder / "source.xml", folder / "filled.kdbx", folder / "made.kdbx"
    source.write_text(_DATABASE.format(uuid=_uuid(), entries=entries))
    _run("import", "-p", "-t", "100", str(source), str(filled), answers=2)
    _run("db-create", "-p", "-t", "100", str(made), answers=2)
    _run("merge", "-s", str(made), str(filled), answers=1)
    return made


def show(database: Path) -> float:
    """The seconds that showing one entry takes, as a whole process."""
    begun = time.perf_counter()
    shown = _run("show", "-q", "-s", str(database), f"account-{ENTRIES // 2:04}", answers=1)
    seconds = time.perf_counter() - begun
    if f"password of account {ENTRIES // 2:04}" not in shown:
        raise SystemExit("bench: keepassxc-cli did not show the entry")
    return seconds


def version() -> str:
    """What it calls itself."""
    return subprocess.check_output(["keepassxc-cli", "--version"], text=True).strip()


def _run(*arguments: str, answers: int) -> str:
    done = subprocess.run(
        ["keepassxc-cli", *arguments], input=f"{PASSWORD}\n" * answers, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"bench: keepassxc-cli {arguments[0]} failed: {done.stderr}")
    return done.stdout


def _uuid() -> str:
    return base64.b64encode(os.urandom(16)).decode()
