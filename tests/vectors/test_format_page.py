"""docs/format.md says what the code does: its example, its tables and its domains are compared with both."""

from __future__ import annotations

import json
import re
from pathlib import Path

from vault import encoding, entry, events
from vault.sealing import SecretRef

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "format.md").read_text()
STRUCTURES = ("Policy", "KindPolicy", "AccountRecord", "SealingRef", "PostureLine", "StatementRef", "Target")


def fields_in_the_page(name: str) -> list[str]:
    row = re.search(rf"^\| `{re.escape(name)}` \| (.*) \|$", PAGE, re.MULTILINE)
    assert row, f"{name} is not in the page"
    return [re.match(r"`(\w+)`", part)[1] for part in row[1].split(" · ")]


def test_the_example_is_an_entry_of_the_vectors():
    first = json.loads((ROOT / "tests" / "vectors" / "log.json").read_text())["tests"][0]
    stored, said = (
        bytes.fromhex("".join(line.split(" ")[0] for line in block.splitlines())) for block in re.findall(r"```hex\n(.*?)```", PAGE, re.DOTALL)
    )
    assert stored.hex() == first["entries"][1]
    assert first["expected"]["log_key"] in PAGE
    assert entry.open_statement(entry.read_envelope(stored, ""), bytes.fromhex(first["expected"]["log_key"]), "").encoded() == said


def test_every_event_and_structure_is_in_the_page_with_its_fields_in_order():
    for (name, version), struct in events.EVENTS.items():
        assert version == 1
        assert fields_in_the_page(name) == list(struct.__struct_fields__), name
    for name in STRUCTURES:
        assert fields_in_the_page(name) == list(getattr(events, name).__struct_fields__), name
    assert fields_in_the_page("SecretRef") == list(SecretRef.__struct_fields__)


def test_every_domain_of_a_hash_and_every_purpose_of_a_local_key_is_in_the_page():
    code = "".join(path.read_text() for path in sorted((ROOT / "vault").glob("*.py")))
    domains = set(re.findall(r'digest\("([^"]+)"', code))
    assert domains == set(re.findall(r"^\| `([a-z/]+)` \|.*\|.*\|$", PAGE.split("## Identity")[0], re.MULTILINE))
    purposes = set(re.findall(r'local_seal\.seal\([^"]*"(\w+)"', code))
    assert purposes == {"pin", "device", "outbox", "snapshot"}
    assert all(f"`{purpose}`" in PAGE for purpose in purposes)


def test_its_hashes_and_paddings_come_out_as_it_describes_them():
    import hashlib

    parts = [b"breakglass/v1/entry", b"abc"]
    by_the_page = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()
    assert encoding.digest("entry", b"abc") == by_the_page
    assert bytes(encoding.pad(b"abc", 8)) == b"\0\0\0\x03abc\0"
