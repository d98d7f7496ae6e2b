"""What members know stays out of the files: names, reasons and tickets as well as secrets; and no object shows a secret.

The words searched for occur nowhere else. They are looked for in every spelling in which they could have slipped through,
in every file of the vault's folder, in the middle of the work (with the write-ahead log there) and after it.
"""

from __future__ import annotations

import base64
import gc
import sqlite3
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vault.founding import Founded, broken_off, found
from vault import Vault, snapshot
from vault.errors import BreakglassError
from vault.events import AccountRecord, PostureLine
from vault.plaintext import Mfa, Password, Recovery
from vault.sealing import SecretRef
from vault.state import Checkout

ACCOUNT = "918273645012"
SEED = b"\x13\x37canary-seed\xfe\x80\x01\x7f\x42"
SECRETS = {
    "password": "Kn4rly-canary~Passw0rd/of+the=root",
    "notes": "canary notes: the third drawer, behind the otter",
    "new password": "An0ther-canary~Passw0rd/after=rotation",
}
KNOWN = {
    "name": "canary-payroll-prod",
    "email": "canary-root-mailbox@lintel.example",
    "inbox": "canary Marguerite reads it",
    "phone": "canary Ottoline holds it",
    "record notes": "canary record: second floor",
    "profile": "canary-profile",
    "label": "canary yubi in the safe",
    "serial": "arn:aws:iam::918273645012:mfa/canary-serial",
    "reason": "canary billing alarm went off at night",
    "ticket": "CANARY-4711",
    "task": "canary task of moving the mailbox",
    "posture": "canary summary of a finding",
    "source": "canary-roots.kdbx",
    "why": "canary replaced by another",
    "vault": "canary custody of lintel",
    "member": "canary Annegret",
    "account": ACCOUNT,
}


def spellings(text: str | bytes) -> Iterator[bytes]:
    raws = [text] if isinstance(text, bytes) else [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]
    for raw in raws:
        yield raw
        yield raw[::-1]
        yield from (raw.hex().encode(), raw.hex().upper().encode(), base64.b85encode(raw), repr(raw)[2:-1].encode())
        for shift in range(3):  # base64 of something that contains it
            inner = base64.b64encode(bytes(shift) + raw)[4 if shift else 0 : -4]
            yield from (inner, inner.translate(bytes.maketrans(b"+/", b"-_")))
        yield from (base64.b32encode(raw).rstrip(b"="), base64.b32encode(raw).rstrip(b"=").lower())


HIDDEN = {(name, form) for name, text in {**SECRETS, **KNOWN, "seed": SEED}.items() for form in spellings(text)}


def leaks(folder: Path) -> list[tuple[str, str]]:
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        found += [(path.name, name) for name, form in HIDDEN if form in data]
    return found


def founded_with_canaries(folder: Path) -> tuple[Founded, Vault]:
    import vault
    from vault.identity import Identity

    identity = Identity.generate()
    secret = bytes(identity.secret_copy())
    opened = vault.create(folder, KNOWN["vault"], KNOWN["member"], identity)
    opened.add_account(
        AccountRecord(
            ACCOUNT, KNOWN["name"], KNOWN["email"], inbox_readers=KNOWN["inbox"], phone_holder=KNOWN["phone"],
            notes=KNOWN["record notes"], profile=KNOWN["profile"],
        )
    )  # fmt: skip
    opened.seal(ACCOUNT, Password(SECRETS["password"]))
    opened.seal(ACCOUNT, Mfa(KNOWN["label"], KNOWN["serial"], SEED))
    opened.seal(ACCOUNT, Recovery(SECRETS["notes"]))
    opened.note_import(KNOWN["source"], bytes(32), 1)
    return Founded(folder, secret), opened


def out_with_it(opened: Vault) -> Checkout:
    """A checkout in which everything comes out."""
    checkout = opened.check_out(
        ACCOUNT, KNOWN["reason"], ticket=KNOWN["ticket"], task=KNOWN["task"], kinds={"password", "mfa", "recovery"}
    )
    assert opened.reveal(checkout.id, SecretRef(ACCOUNT, "password")) == Password(SECRETS["password"])
    assert opened.reveal(checkout.id, SecretRef(ACCOUNT, "recovery"), "copied") == Recovery(SECRETS["notes"])
    assert opened.codes(checkout.id)
    return checkout


