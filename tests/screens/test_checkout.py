"""The way from the reason to the check-in: what is refused, what is logged before it is shown, what hides itself."""

from __future__ import annotations

import threading

import pytest

from screens.check_in import changed
from screens.checkout_dialog import CheckoutDialog, minutes_of
from screens.open_checkout import OpenCheckout
from screens.widgets.code_countdown import CodeCountdown
from screens.widgets.plain_input import PlainInput
from screens.widgets.secret_field import MASK, SecretField, character_class
from screens.widgets.toggle import Toggle
from tests.screens import pictured
from tests.screens.opened import LARGE, SMALL, app, press, settle, text
from vault.errors import OutOfReach
from vault.events import PostureLine

REASON = "IAM locked out, restoring SSO"
ACCOUNT = pictured.PAYMENTS


@pytest.fixture
def opened(vault_folder, clock, monkeypatch):
    monkeypatch.setattr("custodian.posture.engine.scan", pictured.dummy_scan)
    made = pictured.year_old_vault(vault_folder, clock)
    clock.advance(minutes=40)
    yield made
    made.close()


@pytest.fixture
def clipboard(monkeypatch):
    """A clipboard in memory where the desktop's would be."""

    class InMemory:
        content = b""

        @classmethod
        def require(cls):
            return cls()

        def copy(self, secret):
            InMemory.content = bytes(secret)

        def clear_if_ours(self):
            InMemory.content = b"(cleared)"
            return True

    monkeypatch.setattr("custodian.clipboard.Clipboard", InMemory)
    return InMemory


def said(vault, event):
    return [line for line in vault.log() if line.event == event]


async def ask(pilot, reason=REASON, **fields):
    if not isinstance(pilot.app.screen, CheckoutDialog):
        pilot.app.push_screen(CheckoutDialog(ACCOUNT))
        await settle(pilot)
    for name, value in {"reason": reason, **fields}.items():
        pilot.app.screen.query_one(f"#{name}", PlainInput).value = value
    await press(pilot, "enter")


async def check_out(pilot):
    await ask(pilot)
    await settle(pilot, lambda: isinstance(pilot.app.screen, OpenCheckout))


def only(vault):
    return vault.state.open_checkouts(ACCOUNT)[0]


@pytest.mark.parametrize("reason", ["", "   ", "test", "xxxxxxxxxx", "asdfasdfasdf"])
async def test_a_reason_that_says_nothing_is_refused_and_nothing_typed_is_lost(opened, tmp_path, reason):
    async with app(opened, tmp_path) as pilot:
        size = opened.size
        await ask(pilot, reason, ticket="INC-4711", minutes="2h")
        screen = pilot.app.screen
        assert isinstance(screen, CheckoutDialog)
        assert "The reason is not enough" in screen.note.told
        typed = {name: screen.query_one(f"#{name}", PlainInput).value for name in ("reason", "ticket", "minutes")}
        assert typed == {"reason": reason, "ticket": "INC-4711", "minutes": "2h"}
        assert opened.size == size
        assert opened.state.open_checkouts(ACCOUNT) == []


async def test_a_reason_that_says_something_opens_what_was_chosen(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        pilot.app.push_screen(CheckoutDialog(ACCOUNT))
        await settle(pilot)
        pilot.app.screen.query_one("#kind-mfa", Toggle).on = False
        await ask(pilot, ticket="INC-4711", minutes="30m")
        checkout = only(opened)
        assert (checkout.reason, checkout.ticket, checkout.minutes) == (REASON, "INC-4711", 30)
        assert [ref.kind for ref in checkout.secrets] == ["password"]


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("30m", 30), ("2h", 120), ("1h30m", 90), ("45", 45), (" 1 H ", 60), ("", None), ("0", None), ("soon", None), ("1d", None)],
)
def test_a_duration_is_read_as_people_write_it(typed, minutes):
    assert minutes_of(typed) == minutes


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_an_open_checkout_shows_what_to_type_and_no_secret(opened, tmp_path, size):
    async with app(opened, tmp_path, size) as pilot:
        await check_out(pilot)
        shown = text(pilot)
        assert "1111 2222 3333" in shown
        assert "aws+payments-prod@acme.example" in shown
        assert "https://console.aws.amazon.com/" in shown
        assert MASK in shown
        assert "1 h left" in shown
        assert pictured.PASSWORD not in shown
        assert said(opened, "checkout revealed") == []


