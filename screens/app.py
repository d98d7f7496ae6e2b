"""The app: which screen stands where, and what is open behind them.

The lock is the bottom of the stack and always there; unlocking puts the accounts on top of it, locking takes everything above it
away. The screens, the vault and all heavy libraries are imported after the lock has been painted.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from screens.background import in_thread
from screens.copying import Copying
from screens.guarded_app import GuardedApp
from screens.guarded_screen import GuardedScreen
from screens.session import Session
from screens.theme import LIGHT
from screens.unlock import Unlock
from vault.errors import BreakglassError

if TYPE_CHECKING:
    from custodian.config import Config
    from vault import Vault
    from vault.identity import Identity

WARM_UP_AFTER = 0.25
"""Seconds after the start at which the heavy imports begin: nobody has typed a passphrase by then."""


class Breakglass(GuardedApp):
    """The app that a custodian sees."""

    TITLE = "breakglass"
    CSS_PATH = None

    def __init__(self, vault_folder: Path, identity_file: Path, config: Config | None = None) -> None:
        super().__init__(idle_minutes=getattr(config, "idle_minutes", 5) or 5)
        self.session = Session(vault_folder, identity_file, config)
        self.copying = Copying(self, getattr(config, "clipboard_seconds", 15))
        if getattr(config, "theme", "auto") == "light":
            self.theme = LIGHT.name

    def get_default_screen(self) -> Screen[Any]:
        """The lock."""
        return Unlock()

    # What is open.

    @property
    def vault(self) -> Vault:
        """The open vault. Only screens above the lock ask, and they are gone when it is closed."""
        if self.session.vault is None:
            raise RuntimeError
        return self.session.vault

    @property
    def identity(self) -> Identity:
        """The unlocked identity, for its recovery words."""
        if self.session.identity is None:
            raise RuntimeError
        return self.session.identity

    @property
    def locked(self) -> bool:
        """Whether nothing is open."""
        return self.session.vault is None and self.session.identity is None and not self._founding

    _founding = False
    """While a vault is being founded, its screens stand over the lock although nothing is open yet."""

    def drop_secrets(self) -> None:
        """Close vault and identity."""
        self._founding = False
        self.copying.clear_now()
        self.session.close()

    def tell(self, text: str) -> None:
        """Say something on whatever screen is in front, unless that is the lock."""
        if isinstance(self.screen, GuardedScreen) and not self.locked:
            self.screen.say(text)

    def tell_error(self, error: BreakglassError) -> None:
        """Show an error on whatever screen is in front."""
        if isinstance(self.screen, GuardedScreen):
            self.screen.show_error(error)

    # What stands on top of the lock.

    def on_ready(self) -> None:
        """After the first paint: fetch what is heavy, and on a new machine begin the founding."""
        # "Ready" comes before the first frame; imports in a thread would take the interpreter away from it.
        self.set_timer(WARM_UP_AFTER, self._warm_up)
        if not self.session.has_identity:
            self.found()

    def _warm_up(self) -> None:
        async def warm_up() -> None:
            await in_thread(_import_what_comes_next)

        # The function, not its coroutine: an app that ends first would leave one that nobody ever awaits.
        self.run_worker(warm_up, exit_on_error=False, group="warm-up")  # type: ignore[arg-type]  # its union of callables is ambiguous

    def found(self) -> None:
        """Begin, or go on with, the founding of a vault."""
        from screens.wizard import Founding

        self._founding = True
        Founding(self).begin()

    def enter(self) -> None:
        """The vault is open: show the accounts."""
        from screens.accounts import Accounts

        self._founding = False
        self.push_screen(Accounts())

    def on_locked(self, why: str) -> None:
        """Say why on the lock; on a machine without an identity start again."""
        unlock = self.screen_stack[0]
        if isinstance(unlock, Unlock):
            unlock.was_locked(why)
        if not self.session.has_identity:
            self.found()


def _import_what_comes_next() -> None:
    """Import what comes after the lock while the passphrase is being typed."""
    for name in ("vault.custody", "vault.identity_file", "screens.accounts", "screens.checkout_dialog"):
        importlib.import_module(name)
