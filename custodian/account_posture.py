"""From an account's record to its posture, and from findings to what the log keeps: for command line and app alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from custodian.config import Config
from custodian.posture.access import Access
from vault.events import AccountRecord, PostureLine

if TYPE_CHECKING:
    from custodian.posture.finding import Finding

LONGEST_SUMMARY = 1000
"""Characters that the log's format allows."""


def access_of(record: AccountRecord, config: Config) -> Access:
    """The way into an account: what its record says, and the settings where it says nothing."""
    return Access(
        record.id,
        partition=record.partition,
        profile=record.profile,
        role=record.role or ("" if record.profile else config.role),
        base_profile=config.base_profile,
    )


def lines_of(findings: Iterable[Finding]) -> tuple[PostureLine, ...]:
    """Findings as the log keeps them, by check."""
    return tuple(
        PostureLine(f.check, f.status.value, f.summary[:LONGEST_SUMMARY]) for f in sorted(findings, key=lambda f: f.check)
    )
