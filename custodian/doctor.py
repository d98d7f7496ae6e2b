"""What is well and what is not on this machine, each with a remedy. It looks, and never changes anything.

Each examination gives one observation. What a machine does not need is `not_applicable`; what could not be found out is
`unknown`, never well.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from custodian import config, terminal
from custodian.clipboard import Clipboard
from custodian.paths import Paths
from vault.errors import BreakglassError
from vault.text import printable

State = Literal["pass", "fail", "unknown", "not_applicable"]

SMALLEST = (80, 24)
"""Columns and lines that the app needs."""
CLOCK_LIMIT_S = 5.0
"""Beyond this a TOTP code may be over earlier than shown; beyond 25 s it fails."""


@dataclass(frozen=True)
class Observation:
    """One thing about this machine."""

    check: str
    state: State
    summary: str
    remedy: str = ""


def examine(paths: Paths) -> list[Observation]:
    """Look at everything, by name of the check. Only the clock and AWS access may take seconds (timeouts)."""
    examinations: tuple[Callable[[Paths], Observation], ...] = (
        aws_access,
        clipboard,
        clock,
        core_dumps,
        keyring,
        permissions,
        remote,
        settings,
        terminal_size,
    )
    return [examination(paths) for examination in examinations]


def keyring(paths: Paths) -> Observation:
    """Whether the keyring keeps the device secret of the identity, or could."""
    from vault import device_secret, identity_file

    bound: bool | None = None
    if paths.identity.exists():
        try:
            bound = identity_file.inspect(paths.identity).device is not None
        except BreakglassError as error:
            return Observation("keyring", "unknown", f"the identity file cannot be read: {error}", error.hint)
    try:
        name = device_secret.check()
    except BreakglassError as error:
        if bound is False:
            return Observation("keyring", "not_applicable", f"your identity needs none; {error.why}")
        return Observation("keyring", "fail", str(error), error.hint)
    if bound is False:
        return Observation("keyring", "pass", f"{name} works; your identity does not use it")
    return Observation("keyring", "pass", f"{name} works")


def clipboard(_: Paths) -> Observation:
    """Whether there is a clipboard that can be filled and cleared."""
    try:
        found = Clipboard.require()
    except BreakglassError as error:
        state: State = "fail" if "install" in error.hint else "not_applicable"
        return Observation("clipboard", state, error.why, error.hint)
    if found.hides_from_history:
        return Observation("clipboard", "pass", f"{found.name}, which asks clipboard histories not to record")
    return Observation("clipboard", "pass", f"{found.name}; a clipboard history would record what is copied")


def clock(_: Paths) -> Observation:
    """How far this machine's clock is from AWS's."""
    from custodian.aws_time import difference_s

    try:
        difference, where = difference_s()
    except BreakglassError as error:
        return Observation("clock", "unknown", str(error), error.hint)
    said = f"{abs(difference):.0f} s {'ahead of' if difference > 0 else 'behind'} {where}"
    if abs(difference) <= CLOCK_LIMIT_S:
        return Observation("clock", "pass", f"within {CLOCK_LIMIT_S:.0f} s of {where}")
    return Observation("clock", "fail", said, "set the clock (timedatectl set-ntp true); codes may fail until then")


def terminal_size(_: Paths) -> Observation:
    """Whether the app fits, and has colours."""
    if not (sys.stdout.isatty() or terminal.present()):
        return Observation("terminal", "not_applicable", "there is none; every command works without")
    columns, lines = shutil.get_terminal_size()
    kind = printable(os.environ.get("TERM", ""), 40) or "without a TERM"
    if os.environ.get("NO_COLOR"):
        colour = "no colour (NO_COLOR)"
    else:
        colour = "true colour" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "256 colours or fewer"
    said = f"{columns}x{lines}, {kind}, {colour}"
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        return Observation("terminal", "fail", said, f"the app needs {SMALLEST[0]}x{SMALLEST[1]}: make the window larger")
    return Observation("terminal", "pass", said)


def permissions(paths: Paths) -> Observation:
    """Whether others can get at the vault, the identity or the settings."""
    wrong = []
    for path in (paths.vault, paths.identity, *_inside(paths.vault)):
        wrong += [path] if _mode(path) & 0o077 else []
    wrong += [paths.config] if _mode(paths.config) & 0o022 else []
    if wrong:
        names = ", ".join(printable(str(p)) for p in wrong)
        return Observation("permissions", "fail", f"others can get at {names}", f"run: chmod go-rwx {names.replace(',', '')}")
    if not (paths.vault.exists() or paths.identity.exists()):
        return Observation("permissions", "not_applicable", "there is neither a vault nor an identity yet")
    return Observation("permissions", "pass", "vault and identity are yours alone")


def core_dumps(_: Paths) -> Observation:
    """Whether a crash could write memory to a disk."""
    import resource

    from vault.memory import no_core_dumps

    no_core_dumps()
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        return Observation("core-dumps", "fail", "this system does not let them be turned off", "run: ulimit -c 0")
    return Observation("core-dumps", "pass", "turned off while something is unlocked")


def settings(paths: Paths) -> Observation:
    """Whether the settings file can be read."""
    try:
        config.load(paths.config, must_exist=paths.config_was_named)
    except BreakglassError as error:
        return Observation("settings", "fail", str(error), error.hint)
    if not paths.config.exists():
        return Observation("settings", "pass", f"the defaults; {paths.config} is not there")
    return Observation("settings", "pass", str(paths.config))


def aws_access(paths: Paths) -> Observation:
    """Whether there are AWS credentials to read posture with; it does not call AWS."""
    from custodian.aws_profiles import has_own_credentials, profiles

    names = profiles()
    try:
        base = config.load(paths.config).base_profile
    except BreakglassError:
        base = ""
    if base and base not in names:
        said = f"the base profile {printable(base)} of the settings is not among {', '.join(names) or 'no profiles'}"
        return Observation("aws-access", "fail", said, "run: aws configure sso, or mend base_profile in the settings")
    if names:
        more = f", and {len(names) - 5} more" if len(names) > 5 else ""
        return Observation("aws-access", "pass", f"profiles: {', '.join(names[:5])}{more}")
    if has_own_credentials():
        return Observation("aws-access", "pass", "credentials from the environment")
    return Observation(
        "aws-access", "fail", "no AWS profile is set up, so posture will say unknown", "run: aws configure sso"
    )


def remote(_: Paths) -> Observation:
    """Whether a remote is set up."""
    return Observation("remote", "not_applicable", "none is set up: the vault lives on this machine alone")


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
