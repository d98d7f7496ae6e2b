"""A reader that shares no code with `vault` finds in every vector, and in a vault made just now, what `vault` finds."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import vault
from tests.vectors.actors import in_words
from vault.events import AccountRecord, Attested
from vault.identity import Identity
from vault.identity_file import create
from vault.plaintext import Mfa, Password
from vault.replica import FILE_NAME
from vault.sealing import SecretRef
from vault.statement import say

FOLDER = Path(__file__).parent
VECTORS = FOLDER.parent / "vectors"
ACCOUNT = "111122223333"
PASSPHRASE = "plural anvil tide wombat seven"

# Isolated: no PYTHONPATH, no user site, not the working folder. What was loaded is told at the end.
RUN = f"""
import sys
sys.path.insert(0, {str(FOLDER)!r})
import reader
code = reader.main(sys.argv[1:])
outside = {{name.partition(".")[0] for name in sys.modules}} - sys.stdlib_module_names
print(" ".join(sorted(outside - {{"__main__"}})), file=sys.stderr)
sys.exit(code)
"""
OF_ITS_OWN = {path.stem for path in FOLDER.glob("*.py")}


def read(*arguments: str | Path, stdin: str = "") -> tuple[Any, str]:
    """What the reader prints, as JSON, or None and its complaint; no module of ours may have been loaded."""
    command = [sys.executable, "-I", "-c", RUN, *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
    modules, _, complaint = done.stderr.partition("\n")
    loaded = set(modules.split())
    assert not loaded & {"vault", "custodian", "screens", "tests", "msgspec", "shamir_mnemonic", "pyotp"}, loaded
    # What a .pth file of the virtual environment, or Debian's own Python, loads at its start is nobody's here.
    assert "cryptography" in loaded, done.stderr
    assert {name for name in loaded if not name.startswith(("_", "cffi", "distutils", "sitecustomize", "apport_python_hook"))} <= {"cryptography"} | OF_ITS_OWN, loaded
    return (json.loads(done.stdout) if done.returncode == 0 else None), complaint


def test_it_finds_in_every_vector_what_the_vectors_say_and_refuses_every_negative_one():
    results, _ = read("vectors", VECTORS)
    counts = Counter[str]()
    assert results.keys() == {path.stem for path in VECTORS.glob("*.json")}
    for name, found in results.items():
        for test in json.loads((VECTORS / f"{name}.json").read_text())["tests"]:
            result = found[str(test["tcId"])]
            where = f"{name} {test['tcId']}: {test['comment']}: {result}"
            counts[f"{name} {test['result']}"] += 1
            if test["result"] == "invalid":
                assert "found" not in result, where
                assert ("locked" in result) == (test.get("found") == "cannot unlock" or test["comment"] == "none was sealed to this reader"), where
                continue
            assert "found" in result, where
            for part, value in (test.get("expected", {}) | test).items():
                if part in result["found"]:
                    assert result["found"][part] == value, f"{where}, {part}"
                    counts["values compared"] += 1
    print(dict(counts))
    assert counts["log valid"] >= 5
    assert counts["sealings valid"] >= 10
    assert counts["values compared"] > 60


@pytest.fixture
def made(tmp_path, cheap_kdf):
    """A vault made just now, by today's code: (its folder, what `vault` says of it)."""
    identity = Identity.generate()
    create(tmp_path / "identity", identity, PASSPHRASE.encode(), cost=cheap_kdf, with_device_secret=False)
    with vault.create(tmp_path / "vault", "Acme", "anna", identity) as founded:
        founded.add_account(AccountRecord(ACCOUNT, "payments-prod", "root@acme.example", notes="Zürich ☎"))
        versions = [founded.seal(ACCOUNT, Password("correct horse")), founded.seal(ACCOUNT, Mfa("phone", "", b"12345678901234567890"))]
        out = founded.check_out(ACCOUNT, "INC-4711: IAM is locked out")
        founded.reveal(out.id, SecretRef(ACCOUNT, "password"))
        founded.codes(out.id)
        founded.check_in(out.id)
        ledger = founded._ledger
        waits = say(Attested("recovery-words"), device=bytes(16), count=99, happened=1)
        with ledger.replica.transaction():
            ledger.replica.queue(ledger.identity.fingerprint, ledger._seal_waiting(founded.id, waits))
        said = {
            "vault": founded.id.hex(), "entries": founded.size, "head": founded.head.hex(),
            "merkle_root": ledger.chain.tree.root().hex(), "rejected": [], "waiting": 1,
            "pin": [founded.size, founded.head.hex()], "device": list(in_words(ledger._device(founded.id)).values()),
            "log": [(line.seq, line.hash.hex() if isinstance(line.hash, bytes) else line.hash, line.event) for line in founded.log()],
            "versions": [version.id.hex() for version in versions],
        }  # fmt: skip
    return tmp_path, said


def test_it_reads_a_vault_made_just_now_from_its_replica(made):
    folder, said = made
    found, complaint = read(folder / "vault" / FILE_NAME, folder / "identity", stdin=PASSPHRASE + "\n")
    assert found is not None, complaint
    for part in ("vault", "entries", "head", "merkle_root", "rejected", "waiting", "pin", "device"):
        assert found[part] == said[part], part
    assert [(one["seq"], one["hash"], one["name"]) for one in found["statements"]] == said["log"]
    added = next(one["event"]["record"] for one in found["statements"] if one["name"] == "account added")
    assert (added["name"], added["email"], added["notes"]) == ("payments-prod", "root@acme.example", "Zürich ☎")
    password, phone = found["secrets"]
    assert [password["version"], phone["version"]] == said["versions"]
    assert password["plaintext"] == {"kind": "password", "password": "correct horse"}
    assert bytes.fromhex(phone["plaintext"]["seed"]) == b"12345678901234567890"


def test_a_holder_of_the_bytes_alone_can_check_chain_signatures_and_count_and_learns_nothing_more(made):
    folder, said = made
    found, complaint = read(folder / "vault" / FILE_NAME)
    assert found is not None, complaint
    assert found == {part: said[part] for part in ("vault", "entries", "head", "merkle_root")}


def test_it_refuses_a_replica_in_which_one_bit_of_an_entry_is_another(made):
    folder, _ = made
    replica = folder / "vault" / FILE_NAME
    db = sqlite3.connect(replica)
    (data,) = db.execute("SELECT bytes FROM entries WHERE seq = 3").fetchone()
    db.execute("UPDATE entries SET bytes = ? WHERE seq = 3", (data[:-1] + bytes([data[-1] ^ 1]),))
    db.commit()
    db.close()
    found, complaint = read(replica)
    assert found is None
    assert "signature" in complaint