async def test_a_password_is_in_the_log_before_it_is_on_the_screen(opened, tmp_path, monkeypatch):
    order = []
    reveal, show = type(opened).reveal, SecretField.show
    monkeypatch.setattr(type(opened), "reveal", lambda *a: (order.append("asked"), reveal(*a))[1])
    monkeypatch.setattr(
        SecretField, "show", lambda *a, **k: (order.append(len(said(opened, "checkout revealed"))), show(*a, **k))[1]
    )
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "s")
        assert order == ["asked", 1]
        shown = text(pilot)
        assert "Tr0u  b4do  r&3␣" in shown
        assert "Aa0a  a0aa  a#0_" in shown


async def test_a_shown_password_hides_itself_and_moves_nothing(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "s")
        field = pilot.app.screen.query_one("#password", SecretField)
        height = field.size.height
        for _ in range(10):
            assert field.shown
            field._tick()
        await settle(pilot)
        assert not field.shown
        assert field._value == ""
        assert field.size.height == height
        assert "Tr0u" not in text(pilot)


async def test_hiding_masks_password_and_code_and_both_can_be_asked_for_again(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        masked = text(pilot)
        await press(pilot, "s", "m", "h")
        shown = text(pilot)
        assert "••• •••" in masked
        assert "••• •••" in shown
        assert "none" not in shown
        await press(pilot, "m")
        assert "••• •••" not in text(pilot)


async def test_asking_again_begins_the_ten_seconds_anew(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "s")
        field = pilot.app.screen.query_one("#password", SecretField)
        for _ in range(9):
            field._tick()
        await press(pilot, "s")
        field._tick()
        assert field.shown
        assert len(said(opened, "checkout revealed")) == 1


async def test_codes_are_in_the_log_before_they_are_shown_and_follow_the_clock(opened, tmp_path, clock):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        clock.set(clock.ms // 30_000 * 30_000 + 12_000)
        await press(pilot, "m")
        assert [line.event for line in said(opened, "checkout revealed")] == ["checkout revealed"]
        countdown = pilot.app.screen.query_one(CodeCountdown)
        shown = countdown._codes[0]
        assert f"{shown.code[:3]} {shown.code[3:]}" in text(pilot)
        assert "18 s" in text(pilot)
        clock.advance(seconds=18)
        countdown._tick()
        assert countdown.current() == shown.next_code
        await settle(pilot, lambda: countdown._codes[0].code == shown.next_code)
        assert len(said(opened, "checkout revealed")) == 1


async def test_a_code_is_not_shown_once_nobody_knows_it_any_more(opened, tmp_path, clock, monkeypatch):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "m")
        countdown = pilot.app.screen.query_one(CodeCountdown)
        monkeypatch.setattr(pilot.app.screen, "fetch_codes", lambda: None)
        clock.advance(seconds=90)
        assert countdown.current() == ""


async def test_a_copied_password_is_logged_sent_and_cleared(opened, tmp_path, clipboard):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "p")
        assert clipboard.content.decode() == pictured.PASSWORD
        assert "password sent to the clipboard, cleared in 15 s" in text(pilot)
        assert "copied" in said(opened, "checkout revealed")[0].detail
        for _ in range(15):
            pilot.app.copying._tick()
        await settle(pilot, lambda: clipboard.content == b"(cleared)")
        assert "the clipboard is cleared" in text(pilot)


async def test_locking_clears_the_clipboard_at_once(opened, tmp_path, clipboard):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "p")
        await press(pilot, "ctrl+l")
        await settle(pilot, lambda: clipboard.content == b"(cleared)")


async def test_without_a_clipboard_nothing_is_logged_as_copied(opened, tmp_path, monkeypatch):
    def none(*_):
        raise OutOfReach("no clipboard", "this is an SSH session", "type the secret instead of copying it")

    monkeypatch.setattr("custodian.clipboard.Clipboard.require", none)
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "p")
        assert "No clipboard: this is an SSH session" in text(pilot)
        assert said(opened, "checkout revealed") == []


