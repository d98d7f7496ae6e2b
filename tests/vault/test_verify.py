"""`log verify` starts from nothing, lists what is wrong with its place, and raises nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vault.founding import ACCOUNT, PASSWORD_REF, REASON, Founded, lived_in, use
from vault import Vault, snapshot
from vault.errors import IntegrityFailure
from vault.replica import Replica
from vault.state import State


@pytest.fixture
def lived(tmp_path: Path) -> Founded:
    return lived_in(tmp_path / "vault")


@pytest.fixture
def opened(lived: Founded):
    made = lived.open()
    yield made
    made.close()


def kinds(opened: Vault) -> list[tuple[int | None, str]]:
    return [(p.seq, p.kind) for p in opened.verify().problems]


def test_a_whole_vault_is_said_to_be_whole_with_what_was_read(opened: Vault) -> None:
    result = opened.verify()
    assert (result.ok, result.problems, result.entries, result.head, result.blobs) == (True, (), 10, opened.head, 3)


def test_it_tells_how_far_it_is(opened: Vault) -> None:
    told: list[tuple[int, int]] = []
    opened.verify(lambda done, total: told.append((done, total)))
    assert told == [(0, 10), (10, 10)]


def test_several_things_wrong_are_all_listed(lived: Founded, opened: Vault) -> None:
    with lived.raw() as db:
        db.execute("UPDATE entries SET bytes = x'00' WHERE seq = 5")
        db.execute("UPDATE blobs SET bytes = x'00'")
        db.execute("UPDATE sealed SET bytes = x'00'")
        db.execute("INSERT INTO outbox (member, bytes) VALUES (zeroblob(32), x'00')")
    found = kinds(opened)
    # What comes after a broken place is not read: the sealings are those that the entries before it name.
    assert found == [(5, "node"), (5, "entry"), *[(None, "blob")] * 3, (None, "pin"), (None, "device"), (None, "outbox")]


def test_what_is_rejected_is_listed_and_is_no_damage(opened: Vault) -> None:
    from vault.events import AccountAdded
    from vault.statement import say

    ledger = opened._ledger
    said = say(AccountAdded(opened.state.accounts[ACCOUNT].record), device=bytes(16), count=1, happened=1)
    with ledger.replica.transaction():
        ledger._append(said)
    opened.refresh()
    result = opened.verify()
    assert (result.ok, result.rejected) == (True, ((10, "the account is on record already"),))


def test_a_state_that_is_not_what_the_log_adds_up_to_is_found(opened: Vault) -> None:
    opened.state.accounts[ACCOUNT].retired = 1
    assert kinds(opened) == [(None, "snapshot")]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: setattr(s, "vault_name", "another"), lambda s: s.members.clear(), lambda s: s.secrets[PASSWORD_REF].versions.clear(),
        lambda s: s.checkouts.clear(), lambda s: s.rejected.update({1: "x"}), lambda s: s.said.pop(), lambda s: s.counts.clear(),
        lambda s: s.blobs.pop(), lambda s: s.names.clear(), lambda s: s.in_use.clear(), lambda s: s.busy.update({ACCOUNT: 1}),
        lambda s: setattr(s, "policy", type(s.policy)(min_reason=1)), lambda s: setattr(s, "unknown_critical", True),
    ],
)  # fmt: skip
def test_every_part_of_the_state_is_compared(opened: Vault, change) -> None:
    state: State = opened.state
    change(state)
    assert (None, "snapshot") in kinds(opened)


def test_what_a_snapshot_hides_from_the_opening_is_found(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(snapshot, "EVERY", 4)
    lived = lived_in(tmp_path / "vault")
    with lived.raw() as db:
        db.execute("UPDATE entries SET bytes = x'00' WHERE seq = 5")
    with lived.open() as opened:
        assert opened.size == 10
        assert (5, "entry") in kinds(opened)


def test_a_share_that_is_not_sound_is_found_by_its_holder(opened: Vault, monkeypatch) -> None:
    from vault import sealing

    def unsound(*_: object, **__: object) -> None:
        raise IntegrityFailure("your share of a secret is not sound", "it is not the one its sealing commits to")

    monkeypatch.setattr(sealing, "own_share", unsound)
    problems = opened.verify().problems
    assert [p.kind for p in problems] == ["blob"] * 3
    assert all("your share of a secret is not sound" in p.detail for p in problems)


def test_a_database_that_is_not_well_formed_is_listed(opened: Vault, monkeypatch) -> None:
    monkeypatch.setattr(Replica, "quick_check", lambda self: "the database file is not well-formed")
    assert kinds(opened) == [(None, "database")]


def test_a_database_that_cannot_be_read_at_all_is_listed_too(opened: Vault, monkeypatch) -> None:
    def fails(*_: object) -> None:
        raise IntegrityFailure("the replica is damaged", "SQLite cannot read the file")

    for method in ("quick_check", "size", "entries", "blob", "sealed", "waiting", "node", "rows"):
        monkeypatch.setattr(Replica, method, fails)
    result = opened.verify()
    assert not result.ok
    assert {p.kind for p in result.problems} == {"database", "entry", "pin", "device", "outbox", "snapshot"}


def test_verifying_changes_nothing(lived: Founded, opened: Vault) -> None:
    before = lived.file.read_bytes()
    opened.verify()
    assert lived.file.read_bytes() == before
    opened.check_out(ACCOUNT, REASON)


def test_what_another_program_writes_meanwhile_is_read_as_well(lived: Founded, opened: Vault) -> None:
    with lived.open() as other:
        use(other)
    assert opened.verify().entries == 15
