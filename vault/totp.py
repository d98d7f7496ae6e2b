"""The code an MFA device shows at a given time, how long it stays, and the one after it (RFC 6238, through
pyotp).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from vault.errors import WrongUsage
from vault.plaintext import Mfa

_DIGESTS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}

# pyotp refuses seeds under 112 bits, and many issuers gave out 80. HMAC fills a short key with zeros itself
# (RFC 2104), so a seed with zeros behind it makes the same codes.
_SHORTEST_FOR_PYOTP = 14


@dataclass(frozen=True)
class Code:
    """What a person types, and what the countdown shows."""

    code: str = field(repr=False)
    seconds_left: int
    """Whole seconds, rounded up: `period` in a step's first second, 1 in its last, never 0."""
    period: int
    next_code: str = field(repr=False)


def codes(mfa: Mfa, at_ms: int) -> Code:
    """The code of `mfa` at `at_ms` milliseconds since 1970, and the next one; WrongUsage for a time before
    1970.
    """
    from pyotp.hotp import HOTP

    if at_ms < 0:
        raise WrongUsage("cannot make a code", "the clock stands before 1970", "set the clock")
    seed = base64.b32encode(mfa.seed.ljust(_SHORTEST_FOR_PYOTP, b"\0")).decode()
    # HOTP with the step as its count, because pyotp's TOTP refuses periods over 120 seconds.
    generator = HOTP(seed, digits=mfa.digits, digest=_DIGESTS[mfa.algorithm])
    step, into_it = divmod(at_ms, mfa.period * 1000)
    left = -(-(mfa.period * 1000 - into_it) // 1000)
    return Code(generator.at(step), left, mfa.period, generator.at(step + 1))
