"""The import screen: what it reads, what it asks, what it shows before it writes, and what it says of the files afterwards."""

from __future__ import annotations

import threading

import pykeepass
import pytest

from screens.accounts import Accounts
from screens.import_drafts import paths_in
from screens.import_file import ImportFile
from screens.widgets.masked_input import MaskedInput
from tests.custodian.intake.google import Device, link, png
from tests.screens.opened import LARGE, SMALL, app, press, rows, settle, text, with_accounts
from vault.errors import Refused, WrongUsage
from vault.plaintext import Mfa
from vault.sealing import SecretRef

CANARY = "canary-password-4711"
PASSPHRASE = "old-passphrase"
HEAD = "account id,name,email,password,notes\n"
SEED = b"12345678901234567890"


@pytest.fixture
def opened(vault_folder):
    made, _ = with_accounts(vault_folder, "payments-prod", "payments-staging", "data-lake")
    yield made
    made.close()


@pytest.fixture
def csv(tmp_path):
    def make(*lines: str):
        path = tmp_path / "roots.csv"
        path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
        return path

    return make


@pytest.fixture
def kdbx(tmp_path):
    path = tmp_path / "roots.kdbx"
    made = pykeepass.create_database(str(path), password=PASSPHRASE)
    made.add_entry(made.root_group, "AWS root 111122223333", "aws+111122223333@acme.example", CANARY)
    made.save()
    return path


async def read(pilot, *paths):
    """Name the files as if they were typed, and press Enter."""
    if not isinstance(pilot.app.screen, ImportFile):
        await press(pilot, "i")
    pilot.app.screen.query_one("#file").value = ", ".join(map(str, paths))
    await press(pilot, "enter")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_an_empty_form_says_what_is_taken_and_that_nothing_is_written_yet(opened, tmp_path, size):
    async with app(opened, tmp_path, size) as pilot:
        await press(pilot, "i")
        shown = text(pilot)
        for part in ("KeePass", "CSV", "QR code", "Google Authenticator", "nothing is written before"):
            assert part in shown
        assert "Its passphrase" not in shown
        await press(pilot, "enter")
        assert "▲ Nothing to read: no file is named" in text(pilot)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_plan_is_shown_before_anything_is_written_and_enter_does_it(opened, tmp_path, csv, size):
    before = opened.size
    source = csv(f"111122223333,payments-prod,,{CANARY},", f'444455556666,"[red]new[/]",new@acme.example,{CANARY},call ben')
    async with app(opened, tmp_path, size) as pilot:
        await read(pilot, source)
        shown = text(pilot)
        assert "Plan, nothing is written yet" in shown
        assert "+ will       seal the password of 111122223333" in shown
        assert "+ will       add the account 444455556666, [red]new[/]" in shown
        assert " enter import this, 4 steps " in shown
        assert opened.size == before
        assert all(len(row) <= size[0] for row in rows(pilot))
        await press(pilot, "enter")
        await settle(pilot, lambda: "● done" in text(pilot))
        assert "1 account and 3 secrets brought in" in text(pilot)
        assert f"▲ delete   {source}"[:40] in text(pilot)
        assert "holds secrets in plain text" in text(pilot)
        assert opened.state.secrets[SecretRef("111122223333", "password", "")].current is not None
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Accounts)
        await settle(pilot, lambda: "444455556666" in text(pilot))


async def test_no_secret_is_shown_on_the_way(opened, tmp_path, csv):
    async with app(opened, tmp_path) as pilot:
        seen = ""
        await read(pilot, csv(f"111122223333,a,other@acme.example,{CANARY},", f"444455556666,b,,{CANARY}2,"))
        for key in ("enter", "enter"):
            seen += text(pilot)
            await press(pilot, key)
        await settle(pilot, lambda: "● done" in text(pilot))
        assert CANARY not in seen + text(pilot)
        assert CANARY not in repr(vars(pilot.app.screen))


async def test_escape_goes_back_from_the_plan_and_nothing_was_written(opened, tmp_path, csv):
    before = opened.size
    async with app(opened, tmp_path) as pilot:
        await read(pilot, csv(f"111122223333,a,,{CANARY},"))
        await press(pilot, "escape")
        assert "From" in rows(pilot)[1]
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Accounts)
        assert opened.size == before


