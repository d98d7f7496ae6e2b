"""Log before reveal: whatever fails and whoever else writes, what was revealed or acknowledged stands in the log.

A statement goes through the outbox into the log in two transactions. Every call into SQLite that this takes is made to fail
here, one after the other, in three ways; real signals are in tests/test_killed.py.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import vault
from tests.vault.founding import (
    ACCOUNT,
    MFA_REF,
    PASSWORD,
    PASSWORD_REF,
    REASON,
    Founded,
    broken_off,
    fill,
    found,
    lived_in,
    record,
    use,
)
from tests.vault.saying import unknown
from vault import Vault, snapshot
from vault import ledger as ledgers
from vault.errors import BreakglassError, IntegrityFailure, OutOfReach, Refused
from vault.events import AccountRecord
from vault.identity import Identity
from vault.ledger import Ledger
from vault.plaintext import Password
from vault.replica import Replica
from vault.state import Member


@pytest.fixture
def founded(tmp_path: Path) -> Founded:
    made, opened = found(tmp_path / "vault")
    fill(opened)
    opened.close()
    return made


class PowerCut(BaseException):
    """What no code catches: the process is gone."""


class Failing:
    """A connection whose calls go well until the n-th."""

    def __init__(self, real: sqlite3.Connection, at: int, how: str) -> None:
        self.real, self.left, self.how, self.dead = real, at, how, False

    def execute(self, *arguments: Any) -> Any:
        if self.dead:
            raise PowerCut
        self.left -= 1
        if self.left:
            return self.real.execute(*arguments)
        if self.how == "the disk is full":
            if self.real.in_transaction:
                self.real.execute("ROLLBACK")  # as SQLite may do
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        self.dead = True
        if self.how == "cut after":
            self.real.execute(*arguments)
        raise PowerCut

    @property
    def in_transaction(self) -> bool:
        return not self.dead and self.real.in_transaction

    def close(self) -> None:
        self.real.close()


def loop(opened: Vault, got: list[str]) -> None:
    """One checkout; `got` takes down what came out, the moment it does."""
    checkout = opened.check_out(ACCOUNT, REASON)
    got.append("checkout opened")
    assert opened.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
    got.append("shown")
    assert opened.codes(checkout.id)
    got.append("code")
    opened.check_in(checkout.id)
    got.append("checkout checked in")


def loop_on(opened: Vault, got: list[str]) -> None:
    for _ in range(50):
        loop(opened, got)


def in_the_log(opened: Vault) -> set[str]:
    events = {line.event for line in opened.log() if not line.rejected}
    return events | {r.how for c in opened.state.checkouts.values() for r in c.revealed}


@pytest.mark.parametrize("how", ["cut before", "cut after", "the disk is full"])
def test_whichever_call_into_the_database_fails_nothing_comes_out_unlogged_and_nothing_is_lost(
    founded: Founded, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    at, stages = 0, set()
    while True:
        at += 1
        copy = Founded(tmp_path / f"{at}", founded.secret)
        shutil.copytree(founded.folder, copy.folder)
        opened, got = copy.open(), []
        replica = opened._ledger.replica
        failing = Failing(replica._db, at, how)
        replica._db = failing  # type: ignore[assignment]
        try:
            loop(opened, got)
        except PowerCut:
            failing.real.close()
        except OutOfReach:
            assert how == "the disk is full"
            opened.close()
        else:
            failing.real.close()
            break
        stages.add(len(got))
        with copy.open() as again:
            assert set(got) <= in_the_log(again), (at, got)
            assert again.verify().ok
            assert not again._ledger.waiting()
            if got[-1:] != ["checkout checked in"]:  # and it goes on
                for checkout in again.state.open_checkouts():
                    again.reveal(checkout.id, PASSWORD_REF)
                    again.check_in(checkout.id)
            use(again)
            assert again.verify().ok
    assert at > 60
    assert stages == {0, 1, 2, 3}
    with capsys.disabled():
        print(f"\n  {how}: {at - 1} calls into the database failed, one at a time", end="")


@pytest.mark.parametrize("pages", range(6))
def test_on_a_full_disk_nothing_is_revealed_lost_or_broken_and_with_room_it_goes_on(founded: Founded, pages: int) -> None:
    opened = founded.open()
    db = opened._ledger.replica._db
    size = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {size + pages}")
    got: list[str] = []
    with pytest.raises(OutOfReach, match="the disk is full"):
        loop_on(opened, got)
    assert opened.verify().ok
    db.execute("PRAGMA max_page_count = 1000000")
    opened._ledger.settle()  # what waits is placed now, and may itself be an opening or a check-in
    for checkout in opened.state.open_checkouts():
        opened.check_in(checkout.id)
    loop(opened, got)
    opened.close()
    with founded.open() as again:
        assert again.verify().ok
        assert len(again.state.checkouts) >= got.count("checkout opened")
        assert sum(c.ended is not None for c in again.state.checkouts.values()) >= got.count("checkout checked in")


WRITING_UNTIL_FULL = """
    import resource, signal, sys
    from pathlib import Path
    import vault
    from tests.vault.founding import *
    from vault.errors import OutOfReach
    folder, secret, room = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])
    opened = Founded(folder, secret).open()
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    done = 0
    try:
        for number in range(500):
            opened.add_account(record(f"{number:012}", f"account {number}"))
            done += 1
    except OutOfReach as failure:
        print(done, failure)
