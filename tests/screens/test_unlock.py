"""The lock: what it takes, what it says, and what is in memory when it has closed again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import vault
from screens.accounts import Accounts
from screens.app import Breakglass
from screens.session import Session
from screens.unlock import Unlock
from screens.widgets.masked_input import MaskedInput
from tests.screens.opened import SMALL, press, settle, text
from vault import identity_file

ROOT = Path(__file__).parents[2]
PASSPHRASE = "clover seven lantern moss tide"


@pytest.fixture
def founded(tmp_path, new_identity, cheap_kdf):
    """A vault and the identity file of its custodian, without a device secret."""
    identity = new_identity()
    identity_file.create(
        tmp_path / "identity", identity, bytearray(PASSPHRASE.encode()), cost=cheap_kdf, with_device_secret=False
    )
    vault.create(tmp_path / "vault", "Acme", "anna", identity).close()
    return tmp_path


def locked(folder):
    return Breakglass(folder / "vault", folder / "identity")


async def unlock(pilot, passphrase):
    pilot.app.screen.query_one("#passphrase", MaskedInput).value = passphrase
    await press(pilot, "enter")


async def test_the_passphrase_opens_the_accounts_and_is_gone_from_its_field(founded):
    app = locked(founded)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await unlock(pilot, PASSPHRASE)
        await settle(pilot, lambda: isinstance(app.screen, Accounts))
        assert app.vault.name == "Acme"
        assert app.screen_stack[0].query_one("#passphrase", MaskedInput).value == ""


async def test_a_wrong_passphrase_says_no_more_than_that_and_can_be_tried_again(founded):
    app = locked(founded)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await unlock(pilot, "not this one")
        await settle(pilot, lambda: "Cannot unlock" in text(pilot))
        assert [type(screen) for screen in app.screen_stack] == [Unlock]
        assert app.session.vault is None
        assert app.session.identity is None
        await unlock(pilot, PASSPHRASE)
        await settle(pilot, lambda: isinstance(app.screen, Accounts))


async def test_a_damaged_identity_file_is_told_from_a_wrong_passphrase(founded):
    path = founded / "identity"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    app = locked(founded)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await unlock(pilot, PASSPHRASE)
        await settle(pilot, lambda: "damaged" in text(pilot))


async def test_an_empty_passphrase_is_not_tried(founded):
    app = locked(founded)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert app.screen.note.told == ""


async def test_locking_wipes_vault_and_identity(founded):
    app = locked(founded)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await unlock(pilot, PASSPHRASE)
        await settle(pilot, lambda: isinstance(app.screen, Accounts))
        identity = app.identity
        opened = app.vault
        await press(pilot, "ctrl+l")
        assert [type(screen) for screen in app.screen_stack] == [Unlock]
        assert app.session.vault is None
        with pytest.raises(Exception):  # noqa: B017  whatever it is: a wiped identity signs nothing
            identity.sign("x", b"y")
        with pytest.raises(Exception):  # noqa: B017
            list(opened.log())
        assert "locked" in text(pilot)


def test_an_unlocking_that_ends_after_the_app_was_locked_keeps_nothing(founded):
    session = Session(founded / "vault", founded / "identity", None)
    identity = identity_file.unlock(founded / "identity", bytearray(PASSPHRASE.encode()))
    turn = session._turn
    session.close()
    assert not session.adopt(identity, vault.open(founded / "vault", identity), turn)
    assert session.vault is None
    assert session.identity is None
    with pytest.raises(Exception):  # noqa: B017
        identity.sign("x", b"y")


async def test_what_was_ignored_of_the_environment_is_told(founded, monkeypatch):
    monkeypatch.setenv("TEXTUAL_LOG", "keys.log")
    app = locked(founded)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "TEXTUAL_LOG is ignored" in text(pilot)


def test_the_first_paint_needs_no_heavy_library():
    """What takes time to import comes in a thread, after the lock has been painted."""
    program = (
        "import json, sys\nimport screens.app\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    heavy = {"cryptography", "msgspec", "boto3", "botocore", "keyring", "PIL", "zxcvbn", "pyotp", "shamir_mnemonic", "sqlite3", "segno"}
    assert heavy & set(json.loads(ended.stdout)) == set()


def test_opening_the_package_imports_no_textual():
    program = "import sys, screens\nassert 'textual' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
