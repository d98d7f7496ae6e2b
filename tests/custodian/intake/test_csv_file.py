"""CSV with named columns: lists that people keep, other tools' exports, and what spreadsheets do to them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodian.intake import csv_file
from vault.errors import WrongUsage

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def rows(text: str):
    return csv_file.rows(text.encode(), "list.csv")


def only(text: str):
    (found,) = rows(text)
    return found


def test_every_column_arrives_where_it_belongs():
    found = only(
        "Account ID,Name,E-mail,Password,TOTP,MFA serial,Notes,Partition,Inbox readers,Phone holder,Profile,Role\r\n"
        f'111122223333,payments,root@acme.example,"a ""b"", c",{SEED},arn:aws:iam::111122223333:mfa/x,'
        '"line 1\nline 2",aws-us-gov,"anna, ben",chloe,pay,Auditor\r\n'
    )
    assert found.certain
    assert (found.account_id, found.name, found.email, found.partition) == (
        "111122223333",
        "payments",
        "root@acme.example",
        "aws-us-gov",
    )
    assert (found.password, found.recovery) == ('a "b", c', "line 1\nline 2")
    assert (found.inbox_readers, found.phone_holder, found.profile, found.role) == (
        "anna, ben",
        "chloe",
        "pay",
        "Auditor",
    )
    assert (found.mfa[0].seed, found.mfa[0].serial) == (b"1234567890" * 2, "arn:aws:iam::111122223333:mfa/x")
    assert (found.source, found.place) == ("list.csv", "row 2")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_byte_order_mark_and_line_ends_do_not_matter(separator, mark, end):
    text = mark + end.join(
        [
            separator.join(["email", "account", "password"]),
            separator.join(["r@a.example", "111122223333", "p"]),
        ]
    )
    assert (only(text).account_id, only(text).password) == ("111122223333", "p")


@pytest.mark.parametrize(
    "header",
    [
        '"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Last Modified","Created"',
        "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp",
        "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes",
        "url,username,password,totp,extra,name,grouping,fav",
    ],
    ids=["KeePassXC", "Bitwarden", "1Password", "LastPass"],
)
def test_exports_of_other_tools_are_understood(header):
    names = next(csv.reader([header]))
    values = {
        "password": "p",
        "username": "root@acme.example",
        "name": "prod 111122223333",
        "title": "prod 111122223333",
        "otpauth": f"otpauth://totp/x?secret={SEED}",
        "totp": f"otpauth://totp/x?secret={SEED}",
    }
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerow([values.get(n.lower().removeprefix("login_"), "") for n in names])
    found = only(out.getvalue())
    assert found.certain
    assert (found.account_id, found.name, found.email, found.password) == (
        "111122223333",
        "prod",
        "root@acme.example",
        "p",
    )
    assert found.mfa[0].seed == b"1234567890" * 2
    assert csv_file.unknown_columns(out.getvalue().encode()) == ()


@given(
    st.text(min_size=1, max_size=200).filter(lambda t: "\0" not in t and t == t.strip() and t.isprintable())
)
def test_any_password_that_a_csv_writer_wrote_comes_back(password):
    out = io.StringIO()
    csv.writer(out).writerows([["account", "password"], ["111122223333", password]])
    assert only(out.getvalue()).password == password


@pytest.mark.parametrize(
    ("cell", "doubt"),
    [
        ("1.11122E+11", "rounded"),
        ('"1,11122E+11"', "rounded"),
        ("11122223333", "11 digits instead of 12"),
        ("payments", "not twelve digits"),
        ("", "no account id"),
    ],
)
def test_what_excel_makes_of_an_account_id_is_a_doubt_and_no_guess(cell, doubt):
    found = only(f"account id,password\n{cell},p\n")
    assert found.account_id is None
    assert doubt in "; ".join(found.doubts)
    assert len(found.doubts) == 1


def test_a_mangled_id_beside_a_good_one_elsewhere_stays_a_doubt():
    found = only("account id,name,password\n1.11122E+11,prod 111122223333,p\n")
    assert (found.account_id, found.certain) == ("111122223333", False)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("account,password\n111122223333, p\n", "begins or ends with a space"),
        ("account,partition,password\n111122223333,aws-eu,p\n", "no partition 'aws-eu'"),
        (f"account,totp\n111122223333,{SEED}1\n", "character 33 is a 1"),
        ("account,name,password\n111122223333,prod 222233334444,p\n", "2 different account ids"),
        ("account,user,password\n111122223333,anna,p\n", "IAM user"),
        (f"account,password\n111122223333,{'x' * 1025}\n", "1025 characters"),
    ],
)
def test_what_is_not_certain_is_a_doubt(text, doubt):
    found = only(text)
    assert doubt in "; ".join(found.doubts)
    assert SEED not in "; ".join(found.doubts)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "none of the columns"),
        (b"\n\n", "none of the columns"),
        (b"just,some,words\n1,2,3\n", "none of the columns"),
        (b"account,password\n", "no rows"),
        (b"account,password\n\n  ,\n", "no rows"),
        (b"account,password\n1,\xff\n", "not UTF-8"),
        ("account,password\n1,ü\n".encode("utf-16"), "not UTF-8"),
        (b"account,password\n1,a\0b\n", "not UTF-8"),
        (b"account,account id,password\n1,2,3\n", "'account' and 'account id', mean the same"),
        (b"account,password\n111122223333,p\n222233334444,a,b\n", "row 3 has 3 cells"),
        (b'account,password\n111122223333,"a" b\n', "row 2 is not proper CSV"),
        (b'account,password\n111122223333,p\n222233334444,"open\n', "row 3 is not proper CSV"),
        (b"account,password\n" + b"," * 200, "more than 100 cells"),
        (b"account,password\n1," + b"x" * 200_000, "row 2 is not proper CSV"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_with_its_row(data, why):
    with pytest.raises(WrongUsage) as caught:
        csv_file.rows(data, "list.csv")
    assert why in caught.value.why
    assert caught.value.__context__ is None


def test_blank_rows_count_in_the_numbers_and_not_as_accounts():
    found = rows("account,password\n\n111122223333,a\n,\n222233334444,b\n")
    assert [c.place for c in found] == ["row 3", "row 5"]


def test_columns_that_are_not_read_are_named_where_they_hold_anything():
    data = b"account,password,Security answer,empty,icon\n111122223333,p,blue,,7\n"
    assert csv_file.unknown_columns(data) == ("Security answer",)


def test_too_many_rows_are_refused():
    with pytest.raises(WrongUsage, match="more than 10000 rows"):
        rows("account,password\n" + "111122223333,p\n" * 10_001)


def test_names_from_a_file_are_harmless_to_print():
    found = only("account,name,password,inbox\n111122223333,evil\x1b[2J\u202ename,p,a\x07b\n")
    assert found.name == "evil�[2J�name"
    assert found.inbox_readers == "a�b"


def test_the_page_about_importing_lists_every_column_and_every_alias():
    page = (Path(__file__).parents[3] / "docs" / "importing.md").read_text()
    for name, aliases in csv_file.COLUMNS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        listed = row.split("|")[2].split(":")[0].strip()
        assert listed == ", ".join(aliases), name
