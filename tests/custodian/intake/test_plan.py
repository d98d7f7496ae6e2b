"""What an import would do, and what it does to a real vault: nothing twice, nothing doubtful, whole at any interruption."""

from __future__ import annotations

from dataclasses import replace

import pytest

import vault as custody
from custodian.intake import reading
from custodian.intake.candidate import Candidate
from custodian.intake.plan import AddAccount, SealSecret, apply, plan
from tests.custodian.intake.programs import PASSPHRASE, Written, database, need, xml
from vault.errors import OutOfReach
from vault.events import AccountRecord
from vault.plaintext import Mfa, Password, Recovery
from vault.sealing import SecretRef
from vault.state import State
from vault.totp import codes

A, B, C = "111122223333", "222233334444", "333344445555"
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def device(seed: bytes = b"x" * 20, label: str = "phone", serial: str = "") -> Mfa:
    return Mfa(label, serial, seed)


def candidate(account: str | None = A, **more: object) -> Candidate:
    given = {
        "name": "prod",
        "email": "",
        "password": "p",
        "mfa": (),
        "recovery": "",
        "source": "a.csv",
        "place": "row 2",
        **more,
    }
    return Candidate(account, **given)  # type: ignore[arg-type]


def words(drafted) -> list[str]:
    return [action.words for action in drafted.actions]


def whys(pairs) -> str:
    return "; ".join(why for _, why in pairs)


@pytest.fixture
def opened(vault_folder, new_identity):
    with custody.create(vault_folder, "Acme", "anna", new_identity()) as made:
        yield made


# -- the plan, against an empty state ---------------------------------------------------------------------------------


def test_a_certain_candidate_becomes_a_record_and_its_secrets():
    drafted = plan([candidate(mfa=(device(),), recovery="notes", email="r@a.example")], State())
    assert words(drafted) == [
        f"add the account {A}, prod",
        f"seal the password of {A}",
        f"seal the MFA device phone of {A}",
        f"seal the recovery text of {A}",
    ]
    assert not drafted.left_out
    assert not drafted.already


def test_a_doubtful_candidate_is_left_out_and_named_with_its_doubts():
    doubtful = [
        candidate(None, doubts=("no account id was found in it",)),
        candidate(B, doubts=("one", "two")),
    ]
    drafted = plan(doubtful, State())
    assert not drafted.actions
    assert whys(drafted.left_out) == "no account id was found in it; one; two"


def test_a_doubtful_candidate_is_asked_about_and_taken_as_answered():
    asked = []

    def ask(doubtful: Candidate) -> Candidate:
        asked.append(doubtful.doubts)
        return doubtful.answered(C)

    drafted = plan([candidate(None, doubts=("why",)), candidate(A, name="sure")], State(), ask=ask)
    assert asked == [("why",)]
    assert words(drafted)[0] == f"add the account {C}, prod"
    assert not drafted.left_out


def test_nobody_is_asked_about_what_has_nothing_to_do_with_aws():
    bank = candidate(None, name="bank", doubts=("no account id was found in it",), unrelated=True)
    drafted = plan([bank], State(), ask=lambda _: pytest.fail("asked"))
    assert [c.name for c, _ in drafted.left_out] == ["bank"]


def test_an_answer_that_is_no_account_id_is_left_out_in_words():
    drafted = plan([candidate(None, doubts=("why",))], State(), ask=lambda c: c.answered("12"))
    assert not drafted.actions
    assert "12 digits" in whys(drafted.left_out)


def test_a_password_here_and_a_device_there_become_one_account():
    parts = [
        candidate(A, name="", password=None, mfa=(device(),)),
        candidate(A, name="payments", password="p", email="r@a.example"),
    ]
    drafted = plan(parts, State())
    (added,) = (a for a in drafted.actions if isinstance(a, AddAccount))
    assert (added.record.name, added.record.email) == ("payments", "r@a.example")
    assert len(drafted.actions) == 3


def test_two_different_passwords_for_one_account_are_a_doubt_about_both():
    drafted = plan([candidate(A, password="old"), candidate(A, password="new")], State())
    assert not drafted.actions
    assert len(drafted.left_out) == 2
    assert "passwords differ" in whys(drafted.left_out)


def test_of_two_answered_passwords_the_second_is_named_and_not_lost_silently():
    parts = [candidate(A, password="old"), candidate(A, password="new")]
    drafted = plan(parts, State(), ask=lambda c: c.answered(A))
    (sealed,) = (a for a in drafted.actions if isinstance(a, SealSecret))
    assert sealed.plaintext == Password("old")
    assert "another password" in whys(drafted.left_out)


def test_the_same_secrets_standing_twice_are_taken_once():
    one = candidate(A, mfa=(device(),), recovery="n")
    drafted = plan([one, replace(one, place="row 3", mfa=(device(label="other name"),))], State())
    assert len(drafted.actions) == 4
    assert len(drafted.already) == 3
    assert not drafted.left_out