async def test_what_is_not_secret_is_copied_and_stays(opened, tmp_path, clipboard):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "c")
        assert clipboard.content.decode() == ACCOUNT
        await press(pilot, "p")
        await press(pilot, "e")
        await press(pilot, "ctrl+l")
        assert clipboard.content.decode() == "aws+payments-prod@acme.example"


async def test_everything_hides_when_the_time_is_over(opened, tmp_path, clock):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "s")
        await press(pilot, "m")
        clock.advance(minutes=61)
        pilot.app.screen._tick()
        await settle(pilot)
        assert not pilot.app.screen.query(".-secret-shown")
        assert not pilot.app.screen.query_one(CodeCountdown).shown
        assert "time of this checkout is over" in text(pilot)
        await press(pilot, "s")
        assert "its time ended at" in text(pilot)


async def test_cancelling_is_asked_twice_and_only_while_nothing_was_shown(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "x")
        assert only(opened).status == "open"
        await press(pilot, "z", "x")
        assert only(opened).status == "open", "another key took the question back"
        await press(pilot, "x")
        assert opened.state.open_checkouts(ACCOUNT) == []


async def test_after_a_reveal_cancelling_is_not_offered(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "s")
        await press(pilot, "x", "x")
        assert only(opened).status == "open"
        assert "cancel" not in text(pilot)


async def test_checking_in_records_posture_before_and_after(opened, tmp_path, monkeypatch):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await settle(pilot, lambda: pilot.app.screen._before)
        mended = tuple((c, t, "pass", s, r) for c, t, _, s, r in pictured.FINDINGS)
        monkeypatch.setattr(pictured, "FINDINGS", mended)
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "check in")
        assert "root-access-keys is pass, was fail" in text(pilot)
        await press(pilot, "space", "enter")
        checkout = opened.state.past_checkouts(ACCOUNT)[0]
        assert checkout.status == "checked in"
        assert checkout.rotated
        assert {line.check: line.status for line in checkout.before}["root-access-keys"] == "fail"
        assert {line.status for line in checkout.after} == {"pass"}
        assert opened.state.accounts[ACCOUNT].posture == checkout.after


async def test_checking_in_waits_for_nobody(opened, tmp_path, monkeypatch):
    let_go = threading.Event()

    def hanging(access, windows=(), on_finding=None, cancel=None):
        let_go.wait(20)
        return []

    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        monkeypatch.setattr("custodian.posture.engine.scan", hanging)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert "check in without waiting" in text(pilot)
        await pilot.press("enter")
        for _ in range(200):
            if not opened.state.open_checkouts(ACCOUNT):
                break
            await pilot.pause(0.02)
        let_go.set()
        assert opened.state.past_checkouts(ACCOUNT)[0].status == "checked in"


async def test_an_open_checkout_is_found_again_after_locking(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await press(pilot, "escape")
        assert "you, 1 h" in text(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, OpenCheckout)


async def test_the_same_posture_is_not_written_into_the_log_at_every_look(opened, tmp_path, clock):
    async with app(opened, tmp_path) as pilot:
        await check_out(pilot)
        await settle(pilot, lambda: pilot.app.screen._before)
        before = len(said(opened, "posture recorded"))
        await press(pilot, "f")
        await press(pilot, "r")
        await settle(pilot)
        assert len(said(opened, "posture recorded")) == before
        clock.advance(minutes=16)
        await press(pilot, "r")
        await settle(pilot, lambda: len(said(opened, "posture recorded")) == before + 1)


def test_each_class_of_character_has_its_mark():
    assert [character_class(c) for c in "Ol10&- é漢"] == ["A", "a", "0", "0", "#", "#", "_", "a", "~"]


def test_only_what_answered_differently_has_changed():
    before = (PostureLine("a", "pass", ""), PostureLine("b", "fail", ""))
    after = (PostureLine("a", "fail", ""), PostureLine("b", "fail", ""), PostureLine("c", "pass", ""))
    assert changed(before, after) == ["a is fail, was pass"]
