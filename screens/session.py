"""What is open: the vault, the identity, and where they came from. One of it lives in the app; locking closes it.

A thread that finishes unlocking after somebody has locked again finds that its turn is over and wipes what it made.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custodian.config import Config
    from vault import Vault
    from vault.identity import Identity


class Session:
    """The paths that are always known, and what is open while it is unlocked."""

    def __init__(self, vault_folder: Path, identity_file: Path, config: Config | None) -> None:
        self.vault_folder = vault_folder
        self.identity_file = identity_file
        self.config = config
        self.vault: Vault | None = None
        self.identity: Identity | None = None
        self._turn = 0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Session({'open' if self.vault is not None else 'closed'})"

    @property
    def has_identity(self) -> bool:
        """Whether this machine has an identity file at all; known without reading it."""
        return self.identity_file.exists()

    def unlock(self, passphrase: bytearray) -> bool:
        """Open identity and vault; True if there is a vault, False if it has yet to be made. Runs the whole KDF: in a thread."""
        turn = self._turn  # before the imports: somebody may lock while they run
        import vault
        from vault import identity_file
        from vault.memory import no_core_dumps, wipe

        no_core_dumps()
        try:
            identity = identity_file.unlock(self.identity_file, passphrase)
        finally:
            wipe(passphrase)
        if not vault.exists(self.vault_folder):
            return self.adopt(identity, None, turn) and False
        try:
            bound = identity_file.inspect(self.identity_file).device is not None
            opened = vault.open(self.vault_folder, identity, keyring_pin=bound)
        except BaseException:
            identity.wipe()
            raise
        return self.adopt(identity, opened, turn)

    def found(
        self, passphrase: bytearray, name: str, member: str, *, with_device_secret: bool, restored: Identity | None = None
    ) -> None:
        """Write an identity file, and found a vault unless a `restored` identity has one here. In a thread."""
        turn = self._turn
        import vault
        from vault import identity_file
        from vault.identity import Identity
        from vault.memory import no_core_dumps

        no_core_dumps()
        identity = restored or Identity.generate()
        try:
            identity_file.create(self.identity_file, identity, passphrase, with_device_secret=with_device_secret)
            if vault.exists(self.vault_folder):
                opened = vault.open(self.vault_folder, identity, keyring_pin=with_device_secret)
            else:
                opened = vault.create(self.vault_folder, name, member, identity, keyring_pin=with_device_secret)
        except BaseException:
            if restored is None:
                identity.wipe()
            raise
        self.adopt(identity, opened, turn)

    def found_vault(self, name: str, member: str) -> None:
        """Found a vault for the identity that is unlocked already. In a thread."""
        turn, identity = self._turn, self.identity
        import vault
        from vault import identity_file

        if identity is None:
            return
        bound = identity_file.inspect(self.identity_file).device is not None
        self.adopt(identity, vault.create(self.vault_folder, name, member, identity, keyring_pin=bound), turn)

    def adopt(self, identity: Identity, opened: Vault | None, turn: int | None = None) -> bool:
        """Keep what was opened, or wipe it when the app was locked meanwhile."""
        with self._lock:
            if turn is None or turn == self._turn:
                self.identity, self.vault = identity, opened
                return True
        if opened is not None:
            opened.close()
        identity.wipe()
        return False

    def close(self) -> None:
        """Forget everything that is open; the wiping itself waits for no running call."""
        with self._lock:
            self._turn += 1
            opened, identity = self.vault, self.identity
            self.vault = self.identity = None

        def wipe_all() -> None:
            if opened is not None:
                opened.close()
            if identity is not None:
                identity.wipe()

        if opened is not None or identity is not None:
            # `close` waits for whoever is inside the vault; the lock on the screen must not.
            thread = threading.Thread(target=wipe_all, name="breakglass-wipe")
            thread.start()
            thread.join(0.5)
