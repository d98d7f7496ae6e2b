"""The log screen: what it says of each entry, how far it reads, how it searches, and what it says of the chain."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from screens.in_full import InFull
from screens.log import Log
from screens.log_pages import KEPT, PAGE, LogPages, LogSearch
from screens.widgets.rows import Rows
from tests.screens.opened import LARGE, SMALL, app, press, rows, settle, text, with_accounts
from vault.errors import IntegrityFailure
from vault.log_lines import LogLine
from vault.plaintext import Password
from vault.replica import FILE_NAME

REASON = "INC-4711: IAM locked out, restoring SSO"


@pytest.fixture
def opened(vault_folder):
    made, ids = with_accounts(vault_folder, "payments-prod", "[red]x[/]", "a-very-long-account-name-for-the-data-lake-in-eu-west-1")
    for account in ids[:2]:
        made.seal(account, Password("canary-password"))
    checkout = made.check_out(ids[0], REASON, ticket="INC-4711")
    made.check_in(checkout.id)
    made.check_out(ids[1], "\x1b[31mIAM[/] is [red]locked[/] ‮tuo, restoring it")
    yield made
    made.close()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_newest_entry_stands_first_and_every_row_fits(opened, tmp_path, size):
    async with app(opened, tmp_path, size) as pilot:
        await press(pilot, "l")
        shown = rows(pilot)
        assert "opened the checkout" in shown[3]
        assert "anna created the vault Acme" in "\n".join(shown)
        assert f"{opened.size} entries" in text(pilot)
        assert all(len(row) <= size[0] for row in shown)


async def test_what_others_wrote_is_shown_literally_and_moves_nothing(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "l")
        shown = text(pilot)
        assert "[red]x[/]" in shown
        assert "\N{REPLACEMENT CHARACTER}[31mIAM[/] is [red]locked[/] \N{REPLACEMENT CHARACTER}tuo" in shown
        assert "\x1b" not in shown
        assert "‮" not in shown
        await press(pilot, "enter")
        assert "[red]locked[/]" in text(pilot)


async def test_a_long_name_is_cut_in_the_middle(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "l")
        assert "a-very-…west-1" in text(pilot) or "a-very…-west-1" in text(pilot)


async def test_enter_shows_all_of_an_entry(opened, tmp_path):
    async with app(opened, tmp_path, LARGE) as pilot:
        await press(pilot, "l", "slash", *"opened", "enter", "down", "enter")
        assert isinstance(pilot.app.screen, InFull)
        shown = text(pilot)
        line = next(line for line in opened.log() if line.event == "checkout opened")
        for part in (f"entry {line.seq}", line.checkout, REASON, "INC-4711", "1111 2222 3333  payments-prod", "anna", line.hash.hex()[:32], line.hash.hex()[32:]):
            assert part in shown
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Log)


@pytest.mark.parametrize(
    ("typed", "count"),
    [("payments-prod", 5), ("111122223333", 5), ("anna", 11), ("checkout requested", 2), ("sso payments", 3), ("inc-4711", 3), ("nobody", 0)],
)
async def test_the_filter_looks_at_account_member_event_reason_and_ticket(opened, tmp_path, typed, count):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "l", "slash", *(("space" if c == " " else c) for c in typed), "enter")
        assert f"{count} of 11 entries" in text(pilot)
        assert pilot.app.screen.query_one(Rows).count == count


async def test_a_filter_that_nothing_matches_says_how_to_see_all_again(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "l", "slash", *"zzz")
        assert "No entry matches. Esc shows them all." in text(pilot)
        await press(pilot, "escape")
        assert "11 entries" in text(pilot)
        assert isinstance(pilot.app.screen, Log)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, Log)


async def test_rejected_and_offline_entries_say_so_in_words(opened, tmp_path, monkeypatch):
    real = type(opened).log

    def odd(self, *args, **kwargs):
        for line in real(self, *args, **kwargs):
            changes = {3: {"rejected": "not a custodian"}, 5: {"offline": True}}.get(line.seq, {})
            yield LogLine(**{**{name: getattr(line, name) for name in line.__struct_fields__}, **changes})

    monkeypatch.setattr(type(opened), "log", odd)
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "l")
        assert "▲ rejected: " in text(pilot)
        assert "○ offline: " in text(pilot)
        await press(pilot, "slash", *"rejected", "enter")
        assert "▲ rejected: not a custodian" in text(pilot)
        await press(pilot, "enter")
        assert "not a custodian: it has no effect" in text(pilot)


async def test_the_chain_is_told_before_and_after_it_is_checked(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "l")
        assert f"– 11 entries · head {opened.head.hex()[:8]}…" in text(pilot)
        await press(pilot, "v")
        await settle(pilot, lambda: "● chain whole · 11 entries" in text(pilot))
        assert f"head {opened.head.hex()[:8]}… · checked just now" in text(pilot)


async def test_a_damaged_entry_stops_the_reading_and_names_its_place(opened, vault_folder, tmp_path):
    async with app(opened, tmp_path) as pilot:
        _spoil(vault_folder, 4)
        await press(pilot, "l")
        await settle(pilot, lambda: "▲ Entry 4 is not valid" in text(pilot))
        shown = text(pilot)
        assert "→" in shown, "the remedy"
        assert "opened the checkout" in shown, "what is newer was read before"
        assert "▲ entry 4 is not valid" in shown
        await press(pilot, "v")
        await settle(pilot, lambda: "▲ broken at entry 4" in text(pilot))
        await press(pilot, "o")
        assert "entry 4" in text(pilot)
        assert isinstance(pilot.app.screen, InFull)


async def test_a_check_can_be_left(opened, tmp_path, monkeypatch):
    begun, stopped = threading.Event(), threading.Event()

    def endless(self, progress):
        begun.set()
        try:
            while True:
                progress(3, 11)
                stopped.wait(0.01)
        finally:
            stopped.set()

    monkeypatch.setattr(type(opened), "verify", endless)
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "l")
        await pilot.press("v")
        while not begun.is_set():
            await pilot.pause(0.01)
        await pilot.pause(0.6)
        assert "checking 3 of 11 entries, esc stops it" in text(pilot)
        await pilot.press("down")
        await press(pilot, "escape")
        assert stopped.is_set()
        assert isinstance(pilot.app.screen, Log)
        assert "nothing follows from it" in text(pilot)


async def test_an_entry_added_meanwhile_appears_while_the_newest_is_looked_at(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        await press(pilot, "l")
        opened.note_import("roots.kdbx", b"d" * 32, 7)
        await settle(pilot, lambda: "imported 7 from roots.kdbx" in text(pilot))


async def test_an_account_named_before_is_what_the_filter_begins_with(opened, tmp_path):
    async with app(opened, tmp_path) as pilot:
        pilot.app.push_screen(Log("111122223334"))
        await settle(pilot)
        assert "4 of 11 entries" in text(pilot)


class CountingVault:
    """A log of a hundred thousand entries that counts what is read of it."""

    def __init__(self, size: int = 100_000) -> None:
        self.size = size
        self.given = 0
        self.state = type("State", (), {"accounts": {}})()

    def log(self, start=0, count=None, *, newest_first=False):
        assert newest_first
        for at in range(start, min(self.size, start + count)):
            self.given += 1
            seq = self.size - 1 - at
            yield LogLine(seq, b"", 0, 0, b"", "ben" if seq % 1000 == 0 else "anna", "e", "", "", "", "", False, "", "")


def test_of_a_long_log_only_what_is_in_sight_is_read():
    log = CountingVault()
    pages = LogPages(log)
    assert pages.wants(0, 20)
    pages.read(0, 20)
    assert pages.at(0).seq == 99_999
    assert not pages.wants(0, 20)
    pages.read(99_980, 100_000)
    assert pages.at(99_999).seq == 0
    assert not pages.wants(99_980, 100_000)
    assert log.given <= 3 * PAGE


def test_walking_through_a_long_log_keeps_a_bounded_part_of_it():
    pages = LogPages(CountingVault(20_000))
    for first in range(0, 20_000, PAGE):
        pages.read(first, first + 20)
        assert len(pages._lines) <= KEPT
        assert pages.at(first) is not None


def test_a_row_stays_the_same_entry_while_the_log_grows():
    log = CountingVault(1000)
    pages = LogPages(log)
    log.size += 5
    pages.read(0, 20)
    assert [pages.at(row).seq for row in range(3)] == [999, 998, 997]


def test_a_search_goes_back_only_as_far_as_is_looked():
    log = CountingVault()
    search = LogSearch(log, ["anna"])
    search.read(0, 20)
    assert search.count >= 20
    assert log.given <= 3 * PAGE
    assert not search.complete


def test_a_search_for_something_rare_comes_to_the_first_entry_and_can_be_stopped():
    log = CountingVault(20_000)
    search = LogSearch(log, ["BEN".casefold()])
    search.read(0, 100)
    assert search.complete
    assert [search.at(row).seq for row in (0, 19)] == [19_000, 0]
    stopped = LogSearch(log, ["nobody"])
    stopped.stop()
    stopped.read(0, 20)
    assert not stopped.complete


def test_what_was_read_before_a_damaged_entry_stays():
    class Damaged(CountingVault):
        def log(self, start=0, count=None, *, newest_first=False):
            for line in super().log(start, count, newest_first=newest_first):
                if line.seq == 90:
                    raise IntegrityFailure("entry 90 is not valid")
                yield line

    pages = LogPages(Damaged(100))
    with pytest.raises(IntegrityFailure, match="entry 90"):
        pages.read(0, 20)
    assert pages.at(8).seq == 91
    assert pages.at(9) is None


def _spoil(folder, seq):
    with sqlite3.connect(folder / FILE_NAME) as base:
        (data,) = base.execute("SELECT bytes FROM entries WHERE seq = ?", (seq,)).fetchone()
        base.execute("UPDATE entries SET bytes = ? WHERE seq = ?", (data[:-1] + bytes([data[-1] ^ 1]), seq))


