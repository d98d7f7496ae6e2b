"""Pictures of the screens, compared with those that the documentation shows: `make test ARGS=--snapshot-update` takes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from screens.app import Breakglass
from screens.widgets.plain_input import PlainInput
from tests.screens import pictured, wizard_walk
from tests.screens.opened import LARGE, SMALL, press, settle, text
from vault.sealing import SecretRef

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
# Syrupy would have pictures lie beside the test; the documentation shows these.
pytestmark = pytest.mark.filterwarnings("ignore:\\s*Can not relate snapshot")
SIZES = [pytest.param(SMALL, id="80x24"), pytest.param(LARGE, id="120x40")]


class Pictures(SingleFileSnapshotExtension):
    """One SVG a picture, where the documentation finds it."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"

    @classmethod
    def dirname(cls, *, test_location):
        return str(PICTURES)

    @classmethod
    def get_snapshot_name(cls, *, test_location, index=0):
        return str(index)


@pytest.fixture
def pictures(snapshot):
    return snapshot.use_extension(Pictures)


@pytest.fixture
def opened(vault_folder, clock, monkeypatch):
    monkeypatch.setattr("custodian.posture.engine.scan", pictured.dummy_scan)
    clock.set(1_764_000_012_000)
    made = pictured.year_old_vault(vault_folder, clock)
    clock.advance(minutes=40)
    yield made
    made.close()


def words(size):
    return f"{size[0]}x{size[1]}"


@pytest.fixture
def check(pictures, opened):
    """Compares the screen in front with the picture of that name."""

    def compare(pilot, name):
        hide = {c.short: f"7f3a51c{n}" for n, c in enumerate(opened.state.checkouts.values())}
        hide[opened.head.hex()[:8]] = "5e1f0c42"
        assert pictured.picture(pilot, hide) == pictures(name=name)

    return compare


async def test_the_lock(tmp_path, pictures, monkeypatch):
    (tmp_path / "identity").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    app = Breakglass(Path("~/breakglass/vault"), Path("identity"))
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press(*"sesame")
        assert pictured.picture(pilot, {}) == pictures(name="lock-80x24")


async def test_a_window_that_is_too_small(opened, tmp_path, check):
    async with pictured.shown(opened, tmp_path, (72, 20)) as pilot:
        check(pilot, "too-small")


