"""What the operating system's keyring keeps for this product: the device secret, and the pin of the highest
head seen.

A stolen identity file is worth little without the 32 bytes kept here. That holds only for a keyring that is
really the operating system's, so backends are taken from a list; one that stores plain text, none at all, one
nobody has heard of, and one that is locked are each refused by name with a remedy. Nothing falls back to
something weaker by itself.

All errors are OutOfReach, but for an absent device secret (CannotUnlock) and a damaged one
(IntegrityFailure).
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from vault.errors import CannotUnlock, IntegrityFailure, OutOfReach
from vault.text import printable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SECRET_BYTES = 32
SERVICE = "breakglass"
PATIENCE = 90.0
"""Seconds until a keyring that does not answer counts as out of reach; long enough to type its password."""

TRUSTED: tuple[str, ...] = (
    "keyring.backends.macOS.Keyring",
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.kwallet.DBusKeyringKWallet4",
    "keyring.backends.Windows.WinVaultKeyring",
)
"""Backends that encrypt at rest under the user's login. Everything else is refused, by its class path."""

_CHAINER = "keyring.backends.chainer.ChainerBackend"
_REMEDY = (
    "start and unlock the system's keyring (GNOME Keyring, KWallet, Keychain) and try again; on a machine "
    "without one, decide for `--no-device-secret`: then whoever copies the identity file needs only the passphrase"
)


def check() -> str:
    """The name of the backend in use, after reading from it once; OutOfReach with a remedy if it will not do."""
    backend = _backend()
    _ask(lambda: backend.get_password(SERVICE, "check"))
    return printable(str(backend.name), 80)


def store(device: bytes, secret: bytes | bytearray) -> None:
    """Keep `secret` (32 bytes) under the id `device`, and read it back; OutOfReach if it did not arrive."""
    text = secret.hex()
    _write(_device_entry(device), text)
    kept = _read(_device_entry(device)) or ""
    if not hmac.compare_digest(kept.encode(), text.encode()):
        raise OutOfReach("cannot use the keyring", "it gave back something else than was stored", _REMEDY)


def load(device: bytes) -> bytearray:
    """The secret kept under `device`; the caller wipes it. The keyring hands it over as `str`, which cannot
    be wiped.
    """
    text = _read(_device_entry(device))
    if text is None:
        raise CannotUnlock(
            "cannot unlock",
            "this machine's keyring has no device secret for this identity file",
            "use the machine it was made on, or restore from the recovery words with `breakglass identity restore`",
        )
    try:
        secret = bytearray.fromhex(text)
    except ValueError:
        secret = bytearray()
    if len(secret) != SECRET_BYTES:
        raise IntegrityFailure(
            "the device secret in the keyring is damaged", f"it has not {SECRET_BYTES} bytes"
        )
    return secret


def delete(device: bytes) -> None:
    """Forget the secret under `device`; the identity file that names it cannot be opened afterwards."""
    backend = _backend()
    _ask(lambda: backend.delete_password(SERVICE, _device_entry(device)))


def pin_store(vault_id: bytes, text: str) -> None:
    """Keep `text` (size and head, nothing secret) as the highest state of the vault seen on this machine."""
    _write(f"pin {vault_id.hex()}", text)


def pin_load(vault_id: bytes) -> str | None:
    """What `pin_store` kept last, or None."""
    return _read(f"pin {vault_id.hex()}")


def _device_entry(device: bytes) -> str:
    return f"device-secret {device.hex()}"


def _read(entry: str) -> str | None:
    backend = _backend()
    return _ask(lambda: backend.get_password(SERVICE, entry))


def _write(entry: str, text: str) -> None:
    backend = _backend()
    _ask(lambda: backend.set_password(SERVICE, entry, text))


def _backend() -> KeyringBackend:
    """The backend that `keyring` chose, if every part of it is on the list."""

    def choose() -> tuple[KeyringBackend, list[str]]:
        import keyring

        chosen: Any = keyring.get_keyring()
        path = _class_path(chosen)
        # A chain writes to the first backend that takes it, so each of them must be good.
        return chosen, [_class_path(part) for part in chosen.backends] if path == _CHAINER else [path]

    backend, paths = _ask(choose)
    for path in paths or ["keyring.backends.fail.Keyring"]:
        if path not in TRUSTED:
            raise OutOfReach("cannot use the keyring", _why_not(path), _REMEDY)
    return backend


def _class_path(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _why_not(path: str) -> str:
    shown = printable(path, 80)
    if path.startswith(("keyring.backends.fail.", "keyring.backends.null.")):
        return f"there is none on this machine ({shown})"
    if path.startswith("keyrings.alt.") or "plaintext" in path.lower():
        return f"{shown} keeps secrets in plain text or in a file of its own"
    return f"{shown} is not one of the operating systems' keyrings"


def _ask(question: Callable[[], T]) -> T:
    """Ask the keyring in a thread of its own, so that one that hangs on a prompt nobody sees is left, not
    waited for.

    Whatever a backend raises (there are as many kinds as there are backends) becomes OutOfReach; its text is
    not shown, since nobody knows what is in it.
    """
    answers: list[T] = []
    faults: list[str] = []

    def run() -> None:
        try:
            answers.append(question())
        except Exception as fault:  # noqa: BLE001  # any backend, any D-Bus library
            faults.append(type(fault).__name__)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if answers:
        return answers[0]
    if not faults:
        raise OutOfReach(
            "cannot use the keyring", "it does not answer; it may be waiting for its password", _REMEDY
        )
    if faults[0] in ("KeyringLocked", "LockedException", "PromptDismissedException"):
        raise OutOfReach("cannot use the keyring", "it is locked", _REMEDY)
    raise OutOfReach("cannot use the keyring", f"it is not running or refused ({faults[0]})", _REMEDY)
