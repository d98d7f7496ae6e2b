"""Whose posture is asked for, by which way in, and which checkouts explain a use of root.

These are the questions' values; nothing here talks to AWS. `windows_from` is the one bridge from the vault's state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vault.state import State

SLACK_MS = 5 * 60_000
"""How far outside a checkout a use may lie and still be explained by it: clocks differ, and a sign-in takes a while."""

HOME_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""Per partition, the region that is always on and in which CloudTrail keeps sign-ins and other global events."""


@dataclass(frozen=True, slots=True)
class Access:
    """The way into one account for reading: a profile, or a role assumed with a profile's credentials."""

    account_id: str
    partition: str = "aws"
    profile: str = ""
    """A profile of the AWS settings; empty with no role means what AWS tools would use by themselves."""
    role: str = ""
    """Name (with its path) or ARN of a role in the account."""
    base_profile: str = ""
    """What stands in for `profile` where that is empty."""
    region: str = ""
    """Where to ask STS; the partition's home region where it is empty."""

    @property
    def way(self) -> str:
        """How the account is reached, in words, for evidence."""
        if self.role:
            return f"role {self.role}" + (f" from profile {self.source_profile}" if self.source_profile else "")
        return f"profile {self.source_profile}" if self.source_profile else "the default credentials"

    @property
    def source_profile(self) -> str:
        """The profile whose credentials read the account, or assume the role; empty for the default ones."""
        return self.profile or self.base_profile


@dataclass(frozen=True, slots=True)
class Window:
    """A checkout as reconciliation sees it: who could use root, from when to when."""

    checkout: str
    """Its short id."""
    member: str
    """The member's name."""
    opened_ms: int
    ended_ms: int | None
    """None while nothing says when it ends."""

    def explains(self, at_ms: int) -> bool:
        """Whether root used at `at_ms` was within this checkout, give or take the slack."""
        return self.opened_ms - SLACK_MS <= at_ms and (self.ended_ms is None or at_ms <= self.ended_ms + SLACK_MS)


def explaining(windows: Sequence[Window], at_ms: int) -> tuple[Window, ...]:
    """Every checkout that explains a use at `at_ms`; of two that overlap, both."""
    return tuple(w for w in windows if w.explains(at_ms))


def windows_from(state: State, account: str, now: int) -> tuple[Window, ...]:
    """The checkouts of `account` that were ever opened, as windows, oldest first.

    One that ran out without being checked in ended when it ran out; one that still runs has no end yet.
    """
    windows = []
    for checkout in state.checkouts.values():
        if checkout.account != account or checkout.opened is None:
            continue
        ends = [t for t in (checkout.ended, checkout.expires) if t is not None]
        ended = min(ends) if ends else None
        if checkout.ended is None and ended is not None and ended > now:
            ended = None
        member = state.members.get(checkout.member)
        name = member.name if member else checkout.member.hex()[:8]
        windows.append(Window(checkout.short, name, checkout.opened, ended))
    return tuple(sorted(windows, key=lambda w: (w.opened_ms, w.checkout)))
