"""Every error a person may meet, and nothing else.

An error says three things: `what` failed (lower case, the subject), `why` (the reason, in words of this product),
and `hint` (the next step). The class tells which family it belongs to; the command line turns the family into an
exit code, the screens into a colour. No error ever carries a secret, and none wraps a library's raw text.
"""

from __future__ import annotations


class BreakglassError(Exception):
    """The base of all errors shown to a person.

    Raise one of the subclasses; catch this one where everything expected must become a sentence.
    """

    def __init__(self, what: str, why: str = "", hint: str = "") -> None:
        super().__init__(what, why, hint)
        self.what = what
        """What failed, lower case, without a full stop: "cannot unlock"."""
        self.why = why
        """The reason, in plain words; may be empty where `what` says it all."""
        self.hint = hint
        """What to do next, as an imperative sentence; empty where there is nothing to do."""

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" if self.why else self.what


class WrongUsage(BreakglassError):
    """What was asked makes no sense as it stands: a bad value, a missing one, an unknown name."""


class CannotUnlock(BreakglassError):
    """Wrong passphrase, no device secret, or an identity that is no member."""


class Refused(BreakglassError):
    """A rule of custody says no: policy, role, quorum, expiry, offline."""


class IntegrityFailure(BreakglassError):
    """Bytes are not what they were: tampering, rollback, fork, damage. Nothing further is read or shown."""


class OutOfReach(BreakglassError):
    """Something outside does not answer: a keyring, a clipboard, a remote, AWS."""