"""


@pytest.mark.parametrize("room", [0, 3_000, 90_000])
def test_where_the_system_refuses_to_let_the_file_grow_all_that_was_said_is_there(founded: Founded, room: int) -> None:
    limit = founded.file.stat().st_size + room
    run = [sys.executable, "-c", textwrap.dedent(WRITING_UNTIL_FULL), str(founded.folder), founded.secret.hex(), str(limit)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert not done.stderr
    number, _, failure = done.stdout.partition(" ")
    assert failure.startswith("cannot ")
    with founded.open() as opened:
        # One more may have waited in the outbox.
        assert int(number) <= len(opened.state.accounts) - 1 <= int(number) + 1
        assert opened.verify().ok
        use(opened)


# -- what waits -----------------------------------------------------------------------------------------------------------


def test_what_waited_is_placed_before_what_is_said_next(founded: Founded) -> None:
    """Or a password whose writing failed would come back, at the next opening, over the one set after it."""
    opened = founded.open()
    with broken_off(), pytest.raises(KeyboardInterrupt):
        opened.seal(ACCOUNT, Password("the first attempt"))
    opened.seal(ACCOUNT, Password("the second attempt"))
    opened.close()
    with founded.open() as again:
        checkout = again.check_out(ACCOUNT, REASON)
        assert again.reveal(checkout.id, PASSWORD_REF) == Password("the second attempt")
        assert [v.status for v in again.state.secrets[PASSWORD_REF].versions] == ["superseded", "superseded", "current"]


def test_an_opening_that_waited_is_found_by_whoever_asks_again(founded: Founded) -> None:
    opened = founded.open()
    real, calls = Ledger._append, []

    def second_fails(ledger: Ledger, *said: Any) -> bytes:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(ledger, *said)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "_append", second_fails)
        with pytest.raises(KeyboardInterrupt):
            opened.check_out(ACCOUNT, REASON)
    with pytest.raises(Refused, match="checked out to you already"):
        opened.check_out(ACCOUNT, REASON)
    (checkout,) = opened.state.open_checkouts()
    assert opened.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
    opened.close()


def test_what_waited_and_is_no_longer_allowed_is_dropped_and_said(founded: Founded) -> None:
    opened = founded.open()
    with broken_off(), pytest.raises(KeyboardInterrupt):
        opened.add_account(record("210987654321", "sandbox"))
    with founded.raw() as db:
        (row,) = db.execute("SELECT member, bytes FROM outbox").fetchall()
        db.execute("DELETE FROM outbox")
    opened.add_account(record("210987654321", "another sandbox"))
    with founded.raw() as db:
        db.execute("INSERT INTO outbox (member, bytes) VALUES (?, ?)", row)
    opened.close()
    with founded.open() as again:
        assert again.notices == ["'account added' waited to be written and can no longer be: the account is on record already"]
        assert again.state.accounts["210987654321"].name == "another sandbox"
        assert not again._ledger.waiting()


def test_a_fact_that_waited_is_written_even_where_it_is_against_the_rules_by_now(founded: Founded) -> None:
    opened = founded.open()
    checkout = opened.check_out(ACCOUNT, REASON)
    with broken_off(), pytest.raises(KeyboardInterrupt):
        opened.reveal(checkout.id, PASSWORD_REF)
    with founded.raw() as db:
        (row,) = db.execute("SELECT member, bytes FROM outbox").fetchall()
        db.execute("DELETE FROM outbox")
    opened.check_in(checkout.id)
    with founded.raw() as db:
        db.execute("INSERT INTO outbox (member, bytes) VALUES (?, ?)", row)
    opened.close()
    with founded.open() as again:
        last = list(again.log())[-1]
        assert (last.event, last.rejected) == ("checkout revealed", "it was revealed while the checkout was checked in")
        assert again.state.secrets[PASSWORD_REF].versions[0].seen


# -- several at once ------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(founded: Founded) -> Iterator[tuple[Vault, Vault]]:
    with founded.open() as one, founded.open() as other:
        yield one, other


def between(monkeypatch: pytest.MonkeyPatch, opened: Vault, method: str, act: Callable[[], object]) -> None:
    """Let `act` happen once, when `opened` comes to the ledger's `method`."""
    real, todo = getattr(opened._ledger, method), [act]

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        if todo:
            todo.pop()()
        return real(*arguments, **named)

    monkeypatch.setattr(opened._ledger, method, meanwhile)


