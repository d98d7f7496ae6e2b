"""Write the vectors anew: `python -m tests.vectors.make [NAME…]`, all or those named. See the package's docstring for what they are.

The example in docs/format.md is an entry of `log`: a new one has to be written out there too, and a test says so.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.vectors import identity_cases, log_cases, sealing_cases
from tests.vectors.actors import EVERYBODY, in_words, secret_of
from vault.sealing import blob_name

FOLDER = Path(__file__).parent


def main() -> None:
    wanted = sys.argv[1:] or ["identities", "identity_files", "log", "sealings", "totp"]
    for name in wanted:
        WRITE[name]()


def _identities() -> None:
    _write("identities", "Keys from a secret (docs/format.md, Identity).", identity_cases.IDENTITY_NOTES, identity_cases.identities())


def _identity_files() -> None:
    _write("identity_files", "Identity files (docs/format.md, Identity file).", identity_cases.IDENTITY_NOTES, identity_cases.files())


def _log() -> None:
    base, log_key, blobs = log_cases.made_by_vault()
    _write(
        "log", "Logs (docs/format.md, Entry). A number in `entries` stands for that entry of the first test.",
        log_cases.NOTES, log_cases.cases(base, log_key),
        sealings=[
            {"secret": in_words(ref), "version": version.hex(), "blob": blob.hex(), "name": blob_name(blob).hex(), "plaintext": {"kind": p.kind} | in_words(p)}
            for ref, version, blob, p in blobs
        ],
    )  # fmt: skip


def _sealings() -> None:
    _write("sealings", "Sealings (docs/format.md, Sealing).", sealing_cases.NOTES, sealing_cases.cases())


def _totp() -> None:
    _write("totp", "Plaintexts of MFA devices, and their codes (RFC 6238).", identity_cases.TOTP_NOTES, identity_cases.totp())


def _write(name: str, header: str, notes: dict[str, tuple[str, str, str]], tests: Iterable[dict[str, Any]], **more: Any) -> None:
    numbered = [{"tcId": number} | test for number, test in enumerate(tests, 1)]
    used = {flag for test in numbered for flag in test["flags"]}
    document = {
        "header": [header, "Form as in C2SP/wycheproof; bytes in hex. Made by `python -m tests.vectors.make`. Nothing in it is secret."],
        "numberOfTests": len(numbered),
        "notes": {flag: dict(zip(("bugType", "description", "effect"), notes[flag], strict=True)) for flag in notes if flag in used},
        "identities": {who: secret_of(who).hex() for who in EVERYBODY},
        **more,
        "tests": numbered,
    }
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(document, indent=1, ensure_ascii=True) + "\n")
    print(f"{path.name}: {len(numbered)} tests, {sum(t['result'] == 'invalid' for t in numbered)} of them invalid, {path.stat().st_size} bytes")


WRITE = {"identities": _identities, "identity_files": _identity_files, "log": _log, "sealings": _sealings, "totp": _totp}

if __name__ == "__main__":
    main()
