"""The accounts screen: what each line and the lines below it say, at both sizes, few, many or none."""

from __future__ import annotations

import pytest

from screens.account_form import AccountForm
from screens.accounts import Accounts
from screens.checkout_dialog import CheckoutDialog
from screens.open_checkout import OpenCheckout
from screens.widgets.rows import Rows
from tests.conftest import Clock
from tests.screens.opened import HOSTILE, LARGE, SMALL, app, found, press, rows, settle, text, with_accounts
from vault.events import PostureLine
from vault.plaintext import Password

LONG = "a-very-long-account-name-for-the-data-lake-in-eu-west-1"
NOT_KNOWN = "MFA on the root user: not known, because no credentials were found for the profile data-lake (NoCredentials)."
REASON = "INC-4711: IAM locked out, restoring SSO"


@pytest.fixture
def opened(vault_folder, clock: Clock):
    made, ids = with_accounts(vault_folder, "payments-prod", "payments-staging", "data-lake", HOSTILE, LONG)
    made.seal(ids[0], Password("canary"))
    clock.advance(days=63)
    for account in ids[1:4]:
        made.seal(account, Password("canary"))
    clock.advance(days=31)
    made.record_posture(
        ids[0],
        [
            PostureLine("root-mfa", "pass", "MFA is on for the root user."),
            PostureLine("root-access-keys", "fail", "The root user has 1 active access key, used yesterday by s3 in eu-west-1."),
            PostureLine("root-recent-use", "fail", "Root was used with no checkout that explains it."),
        ],
    )
    made.record_posture(ids[1], [PostureLine("root-mfa", "pass", "MFA is on for the root user.")])
    made.record_posture(ids[2], [PostureLine("root-mfa", "unknown", NOT_KNOWN)])
    made.confirm_words()
    yield made
    made.close()


def line_of(pilot, account):
    return next(row for row in rows(pilot) if account in row)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_every_column_fits_and_ids_are_whole(opened, tmp_path, size):
    async with app(opened, tmp_path, size) as pilot:
        shown = rows(pilot)
        assert "ROOT IN USE BY" in shown[2]
        assert "ROTATED" in shown[2]
        assert ("NEXT" in shown[2]) == (size == LARGE)
        for account in opened.state.accounts:
            assert account in text(pilot)
            assert line_of(pilot, account).rstrip().endswith("│")
        assert "94 d due" in line_of(pilot, "111122223333")
        assert "31 d" in line_of(pilot, "111122223334")
        if size == LARGE:
            assert "now" in line_of(pilot, "111122223333")
            assert "in 59 d" in line_of(pilot, "111122223334")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_days_line_up_whether_due_or_not(opened, tmp_path, size):
    async with app(opened, tmp_path, size) as pilot:
        assert line_of(pilot, "111122223333").index("94 d") == line_of(pilot, "111122223334").index("31 d")


async def test_posture_is_told_in_words_and_the_worst_comes_first(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        assert "▲ 2 fail" in rows(pilot)[3]
        assert "● pass" in line_of(pilot, "111122223334")
        assert "? 1 unkn" in line_of(pilot, "111122223335")
        assert "– not read" in line_of(pilot, "111122223337")
        below = "\n".join(rows(pilot)[-8:])
        assert "▲ The root user has 1 active access key" in below
        assert "▲ due: the password is older than 90 days" in below


async def test_what_is_unknown_is_told_once_with_its_reason(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "slash", *"lake", "enter", "home")
        rows_ = pilot.app.screen.query_one(Rows)
        while pilot.app.screen.current.account.id != "111122223335":
            rows_.cursor += 1
            await settle(pilot)
        below = " ".join(row.strip() for row in rows(pilot)[-8:])
        assert "? MFA on the root user: no credentials were found for the profile data-lake (NoCredentials)." in below
        assert below.count("MFA on the root user") == 1


async def test_a_hostile_name_is_shown_literally_and_a_long_one_cut_in_the_middle(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        assert "[red]x[" in line_of(pilot, "111122223336")
        assert "…" in line_of(pilot, "111122223337")
        assert not {"\x1b", "\u202e", "\u200b"} & set(text(pilot))
        await pilot.resize_terminal(*LARGE)
        await settle(pilot)
        assert "[red]x[/] \N{REPLACEMENT CHARACTER}[31mpay" in line_of(pilot, "111122223336")


async def test_an_account_without_secrets_says_so_and_enter_goes_to_where_they_are_added(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        assert "nothing held yet" in line_of(pilot, "111122223337")
        await press(pilot, "slash", *"111122223337", "enter")
        assert "nothing to sign in with is held here yet" in text(pilot)
        assert " enter view, add its secrets " in text(pilot)


async def test_enter_asks_for_root_and_then_goes_on_with_the_open_checkout(opened, tmp_path, clock):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CheckoutDialog)
        await press(pilot, "escape")
        opened.check_out("111122223334", REASON)
        clock.advance(minutes=1)
        pilot.app.screen.load()
        await settle(pilot)
        assert "you, 59 min" in line_of(pilot, "111122223334")
        await press(pilot, "home")
        assert "enter go on with your checkout" in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, OpenCheckout)


async def test_the_header_counts_what_is_due(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        assert rows(pilot)[0].endswith("anna · 1 due · ctrl+l lock")
        assert "breakglass · Acme" in rows(pilot)[0]


@pytest.mark.parametrize("typed", ["staging", "STAGING", "111122223334", "aws+111122223334"])
async def test_the_filter_takes_name_id_and_email(opened, tmp_path, typed):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "slash", *typed)
        assert "1 of 5 accounts" in text(pilot)
        await press(pilot, "escape")
        assert "5 accounts" in text(pilot)


async def test_a_filter_that_nothing_matches_says_how_to_see_all_again(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "slash", *"zzz")
        assert "No account matches. Esc shows all 5." in text(pilot)


async def test_an_empty_vault_teaches_what_belongs_here(vault_folder, tmp_path):
    async with app(found(vault_folder), tmp_path) as pilot:
        assert "No accounts yet." in text(pilot)
        assert "imports from KeePass" in text(pilot)
        assert " enter add an account " in text(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, AccountForm)


async def test_a_thousand_accounts_are_listed_and_found(vault_folder, tmp_path):
    made, ids = with_accounts(vault_folder, *(f"team-{n:04}" for n in range(1000)))
    async with app(made, tmp_path) as pilot:
        assert "1,000 accounts" in text(pilot)
        await press(pilot, "end")
        assert ids[999] in text(pilot)
        await press(pilot, "slash", *"team-0742")
        assert "1 of 1,000 accounts" in text(pilot)
        assert ids[742] in text(pilot)
        assert isinstance(pilot.app.screen, Accounts)
