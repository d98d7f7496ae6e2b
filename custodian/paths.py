"""Where this person's files are: vault folder, identity file, settings, and the passphrase file if one was named.

An option wins over an environment variable, which wins over the platform's own place for such files. The variables
name paths and never carry a secret; an empty one counts as not set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "breakglass"

ENVIRONMENT = {
    "vault": "BREAKGLASS_VAULT",
    "identity": "BREAKGLASS_IDENTITY",
    "passphrase_file": "BREAKGLASS_PASSPHRASE_FILE",
    "config": "BREAKGLASS_CONFIG",
}
"""The name of each path, and the environment variable that sets it."""


@dataclass(frozen=True)
class Paths:
    """Everything on disk that a command may touch of its own accord."""

    vault: Path
    """Folder of the replica."""
    identity: Path
    """The identity file."""
    passphrase_file: str | None
    """File that holds the passphrase, `-` for standard input, None to ask on the terminal."""
    config: Path
    """The settings file; it need not exist unless it was named."""
    config_was_named: bool
    """Whether the settings file was asked for by name, so that its absence is an error."""


def resolve(given: Mapping[str, str | None], environment: Mapping[str, str]) -> Paths:
    """Settle each path from the options `given`, the `environment`, and the platform's defaults, in that order.

    Touches no file. `given` has the keys of `ENVIRONMENT`; a missing key is an option that was not given.
    """
    chosen = {name: given.get(name) or environment.get(variable) or None for name, variable in ENVIRONMENT.items()}
    data = Path(platformdirs.user_data_dir(APP, appauthor=False))
    settings = Path(platformdirs.user_config_dir(APP, appauthor=False))
    return Paths(
        vault=_path(chosen["vault"], data / "vault"),
        identity=_path(chosen["identity"], data / "identity"),
        passphrase_file=chosen["passphrase_file"],
        config=_path(chosen["config"], settings / "config.toml"),
        config_was_named=chosen["config"] is not None,
    )


def _path(text: str | None, default: Path) -> Path:
    return Path(text).expanduser() if text else default
