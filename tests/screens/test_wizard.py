from __future__ import annotations

import functools
import threading

import pytest

import vault
from screens.accounts import Accounts
from screens.unlock import Unlock
from screens.wizard import making
from screens.wizard.aws_access import AwsAccess
from screens.wizard.device_secret import DeviceSecret
from screens.wizard.first_account import FirstAccount
from screens.wizard.names import Names
from screens.wizard.passphrase import Passphrase
from screens.wizard.restore import Restore
from screens.wizard.split_custody import SplitCustody
from screens.wizard.welcome import Welcome
from screens.wizard.words import RecoveryWords
from tests.screens.opened import LARGE, SMALL, press, rows, settle, text
from tests.screens.wizard_walk import (
    PASSPHRASE,
    give_back,
    new_machine,
    place_asked,
    to_device_secret,
    to_passphrase,
    to_words,
    unlocked,
    words_of,
    write,
)
from tests.support.memory_keyring import MemoryKeyring
from vault import identity_file, paper
from vault.errors import OutOfReach, Refused
from vault.identity import Identity
from vault.identity_file import KdfCost

ACCOUNT, NAME = "111122223333", "payments-prod"
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
WITHOUT = "down"
"""The key between the bright choice and going without a device secret."""


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch, cheap_kdf: KdfCost) -> None:
    monkeypatch.setattr(identity_file, "create", functools.partial(identity_file.create, cost=cheap_kdf))




# The whole way.


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_whole_way_leads_from_nothing_to_the_accounts_by_keyboard(tmp_path, memory_keyring, size):
    async with new_machine(tmp_path, size) as pilot:
        assert isinstance(pilot.app.screen, Welcome)
        await to_words(pilot)
        await press(pilot, "enter")
        words = words_of(pilot)
        assert len(words) == 33
        await press(pilot, "enter")
        await give_back(pilot, words)
        await settle(pilot, lambda: isinstance(pilot.app.screen, FirstAccount))
        await press(pilot, "enter")
        await write(pilot, ACCOUNT, "tab")
        await write(pilot, NAME, "enter")
        await write(pilot, "Root#1-kestrel", "enter")
        await write(pilot, "Root#1-kestrel", "enter")
        await settle(pilot, lambda: "MFA" in rows(pilot)[0])
        await write(pilot, SEED, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "seal it")
        await press(pilot, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, FirstAccount))
        assert "root password is sealed" in text(pilot)
        assert "MFA device is sealed" in text(pilot)
        assert pilot.app.screen.next_step == "go on"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, AwsAccess)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SplitCustody)
        await press(pilot, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Accounts))
        assert NAME in text(pilot)
        made = pilot.app.vault
        assert (made.name, made.me.name) == ("Acme", "anna")
        assert {s.ref.kind for s in made.state.secrets_of(ACCOUNT)} == {"password", "mfa"}
        assert made.due() == []
        assert made.verify().ok
        assert len(pilot.app.screen_stack) == 2


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_every_step_fits_its_screen(tmp_path, memory_keyring, size):
    async with new_machine(tmp_path, size) as pilot:
        seen = []

        def look() -> None:
            shown = rows(pilot)
            seen.append(shown[0])
            page = pilot.app.screen.query_one("#page")
            footer = pilot.app.screen.query_one("FooterLine")
            lowest = max(w.region.bottom for w in page.query("*") if w.display and w.region.height)
            assert lowest <= footer.region.y, text(pilot)
            assert pilot.app.screen.next_step in shown[footer.region.y], text(pilot)

        look()
        await press(pilot, "enter")
        look()
        await press(pilot, "escape")
        await to_device_secret(pilot)
        look()
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on")
        look()
        await press(pilot, "enter")
        await settle(pilot, lambda: "12  ••" in text(pilot))
        look()
        await press(pilot, "enter")
        look()
        await press(pilot, "escape", "escape")
        look()
        pilot.app.vault.add_account(_record())
        pilot.app.screen.load()
        await press(pilot, "enter")
        look()
        await press(pilot, "enter")
        look()
        assert len(seen) == 9


def _record():
    from vault.events import AccountRecord

    return AccountRecord(ACCOUNT, NAME, "")


