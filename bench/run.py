"""`make bench`: two ratios, each side measured in turns within one run, and each beside the limit it must keep.

A ratio is the quotient of the medians; behind each median stands the spread, from the fastest to the slowest repeat.
Exit 1 if a limit is broken. Absolute times are this machine's; docs/performance.md records the ratios.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import keepassxc
import large_vault
from first_paint import first_paint

import vault
from vault.identity import Identity
from vault.identity_file import KdfCost
from vault.identity_file import write as write_identity

HERE = Path(__file__).parent
REPEATS = 15
PYTHON = sys.executable


def compare(question: str, ours: Callable[[], float], theirs: Callable[[], float], limit: float) -> bool:
    """Measure both in turns, after one turn that does not count; print and judge."""
    mine: list[float] = []
    others: list[float] = []
    ours()
    theirs()
    for _ in range(REPEATS):
        mine.append(ours())
        others.append(theirs())
    ratio = median(mine) / median(others)
    kept = ratio <= limit
    print(f"\n{question}")
    print(f"  ours    {_spread(mine)}")
    print(f"  theirs  {_spread(others)}")
    print(f"  ratio   {ratio:.2f}, at most {limit:.2f}: {'kept' if kept else 'BROKEN'}")
    return kept


def _spread(seconds: list[float]) -> str:
    low, middle, high = (round(1000 * s, 1) for s in (min(seconds), median(seconds), max(seconds)))
    return f"median {middle} ms, {low} to {high} ms over {len(seconds)}"


def start(folder: Path) -> bool:
    """The unlock screen against an empty Textual app, each as a whole process in a terminal."""
    identity = Identity.generate()
    write_identity(folder / "identity", identity, bytearray(b"a passphrase nobody types"), cost=KdfCost(memory_kib=65536, passes=3, lanes=4))
    vault.create(folder / "vault", "Acme", "anna", identity).close()
    env = _environment(folder)
    app = [PYTHON, "-m", "custodian", "--vault", str(folder / "vault"), "--identity", str(folder / "identity")]
    return compare(
        "first paint: the unlock screen, against an empty Textual app with one input field",
        lambda: first_paint(app, "Passphrase", env),
        lambda: first_paint([PYTHON, str(HERE / "empty_app.py")], "Passphrase", env),
        1.25,
    )


def opening(folder: Path) -> bool:
    """Opening a large vault, key derivation and imports apart, against keepassxc-cli as a whole process."""
    if not keepassxc.there():
        print("\nopening: not measured, keepassxc-cli is not installed")
        return False
    print("\nwriting a vault of 10,000 entries …", flush=True)
    large, small = folder / "large", folder / "small"
    for place, sizes in ((large, {}), (small, {"accounts": 2, "entries": 300})):
        place.mkdir()
        large_vault.write(place / "vault", place / "secret", **sizes)
    database = keepassxc.write(folder)
    command = [PYTHON, str(HERE / "large_vault.py"), str(large), str(small)]
    env = _environment(folder)
    return compare(
        f"opening 1,000 accounts and 10,000 entries, against `show` of keepassxc-cli {keepassxc.version()} on 1,000 entries",
        lambda: float(subprocess.check_output(command, env=env, text=True)),
        lambda: keepassxc.show(database),
        0.5,
    )


def _environment(home: Path) -> dict[str, str]:
    """A plain one: nobody's settings, compiled modules kept as they are for a person."""
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE.parent),
        "TERM": "xterm-256color",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def main() -> int:
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="breakglass-bench-") as folder:
        for part in ("start", "opening"):
            (Path(folder) / part).mkdir()
        kept = [start(Path(folder) / "start"), opening(Path(folder) / "opening")]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
