"""The founding's other steps, as pictures: with test_pictures they show every screen that a person can meet."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from screens.wizard.aws_access import AwsAccess
from screens.wizard.first_account import FirstAccount
from screens.wizard.names import Names
from screens.wizard.restore import Restore
from screens.wizard.split_custody import SplitCustody
from tests.screens import pictured, wizard_walk
from tests.screens.opened import press, settle
from tests.screens.test_pictures import PICTURES, SIZES, Pictures, pytestmark, words
from vault import identity_file

__all__ = ["pytestmark"]


@pytest.fixture
def check(snapshot, tmp_path, monkeypatch, memory_keyring, cheap_kdf):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("vault.device_secret.check", lambda: "GNOME Keyring")
    monkeypatch.setattr(identity_file, "create", functools.partial(identity_file.create, cost=cheap_kdf))
    pictures = snapshot.use_extension(Pictures)

    def compare(pilot, name):
        assert pictured.picture(pilot, {}) == pictures(name=name)

    return compare


@pytest.mark.parametrize("size", SIZES)
async def test_the_names_and_the_way_back_from_paper(check, size):
    async with wizard_walk.new_machine(Path(), size) as pilot:
        await press(pilot, "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Names))
        check(pilot, f"new-vault-names-{words(size)}")
        await press(pilot, "escape", "down", "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Restore))
        check(pilot, f"new-vault-restore-{words(size)}")


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_account_and_what_comes_after_it(check, size):
    async with wizard_walk.new_machine(Path(), size) as pilot:
        await wizard_walk.to_words(pilot)
        await press(pilot, "escape", "escape")
        await settle(pilot, lambda: isinstance(pilot.app.screen, FirstAccount))
        check(pilot, f"new-vault-first-account-{words(size)}")
        await press(pilot, "enter")
        await wizard_walk.write(pilot, "111122223333", "tab")
        await wizard_walk.write(pilot, "payments-prod", "enter", "escape")
        await settle(pilot, lambda: isinstance(pilot.app.screen, FirstAccount))
        pilot.app.screen.founding.choose_access()
        await settle(pilot, lambda: isinstance(pilot.app.screen, AwsAccess))
        check(pilot, f"new-vault-aws-access-{words(size)}")
        pilot.app.screen.founding.explain_custody()
        await settle(pilot, lambda: isinstance(pilot.app.screen, SplitCustody))
        check(pilot, f"new-vault-split-custody-{words(size)}")


def test_the_page_of_screens_shows_every_picture():
    page = (PICTURES.parent / "screens.md").read_text()
    assert [picture.name for picture in PICTURES.glob("*.svg") if f"(pictures/{picture.name})" not in page] == []
