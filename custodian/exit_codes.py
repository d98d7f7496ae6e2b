"""What the process says to the shell when it ends, one number per kind of ending.

Scripts rely on these numbers; `docs/custodian.md` lists them. A family of errors in `vault.errors` has exactly one code.
"""

from __future__ import annotations

from enum import IntEnum

from vault.errors import (
    BreakglassError,
    CannotUnlock,
    IntegrityFailure,
    OutOfReach,
    Refused,
    WrongUsage,
)


class ExitCode(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    """Done, and what was asked about is well."""
    NOT_WELL = 1
    """Done, and what was asked about is not well: a failed or unknown check, something due, an import left out."""
    WRONG_USAGE = 2
    """A wrong or missing option or argument."""
    CANNOT_UNLOCK = 3
    """Wrong passphrase, no device secret, or an identity that is no member."""
    REFUSED = 4
    """A rule of custody said no."""
    INTEGRITY = 5
    """Bytes are not what they were: tampering, rollback, fork, damage."""
    OUT_OF_REACH = 6
    """A keyring, a clipboard, a remote or AWS did not answer at all."""
    DEFECT = 70
    """A mistake of this program."""
    INTERRUPTED = 130
    """The person stopped it."""


_FAMILIES: tuple[tuple[type[BreakglassError], ExitCode], ...] = (
    (WrongUsage, ExitCode.WRONG_USAGE),
    (CannotUnlock, ExitCode.CANNOT_UNLOCK),
    (Refused, ExitCode.REFUSED),
    (IntegrityFailure, ExitCode.INTEGRITY),
    (OutOfReach, ExitCode.OUT_OF_REACH),
)


def exit_code_of(error: BreakglassError) -> ExitCode:
    """The code of the error's family; an error of no family is a defect of ours."""
    for family, code in _FAMILIES:
        if isinstance(error, family):
            return code
    return ExitCode.DEFECT
