"""The custody itself: identities, sealing, the log, the state it adds up to, and the replica it lies in.

Use `vault.create` or `vault.open` and the `Vault` they return; everything else is for those who write another client or
check one. This package imports neither `custodian` nor `screens`, and must never know an AWS API or a widget. What it
promises: no secret leaves it before the log entry that says so is durable, and no byte it reads can be changed unnoticed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vault.custody import Vault, create, exists, open, restore  # noqa: A004

__all__ = ["Vault", "create", "exists", "open", "restore"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `breakglass --version` and the unlock screen's first paint do without any cryptography.
    if name in __all__:
        from vault import custody

        return getattr(custody, name)
    raise AttributeError(f"module 'vault' has no attribute '{name}'")