async def test_each_step_says_how_far_it_is(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        assert rows(pilot)[0].endswith("step 1 of 9")
        await to_passphrase(pilot)
        assert rows(pilot)[0].endswith("step 3 of 9")


# Names and passphrase.


async def test_a_name_that_the_vault_would_not_take_is_asked_for_again(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await press(pilot, "enter")
        await press(pilot, "enter", "enter")
        assert isinstance(pilot.app.screen, Names)
        assert "Cannot take the name of the vault: it is empty" in text(pilot)


async def test_a_weak_passphrase_is_refused_with_advice_and_stays_to_be_mended(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await to_passphrase(pilot)
        await write(pilot, "hunter2", "enter")
        await settle(pilot, lambda: "too weak" in text(pilot))
        assert "Five or more words" in text(pilot)
        assert pilot.app.focused is pilot.app.screen.query_one("#passphrase")
        assert "•••••••" in text(pilot)
        assert "hunter2" not in text(pilot)


async def test_a_weak_passphrase_is_refused_from_the_second_field_too(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await to_passphrase(pilot)
        await write(pilot, "hunter2", "tab")
        await write(pilot, "hunter2", "enter")
        await settle(pilot, lambda: "too weak" in text(pilot))
        assert isinstance(pilot.app.screen, Passphrase)


async def test_a_passphrase_of_the_names_is_weak(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await to_passphrase(pilot)
        await write(pilot, "acmeanna", "enter")
        await settle(pilot, lambda: "too weak" in text(pilot))


async def test_the_meter_follows_what_is_typed(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await to_passphrase(pilot)
        await write(pilot, "hunter2")
        await settle(pilot, lambda: "▲ could be guessed" in text(pilot))
        await write(pilot, PASSPHRASE)
        await settle(pilot, lambda: "● strong" in text(pilot))


async def test_two_different_passphrases_are_not_taken_and_both_fields_are_emptied(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await to_passphrase(pilot)
        await write(pilot, PASSPHRASE, "enter")
        await write(pilot, "another", "enter")
        assert "the two are not the same" in text(pilot)
        assert "•" not in text(pilot)
        assert not (tmp_path / "data").exists()


async def test_going_back_finds_the_names_again_and_no_passphrase(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_device_secret(pilot)
        assert isinstance(pilot.app.screen, DeviceSecret)
        founding = pilot.app.screen.founding
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Passphrase)
        assert founding.passphrase == b""
        assert "•" not in text(pilot)
        await press(pilot, "escape")
        assert "Acme" in text(pilot)
        assert "anna" in text(pilot)


async def test_there_is_no_way_back_from_the_welcome(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Welcome)
        assert "esc" not in rows(pilot)[-1]


# The device secret.


async def test_with_a_keyring_the_device_secret_is_kept_there_by_default(tmp_path, memory_keyring: MemoryKeyring):
    async with new_machine(tmp_path) as pilot:
        await to_device_secret(pilot)
        await settle(pilot, lambda: "found:" in text(pilot))
        assert pilot.app.screen.next_step == "keep it there"
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on")
        assert identity_file.inspect(tmp_path / "data" / "identity").device is not None
        assert any("device-secret" in name for _, name in memory_keyring.stored)
        assert any("pin" in name for _, name in memory_keyring.stored)


async def test_without_a_keyring_enter_alone_never_goes_without_it(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await to_device_secret(pilot)
        for _ in range(3):
            await settle(pilot, lambda: "no keyring will do" in text(pilot))
            assert pilot.app.screen.next_step == "try again"
            await press(pilot, "enter")
        assert isinstance(pilot.app.screen, DeviceSecret)
        assert not (tmp_path / "data").exists()


async def test_going_without_a_device_secret_is_a_choice_that_says_what_it_costs(tmp_path):
    async with new_machine(tmp_path) as pilot:
        await to_device_secret(pilot)
        await press(pilot, WITHOUT)
        assert "a copy of the file then needs your passphrase and nothing else" in text(pilot)
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on")
        assert "none, as you decided" in text(pilot)
        assert identity_file.inspect(tmp_path / "data" / "identity").device is None


async def test_with_a_keyring_it_can_be_decided_to_go_without(tmp_path, memory_keyring: MemoryKeyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot, WITHOUT)
        assert memory_keyring.stored == {}


async def test_a_keyring_that_gives_way_while_the_identity_is_made_leaves_nothing_and_can_be_tried_again(
    tmp_path, memory_keyring: MemoryKeyring, monkeypatch
):
    async with new_machine(tmp_path) as pilot:
        await to_device_secret(pilot)
        with monkeypatch.context() as broken:
            broken.setattr(MemoryKeyring, "set_password", _raise)
            await press(pilot, "enter")
            await settle(pilot, lambda: pilot.app.screen.next_step == "try again")
        assert "Cannot use the keyring" in text(pilot)
        assert not (tmp_path / "data" / "identity").exists()
        assert not vault.exists(tmp_path / "data" / "vault")
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on")


def _raise(*_: object) -> None:
    raise RuntimeError


# Recovery words.


async def test_the_words_are_masked_until_asked_for_and_no_picture_is_taken_of_them(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        assert words_of(pilot) == []
        pilot.app.export_screenshot()
        await press(pilot, "enter")
        assert len(words_of(pilot)) == 33
        with pytest.raises(Refused):
            pilot.app.export_screenshot()
        await press(pilot, "h")
        assert words_of(pilot) == []
        pilot.app.export_screenshot()


async def test_the_words_shown_bring_the_same_identity_back(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "enter")
        restored = paper.from_words([" ".join(words_of(pilot))])
        assert restored.fingerprint == pilot.app.vault.me.fingerprint


async def test_the_words_cannot_be_selected_or_copied(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "enter")
        pilot.app.screen.text_select_all()
        await press(pilot, "ctrl+c")
        assert pilot.app.screen.get_selected_text() is None
        assert pilot.app.clipboard == ""


async def test_a_wrong_word_is_told_and_the_right_one_goes_on(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "enter")
        words = words_of(pilot)
        await press(pilot, "enter")
        assert words_of(pilot) == []
        place = place_asked(pilot)
        other = next(w for w in words if w != words[place])
        await write(pilot, other, "enter")
        # In full: nothing in it depends on the word that is wanted.
        assert pilot.app.screen.note.told == (
            f"▲ Word {place + 1} is another one: what was typed is on the list, and is not this word"
            "\n  → Look at the number beside it on the paper."
        )
        assert place_asked(pilot) == place
        await give_back(pilot, words)
        await settle(pilot, lambda: isinstance(pilot.app.screen, FirstAccount))
        assert pilot.app.vault.due() == []


async def test_a_word_that_is_not_on_the_list_gets_suggestions_from_what_was_typed(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "enter", "enter")
        await write(pilot, "academci", "enter")
        assert "not on the list of words" in text(pilot)
        assert "academic" in text(pilot)


async def test_three_wrong_answers_lead_back_to_the_masked_words(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "enter")
        words = words_of(pilot)
        await press(pilot, "enter")
        for _ in range(3):
            await write(pilot, "zzzz", "enter")
        assert "three times" in text(pilot)
        assert words_of(pilot) == []
        await press(pilot, "enter")
        assert words_of(pilot) == words, "the paper would be another sheet's"


async def test_putting_the_words_off_is_asked_twice_and_stays_due(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, RecoveryWords)
        assert "a lost passphrase or machine costs you the vault" in text(pilot)
        await press(pilot, "escape")
        await settle(pilot, lambda: isinstance(pilot.app.screen, FirstAccount))
        assert [d.kind for d in pilot.app.vault.due()] == ["recovery-words"]


async def test_words_that_were_put_off_are_one_key_away_from_the_accounts(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "escape", "escape")
        await press(pilot, "down", "down", "enter", "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Accounts))
        await press(pilot, "w")
        await settle(pilot, lambda: "12  ••••••" in text(pilot))
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Accounts)
        await press(pilot, "w")
        await settle(pilot, lambda: "12  ••••••" in text(pilot))
        await press(pilot, "enter")
        words = words_of(pilot)
        await press(pilot, "enter")
        await give_back(pilot, words)
        await settle(pilot, lambda: isinstance(pilot.app.screen, Accounts))
        assert pilot.app.vault.due() == []


# The first account.


async def test_later_leads_past_the_access_to_the_accounts(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "escape", "escape")
        await press(pilot, "down", "down")
        assert pilot.app.screen.next_step == "go on without"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SplitCustody)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, FirstAccount)


async def test_an_account_without_its_secrets_comes_back_with_what_is_missing(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "escape", "escape", "enter")
        await write(pilot, ACCOUNT, "tab")
        await write(pilot, NAME, "enter")
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, FirstAccount)
        assert "root password: not yet" in text(pilot)
        assert pilot.app.screen.next_step == "enter the password"


async def test_a_profile_is_kept_in_the_record_and_tried_and_unknown_is_not_pass(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "escape", "escape")
        pilot.app.vault.add_account(_record())
        pilot.app.screen.load()
        await press(pilot, "enter")
        await write(pilot, "audit")
        assert pilot.app.screen.next_step == "save and try"
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on" and "reading" not in text(pilot))
        assert pilot.app.vault.state.accounts[ACCOUNT].record.profile == "audit"
        assert "? unknown" in text(pilot)
        assert "● pass" not in text(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SplitCustody)


# Locking and starting again.


async def test_locking_in_the_middle_wipes_and_begins_again(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_device_secret(pilot)
        founding = pilot.app.screen.founding
        assert founding.passphrase == PASSPHRASE.encode()
        typed = founding.passphrase
        await press(pilot, "ctrl+l")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Welcome))
        assert not any(typed)
        assert "locked" in rows(pilot)[-2]
        await press(pilot, "enter")
        assert "Acme" not in rows(pilot)[9]


async def test_locking_over_the_words_removes_them_and_the_passphrase_opens_the_accounts(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "enter")
        shown = pilot.app.screen
        await press(pilot, "ctrl+l")
        assert isinstance(pilot.app.screen, Unlock)
        assert words_of(pilot) == []
        assert shown._words == []
        await unlocked(pilot)
        await settle(pilot, lambda: isinstance(pilot.app.screen, Accounts))
        assert [d.kind for d in pilot.app.vault.due()] == ["recovery-words"]


async def test_an_identity_without_a_vault_is_unlocked_and_then_asked_for_names_only(tmp_path, cheap_kdf):
    (tmp_path / "data").mkdir()
    made = Identity.generate()
    identity_file.create(
        tmp_path / "data" / "identity", made, bytearray(PASSPHRASE.encode()), cost=cheap_kdf, with_device_secret=False
    )
    async with new_machine(tmp_path) as pilot:
        assert isinstance(pilot.app.screen, Unlock)
        await unlocked(pilot)
        await settle(pilot, lambda: isinstance(pilot.app.screen, Names))
        await write(pilot, "Acme", "enter")
        await write(pilot, "anna", "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on")
        assert isinstance(pilot.app.screen, making.Making)
        assert pilot.app.vault.me.fingerprint == made.fingerprint


async def test_a_vault_that_cannot_be_made_leaves_an_identity_from_which_it_goes_on(tmp_path, memory_keyring, monkeypatch):
    async with new_machine(tmp_path) as pilot:
        await to_device_secret(pilot)
        with monkeypatch.context() as full:
            full.setattr(vault.custody, "create", _no_room)
            await press(pilot, "enter")
            await settle(pilot, lambda: pilot.app.screen.next_step == "unlock and go on")
        assert "no space" in text(pilot)
        await press(pilot, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Unlock))
        await unlocked(pilot)
        await settle(pilot, lambda: isinstance(pilot.app.screen, Names))


def _no_room(*_: object, **__: object) -> vault.Vault:
    raise OutOfReach("cannot write the vault", "there is no space left on the disk")


async def test_locking_while_the_identity_is_made_leaves_whole_things_and_nothing_open(tmp_path, memory_keyring, monkeypatch):
    began, go_on = threading.Event(), threading.Event()
    create = identity_file.create

    def slow(*given: object, **named: object) -> None:
        began.set()
        go_on.wait(60)
        create(*given, **named)

    monkeypatch.setattr(identity_file, "create", slow)
    async with new_machine(tmp_path) as pilot:
        await to_device_secret(pilot)
        await pilot.press("enter")
        while not began.is_set():
            await pilot.pause(0.02)
        await pilot.press("ctrl+l")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Welcome))
        go_on.set()
        await settle(pilot, lambda: vault.exists(tmp_path / "data" / "vault"))
        for thread in threading.enumerate():
            if thread.name == "breakglass-work":
                thread.join(30)
        assert pilot.app.session.vault is None
        assert pilot.app.session.identity is None
        # What was made behind the welcome is not made twice: its passphrase is asked for instead.
        await press(pilot, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Unlock))
        await unlocked(pilot)
        await settle(pilot, lambda: isinstance(pilot.app.screen, Accounts))
        assert pilot.app.vault.name == "Acme"


async def test_a_machine_with_both_begins_at_the_lock(tmp_path, memory_keyring):
    async with new_machine(tmp_path) as pilot:
        await to_words(pilot)
        await press(pilot, "escape", "escape")
        await press(pilot, "ctrl+l")
    async with new_machine(tmp_path) as pilot:
        assert isinstance(pilot.app.screen, Unlock)


# Bringing an identity back.


async def _type_words(pilot, sheet: str) -> None:
    await press(pilot, "down", "enter")
    assert isinstance(pilot.app.screen, Restore)
    await write(pilot, sheet, "enter")


async def test_an_identity_comes_back_from_its_words_and_founds_a_vault(tmp_path, memory_keyring):
    made = Identity.generate()
    (sheet,) = paper.to_words(made)
    async with new_machine(tmp_path) as pilot:
        await _type_words(pilot, sheet)
        await settle(pilot, lambda: isinstance(pilot.app.screen, Names))
        await write(pilot, "Acme", "enter")
        await write(pilot, "anna", "enter")
        await write(pilot, PASSPHRASE, "enter")
        await write(pilot, PASSPHRASE, "enter")
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on")
        await press(pilot, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, FirstAccount))
        assert pilot.app.vault.me.fingerprint == made.fingerprint
        assert pilot.app.vault.due() == [], "all of its words were typed in just now"