def test_each_of_two_programs_reads_what_the_other_wrote(two: tuple[Vault, Vault]) -> None:
    one, other = two
    checkout = one.check_out(ACCOUNT, REASON)
    assert other.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
    assert one.check_in(checkout.id).revealed
    other.refresh()
    assert (one.head, one.size) == (other.head, other.size)
    with pytest.raises(Refused, match="is not open"):
        other.reveal(checkout.id, PASSWORD_REF)


def test_a_statement_placed_by_another_program_meanwhile_is_said_and_said_once(
    two: tuple[Vault, Vault], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    between(monkeypatch, one, "_place", other._ledger.settle)
    one.add_account(record("210987654321", "sandbox"))
    between(monkeypatch, one, "_place", other._ledger.settle)
    checkout = one.check_out(ACCOUNT, REASON)
    between(monkeypatch, one, "_place", other._ledger.settle)
    assert one.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
    assert [line.rejected for line in one.log()] == [""] * one.size
    assert one.verify().ok
    assert not one._ledger.waiting()


@pytest.mark.parametrize("moment", ["say", "_place"])
def test_a_checkout_that_another_program_ends_meanwhile_reveals_nothing(
    two: tuple[Vault, Vault], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    one, other = two
    checkout = one.check_out(ACCOUNT, REASON)
    between(monkeypatch, one, moment, lambda: other.check_in(checkout.id))
    with pytest.raises(Refused):
        one.reveal(checkout.id, PASSWORD_REF)
    with pytest.raises(Refused):
        one.codes(checkout.id)
    assert all(not line.rejected for line in one.log())


def test_a_rule_is_asked_again_at_the_final_place(two: tuple[Vault, Vault], monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = two
    between(monkeypatch, one, "_allow", lambda: other.add_account(record("210987654321", "sandbox")))
    with pytest.raises(Refused, match="on record already"):
        one.add_account(record("210987654321", "sandbox"))
    assert all(not line.rejected for line in one.log())
    assert not one._ledger.waiting()


SAYING = """
    import sys
    from pathlib import Path
    from tests.vault.founding import Founded, record
    folder, secret, who = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])
    with Founded(folder, secret).open() as opened:
        for number in range(25):
            opened.add_account(record(f"{who}{number:011}", f"account {number} of {who}"))
"""


def test_four_programs_make_one_chain_and_none_of_their_statements_is_lost_or_there_twice(founded: Founded) -> None:
    command = [sys.executable, "-c", textwrap.dedent(SAYING), str(founded.folder), founded.secret.hex()]
    running = [subprocess.Popen([*command, str(who)], stderr=subprocess.PIPE, text=True) for who in range(4)]
    for process in running:
        assert process.communicate(timeout=120)[1] == ""
        assert process.returncode == 0
    with founded.open() as opened:
        assert opened.size == 5 + 100
        assert {a for a in opened.state.accounts if a != ACCOUNT} == {f"{w}{n:011}" for w in range(4) for n in range(25)}
        assert not opened.state.rejected
        assert opened.verify().ok


def test_four_threads_and_two_vaults_make_one_chain(two: tuple[Vault, Vault]) -> None:
    failures: list[BaseException] = []

    def write(who: int) -> None:
        try:
            for number in range(25):
                two[who % 2].add_account(record(f"{who}{number:011}", f"account {number} of {who}"))
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    for opened in two:
        opened.refresh()
        assert opened.size == 105
        assert not opened.state.rejected
        assert opened.verify().ok


def test_a_replica_that_another_program_holds_is_out_of_reach_and_nothing_is_revealed(
    founded: Founded, monkeypatch: pytest.MonkeyPatch
) -> None:
    with founded.open() as opened, founded.raw() as db:
        checkout = opened.check_out(ACCOUNT, REASON)
        opened._ledger.replica._db.execute("PRAGMA busy_timeout = 50")
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutOfReach, match="another breakglass is writing"):
            opened.reveal(checkout.id, PASSWORD_REF)
        db.execute("ROLLBACK")
        assert opened.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)


# -- opening --------------------------------------------------------------------------------------------------------------


def test_a_log_with_something_critical_that_is_unknown_is_read_and_not_written(tmp_path: Path) -> None:
    made, opened = found(tmp_path / "vault")
    fill(opened)
    checkout = opened.check_out(ACCOUNT, REASON)
    with broken_off(), pytest.raises(KeyboardInterrupt):
        opened.add_account(record("210987654321", "sandbox"))
    ledger = opened._ledger
    said = unknown("policy changed", critical=True)
    with ledger.replica.transaction():
        ledger._append(said)
    opened.close()
    with made.open() as again:
        assert again.notices == [ledgers._UNKNOWN]
        assert [line.event for line in again.log()][-1] == "policy changed"
        assert again.verify().ok
        for call in (
            lambda: again.retire_account(ACCOUNT, "closed"), lambda: again.reveal(checkout.id, PASSWORD_REF),
            lambda: again.codes(checkout.id), lambda: again.check_in(checkout.id), again.confirm_words,
        ):  # fmt: skip
            with pytest.raises(IntegrityFailure) as caught:
                call()
            assert (caught.value.what, caught.value.hint) == ("this log can only be read", "update breakglass")
        assert len(again._ledger.waiting()) == 1  # what waited is kept for the version that knows


def test_rules_of_a_newer_version_are_not_applied_and_say_to_update(tmp_path: Path, monkeypatch, new_identity) -> None:
    import vault
    from vault import custody, events

    monkeypatch.setattr(custody, "VaultCreated", lambda name, member, policy: events.VaultCreated(name, member, policy, 2))
    identity = new_identity()
    secret = bytes(identity.secret_copy())
    with pytest.raises(IntegrityFailure, match="rules version 2"):  # written, and read back by a breakglass that knows version 1
        vault.create(tmp_path / "vault", "acme", "Ann", identity)
    with pytest.raises(IntegrityFailure) as caught:
        Founded(tmp_path / "vault", secret).open()
    assert (caught.value.why, caught.value.hint) == (
        "the log follows rules version 2; this breakglass knows 1", "update breakglass",
    )  # fmt: skip


def test_a_founding_that_fails_leaves_nothing_behind_and_can_be_tried_again(tmp_path: Path, monkeypatch, new_identity) -> None:
    import vault

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "_keep_pin", lambda *_: (_ for _ in ()).throw(OutOfReach("cannot write the replica", "the disk is full")))
        with pytest.raises(OutOfReach):
            vault.create(tmp_path / "vault", "acme", "Ann", new_identity())
    assert not list((tmp_path / "vault").iterdir())
    vault.create(tmp_path / "vault", "acme", "Ann", new_identity()).close()