@pytest.mark.parametrize("size", SIZES)
async def test_asking_for_root(opened, tmp_path, check, size):
    async with pictured.shown(opened, tmp_path, size) as pilot:
        await _open_dialog(pilot)
        await pilot.press(*"test")
        await press(pilot, "enter")
        check(pilot, f"refused-{words(size)}")
        pilot.app.screen.query_one("#reason", PlainInput).value = "INC-4711: IAM locked out, restoring SSO"
        pilot.app.screen.query_one("#ticket", PlainInput).value = "INC-4711"
        await pilot.pause()
        pilot.app.screen.note.clear()
        await settle(pilot)
        check(pilot, f"checkout-dialog-{words(size)}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("light", [pytest.param(False, id="dark"), pytest.param(True, id="light")])
async def test_the_open_checkout(opened, tmp_path, check, size, light, clock):
    theme = "-light" if light else ""
    async with pictured.shown(opened, tmp_path, size, light=light) as pilot:
        await _check_out(pilot)
        await settle(pilot, lambda: "ago" in _corner(pilot) or "just now" in _corner(pilot))
        check(pilot, f"open-checkout{theme}-{words(size)}")
        await press(pilot, "s")
        await press(pilot, "m")
        check(pilot, f"revealed{theme}-{words(size)}")


async def test_a_code_in_its_last_seconds(opened, tmp_path, check, clock):
    async with pictured.shown(opened, tmp_path, SMALL) as pilot:
        await _check_out(pilot)
        await press(pilot, "m")
        clock.set(clock.ms // 30_000 * 30_000 + 26_000)
        pilot.app.screen.query_one("CodeCountdown").warn_of_skew("this clock is 31 s off AWS: its codes fail")
        await settle(pilot)
        check(pilot, "late-code-80x24")


@pytest.mark.parametrize("size", SIZES)
async def test_checking_in(opened, tmp_path, check, size):
    async with pictured.shown(opened, tmp_path, size) as pilot:
        await _check_out(pilot)
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "check in")
        check(pilot, f"check-in-{words(size)}")


@pytest.mark.parametrize("size", SIZES)
async def test_posture_in_full(opened, tmp_path, check, size):
    async with pictured.shown(opened, tmp_path, size) as pilot:
        await _to(pilot, pictured.PAYMENTS)
        await press(pilot, "p")
        await settle(pilot, lambda: "just now" in _corner(pilot))
        check(pilot, f"posture-{words(size)}")


@pytest.mark.parametrize("size", SIZES)
async def test_entering_secrets(opened, tmp_path, check, size):
    from screens.account_form import AccountForm
    from screens.mfa_entry import MfaEntry
    from screens.secret_entry import SecretEntry

    async with pictured.shown(opened, tmp_path, size) as pilot:
        for screen, name in (
            (AccountForm(pictured.LAKE), "account-form"),
            (SecretEntry(pictured.PAYMENTS, "password"), "secret-entry"),
            (MfaEntry(pictured.SANDBOX), "mfa-entry"),
        ):
            pilot.app.push_screen(screen)
            await settle(pilot)
            if name == "mfa-entry":
                await pilot.press(*"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
                await press(pilot, "enter")
            check(pilot, f"{name}-{words(size)}")
            screen.dismiss()
            await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_help_of_the_open_checkout(opened, tmp_path, check, size):
    async with pictured.shown(opened, tmp_path, size) as pilot:
        await _check_out(pilot)
        await press(pilot, "question_mark")
        check(pilot, f"help-{words(size)}")


async def test_without_colour(opened, tmp_path, check, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with pictured.shown(opened, tmp_path, SMALL) as pilot:
        await _check_out(pilot)
        await settle(pilot, lambda: "just now" in _corner(pilot))
        check(pilot, "open-checkout-no-color-80x24")


@pytest.mark.parametrize("size", SIZES)
async def test_the_accounts(opened, tmp_path, check, size):
    async with pictured.shown(opened, tmp_path, size) as pilot:
        check(pilot, f"accounts-{words(size)}")


@pytest.mark.parametrize("size", SIZES)
async def test_the_account_the_log_and_what_is_due(opened, tmp_path, check, size):
    async with pictured.shown(opened, tmp_path, size) as pilot:
        await _to(pilot, pictured.PAYMENTS)
        await press(pilot, "v")
        check(pilot, f"account-{words(size)}")
        await press(pilot, "escape")
        await press(pilot, "d")
        check(pilot, f"due-{words(size)}")
        await press(pilot, "escape")
        await press(pilot, "l")
        await press(pilot, "v")
        await settle(pilot, lambda: "whole" in text(pilot))
        check(pilot, f"log-{words(size)}")


@pytest.mark.parametrize("size", SIZES)
async def test_an_import_before_anything_is_written(opened, tmp_path, check, size, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        "account id,name,root e-mail,password",
        f"{pictured.PAYMENTS},payments-prod,aws+payments-prod@acme.example,{pictured.PASSWORD}",
        f"666677778888,billing,aws+billing@acme.example,{pictured.PASSWORD}",
        f"777788889999,machine-learning,aws+ml@acme.example,{pictured.PASSWORD}",
    ]
    (tmp_path / "roots.csv").write_text("\n".join(rows) + "\n")
    async with pictured.shown(opened, tmp_path, size) as pilot:
        await press(pilot, "i")
        await pilot.press(*"roots.csv")
        await press(pilot, "enter")
        check(pilot, f"import-{words(size)}")


async def test_the_founding_step_by_step(tmp_path, pictures, memory_keyring, monkeypatch):
    """The steps as a person meets them; the words stay masked, because a picture of them would be a picture of a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("vault.device_secret.check", lambda: "GNOME Keyring")
    async with wizard_walk.new_machine(Path()) as pilot:
        assert pictured.picture(pilot, {}) == pictures(name="new-vault-welcome-80x24")
        await wizard_walk.to_passphrase(pilot)
        await wizard_walk.write(pilot, wizard_walk.PASSPHRASE)
        await settle(pilot, lambda: "█" in text(pilot))
        assert pictured.picture(pilot, {}) == pictures(name="new-vault-passphrase-80x24")
        await press(pilot, "enter")
        await wizard_walk.write(pilot, wizard_walk.PASSPHRASE, "enter")
        await settle(pilot, lambda: "device" in text(pilot).lower())
        assert pictured.picture(pilot, {}) == pictures(name="new-vault-device-secret-80x24")
        await press(pilot, "enter")
        await settle(pilot, lambda: pilot.app.screen.next_step == "go on")
        await press(pilot, "enter")
        await settle(pilot, lambda: "12  ••••••" in text(pilot))
        assert pictured.picture(pilot, {}) == pictures(name="new-vault-words-80x24")


async def _to(pilot, account):
    from screens.widgets.rows import Rows

    rows = pilot.app.screen.query_one(Rows)
    ids = [line.account.id for line in pilot.app.screen._seen]
    rows.cursor = ids.index(account)
    await settle(pilot)


async def _open_dialog(pilot):
    await _to(pilot, pictured.PAYMENTS)
    await press(pilot, "enter")


async def _check_out(pilot):
    await _open_dialog(pilot)
    pilot.app.screen.query_one("#reason", PlainInput).value = "IAM locked out, restoring SSO"
    pilot.app.screen.query_one("#ticket", PlainInput).value = "INC-4711"
    await press(pilot, "enter")
    await settle(pilot, lambda: type(pilot.app.screen).__name__ == "OpenCheckout")


def _corner(pilot):
    from screens.widgets.findings_panel import FindingsPanel

    return str(pilot.app.screen.query_one(FindingsPanel).border_subtitle)


def test_every_picture_in_the_folder_is_one_that_a_test_takes():
    taken = Path(__file__).read_text() + "".join(p.read_text() for p in Path(__file__).parent.glob("test_*.py"))
    for picture in PICTURES.glob("*.svg"):
        stem = picture.stem.removesuffix("-80x24").removesuffix("-120x40").removesuffix("-light")
        assert f'"{stem}' in taken or f"{stem}{{" in taken or f"{stem}-{{" in taken, picture.name


def test_no_picture_holds_more_than_the_invented_password():
    assert SecretRef("1" * 12, "password").kind == "password"
    for picture in PICTURES.glob("*.svg"):
        if not picture.stem.startswith("revealed"):
            assert pictured.PASSWORD[:8] not in picture.read_text().replace("&#160;", " ").replace("&amp;", "&")
