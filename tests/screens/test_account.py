"""The screen of one account: its record, what is held of it, its posture, its checkouts, and taking things out of use."""

from __future__ import annotations

import pytest

from screens.account import AccountScreen
from screens.account_form import AccountForm
from screens.accounts import Accounts
from screens.checkout_dialog import CheckoutDialog
from screens.log import Log
from screens.mfa_entry import MfaEntry
from screens.secret_entry import SecretEntry
from screens.taking_out import TakingOut
from screens.widgets.findings_panel import told_once
from tests.conftest import Clock
from tests.screens.opened import HOSTILE, LARGE, SMALL, app, press, settle, text, with_accounts
from tests.vault.founding import record
from vault.events import AccountEdited, PostureLine
from vault.plaintext import Mfa, Password
from vault.sealing import SecretRef

CANARY = "canary-password-4711"
SEED = b"12345678901234567890"
SERIAL = "arn:aws:iam::111122223333:mfa/root"
REASON = "INC-4711: IAM locked out, restoring SSO"


@pytest.fixture
def opened(vault_folder, clock: Clock):
    made, ids = with_accounts(vault_folder, "payments-prod", HOSTILE)
    more = {"inbox_readers": "platform team", "phone_holder": "ben", "notes": "[red]closed[/] in \x1b[31m2027", "profile": "audit", "role": "Auditor"}
    made._ledger.say(AccountEdited(record("111122223333", "payments-prod", **more)))
    made.seal(ids[0], Password(CANARY))
    made.seal(ids[0], Mfa("root", SERIAL, SEED))
    made.seal(ids[0], Mfa("spare[b]key[/]", "", SEED[::-1]))
    clock.advance(days=31)
    made.record_posture(ids[0], [PostureLine("root-mfa", "pass", "MFA is on for the root user.")])
    clock.advance(days=2)
    checkout = made.check_out(ids[0], REASON, ticket="INC-4711")
    clock.advance(minutes=38)
    made.check_in(
        checkout.id,
        rotated=True,
        before=(PostureLine("root-access-keys", "fail", "x"),),
        after=(PostureLine("root-access-keys", "pass", "x"),),
    )
    yield made
    made.close()


async def view(pilot, account="111122223333"):
    pilot.app.push_screen(AccountScreen(account))
    await settle(pilot)


async def everything(pilot):
    """All that can be seen by scrolling."""
    seen = [text(pilot)]
    for _ in range(6):
        await press(pilot, "pagedown")
        seen.append(text(pilot))
    await press(pilot, "home")
    return "\n".join(seen)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_everything_about_it_can_be_reached(opened, tmp_path, size):
    async with app(opened, tmp_path, size) as pilot:
        await view(pilot)
        shown = await everything(pilot)
        for part in (
            "1111 2222 3333", "payments-prod", "aws+111122223333@acme.example", "platform team", "ben", "audit", "Auditor",
            "Password      ••••••••", "root", SERIAL, "set 33 d ago, held by anna", "due for rotation in 56 d",
            "● pass    MFA is on for the root user.", "2 d ago",
            REASON, "checked in after 38 min", "password changed", "root-access-keys is pass, was fail",
        ):  # fmt: skip
            assert part in shown, part
        assert all(len(row) <= size[0] for row in shown.split("\n"))


async def test_no_secret_is_on_it(opened, tmp_path):
    async with app(opened, tmp_path, LARGE) as pilot:
        await view(pilot)
        shown = await everything(pilot)
        assert CANARY not in shown
        assert "GEZDGNBVGY3TQOJQ" not in shown


async def test_what_others_wrote_is_shown_literally(opened, tmp_path):
    async with app(opened, tmp_path, LARGE) as pilot:
        await view(pilot)
        shown = await everything(pilot)
        assert "[red]closed[/] in \N{REPLACEMENT CHARACTER}[31m2027" in shown
        assert "spare[b]key[/]" in shown
        await press(pilot, "escape")
        await view(pilot, "111122223334")
        assert "[@click=app.quit]click[/]" in text(pilot)
        assert not {"\x1b", "\u202e", "\u200b"} & set(shown + text(pilot))


async def test_an_account_with_nothing_yet_says_what_to_do(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await view(pilot, "111122223334")
        shown = await everything(pilot)
        assert "Nothing to sign in with is held here yet." in shown
        assert "Root of this account was never checked out." in shown
        assert "not read yet" in shown
        assert " enter set the password " in shown
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SecretEntry)