def test_no_file_of_the_vault_ever_holds_what_only_members_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "EVERY", 4)
    founded, opened = founded_with_canaries(tmp_path / "vault")
    assert not leaks(tmp_path)
    checkout = out_with_it(opened)
    assert {p.name for p in founded.folder.iterdir()} == {"replica.sqlite3", "replica.sqlite3-shm", "replica.sqlite3-wal"}
    assert (founded.folder / "replica.sqlite3-wal").stat().st_size > 10_000
    assert not leaks(tmp_path)
    opened.seal(ACCOUNT, Password(SECRETS["new password"]))
    line = PostureLine("root-mfa", "fail", KNOWN["posture"])
    opened.record_posture(ACCOUNT, [line])
    opened.check_in(checkout.id, rotated=True, before=(line,), after=(line,))
    opened.withdraw(SecretRef(ACCOUNT, "recovery"), KNOWN["why"])
    with broken_off(), pytest.raises(KeyboardInterrupt):
        opened.check_out(ACCOUNT, KNOWN["reason"], ticket=KNOWN["ticket"])
    opened.backup(tmp_path / "backup")
    assert not leaks(tmp_path)
    opened.close()
    assert [p.name for p in founded.folder.iterdir()] == ["replica.sqlite3"]
    with founded.open() as again:
        assert KNOWN["name"] in again.state.names
        again.retire_account(ACCOUNT, KNOWN["why"])
    with founded.raw() as db:
        assert db.execute("SELECT count(*) FROM sealed WHERE name LIKE 'snapshot/%'").fetchone() == (1,)
    assert not leaks(tmp_path)


def test_the_search_finds_each_canary_where_there_is_one(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "plain.sqlite3") as db:
        db.execute("CREATE TABLE t (x)")
        db.executemany("INSERT INTO t VALUES (?)", [(text,) for text in (*SECRETS.values(), *KNOWN.values(), SEED)])
    db.close()
    assert {name for _, name in leaks(tmp_path)} == {*SECRETS, *KNOWN, "seed"}
    (tmp_path / "plain.sqlite3").unlink()
    (tmp_path / "encoded").write_bytes(base64.b32encode(SEED) + base64.b64encode(b"{" + SECRETS["password"].encode() + b"}"))
    assert {name for _, name in leaks(tmp_path)} == {"seed", "password"}


def reachable(*roots: object) -> Iterator[object]:
    """All objects that can be reached from `roots` without passing through code."""
    seen: set[int] = set()
    todo = list(roots)
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, (type, types.ModuleType, types.FunctionType, types.FrameType, types.CodeType)):
            continue
        seen.add(id(one))
        yield one
        todo.extend(gc.get_referents(one))


def test_no_object_of_an_open_vault_holds_or_shows_a_secret(tmp_path: Path) -> None:
    _, opened = founded_with_canaries(tmp_path / "vault")
    checkout = out_with_it(opened)
    gc.collect()
    forms = [form for text in (*SECRETS.values(), SEED) for form in spellings(text)]
    looked = 0
    for one in reachable(opened, opened.state, checkout, list(opened.log()), opened.verify()):
        shown = repr(one).encode("utf-8", "replace")
        looked += 1
        assert not [form for form in forms if form in shown], type(one)
        if isinstance(one, (bytes, bytearray)):
            assert not [form for form in forms if form in one]
    assert looked > 300
    opened.close()


def test_what_is_given_out_shows_itself_to_nobody(tmp_path: Path) -> None:
    _, opened = founded_with_canaries(tmp_path / "vault")
    checkout = out_with_it(opened)
    password = opened.reveal(checkout.id, SecretRef(ACCOUNT, "password"))
    codes = opened.codes(checkout.id)
    for given in (password, [password], {"x": password}, codes):
        assert not [text for text in SECRETS.values() if text in f"{given!r} {given}"]
        assert codes[0][1].code not in f"{given!r} {given}"
    opened.close()


def test_no_error_of_a_damaged_vault_quotes_what_is_in_it(tmp_path: Path) -> None:
    founded, opened = founded_with_canaries(tmp_path / "vault")
    checkout = out_with_it(opened)
    texts = (*SECRETS.values(), *KNOWN.values())
    errors: list[BreakglassError] = []
    with founded.raw() as db:
        db.execute("UPDATE blobs SET bytes = CAST(substr(bytes, 1, 900) || x'00' || substr(bytes, 902) AS BLOB)")
        for call in (lambda: opened.reveal(checkout.id, SecretRef(ACCOUNT, "password")), lambda: opened.codes(checkout.id)):
            with pytest.raises(BreakglassError) as caught:
                call()
            errors.append(caught.value)
    opened.close()
    assert not [text for failure in errors for text in texts if text in repr(failure) + failure.hint]


def test_a_folder_and_its_files_are_their_owners_alone(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault")
    assert founded.folder.stat().st_mode & 0o777 == 0o700
    for path in founded.folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    opened.close()