def test_different_e_mail_addresses_or_partitions_of_one_account_are_a_doubt():
    by_email = plan([candidate(A, email="a@a.example"), candidate(A, email="b@a.example")], State())
    by_partition = plan([candidate(A, partition="aws-cn"), candidate(A, partition="aws-us-gov")], State())
    assert not by_email.actions
    assert not by_partition.actions


def test_two_devices_under_one_label_keep_apart():
    drafted = plan(
        [candidate(A, password=None, mfa=(device(b"x" * 20), device(b"y" * 20), device(b"z" * 20)))], State()
    )
    labels = [a.ref.name for a in drafted.actions if isinstance(a, SealSecret)]
    assert labels == ["phone", "phone 2", "phone 3"]
    assert [a.plaintext.name for a in drafted.actions if isinstance(a, SealSecret)] == labels


def test_a_ninth_device_is_left_out():
    devices = tuple(device(bytes([n]) * 20, f"d{n}") for n in range(9))
    drafted = plan([candidate(A, password=None, mfa=devices)], State())
    assert len(drafted.actions) == 9
    assert "AWS allows 8" in whys(drafted.left_out)


def test_a_device_without_a_label_gets_a_name():
    drafted = plan([candidate(A, password=None, mfa=(device(label=""),))], State())
    assert drafted.actions[-1].ref == SecretRef(A, "mfa", "virtual MFA")


def test_equal_names_of_different_accounts_are_told_apart_by_the_id():
    drafted = plan([candidate(A), candidate(B)], State())
    assert [a.record.name for a in drafted.actions if isinstance(a, AddAccount)] == ["prod", f"prod {B}"]


def test_attachments_are_named_as_left_out():
    drafted = plan([candidate(A, not_taken=("the attachment 'x' is not brought in",))], State())
    assert len(drafted.actions) == 2
    assert whys(drafted.left_out) == "the attachment 'x' is not brought in"


def test_a_value_that_cannot_be_kept_is_left_out_and_the_rest_is_taken():
    drafted = plan([candidate(A, recovery="x" * 20_000)], State())
    assert len(drafted.actions) == 2
    assert "longer than" in whys(drafted.left_out)


def test_no_repr_of_a_plan_shows_a_secret():
    drafted = plan(
        [candidate(A, password="canary-p", mfa=(device(b"canary" * 4),), recovery="canary-r")], State()
    )
    assert "canary" not in repr(drafted)
    assert "canary" not in " ".join(words(drafted))


# -- the plan, against what a vault has -------------------------------------------------------------------------------


def test_what_the_vault_has_is_named_and_not_planned_again(opened):
    whole = candidate(A, mfa=(device(),), recovery="n")
    apply(plan([whole], opened.state), opened)
    size = opened.size
    again = plan([whole], opened.state)
    assert not again.actions
    assert not again.left_out
    assert len(again.already) == 3
    apply(again, opened)
    assert opened.size == size


def test_a_new_label_where_a_device_is_known_is_asked_about_since_it_may_be_the_same(opened):
    apply(plan([candidate(A, mfa=(device(label="one"),))], opened.state), opened)
    other = candidate(A, password=None, mfa=(device(label="two"),))
    left = plan([other], opened.state)
    assert not left.actions
    assert "may be the same under another name" in whys(left.left_out)
    taken = plan([other], opened.state, ask=lambda c: c.answered(A))
    assert words(taken) == [f"seal the MFA device two of {A}"]


def test_a_serial_tells_whether_a_device_is_known(opened):
    serial = f"arn:aws:iam::{A}:mfa/"
    apply(plan([candidate(A, mfa=(device(label="one", serial=serial + "one"),))], opened.state), opened)
    same = plan(
        [candidate(A, password=None, mfa=(device(label="two", serial=serial + "one"),))], opened.state
    )
    assert not same.actions
    assert same.already
    other = plan(
        [candidate(A, password=None, mfa=(device(label="two", serial=serial + "two"),))], opened.state
    )
    assert words(other) == [f"seal the MFA device two of {A}"]


def test_a_record_that_says_otherwise_is_a_doubt(opened):
    opened.add_account(AccountRecord(A, "prod", "root@a.example"))
    assert "another e-mail address" in whys(plan([candidate(A, email="x@a.example")], opened.state).left_out)
    assert "partition is aws" in whys(plan([candidate(A, partition="aws-cn")], opened.state).left_out)
    assert words(plan([candidate(A, email="ROOT@a.example")], opened.state)) == [f"seal the password of {A}"]


def test_an_address_that_one_account_has_proposes_it_and_is_still_a_doubt(opened):
    opened.add_account(AccountRecord(A, "prod", "root@a.example"))
    nameless = candidate(
        None, email="Root@a.example", doubts=("no account id was found in it",), unrelated=True
    )
    assert not plan([nameless], opened.state).actions
    proposed = []
    drafted = plan([nameless], opened.state, ask=lambda c: proposed.append(c.account_id) or c.answered(A))
    assert proposed == [A]
    assert words(drafted) == [f"seal the password of {A}"]


def test_a_retired_account_is_left_out(opened):
    opened.add_account(AccountRecord(A, "prod"))
    opened.retire_account(A, "closed")
    drafted = plan([candidate(A)], opened.state)
    assert not drafted.actions
    assert "retired" in whys(drafted.left_out)


