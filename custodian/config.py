"""The settings file: a few preferences in TOML, none of them secret, all of them optional.

Strict on purpose: a key that is not known is an error that names it, since a misspelt `idle_minutes` would otherwise
leave an unlocked vault on the screen for longer than its owner believes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from vault.errors import WrongUsage
from vault.text import printable

MAX_BYTES = 64 * 1024


@dataclass(frozen=True)
class Config:
    """What a person may set; the values here are the defaults."""

    idle_minutes: int = 5
    """Minutes without a key or a click after which the app locks (1 to 60)."""
    clipboard_seconds: int = 15
    """Seconds until a copied secret is cleared from the clipboard (5 to 120)."""
    theme: str = "auto"
    """`dark`, `light`, or `auto`."""
    base_profile: str = ""
    """AWS profile from which accounts without a profile of their own are reached by AssumeRole."""
    role: str = ""
    """Name of the role to assume in accounts whose record names none."""


_RANGES = {"idle_minutes": (1, 60), "clipboard_seconds": (5, 120)}
_CHOICES = {"theme": ("auto", "dark", "light")}
_NAME_LIMIT = 128


def load(path: Path, *, must_exist: bool = False) -> Config:
    """Read the settings at `path`; a file that is not there gives the defaults, unless it `must_exist`."""
    what = f"cannot read the settings in {printable(str(path))}"
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        if must_exist:
            raise WrongUsage(what, "there is no such file", "name an existing file with --config") from None
        return Config()
    except OSError as error:
        raise WrongUsage(what, error.strerror or "the file cannot be opened", "check its permissions") from None
    if len(data) > MAX_BYTES:
        raise WrongUsage(what, f"it is larger than {MAX_BYTES // 1024} KiB", "name another file with --config")
    try:
        values = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise WrongUsage(what, "it is not UTF-8 text", "save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise WrongUsage(what, f"it is not TOML: {printable(str(error), 120)}", "mend that line") from None
    return _checked(values, what)


def _checked(values: Mapping[str, Any], what: str) -> Config:
    known = {field.name: field.type for field in fields(Config)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        names = ", ".join(printable(name, 40) for name in unknown)
        raise WrongUsage(what, f"unknown: {names}", f"known are: {', '.join(known)}")
    for name, value in values.items():
        _check_one(name, value, what)
    return Config(**values)


def _check_one(name: str, value: object, what: str) -> None:
    if name in _RANGES:
        low, high = _RANGES[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise WrongUsage(what, f"{name} is not a whole number from {low} to {high}", f"for example: {name} = {low}")
    elif name in _CHOICES:
        if value not in _CHOICES[name]:
            words = ", ".join(_CHOICES[name])
            raise WrongUsage(what, f"{name} is none of {words}", f'for example: {name} = "{_CHOICES[name][0]}"')
    elif not isinstance(value, str) or len(value) > _NAME_LIMIT or printable(value) != value:
        raise WrongUsage(what, f"{name} is not a plain name", f'for example: {name} = "audit"')
