"""`breakglass` alone: open the app. The only place in `custodian` that reaches up to `screens`."""

from __future__ import annotations

from custodian.cli.options import config_of
from custodian.paths import Paths


def open_app(paths: Paths) -> int:
    """Run the app until it is left; its result is the exit code."""
    from screens import run

    return run(vault_folder=paths.vault, identity_file=paths.identity, config=config_of(paths))
