"""`breakglass` alone: open the app. The only place in `custodian` that reaches up to `screens`."""

from __future__ import annotations

import signal

from custodian.cli.options import config_of
from custodian.paths import Paths


def open_app(paths: Paths) -> int:
    """Run the app until it is left; its result is the exit code."""
    from screens import run

    config = config_of(paths)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # An exception in the middle of the app's event loop would leave the terminal as the app has set it.
        signal.signal(number, signal.SIG_DFL)
    return run(vault_folder=paths.vault, identity_file=paths.identity, config=config)