# -- end to end -------------------------------------------------------------------------------------------------------


def test_a_keepass_file_goes_into_a_vault_and_comes_out_of_a_checkout(opened, tmp_path, clock):
    need("keepassxc-cli")
    entries = [
        Written(
            f"prod-{n} {111122223330 + n}",
            f"pässword {n}",
            f"aws+{n}@a.example",
            notes=f"phone {n}",
            fields={"otp": f"otpauth://totp/x?secret={SEED}&digits={6 + n % 2 * 2}"},
        )
        for n in range(5)
    ]
    path = database(tmp_path, "roots", xml([*entries, Written("bank", "nothing of yours")], version_4=True))
    found = reading.read([path], bytearray(PASSPHRASE.encode()))
    drafted = plan(found.candidates, opened.state, sources=found.sources)
    steps = []
    result = apply(drafted, opened, lambda done, total, what: steps.append((done, total, what)))
    assert (len(result.added), len(result.sealed), len(result.left_out)) == (5, 15, 1)
    assert steps[0] == (0, 20, drafted.actions[0].words)
    assert steps[-1] == (20, 20, "")
    assert "keep" not in result.advice[0].split()
    assert "roots.kdbx" in result.advice[0]
    assert opened.verify().ok
    for n in range(5):
        account = str(111122223330 + n)
        checkout = opened.check_out(
            account,
            "restore access after the identity provider failed",
            kinds={"password", "mfa", "recovery"},
        )
        assert opened.reveal(checkout.id, SecretRef(account, "password", "")) == Password(f"pässword {n}")
        assert opened.reveal(checkout.id, SecretRef(account, "recovery", "")) == Recovery(f"phone {n}")
        ((_, code),) = opened.codes(checkout.id)
        assert code == codes(found.candidates[n].mfa[0], clock())


def test_a_second_import_of_the_same_file_says_so_and_adds_nothing(opened, tmp_path):
    (tmp_path / "a.csv").write_text(f"account,password\n{A},p\n{B},q\n")
    found = reading.read([tmp_path / "a.csv"])
    first = plan(found.candidates, opened.state, sources=found.sources)
    assert not first.seen_before
    apply(first, opened)
    size = opened.size
    again = plan(found.candidates, opened.state, sources=found.sources)
    assert [source.name for source, _ in again.seen_before] == ["a.csv"]
    assert not again.actions
    result = apply(again, opened)
    assert (result.added, result.sealed, opened.size) == ((), (), size)


@pytest.mark.parametrize("stop", range(7))
def test_an_import_that_breaks_off_anywhere_is_whole_and_goes_on_the_next_time(opened, tmp_path, stop):
    (tmp_path / "a.csv").write_text(f"account,password,totp\n{A},p,{SEED}\n{B},q,{SEED}\n")
    found = reading.read([tmp_path / "a.csv"])

    def progress(done: int, total: int, what: str) -> None:
        if done == stop:
            raise KeyboardInterrupt

    drafted = plan(found.candidates, opened.state, sources=found.sources)
    assert len(drafted.actions) == 6
    with pytest.raises(KeyboardInterrupt):
        apply(drafted, opened, progress)
    assert not opened.state.imports
    assert opened.verify().ok
    rest = plan(found.candidates, opened.state, sources=found.sources)
    assert len(rest.actions) == 6 - stop
    assert not rest.left_out
    apply(rest, opened)
    assert len(opened.state.secrets) == 4
    assert len(opened.state.imports) == 1
    assert opened.verify().ok


def test_the_same_plan_applied_again_after_a_failure_goes_on_where_it_stopped(opened):
    drafted = plan([candidate(A, mfa=(device(),)), candidate(B, mfa=(device(b"y" * 20),))], opened.state)

    class Failing:
        def __init__(self, left: int) -> None:
            self.left = left

        def __getattr__(self, name: str):
            return getattr(opened, name)

        def seal(self, account_id, plaintext):
            self.left -= 1
            if self.left < 0:
                raise OutOfReach("the disk is full")
            return opened.seal(account_id, plaintext)

    with pytest.raises(OutOfReach):
        apply(drafted, Failing(2))
    result = apply(drafted, opened)
    assert len(result.sealed) == 2
    assert len(opened.state.secrets) == 4
    assert all(len(secret.versions) == 1 for secret in opened.state.secrets.values())


def test_plain_sources_are_named_for_deletion_and_certainty_is_not_promised(opened, tmp_path):
    (tmp_path / "a.csv").write_text(f"account,password\n{A},p\n")
    found = reading.read([tmp_path / "a.csv"])
    result = apply(plan(found.candidates, opened.state, sources=found.sources), opened)
    assert "a.csv holds secrets in plain text" in result.advice[0]
    assert "SSD" in result.advice[1]


def test_a_plan_alone_writes_nothing(opened, tmp_path):
    (tmp_path / "a.csv").write_text(f"account,password\n{A},p\n")
    found = reading.read([tmp_path / "a.csv"])
    before = opened.head
    plan(found.candidates, opened.state, sources=found.sources)
    assert opened.head == before
