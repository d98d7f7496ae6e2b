"""What surrounds every test: the protections, which nobody asks for by name, and the factories, which one does."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support.quarantine import Network, clean_environment, path_without_clipboard

if TYPE_CHECKING:
    from tests.support.memory_keyring import MemoryKeyring
    from vault.identity import Identity
    from vault.identity_file import KdfCost

# Before anything of ours, of Textual's or of botocore's is imported, and for fixtures wider than one test.
_outside = tempfile.TemporaryDirectory(prefix="breakglass-tests-")
_path = path_without_clipboard(os.environ.get("PATH", os.defpath), Path(_outside.name) / "path")
clean_environment(os.environ, Path(_outside.name) / "home", _path)
time.tzset()

settings.register_profile(
    "default",
    deadline=None,  # the machine's load is no property of the code
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("torture", settings.get_profile("default"), max_examples=3000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_unconfigure() -> None:
    _outside.cleanup()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test, in an environment that knows nothing of the real one."""
    folder = tmp_path_factory.mktemp("home")
    env = dict(os.environ)
    clean_environment(env, folder, _path)
    for name in set(os.environ) - set(env):
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Sockets reach loopback only. A test in which anything tried more fails, even if the code took the refusal well."""
    guard = Network()
    guard.install(monkeypatch)
    yield guard
    assert not guard.attempts, f"tried to reach {', '.join(guard.attempts)}"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keyring at all, as on a server. `memory_keyring` gives one that works."""
    import keyring.core
    from keyring.backends import fail

    monkeypatch.setattr(keyring.core, "_keyring_backend", fail.Keyring())


@pytest.fixture
def memory_keyring(monkeypatch: pytest.MonkeyPatch, no_keyring: None) -> MemoryKeyring:
    """A keyring in memory that counts as a trustworthy one, for this test only."""
    import keyring.core

    from tests.support.memory_keyring import MemoryKeyring
    from vault import device_secret

    backend = MemoryKeyring()
    name = f"{MemoryKeyring.__module__}.{MemoryKeyring.__qualname__}"
    monkeypatch.setattr(device_secret, "TRUSTED", (*device_secret.TRUSTED, name))
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
    return backend


class Clock:
    """The time as `vault.clock` tells it; starts at `start` and moves only when told."""

    start = 1_764_000_000_000

    def __init__(self) -> None:
        self.ms = self.start

    def __call__(self) -> int:
        return self.ms

    def set(self, ms: int) -> None:
        self.ms = ms

    def advance(self, *, minutes: float = 0, seconds: float = 0, days: float = 0) -> None:
        self.ms += round((days * 86_400 + minutes * 60 + seconds) * 1000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets and moves the time; without this fixture tests see the real one."""
    told = Clock()
    monkeypatch.setattr("vault.clock.now_ms", told)
    return told


@pytest.fixture
def new_identity() -> Iterator[Callable[[], Identity]]:
    """Makes identities, and wipes them when the test ends."""
    from vault.identity import Identity

    made: list[Identity] = []

    def make() -> Identity:
        made.append(Identity.generate())
        return made[-1]

    yield make
    for identity in made:
        identity.wipe()


@pytest.fixture
def cheap_kdf() -> KdfCost:
    """The cheapest key derivation that may be read at all: 64 MiB, 3 passes, 4 lanes."""
    from vault.identity_file import KdfCost

    return KdfCost(memory_kib=65536, passes=3, lanes=4)


@pytest.fixture
def vault_folder(tmp_path: Path) -> Path:
    """Where a test's vault goes; not there yet."""
    return tmp_path / "vault"
