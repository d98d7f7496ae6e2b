"""Records as people type them: what does not fit is named by its field, what comes near is offered."""

from __future__ import annotations

import pytest

from tests.vault.founding import ACCOUNT, record
from tests.vault.saying import Story
from vault import events as e
from vault import records
from vault.errors import WrongUsage
from vault.statement import say


@pytest.mark.parametrize("name", ["payments-prod", "Zürich ☎", "支払い", "x" * 200, "👩‍🚀"])
def test_a_name_in_any_script_is_taken(name: str) -> None:
    assert records.check_name(f"  {name} ", "the account") == name


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb", "a\tb", "a\x1b[31m", "a\u202eb", "a\x00b", "\ud800", "a\u2066b", "\ufeff"])
def test_a_name_that_is_not_one_printable_line_is_refused(name: str) -> None:
    with pytest.raises(WrongUsage, match="cannot take the name of the account"):
        records.check_name(name, "the account")


GOOD = [record(), record(partition="aws-us-gov"), record(notes="two\nlines"), record(inbox_readers="Ann, Bob", phone_holder="x" * 1000)]


@pytest.mark.parametrize("one", GOOD)
def test_what_is_taken_can_be_said_in_the_log(one: e.AccountRecord) -> None:
    records.check_record(one)
    assert say(e.AccountAdded(one), device=bytes(16), count=1, happened=1).event() == e.AccountAdded(one)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"account": "12345678901"}, "12 digits"), ({"account": "1234567890123"}, "12 digits"), ({"account": "12345678901x"}, "12 digits"),
        ({"account": "１２３４５６７８９０１２"}, "12 digits"), ({"account": "²" * 12}, "12 digits"), ({"account": ""}, "12 digits"),
        ({"name": ""}, "empty"), ({"name": " x"}, "spaces around"), ({"name": "a\x1bb"}, "cannot be printed"),
        ({"partition": "aws-moon"}, "no partition"), ({"partition": "\x1b[2J"}, "no partition"),
        ({"inbox_readers": "a\nb"}, "inbox readers"), ({"phone_holder": "x" * 1001}, "phone holder"), ({"profile": "\u202e"}, "profile"),
        ({"role": "\x07"}, "role"), ({"notes": "x" * 8001}, "notes"),
    ],
)  # fmt: skip
def test_the_field_that_does_not_fit_is_named(change: dict[str, str], told: str) -> None:
    with pytest.raises(WrongUsage, match=told) as caught:
        records.check_record(record(**change))
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("email", ["nobody", "@acme.example", "a@b", "a b@acme.example", "a@b@acme.example", "a@acme.example\n", "x" * 990 + "@acme.example"])
def test_an_email_is_an_address_or_empty(email: str) -> None:
    from msgspec.structs import replace

    with pytest.raises(WrongUsage):
        records.check_record(replace(record(), email=email))
    records.check_record(replace(record(), email=""))
    records.check_record(replace(record(), email="aws+root.prod@mail.acme.example"))


@pytest.fixture
def story() -> Story:
    made = Story()
    made.account()
    made.account("210987654321", "payments-dev")
    return made


@pytest.mark.parametrize("text", [ACCOUNT, "1234-5678-9012", "1234 5678 9012", "payments-prod", " payments-prod "])
def test_an_account_is_found_by_id_or_exact_name(story: Story, text: str) -> None:
    assert records.find_account(story.state, text).id == ACCOUNT


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("payments-prd", "did you mean payments-prod"), ("PAYMENTS-PROD", "see `breakglass accounts list`"), ("", "see `breakglass accounts list`"),
        ("999999999999", "see `breakglass accounts list`"), ("\x1b[2J", "see `breakglass accounts list`"),
    ],
)  # fmt: skip
def test_what_comes_near_is_offered_and_nothing_is_guessed(story: Story, text: str, hint: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        records.find_account(story.state, text)
    assert hint in caught.value.hint
    assert "\x1b" not in str(caught.value)


def test_a_retired_account_is_said_to_be_retired_and_why(story: Story) -> None:
    story.say(e.AccountRetired(ACCOUNT, "closed\x1b"))
    with pytest.raises(WrongUsage, match="is retired: closed") as caught:
        records.find_account(story.state, ACCOUNT)
    assert "\x1b" not in str(caught.value)


def test_a_checkout_is_found_by_the_beginning_of_its_id_where_that_is_one(story: Story) -> None:
    target = story.secret()
    found = [story.request(target) for _ in range(3)]
    for number, checkout in enumerate(found):
        checkout.id = bytes([0xAB, 0xCD, number]) + checkout.id[3:]
    assert records.find_checkout(story.state, "abcd02") is found[2]
    assert records.find_checkout(story.state, f" {found[1].id.hex().upper()} ") is found[1]
    with pytest.raises(WrongUsage, match="3 of them begin with abcd"):
        records.find_checkout(story.state, "abcd")
    for text in ("abc", "", "xyz1", "abcd\x1b", "ffff", "abcd 02"):
        with pytest.raises(WrongUsage, match="no such checkout"):
            records.find_checkout(story.state, text)
