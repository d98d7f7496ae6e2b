"""The Vault as a custodian uses it: the loop, its refusals, and what comes out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import vault
from tests.vault.founding import (
    ACCOUNT,
    MFA_REF,
    NOTES,
    PASSWORD,
    PASSWORD_REF,
    REASON,
    RECOVERY_REF,
    SEED,
    Founded,
    fill,
    found,
    record,
    use,
)
from vault import Vault, totp
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, Refused, WrongUsage
from vault.events import KindPolicy, Policy, PostureLine
from vault.plaintext import Mfa, Password, Recovery
from vault.sealing import SecretRef

OTHER = "210987654321"


@pytest.fixture
def founded(tmp_path: Path) -> tuple[Founded, Vault]:
    made, opened = found(tmp_path / "vault")
    fill(opened)
    return made, opened


@pytest.fixture
def opened(founded: tuple[Founded, Vault]):
    yield founded[1]
    founded[1].close()


def said(opened: Vault) -> list[str]:
    return [line.event for line in opened.log()]


def test_the_loop_from_founding_to_a_verified_log(tmp_path: Path, clock) -> None:
    founded, opened = found(tmp_path / "vault")
    fill(opened)
    checkout = opened.check_out(ACCOUNT, REASON, ticket="OPS-7", minutes=30)
    assert (checkout.status, checkout.reason, checkout.ticket, checkout.expires) == ("open", REASON, "OPS-7", clock.ms + 30 * 60_000)
    assert set(checkout.secrets) == {PASSWORD_REF, MFA_REF}
    assert opened.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
    ((device, code),) = opened.codes(checkout.id)
    assert (device.ref, device.label, device.serial) == (MFA_REF, "root", f"arn:aws:iam::{ACCOUNT}:mfa/root")
    assert code == totp.codes(Mfa("root", "", SEED), clock.ms)
    before, after = PostureLine("root-mfa", "fail", "off"), PostureLine("root-mfa", "pass", "on")
    done = opened.check_in(checkout.id, rotated=True, before=(before,), after=(after,))
    assert (done.status, done.before, done.after) == ("checked in", (before,), (after,))
    assert said(opened) == [
        "vault created", "account added", "version sealed", "version sealed", "version sealed", "checkout requested",
        "checkout opened", "checkout revealed", "checkout revealed", "checkout checked in",
    ]  # fmt: skip
    head = opened.head
    opened.close()
    with founded.open() as again:
        assert (again.head, again.name, again.me.name, again.notices) == (head, "acme", "Ann", [])
        result = again.verify()
        assert (result.ok, result.entries, result.head, result.rejected, result.blobs) == (True, 10, head, (), 3)


def test_a_second_look_is_no_second_entry_and_another_way_of_looking_is(opened: Vault) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    size = opened.size
    for _ in range(3):
        opened.reveal(checkout.id, PASSWORD_REF)
        opened.codes(checkout.id)
    assert opened.size == size + 2
    opened.reveal(checkout.id, PASSWORD_REF, "copied")
    assert opened.size == size + 3
    assert [(r.secret.kind, r.how) for r in checkout.revealed] == [("password", "shown"), ("mfa", "code"), ("password", "copied")]


def test_each_checkout_tells_of_its_own_reveals(opened: Vault) -> None:
    for _ in range(2):
        checkout = opened.check_out(ACCOUNT, REASON)
        opened.reveal(checkout.id, PASSWORD_REF)
        opened.check_in(checkout.id)
    assert said(opened).count("checkout revealed") == 2


def test_notes_come_only_to_whoever_asks_for_them(opened: Vault) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    with pytest.raises(Refused, match="opened without the recovery"):
        opened.reveal(checkout.id, RECOVERY_REF)
    opened.check_in(checkout.id)
    checkout = opened.check_out(ACCOUNT, REASON, kinds={"recovery"})
    assert opened.reveal(checkout.id, RECOVERY_REF) == Recovery(NOTES)
    with pytest.raises(Refused, match="opened without the password"):
        opened.reveal(checkout.id, PASSWORD_REF)
    assert opened.codes(checkout.id) == []


def test_a_seed_never_leaves(opened: Vault) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    size = opened.size
    with pytest.raises(Refused, match="never shown"):
        opened.reveal(checkout.id, MFA_REF)
    with pytest.raises(WrongUsage):
        opened.reveal(checkout.id, PASSWORD_REF, "code")
    assert opened.size == size


def test_a_checkout_ends_with_its_time(opened: Vault, clock) -> None:
    clock.set(opened.log(0, 1).__next__().happened + 10_000_000)
    checkout = opened.check_out(ACCOUNT, REASON, minutes=10)
    clock.advance(minutes=9, seconds=59)
    opened.reveal(checkout.id, PASSWORD_REF)
    clock.advance(seconds=1)
    size = opened.size
    for reveal in (lambda: opened.reveal(checkout.id, PASSWORD_REF), lambda: opened.codes(checkout.id)):
        with pytest.raises(Refused, match="is over"):
            reveal()
    assert opened.size == size
    assert opened.due()[0].kind == "check-in"
    assert opened.check_in(checkout.id).status == "checked in"


@pytest.mark.parametrize("end", ["check_in", "cancel"])
def test_nothing_is_revealed_after_the_end(opened: Vault, end: str) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    getattr(opened, end)(checkout.id)
    with pytest.raises(Refused, match="is not open"):
        opened.reveal(checkout.id, PASSWORD_REF)
    with pytest.raises(Refused, match="is not open"):
        opened.codes(checkout.id)
    with pytest.raises(Refused):
        opened.check_in(checkout.id)


def test_a_checkout_in_which_something_was_revealed_is_not_cancelled(opened: Vault) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    opened.reveal(checkout.id, PASSWORD_REF)
    with pytest.raises(Refused, match="check it in instead"):
        opened.cancel(checkout.id)


def test_somebody_elses_checkout_gives_nothing(opened: Vault) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    checkout.member = bytes(32)
    size = opened.size
    for use_it in (
        lambda: opened.reveal(checkout.id, PASSWORD_REF), lambda: opened.codes(checkout.id),
        lambda: opened.check_in(checkout.id), lambda: opened.cancel(checkout.id),
    ):  # fmt: skip
        with pytest.raises(Refused):
            use_it()
    for use_it in (lambda: opened.reveal(bytes(16), PASSWORD_REF), lambda: opened.check_in(bytes(16))):
        with pytest.raises(Refused):
            use_it()
    assert opened.size == size


@pytest.mark.parametrize("reason", ["", "   ", "test", "xxxxxxxxxx", "asdfasdfasdf", "qwertyuiop", "too short"])
def test_a_reason_that_says_nothing_opens_nothing_and_leaves_no_trace(opened: Vault, reason: str) -> None:
    size = opened.size
    with pytest.raises(Refused):
        opened.check_out(ACCOUNT, reason)
    assert (opened.size, opened.state.checkouts, opened._ledger.waiting()) == (size, {}, [])


def test_one_person_has_an_account_once_at_a_time(opened: Vault, clock) -> None:
    clock.set(opened.log(0, 1).__next__().happened + 10_000_000)
    first = opened.check_out(ACCOUNT, REASON, minutes=5)
    with pytest.raises(Refused, match="checked out to you already"):
        opened.check_out(ACCOUNT, REASON)
    clock.advance(minutes=5)
    second = opened.check_out(ACCOUNT, REASON)
    assert second.id != first.id


@pytest.mark.parametrize("minutes", [0, -1, 721, 10_081, 2**31, 2**63, 10**30])
def test_a_time_out_of_bounds_is_refused_in_a_sentence(opened: Vault, minutes: int) -> None:
    size = opened.size
    with pytest.raises((Refused, WrongUsage)):
        opened.check_out(ACCOUNT, REASON, minutes=minutes)
    assert opened.size == size


@pytest.mark.parametrize("text", ["x\ud800y" * 9, "ab cd ef " * 5_000])
def test_a_text_that_cannot_be_kept_is_refused_in_a_sentence(opened: Vault, text: str) -> None:
    size = opened.size
    for call in (
        lambda: opened.check_out(ACCOUNT, text),
        lambda: opened.check_out(ACCOUNT, REASON, ticket=text),
        lambda: opened.check_out(ACCOUNT, REASON, task=text),
        lambda: opened.retire_account(ACCOUNT, text),
        lambda: opened.withdraw(PASSWORD_REF, text),
        lambda: opened.note_import(text, bytes(32), 1),
        lambda: opened.record_posture(ACCOUNT, [PostureLine("c", "pass", text)]),
        lambda: opened.add_account(record(OTHER, "sandbox", notes=text)),
    ):
        with pytest.raises((WrongUsage, Refused)):
            call()
    assert opened.size == size
    assert not opened._ledger.waiting()


def test_what_is_not_there_is_not_checked_out(opened: Vault) -> None:
    opened.add_account(record(OTHER, "sandbox"))
    with pytest.raises(Refused, match="nothing to check out"):
        opened.check_out(OTHER, REASON)
    opened.seal(OTHER, Password("only a password there"))
    with pytest.raises(Refused, match="has no mfa"):
        opened.check_out(OTHER, REASON, kinds={"mfa"})
    with pytest.raises(WrongUsage, match="no such account"):
        opened.check_out("999999999999", REASON)
    assert opened.check_out(OTHER, REASON).secrets == (SecretRef(OTHER, "password"),)


def test_a_new_password_supersedes_and_an_open_checkout_keeps_the_one_it_asked_for(opened: Vault) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    opened.seal(ACCOUNT, Password("the new one, after rotation"))
    assert opened.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)
    opened.check_in(checkout.id, rotated=True)
    again = opened.check_out(ACCOUNT, REASON)
    assert opened.reveal(again.id, PASSWORD_REF) == Password("the new one, after rotation")
    opened.check_in(again.id)
    opened.withdraw(PASSWORD_REF, "account closed")
    assert opened.check_out(ACCOUNT, REASON).secrets == (MFA_REF,)
    with pytest.raises(WrongUsage, match="no such password"):
        opened.withdraw(PASSWORD_REF, "again")


def test_a_retired_account_is_left_alone_and_comes_back_whole(opened: Vault) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    with pytest.raises(Refused, match="checked out"):
        opened.retire_account(ACCOUNT, "closed")
    opened.check_in(checkout.id)
    opened.retire_account(ACCOUNT, "closed")
    for call in (
        lambda: opened.check_out(ACCOUNT, REASON), lambda: opened.seal(ACCOUNT, Password("x")), lambda: opened.edit_account(ACCOUNT, record()),
        lambda: opened.retire_account(ACCOUNT, "again"), lambda: opened.record_posture(ACCOUNT, []), lambda: opened.find_account(ACCOUNT),
    ):  # fmt: skip
        with pytest.raises(WrongUsage):
            call()
    opened.add_account(record())
    checkout = opened.check_out(ACCOUNT, REASON)
    assert opened.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)


def test_id_and_partition_of_an_account_never_change(opened: Vault) -> None:
    for changed in (record(OTHER), record(partition="aws-cn")):
        with pytest.raises(WrongUsage, match="never change"):
            opened.edit_account(ACCOUNT, changed)
    assert opened.edit_account(ACCOUNT, record(notes="new")).record.notes == "new"


def test_an_mfa_device_needs_a_label_and_there_are_eight_at_most(opened: Vault) -> None:
    with pytest.raises(WrongUsage, match="has no name"):
        opened.seal(ACCOUNT, Mfa("", "", SEED))
    for number in range(7):
        opened.seal(ACCOUNT, Mfa(f"phone {number}", "", SEED))
    with pytest.raises(Refused, match="8 MFA devices"):
        opened.seal(ACCOUNT, Mfa("one too many", "", SEED))
    opened.seal(ACCOUNT, Mfa("phone 3", "", b"another seed there"))


def test_with_a_policy_that_names_somebody_who_has_not_joined_nothing_is_sealed(tmp_path: Path) -> None:
    policy = Policy(kinds=(KindPolicy("password", (bytes(32), b"\xff" * 32), 2),))
    _, opened = found(tmp_path / "vault", policy=policy)
    with opened:
        opened.add_account(record())
        size = opened.size
        with pytest.raises(Refused, match="has not joined the vault"):
            opened.seal(ACCOUNT, Password(PASSWORD))
        assert opened.size == size
        opened.seal(ACCOUNT, Mfa("root", "", SEED))  # the policy speaks of passwords only


def test_with_a_policy_that_one_person_cannot_meet_nothing_is_sealed(tmp_path: Path) -> None:
    _, opened = found(tmp_path / "vault", policy=Policy(kinds=(KindPolicy("password", (), 2),)))
    with opened:
        opened.add_account(record())
        with pytest.raises((Refused, WrongUsage), match="threshold"):
            opened.seal(ACCOUNT, Password(PASSWORD))


def test_the_policy_given_at_founding_holds(tmp_path: Path) -> None:
    founded, opened = found(tmp_path / "vault", policy=Policy(min_reason=50, max_minutes=15))
    fill(opened)
    opened.close()
    with founded.open() as again:
        with pytest.raises(Refused, match="at least 50"):
            again.check_out(ACCOUNT, REASON, minutes=15)
        with pytest.raises(Refused, match="more than the 15"):
            again.check_out(ACCOUNT, f"{REASON}, as the duty officer asked", minutes=16)


@pytest.mark.parametrize(("name", "member"), [("", "Ann"), ("acme", " "), ("a\x1b[2J", "Ann"), ("acme", "A\u202enn"), ("x" * 201, "Ann")])
def test_a_vault_and_its_founder_have_names_that_can_be_printed(tmp_path: Path, new_identity, name: str, member: str) -> None:
    with pytest.raises(WrongUsage):
        vault.create(tmp_path / "vault", name, member, new_identity())
    assert not vault.exists(tmp_path / "vault")


def test_a_policy_out_of_bounds_founds_nothing(tmp_path: Path, new_identity) -> None:
    with pytest.raises(WrongUsage):
        vault.create(tmp_path / "vault", "acme", "Ann", new_identity(), policy=Policy(max_minutes=10**6))
    assert not vault.exists(tmp_path / "vault")
    vault.create(tmp_path / "vault", "acme", "Ann", new_identity()).close()


def test_there_is_one_vault_in_a_folder(tmp_path: Path, new_identity, founded: tuple[Founded, Vault]) -> None:
    with pytest.raises(WrongUsage, match="there is one"):
        vault.create(founded[0].folder, "acme", "Eve", new_identity())
    assert founded[1].verify().ok


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_where_there_is_no_vault_that_is_said(tmp_path: Path, new_identity, place: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WrongUsage, match="no vault here"):
        vault.open(tmp_path / place, new_identity())


def test_a_closed_vault_says_so_and_has_forgotten_its_keys(founded: tuple[Founded, Vault]) -> None:
    made, opened = founded
    checkout = opened.check_out(ACCOUNT, REASON)
    identity = opened._identity
    opened.close()
    for call in (
        lambda: opened.reveal(checkout.id, PASSWORD_REF), lambda: opened.codes(checkout.id), lambda: opened.check_out(ACCOUNT, REASON),
        lambda: opened.add_account(record(OTHER, "sandbox")), lambda: list(opened.log()), opened.refresh,
    ):  # fmt: skip
        with pytest.raises(CannotUnlock, match="locked"):
            call()
    with pytest.raises(CannotUnlock):
        identity.secret_copy()
    assert not opened._ledger.keys._keys
    opened.close()
    with made.open() as again:
        assert again.reveal(checkout.id, PASSWORD_REF) == Password(PASSWORD)


def test_a_sealing_that_holds_something_else_than_the_log_says_is_not_given_out(opened: Vault, monkeypatch) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    for plaintext, call in (
        (Mfa("root", "", SEED), lambda: opened.reveal(checkout.id, PASSWORD_REF)),
        (Recovery(NOTES), lambda: opened.reveal(checkout.id, PASSWORD_REF)),
        (Password(PASSWORD), lambda: opened.codes(checkout.id)),
    ):
        monkeypatch.setattr(Vault, "_opened", lambda self, target, held=plaintext: held)
        with pytest.raises(IntegrityFailure, match="not what the log says"):
            call()


def test_the_log_reads_from_either_end_in_parts(opened: Vault) -> None:
    use(opened)
    whole = list(opened.log())
    assert [line.seq for line in whole] == list(range(opened.size))
    assert list(opened.log(newest_first=True)) == whole[::-1]
    assert list(opened.log(2, 3)) == whole[2:5]
    assert list(opened.log(1, 2, newest_first=True)) == whole[::-1][1:3]
    assert list(opened.log(opened.size, 5)) == list(opened.log(100)) == []


def test_recovery_words_are_due_until_they_are_confirmed(opened: Vault) -> None:
    assert [d.kind for d in opened.due()] == ["recovery-words"]
    opened.confirm_words()
    assert opened.due() == []


def test_finding_takes_ids_names_and_beginnings(opened: Vault) -> None:
    checkout = opened.check_out(ACCOUNT, REASON)
    assert opened.find_account("1234-5678-9012") is opened.find_account("payments-prod") is opened.state.accounts[ACCOUNT]
    assert opened.find_checkout(checkout.id.hex()[:6]) is checkout
    with pytest.raises(BreakglassError):
        opened.find_checkout("zzzz")


def test_a_vault_shows_nothing_of_itself_but_its_id(opened: Vault) -> None:
    assert repr(opened) == f"<Vault {opened.id.hex()[:8]}>"


def test_an_import_is_remembered_over_openings(founded: tuple[Founded, Vault]) -> None:
    made, opened = founded
    opened.note_import("roots.kdbx", b"d" * 32, 3)
    opened.close()
    with made.open() as again:
        assert again.state.imports[b"d" * 32][0] == "roots.kdbx"