def test_a_clock_set_back_does_not_stop_a_checkout(founded: Founded, clock) -> None:
    with founded.open() as opened:
        clock.set(list(opened.log())[-1].happened + 60_000)
        steps = iter([0, 0, 0, 0, 0, -5_000, -5_000, -5_000, -5_000])
        real = clock.ms

        def unsteady() -> int:
            return real + next(steps, -5_000)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("vault.clock.now_ms", unsteady)
            checkout = opened.check_out(ACCOUNT, REASON)
        assert checkout.status == "open"
        assert not opened.state.rejected


def test_with_a_snapshot_only_what_is_new_is_read(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "EVERY", 4)
    founded.open().close()
    with founded.open() as opened:
        opened.confirm_words()
    read: list[int] = []
    real = Ledger.opened
    monkeypatch.setattr(Ledger, "opened", lambda self, envelope: read.append(envelope.header.seq) or real(self, envelope))
    with founded.open() as opened:
        assert read == [5]
        assert opened.size == 6
        read.clear()
        assert len(list(opened.log())) == 6
        assert read == [0, 1, 2, 3, 4, 5]


def test_a_snapshot_is_kept_along_the_way_of_a_long_run(founded: Founded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "EVERY", 2)
    monkeypatch.setattr(snapshot, "MEANWHILE", 8)
    opened = founded.open()
    for number in range(9):
        opened.add_account(record(f"{number:012}", f"account {number}"))
    with founded.raw() as db:
        assert db.execute("SELECT count(*) FROM sealed WHERE name LIKE 'snapshot/%'").fetchone() == (1,)
    state, head = opened.state, opened.head
    with founded.open() as other:
        assert (other.state, other.head) == (state, head)
    opened.close()


