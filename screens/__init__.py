"""What people see: one screen a file, their widgets, one base app that lets no secret out.

`run` is the way in; `custodian` calls it when the app is opened, and nothing else imports this package. Screens ask `vault` and
`custodian` and show the answers; a rule about custody that could be broken from here would be in the wrong package. Textual is
imported only below this file, after the environment has been disarmed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custodian.config import Config


def run(*, vault_folder: Path, identity_file: Path, config: Config | None = None) -> int:
    """Open the app and return the exit code when it is left.

    Raises Refused in a browser and WrongUsage without a terminal, before anything is shown.
    """
    from screens import crash, environment
    from vault.errors import WrongUsage

    ignored = environment.disarm(os.environ)
    for sentence in ignored:
        sys.stderr.write(f"breakglass: {sentence}\n")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise WrongUsage(
            "the app needs a terminal",
            "standard input or output is not one",
            "Every command works without one: breakglass --help.",
        )
    crash.install()
    from screens.app import Breakglass

    app = Breakglass(vault_folder, identity_file, config)
    app.ignored_environment = ignored
    try:
        result = app.run()
    finally:
        app.drop_secrets()
    return app.return_code or result or 0
