"""Which root credentials exist: `iam:GetAccountSummary`, live, and the first source for every question it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from custodian.posture.failure import malformed
from custodian.posture.source import Asking, Source

_CALL = "iam:GetAccountSummary"


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """The counts AWS gives; a field it did not give is an answer it did not give, never a zero."""

    counts: Mapping[str, int]

    def count(self, field: str) -> int:
        """The count of `field`; raises ReadFailed if AWS did not give it, or gave a negative one."""
        value = self.counts.get(field)
        if value is None or value < 0:
            raise malformed(_CALL, f"it has no {field}")
        return value

    def flag(self, field: str) -> bool:
        """The yes or no of `field`; anything but 1 and 0 is no answer."""
        value = self.count(field)
        if value > 1:
            raise malformed(_CALL, f"{field} is neither 0 nor 1")
        return value == 1

    def root_credentials(self) -> bool:
        """Whether the root user has anything to sign in or to call with: a password, a key or a certificate."""
        # Keys and certificates first: one of them settles it even where AWS leaves the password out.
        if self.count("AccountAccessKeysPresent") or self.count("AccountSigningCertificatesPresent"):
            return True
        return self.flag("AccountPasswordPresent")


def _take(asking: Asking) -> tuple[AccountSummary, int]:
    reply = asking.call("iam", "GetAccountSummary")
    counts = reply.get("SummaryMap")
    if not isinstance(counts, dict) or not counts:
        raise malformed(_CALL, "it has no summary")
    return AccountSummary({str(k): v for k, v in counts.items() if type(v) is int}), asking.now_ms()


SUMMARY: Source[AccountSummary] = Source(_CALL, _take, actions=(_CALL,))
