"""Where twelve digits are an account id, and where they are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodian.intake import account_id

ID = "123456789012"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        "prod 123456789012",
        "prod (1234-5678-9012)",
        "1234 5678 9012",
        "account-7 123456789012",
        "team_123456789012",
        "aws+123456789012@acme.example",
        "https://123456789012.signin.aws.amazon.com/console",
        "arn:aws:iam::123456789012:root",
        "[123456789012]",
        "123456789012, 1234-5678-9012 and 1234 5678 9012",
    ],
)
def test_an_id_is_found_in_the_ways_people_write_it(text):
    assert account_id.found([text]) == (ID,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345678901",
        "1234567890123",
        "1234-5678-9012-3456",
        "1234 5678 9012 3456",
        "12 1234 5678 9012",
        "+123456789012",
        "  +123456789012",
        "1234-5678 9012",
        "000000000000",
        "abc123456789012",
        "123456789012f",
        "１２３４５６７８９０１２",
        "123456789012.50",
        "1.123456789012",
    ],
)
def test_numbers_that_only_hold_twelve_digits_are_none(text):
    assert account_id.found([text]) == ()


def test_different_ids_are_all_named_in_their_order():
    assert account_id.found(["b 222233334444", "a 111122223333 222233334444"]) == (
        "222233334444",
        "111122223333",
    )


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("payments-prod (1234-5678-9012)", "payments-prod"),
        ("123456789012 - payments", "payments"),
        ("payments [123456789012] prod", "payments prod"),
        ("123456789012", ""),
        ("other 999988887777", "other 999988887777"),
    ],
)
def test_a_name_is_what_remains_of_a_title(title, left):
    assert account_id.without(title, ID) == left


@pytest.mark.parametrize(
    "cell", [ID, " 123456789012 ", "1234-5678-9012", "1234 5678 9012", '="123456789012"', "'123456789012"]
)
def test_a_cell_with_an_id_is_taken(cell):
    assert account_id.exact(cell) == (ID, "")


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "no account id"),
        ("1.11122E+11", "rounded"),
        ("1,11122E+11", "rounded"),
        ("1.11122223333E+11", "rounded"),
        ("23456789012", "11 digits instead of 12"),
        ("7", "1 digits"),
        ("123456789012.0", "not twelve digits"),
        ("0000-0000-0000", "not twelve digits"),
        ("payments", "not twelve digits"),
        ("1234567890123", "not twelve digits"),
    ],
)
def test_what_a_spreadsheet_made_of_an_id_is_named_and_not_repaired(cell, why):
    found, words = account_id.exact(cell)
    assert found is None
    assert why in words


@given(st.text(max_size=200))
def test_any_text_gives_ids_of_twelve_digits_or_none(text):
    for found in account_id.found([text]):
        assert len(found) == 12
        assert found.isdigit()
    found, why = account_id.exact(text)
    assert (found is None) == bool(why)