async def test_a_keepass_file_asks_for_its_passphrase_and_a_wrong_one_loses_nothing(opened, tmp_path, kdbx):
    async with app(opened, tmp_path) as pilot:
        await read(pilot, kdbx)
        assert "this is a KeePass file: type its passphrase" in text(pilot)
        await press(pilot, *"wrong", "enter")
        assert "▲ " in text(pilot)
        assert str(kdbx)[:20] in text(pilot)
        field = pilot.app.screen.query_one("#passphrase", MaskedInput)
        assert field.has_focus
        assert field.value == ""
        await press(pilot, *PASSPHRASE.replace("-", "."), "enter")
        assert "seal the password" not in text(pilot)
        field.value = PASSPHRASE
        await press(pilot, "enter")
        assert "+ will       seal the password of 111122223333" in text(pilot)
        await press(pilot, "enter")
        await settle(pilot, lambda: "● done" in text(pilot))
        assert "▲ delete" not in text(pilot), "it is ciphertext"
        assert "still opens for whoever knows its passphrase" in text(pilot)


async def test_several_pictures_of_one_export_are_read_together(opened, tmp_path):
    devices = [Device(bytes([n]) * 20, f"root-account-mfa-device@{111122223333 + n}") for n in range(3)]
    pictures = [
        png(tmp_path / f"{place}.png", link(part, of=2, place=place)) for place, part in enumerate((devices[:2], devices[2:]))
    ]
    async with app(opened, tmp_path) as pilot:
        await read(pilot, pictures[0])
        assert "▲ " in text(pilot), "the other picture is missing"
        await read(pilot, *pictures)
        assert " enter import this, 3 steps " in text(pilot)
        await press(pilot, "enter")
        await settle(pilot, lambda: "● done" in text(pilot))
        assert "the phone that shows these codes still has the seeds" in " ".join(" ".join(rows(pilot)).replace("│", " ").split())
        assert sum(ref.kind == "mfa" for ref in opened.state.secrets) == 3


async def test_what_is_doubtful_is_asked_one_by_one_and_can_be_chosen_by_name(opened, tmp_path, csv):
    source = csv(
        f"111122223333,payments-prod,other@acme.example,{CANARY},",
        f",the orphan,aws+111122223334@acme.example,{CANARY}2,",
    )
    async with app(opened, tmp_path) as pilot:
        await read(pilot, source)
        assert "the account's record in the vault has another e-mail address" in text(pilot)
        assert "question 1, 1 after it" in text(pilot)
        await press(pilot, "ctrl+u", *"payments", "enter")
        assert "several accounts match" in text(pilot)
        await press(pilot, "down", "down", "enter")
        assert "question 2, the last" in text(pilot)
        assert "by its e-mail address it may be 111122223334" in text(pilot)
        await press(pilot, "ctrl+u", *"lake", "enter")
        assert "+ will       seal the password of 111122223334" in text(pilot)
        assert "+ will       seal the password of 111122223335" in text(pilot)


async def test_a_new_account_can_be_named_in_the_answer(opened, tmp_path, csv):
    async with app(opened, tmp_path) as pilot:
        await read(pilot, csv(f",orphan,aws+111122223334@acme.example,{CANARY},"))
        await press(pilot, "ctrl+u", *"9999 0000 1111".replace(" ", "-"), "enter")
        assert "+ will       add the account 999900001111, orphan" in text(pilot)


async def test_what_is_left_out_is_named_with_its_reason(opened, tmp_path, csv):
    two = [f"11112222333{n},x,other{n}@acme.example,{CANARY}{n}," for n in (3, 4, 5)]
    async with app(opened, tmp_path) as pilot:
        await read(pilot, csv(*two))
        await press(pilot, "ctrl+o")
        assert "question 2, 1 after it" in text(pilot)
        await press(pilot, "ctrl+n")
        assert text(pilot).count("▲ left out") == 3
        assert "another e-mail address" in " ".join(row.strip(" │") for row in rows(pilot))
        assert "there is nothing to bring in" in text(pilot)
        await press(pilot, "enter")
        assert "From" in rows(pilot)[1]


async def test_a_device_that_may_be_there_under_another_name_is_asked_about(opened, tmp_path):
    opened.seal("111122223333", Mfa("phone", "", SEED))
    picture = png(tmp_path / "qr.png", link([Device(SEED, "root-account-mfa-device@111122223333")]))
    async with app(opened, tmp_path) as pilot:
        await read(pilot, picture)
        assert "may be the same under another name" in " ".join(row.strip(" │") for row in rows(pilot))
        await press(pilot, "ctrl+o")
        assert "▲ left out" in text(pilot)


