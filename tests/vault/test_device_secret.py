"""Which keyrings are taken, which are refused and with what remedy, and that none is believed unseen."""

from __future__ import annotations

import threading
import traceback
from typing import ClassVar

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringLocked

from vault import device_secret
from vault.errors import CannotUnlock, IntegrityFailure, OutOfReach

DEVICE, SECRET = b"d" * 16, bytearray(b"canary-canary-canary-canary-1234")


@pytest.fixture
def use(monkeypatch):
    """Makes a backend the one in use; with `trusted`, one that counts as an operating system's."""

    def make(backend, *, trusted=False):
        monkeypatch.setattr("keyring.core._keyring_backend", backend)
        if trusted:
            path = device_secret._class_path(backend)
            monkeypatch.setattr(device_secret, "TRUSTED", (*device_secret.TRUSTED, path))
        return backend

    return make


@pytest.fixture
def good(memory_keyring):
    return memory_keyring


class Plain(KeyringBackend):
    """What keyrings.alt has: a file of its own."""

    priority = 1
    taken: ClassVar[list[str]] = []

    def set_password(self, service, username, password):
        self.taken.append(password)

    def get_password(self, service, username):
        return None


def called(module: str, name: str) -> KeyringBackend:
    return type(name, (Plain,), {"__module__": module})()


def raising(error: BaseException) -> KeyringBackend:
    def fails(self, *args):
        raise error

    return type(
        "Raising", (Plain,), {"get_password": fails, "set_password": fails, "delete_password": fails}
    )()


def test_a_secret_is_kept_read_back_and_forgotten(good):
    device_secret.store(DEVICE, SECRET)
    assert device_secret.load(DEVICE) == SECRET
    assert [service for service, _ in good.stored] == ["breakglass"]
    device_secret.delete(DEVICE)
    assert good.stored == {}
    with pytest.raises(CannotUnlock, match="no device secret"):
        device_secret.load(DEVICE)


def test_checking_names_the_backend(good):
    assert device_secret.check() == str(good.name)


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (fail.Keyring(), "there is none"),
        (null.Keyring(), "there is none"),
        (called("keyrings.alt.file", "PlaintextKeyring"), "plain text"),
        (called("keyrings.alt.file", "EncryptedKeyring"), "file of its own"),
        (called("acme.keyring", "CloudKeyring"), "acme.keyring.CloudKeyring is not one of"),
        (called("keyring.backends.SecretService.evil", "Keyring"), "is not one of"),
    ],
    ids=["fail", "null", "plain", "encrypted file", "unknown", "lookalike"],
)
def test_a_backend_that_is_not_on_the_list_is_refused_by_name_with_the_remedy(use, backend, said):
    use(backend)
    for call in (
        device_secret.check,
        lambda: device_secret.store(DEVICE, SECRET),
        lambda: device_secret.load(DEVICE),
        lambda: device_secret.delete(DEVICE),
        lambda: device_secret.pin_store(b"v" * 32, "1"),
        lambda: device_secret.pin_load(b"v" * 32),
    ):
        with pytest.raises(OutOfReach, match=said) as caught:
            call()
        assert "--no-device-secret" in caught.value.hint
        assert "only the passphrase" in caught.value.hint, "the hint says what it costs"
    assert Plain.taken == []


def test_a_subclass_of_a_trusted_backend_is_another_backend(use):
    from keyring.backends.SecretService import Keyring

    use(type("Keyring", (Keyring,), {"__module__": "acme"})())
    with pytest.raises(OutOfReach, match=r"acme\.Keyring"):
        device_secret.check()


def test_the_name_of_a_backend_cannot_style_the_terminal(use):
    use(called("acme\x1b[31m", "Red"))
    with pytest.raises(OutOfReach) as caught:
        device_secret.check()
    assert "\x1b" not in str(caught.value)


def test_a_chain_is_as_good_as_its_weakest_part(use, good, monkeypatch):
    parts = [good]
    monkeypatch.setattr(chainer.ChainerBackend, "backends", parts)
    use(chainer.ChainerBackend())
    device_secret.store(DEVICE, SECRET)
    parts.append(called("keyrings.alt.file", "PlaintextKeyring"))
    with pytest.raises(OutOfReach, match="plain text"):
        device_secret.load(DEVICE)
    parts.clear()
    with pytest.raises(OutOfReach, match="there is none"):
        device_secret.load(DEVICE)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyringLocked("canary"), "locked"),
        (InitError("canary"), "InitError"),
        (RuntimeError("canary"), "RuntimeError"),
        (OSError("canary"), "OSError"),
        (NotImplementedError("canary"), "NotImplementedError"),
    ],
)
def test_whatever_a_backend_raises_is_out_of_reach_with_the_remedy_and_without_its_text(use, error, said):
    use(raising(error), trusted=True)
    for call in (
        device_secret.check,
        lambda: device_secret.load(DEVICE),
        lambda: device_secret.store(DEVICE, SECRET),
    ):
        with pytest.raises(OutOfReach, match=said) as caught:
            call()
        assert "--no-device-secret" in caught.value.hint
        assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_keyring_configuration_that_cannot_be_read_is_out_of_reach(monkeypatch):
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.module.Keyring")
    with pytest.raises(OutOfReach, match="ModuleNotFoundError"):
        device_secret.check()


def test_a_keyring_that_never_answers_is_left(use, monkeypatch):
    release = threading.Event()
    backend = use(Plain(), trusted=True)
    monkeypatch.setattr(backend, "get_password", lambda *a: release.wait(60) and None)
    monkeypatch.setattr(device_secret, "PATIENCE", 0.05)
    with pytest.raises(OutOfReach, match="does not answer"):
        device_secret.load(DEVICE)
    release.set()


def test_a_keyring_that_forgets_or_changes_what_it_was_given_is_not_believed(good, monkeypatch):
    monkeypatch.setattr(good, "set_password", lambda *a: None)
    with pytest.raises(OutOfReach, match="something else"):
        device_secret.store(DEVICE, SECRET)
    monkeypatch.setattr(good, "get_password", lambda *a: "00" * 32)
    with pytest.raises(OutOfReach, match="something else"):
        device_secret.store(DEVICE, SECRET)


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "00" * 33, "é", "0" * 63])
def test_a_damaged_device_secret_is_an_integrity_failure(good, text):
    device_secret.store(DEVICE, SECRET)
    (entry,) = good.stored
    good.stored[entry] = text
    with pytest.raises(IntegrityFailure):
        device_secret.load(DEVICE)


def test_pins_are_kept_for_each_vault_apart_from_device_secrets(good):
    device_secret.store(DEVICE, SECRET)
    assert device_secret.pin_load(b"v" * 32) is None
    device_secret.pin_store(b"v" * 32, "7 abc")
    device_secret.pin_store(b"w" * 32, "8 def")
    assert device_secret.pin_load(b"v" * 32) == "7 abc"
    device_secret.pin_store(b"v" * 32, "9 fff")
    assert device_secret.pin_load(b"v" * 32) == "9 fff"
    assert device_secret.load(DEVICE) == SECRET
