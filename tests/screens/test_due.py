from __future__ import annotations

import pytest

from screens.account import AccountScreen
from screens.accounts import Accounts
from screens.checkout_dialog import CheckoutDialog
from screens.due import DueList
from screens.open_checkout import OpenCheckout
from screens.wizard.words import RecoveryWords
from tests.screens.opened import HOSTILE, LARGE, SMALL, app, found, press, rows, settle, text, with_accounts
from tests.vault.founding import REASON
from vault.plaintext import Password
from vault.sealing import SecretRef


def with_password(folder, *names: str):
    """A vault whose first account has a password, whose founder has written the words down."""
    made, ids = with_accounts(folder, *names)
    made.confirm_words()
    made.seal(ids[0], Password("Correct-Horse-7-Battery"))
    return made, ids


async def open_due(pilot) -> None:
    await press(pilot, "d")
    await settle(pilot, lambda: isinstance(pilot.app.screen, DueList))


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_where_nothing_is_due_it_says_what_belongs_here_and_enter_leaves(vault_folder, tmp_path, size):
    made, _ = with_password(vault_folder, "payments-prod")
    async with app(made, tmp_path, size) as pilot:
        await open_due(pilot)
        assert "Nothing is due." in text(pilot)
        assert "recovery words that were put off" in text(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Accounts)


async def test_recovery_words_that_were_put_off_are_written_down_from_here(vault_folder, tmp_path):
    async with app(found(vault_folder), tmp_path) as pilot:
        await open_due(pilot)
        assert "▲ recovery words" in text(pilot)
        assert "Your recovery words were never written down" in text(pilot)
        assert pilot.app.screen.next_step == "write them down"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, RecoveryWords)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, DueList)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_an_old_password_leads_to_the_dialog_that_asks_for_root(vault_folder, tmp_path, clock, size):
    made, ids = with_password(vault_folder, "payments-prod")
    clock.advance(days=93)
    async with app(made, tmp_path, size) as pilot:
        await open_due(pilot)
        row = next(r for r in rows(pilot) if ids[0] in r)
        assert "▲ rotate" in row
        assert "payments-prod" in row
        assert row.rstrip(" │").endswith("3 d")
        assert "The password is older than 90 days" in text(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CheckoutDialog)


async def test_a_rotation_within_an_open_checkout_goes_on_with_it(vault_folder, tmp_path, clock):
    made, ids = with_password(vault_folder, "payments-prod")
    clock.advance(days=91)
    checkout = made.check_out(ids[0], REASON)
    async with app(made, tmp_path) as pilot:
        await open_due(pilot)
        assert pilot.app.screen.next_step == "go on with your checkout"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, OpenCheckout)
        assert pilot.app.screen.checkout.id == checkout.id


async def test_a_password_that_was_shown_is_due(vault_folder, tmp_path, clock):
    made, ids = with_password(vault_folder, "payments-prod")
    checkout = made.check_out(ids[0], REASON)
    made.reveal(checkout.id, SecretRef(ids[0], "password", ""))
    made.check_in(checkout.id)
    async with app(made, tmp_path) as pilot:
        await open_due(pilot)
        assert "The password was shown in a checkout" in text(pilot)


async def test_a_checkout_past_its_time_leads_to_where_it_is_checked_in(vault_folder, tmp_path, clock):
    made, ids = with_password(vault_folder, "payments-prod")
    checkout = made.check_out(ids[0], REASON, minutes=30)
    clock.advance(minutes=45)
    async with app(made, tmp_path) as pilot:
        await open_due(pilot)
        assert "▲ check in" in text(pilot)
        assert "15 min" in text(pilot)
        assert pilot.app.screen.next_step == "go to your checkout"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, OpenCheckout)
        assert pilot.app.screen.checkout.id == checkout.id


async def test_what_is_done_disappears(vault_folder, tmp_path):
    made = found(vault_folder)
    async with app(made, tmp_path) as pilot:
        await open_due(pilot)
        assert "1 thing" in text(pilot)
        await press(pilot, "enter")
        made.confirm_words()
        await press(pilot, "escape")
        assert "Nothing is due." in text(pilot)


async def test_the_most_urgent_comes_first_and_the_sentence_follows_the_cursor(vault_folder, tmp_path, clock):
    made, ids = with_accounts(vault_folder, "payments-prod", "data-lake")
    for account in ids:
        made.seal(account, Password("Correct-Horse-7-Battery"))
    clock.advance(days=91)
    made.check_out(ids[1], REASON, minutes=30)
    clock.advance(minutes=45)
    async with app(made, tmp_path) as pilot:
        await open_due(pilot)
        listed = [r for r in rows(pilot) if "▲" in r]
        assert "check in" in listed[0]
        assert len(listed) == 4
        assert "not checked in" in text(pilot)
        await press(pilot, "down")
        assert "not checked in" not in text(pilot)


async def test_a_name_from_outside_styles_nothing_here(vault_folder, tmp_path, clock):
    made, _ = with_password(vault_folder, HOSTILE)
    clock.advance(days=91)
    async with app(made, tmp_path, LARGE) as pilot:
        await open_due(pilot)
        assert "[red]x[/]" in text(pilot)
        assert "\x1b" not in text(pilot)
        assert "‮" not in text(pilot)


async def test_an_account_that_only_somebody_else_can_check_in_is_viewed(vault_folder, tmp_path, clock, monkeypatch):
    made, ids = with_password(vault_folder, "payments-prod")
    made.check_out(ids[0], REASON, minutes=30)
    clock.advance(minutes=45)
    monkeypatch.setattr(DueList, "_mine", lambda *_: False)
    async with app(made, tmp_path) as pilot:
        await open_due(pilot)
        assert pilot.app.screen.next_step == "view the account"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, AccountScreen)