async def test_importing_the_same_again_brings_nothing_in_twice_and_says_so(opened, tmp_path, csv):
    source = csv(f"111122223333,payments-prod,,{CANARY},")
    async with app(opened, tmp_path) as pilot:
        await read(pilot, source)
        await press(pilot, "enter")
        await settle(pilot, lambda: "● done" in text(pilot))
        size = opened.size
        await press(pilot, "enter")
        await read(pilot, source)
        assert "▲ again      roots.csv was imported before" in text(pilot)
        assert "= is there" in text(pilot)
        assert opened.size == size


async def test_hostile_names_in_a_file_are_shown_literally(opened, tmp_path, csv):
    async with app(opened, tmp_path) as pilot:
        await read(pilot, csv(f"444455556666,[red]x[/] \x1b[31m\u202etxt,,{CANARY},"))
        assert "[red]x[/] \N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}txt" in text(pilot)
        assert not {"\x1b", "\u202e"} & set(text(pilot))


@pytest.mark.parametrize("named", ["/no/such/file", "~no-such-user-4711/x", "'/no/such'"])
async def test_a_file_that_cannot_be_read_is_a_sentence(opened, tmp_path, named):
    async with app(opened, tmp_path) as pilot:
        await read(pilot, named)
        assert "▲ " in text(pilot)
        assert isinstance(pilot.app.screen, ImportFile)
        assert pilot.app.screen.query_one("#file").has_focus


async def test_a_running_import_can_be_stopped_and_what_is_done_stays(opened, tmp_path, csv, monkeypatch):
    reached, go_on = threading.Event(), threading.Event()
    real = type(opened).seal

    def slow(self, account, plaintext):
        if account == "111122223334":
            reached.set()
            assert go_on.wait(20)
        return real(self, account, plaintext)

    monkeypatch.setattr(type(opened), "seal", slow)
    async with app(opened, tmp_path) as pilot:
        await read(pilot, csv(*(f"11112222333{n},x{n},,{CANARY}{n}," for n in (3, 4, 5))))
        await pilot.press("enter")
        while not reached.is_set():
            await pilot.pause(0.02)
        await pilot.pause(0.5)
        assert "… 1 of 3 steps: seal the password of 111122223334, esc stops it" in text(pilot)
        await pilot.press("escape")
        go_on.set()
        await settle(pilot, lambda: "▲ stopped" in text(pilot))
        assert "+ will       seal the password of 111122223335" in text(pilot)
        assert opened.state.last_rotation("111122223334") is not None
        assert opened.state.last_rotation("111122223335") is None
        await press(pilot, "enter")
        await settle(pilot, lambda: "● done" in text(pilot))
        assert opened.state.last_rotation("111122223335") is not None


async def test_a_vault_that_refuses_is_told_and_the_plan_stays(opened, tmp_path, csv, monkeypatch):
    def refuse(self, account, plaintext):
        raise Refused("cannot seal it", "the disk is full", "make room")

    async with app(opened, tmp_path) as pilot:
        await read(pilot, csv(f"111122223333,payments-prod,,{CANARY},"))
        monkeypatch.setattr(type(opened), "seal", refuse)
        await press(pilot, "enter")
        assert "▲ Cannot seal it: the disk is full" in text(pilot)
        assert "+ will       seal the password of 111122223333" in text(pilot)


async def test_locking_drops_what_was_read(opened, tmp_path, csv):
    async with app(opened, tmp_path) as pilot:
        await read(pilot, csv(f"111122223333,a,other@acme.example,{CANARY},"))
        screen = pilot.app.screen
        screen.forget()
        assert CANARY not in repr(vars(screen))
        assert screen._drafts is None
        assert screen._plan is None


def test_several_files_are_separated_by_commas_unless_one_has_a_comma_in_its_name(tmp_path):
    odd = tmp_path / "a,b.csv"
    odd.write_text("x")
    assert paths_in(str(odd)) == [odd]
    assert [p.name for p in paths_in("1.png, 2.png ,")] == ["1.png", "2.png"]
    assert paths_in(f"'{odd}'") == [odd]
    for nothing in ("", "  ", ","):
        with pytest.raises(WrongUsage):
            paths_in(nothing)
    assert "\0" not in str(paths_in("a\0b")[0])