async def test_where_a_vault_is_and_no_identity_the_words_open_it(tmp_path, memory_keyring):
    made = Identity.generate()
    (sheet,) = paper.to_words(made)
    there = vault.create(tmp_path / "data" / "vault", "Acme", "anna", Identity.from_secret(made.secret_copy()))
    there.add_account(_record())
    there.close()
    async with new_machine(tmp_path) as pilot:
        assert "There is a vault here already" in text(pilot)
        await press(pilot, "enter")
        await write(pilot, sheet, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Passphrase))
        await write(pilot, PASSPHRASE, "enter")
        await write(pilot, PASSPHRASE, "enter")
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on")
        await press(pilot, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Accounts))
        assert NAME in text(pilot)


async def test_a_mistyped_word_is_named_with_its_place_and_what_may_be_meant(tmp_path):
    (sheet,) = paper.to_words(Identity.generate())
    words = sheet.split()
    words[6] = "academci"
    async with new_machine(tmp_path) as pilot:
        await _type_words(pilot, " ".join(words))
        assert "word 7 is not on the list" in text(pilot)
        assert "academic" in text(pilot)
        assert "33 words of 33" in text(pilot)


async def test_of_several_sheets_one_after_the_other_is_taken_until_they_are_enough(tmp_path):
    made = Identity.generate()
    one, two, _ = paper.to_words(made, 2, 3)
    async with new_machine(tmp_path) as pilot:
        await _type_words(pilot, one)
        assert "1 sheet taken" in text(pilot)
        await write(pilot, two)
        with pytest.raises(Refused):
            pilot.app.export_screenshot()
        await press(pilot, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Names))
        assert pilot.app.screen.founding.restored.fingerprint == made.fingerprint


async def test_words_typed_in_are_forgotten_on_a_lock(tmp_path):
    made = Identity.generate()
    (sheet,) = paper.to_words(made)
    async with new_machine(tmp_path) as pilot:
        await _type_words(pilot, sheet)
        await settle(pilot, lambda: isinstance(pilot.app.screen, Names))
        founding = pilot.app.screen.founding
        await press(pilot, "ctrl+l")
        assert founding.restored is None
        assert isinstance(pilot.app.screen, Welcome)