def test_the_head_goes_into_the_keyring_at_once_when_the_vault_closes(tmp_path: Path, memory_keyring) -> None:
    made = lived_in(tmp_path / "vault", keyring_pin=True)
    with made.raw() as db:
        db.execute("DELETE FROM entries WHERE seq = 9")
        db.execute("DELETE FROM sealed")
    with pytest.raises(BreakglassError, match="the OS keyring remembers 10"):
        made.open()


def test_a_keyring_that_takes_no_head_is_said_and_stops_nothing(tmp_path: Path, memory_keyring, monkeypatch) -> None:
    made, opened = found(tmp_path / "vault", keyring_pin=True)
    monkeypatch.setattr(ledgers, "KEYRING_PAUSE", 0)
    monkeypatch.setattr(type(memory_keyring), "set_password", lambda *_: (_ for _ in ()).throw(RuntimeError("locked")))
    fill(opened)
    assert use(opened)
    assert len(opened.notices) == 1
    assert "did not take the newest head" in opened.notices[0]
    opened.close()
    assert MFA_REF in made.open().state.secrets


def test_a_vault_is_made_whole_or_not_at_all_wherever_its_making_is_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Identity.generate().secret_copy()
    for step in ("create", "close", "place"):
        folder = tmp_path / step
        with monkeypatch.context() as broken:
            if step == "create":
                broken.setattr(Replica, "append", _killed)
            elif step == "close":
                broken.setattr(Replica, "close", _killed)
            else:
                broken.setattr("vault.ledger.place_backup", _killed)
            with pytest.raises(KeyboardInterrupt):
                vault.create(folder, "Acme", "anna", Identity.from_secret(secret))
        assert not vault.exists(folder)
        with vault.create(folder, "Acme", "anna", Identity.from_secret(secret)) as made:
            assert made.verify().ok


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_what_waits_for_another_member_of_this_machine_is_left_to_them(tmp_path: Path) -> None:
    with vault.create(tmp_path / "v", "Acme", "anna", Identity.generate()) as opened:
        ledger = opened._ledger
        other = Identity.generate()
        ledger.state.members[other.fingerprint] = Member(other.fingerprint, "ben", "custodian", 0)
        with ledger.replica.transaction():
            ledger.replica.queue(other.fingerprint, b"sealed under a key that only they derive")
        assert ledger.waiting() == []
        opened.add_account(AccountRecord("111122223333", "prod"))
        assert len(ledger.replica.waiting()) == 1
        del ledger.state.members[other.fingerprint]
        with pytest.raises(IntegrityFailure, match="outbox row"):
            ledger.waiting()
