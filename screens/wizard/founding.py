"""The order of the steps, and what is carried from one to the next until it is made.

What was answered and is secret lies here and nowhere else, and `forget` wipes it. The identity file is written before the vault, each
of them whole. So where this ends early the app begins again where things stand: with neither at the welcome, with an identity alone
at the names, with both at the lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from screens.guarded_screen import GuardedScreen
from vault.memory import no_core_dumps, wipe

if TYPE_CHECKING:
    from screens.app import Breakglass
    from vault.identity import Identity

Factory = Callable[[], GuardedScreen[Any]]


class Founding:
    """One way through the wizard. A step asks it for what comes next and what came before; one stands above the lock at a time."""

    def __init__(self, app: Breakglass) -> None:
        self.app = app
        self.vault_name = ""
        self.member = ""
        self.restored: Identity | None = None
        """The identity, where it came back from its recovery words."""
        self.passphrase = bytearray()
        self.keyring = ""
        """The name of the keyring that keeps the device secret; empty where it was decided to go without."""
        self.joins = False
        """Whether the vault was here before, so that none was founded."""
        self._trail: list[Factory] = []
        self._over = False
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "Founding(over)" if self._over else "Founding()"

    @property
    def has_vault(self) -> bool:
        """Whether there is a vault in the folder already, so that none is founded."""
        import vault

        return vault.exists(self.app.session.vault_folder)

    # The order.

    def begin(self) -> None:
        """Begin where things stand."""
        from screens.wizard.names import Names
        from screens.wizard.welcome import Welcome

        no_core_dumps()
        resumed = self.app.session.has_identity
        self.go(lambda: Names(self) if resumed else Welcome(self))

    def found_new(self) -> None:
        """A new vault: what is it called?"""
        from screens.wizard.names import Names

        self.go(lambda: Names(self))

    def bring_back(self) -> None:
        """An identity that exists on paper."""
        from screens.wizard.restore import Restore

        self.go(lambda: Restore(self))

    def brought_back(self) -> None:
        """The words were right: into the vault that is here, or on to founding one."""
        if self.has_vault:
            self.choose_passphrase()
        else:
            self.found_new()

    def choose_passphrase(self) -> None:
        """The passphrase of a new identity file; where there is one already, straight to the vault."""
        from screens.wizard.passphrase import Passphrase

        if self.app.session.has_identity:
            self.make()
        else:
            self.go(lambda: Passphrase(self))

    def choose_device_secret(self) -> None:
        """What a copy of the identity file is worth alone."""
        from screens.wizard.device_secret import DeviceSecret

        self.go(lambda: DeviceSecret(self))

    def make(self) -> None:
        """Identity file and vault."""
        from screens.wizard.making import Making

        self.go(lambda: Making(self))

    def made(self) -> None:
        """The vault is open. An identity from paper has its words already, and a vault that was here its accounts."""
        from screens.wizard.words import RecoveryWords

        wipe(self.passphrase)
        self.passphrase = bytearray()
        restored, self.restored = self.restored is not None, None
        if self.joins:
            self.finish()
        elif restored:
            self.words_done()
        else:
            self.go_for_good(lambda: RecoveryWords(self.words_done))

    def words_done(self) -> None:
        """Written down, or put off."""
        from screens.wizard.first_account import FirstAccount

        self.go_for_good(lambda: FirstAccount(self))

    def choose_access(self) -> None:
        """How posture is read; nothing to ask where there is no account."""
        from screens.wizard.aws_access import AwsAccess

        if self.app.vault.state.accounts:
            self.go(lambda: AwsAccess(self))
        else:
            self.explain_custody()

    def explain_custody(self) -> None:
        """What one custodian cannot have."""
        from screens.wizard.split_custody import SplitCustody

        self.go(lambda: SplitCustody(self))

    def finish(self) -> None:
        """Into the app."""
        self.app.pop_screen()
        self.app.enter()

    def go(self, factory: Factory) -> None:
        """Show the next screen in the place of this one."""
        if self._over or self.app.locked:
            return
        if self.app.session.has_identity and self.app.session.identity is None:
            # Something that was begun before a lock has made an identity file meanwhile.
            self.app.call_later(self.app.lock, "your identity is made; unlock it to go on")
            return
        self._trail.append(factory)
        self._show()

    def go_for_good(self, factory: Factory) -> None:
        """Show the next screen; there is no way back from it."""
        self._trail.clear()
        self.go(factory)

    def back(self) -> None:
        """Show the screen before this one."""
        if self.can_go_back:
            self._trail.pop()
            self._show()

    @property
    def can_go_back(self) -> bool:
        """Whether there is one before."""
        return len(self._trail) > 1

    def _show(self) -> None:
        screen = self._trail[-1]()
        if len(self.app.screen_stack) > 1:
            self.app.switch_screen(screen)
        else:
            self.app.push_screen(screen)

    # What is secret.

    def hand_over(self, identity: Identity) -> None:
        """From the thread that brought it back; wiped at once if the app was locked meanwhile."""
        with self._lock:
            if not self._over:
                self._wipe_restored()
                self.restored = identity
                return
        identity.wipe()

    def forget(self) -> None:
        """Wipe everything that was answered, for good."""
        with self._lock:
            self._over = True
            self._wipe_restored()
        wipe(self.passphrase)

    def _wipe_restored(self) -> None:
        if self.restored is not None:
            self.restored.wipe()
            self.restored = None