@pytest.mark.parametrize(
    ("key", "screen"),
    [("enter", CheckoutDialog), ("e", AccountForm), ("s", SecretEntry), ("m", MfaEntry), ("l", Log), ("x", TakingOut), ("r", TakingOut)],
)
async def test_each_key_leads_where_it_says(opened, tmp_path, key, screen):
    async with app(opened, tmp_path) as pilot:
        await view(pilot)
        await press(pilot, key)
        assert isinstance(pilot.app.screen, screen)


async def test_the_posture_key_reads_it_now_and_the_account_shows_it(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await view(pilot)
        await pilot.press("p")
        await settle(pilot, lambda: len(opened.state.accounts["111122223333"].posture) > 1)
        await press(pilot, "escape")
        assert "? unknown" in await everything(pilot)


async def test_a_device_is_removed_only_when_its_name_and_a_reason_are_typed(opened, tmp_path):
    ref = SecretRef("111122223333", "mfa", "root")
    async with app(opened, tmp_path) as pilot:
        await view(pilot)
        await press(pilot, "x", "enter")
        assert "▲ Nothing was taken out" in text(pilot)
        await press(pilot, *"rooot", "enter")
        assert "rooot is not what is on record" in text(pilot)
        await press(pilot, "backspace", "backspace", "backspace", "o", "t", "enter")
        assert "the reason is empty" in text(pilot)
        assert opened.state.secrets[ref].current is not None
        await press(pilot, *"lost", "space", *"phone", "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, AccountScreen))
        assert opened.state.secrets[ref].current is None
        assert "root is out of use" in text(pilot)
        assert SERIAL not in await everything(pilot)


async def test_a_device_whose_name_cannot_be_typed_gets_a_word_that_can(opened, tmp_path):
    label = "phone\u200b\x1b[31m"
    opened.seal("111122223334", Mfa(label, "", SEED))
    async with app(opened, tmp_path) as pilot:
        await view(pilot, "111122223334")
        await press(pilot, "x")
        assert "device 1" in text(pilot)
        await press(pilot, *"device", "space", "1", "enter", *"lost", "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, AccountScreen))
        assert opened.state.secrets[SecretRef("111122223334", "mfa", label)].current is None


async def test_retiring_asks_for_the_name_and_a_reason_and_leaves_the_list(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await view(pilot)
        await press(pilot, "r", *"payments-prod", "enter")
        assert opened.state.accounts["111122223333"].retired is None
        await press(pilot, *"closed", "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Accounts))
        assert opened.state.accounts["111122223333"].retired_why == "closed"
        await settle(pilot, lambda: "1 account" in text(pilot))


async def test_an_account_whose_name_cannot_be_typed_is_retired_by_its_id(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await view(pilot, "111122223334")
        await press(pilot, "r")
        assert "111122223334, to say that you mean it" in text(pilot)


async def test_checks_that_are_unknown_for_one_reason_are_told_in_one_sentence(opened, tmp_path):
    reason = "not known, because no credentials were found (NoCredentials)."
    opened.record_posture(
        "111122223334",
        [
            PostureLine("clock", "unknown", f"Clock: {reason}"),
            PostureLine("root-access-keys", "fail", "The root user has 1 active access key."),
            PostureLine("root-mfa", "unknown", f"MFA on the root user: {reason}"),
            PostureLine("root-recent-use", "unknown", "Last use of root: not known, because AWS did not answer (Timeout)."),
        ],
    )
    async with app(opened, tmp_path, LARGE) as pilot:
        await view(pilot, "111122223334")
        shown = " ".join(" ".join(text(pilot).replace("│", " ").split()).split())
        assert "? unknown" in shown
        assert shown.count("no credentials") == 1
        assert shown.count("▲ fail") == 1
        assert shown.count("? unknown") == 2


def test_a_sentence_that_only_looks_like_the_engines_is_left_alone():
    assert told_once([("pass", "It: not known, because of this", 0)]) == [("pass", "It: not known, because of this", 0)]
    assert told_once([("unknown", "something a member wrote", 3)]) == [("unknown", "something a member wrote", 3)]
    assert told_once([("unknown", "", 0)]) == [("unknown", "", 0)]
