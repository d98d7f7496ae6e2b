"""Whose credentials these are: `sts:GetCallerIdentity`, the gate before every other read.

The call needs no permission. Its answer must be the account, in the partition, that was asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from custodian.posture.failure import Failure, ReadFailed, malformed
from custodian.posture.source import Asking, Source
from vault.text import printable

_CALL = "sts:GetCallerIdentity"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who AWS says is asking."""

    account: str
    partition: str
    arn: str


def _take(asking: Asking) -> tuple[Identity, int]:
    reply = asking.call("sts", "GetCallerIdentity")
    account, arn = reply.get("Account"), reply.get("Arn")
    if not isinstance(account, str) or not re.fullmatch(r"[0-9]{12}", account):
        raise malformed(_CALL, "it names no account")
    parts = arn.split(":") if isinstance(arn, str) else []
    if len(parts) < 6 or parts[0] != "arn":
        raise malformed(_CALL, "it holds no ARN")
    access = asking.access
    remedy = ("Correct the profile or role in the account's record.", "Scan again.")
    if account != access.account_id:
        raise ReadFailed(
            Failure(
                "WrongAccount",
                f"{printable(access.way, 120)} belongs to account {account}, not to {access.account_id}",
                remedy,
            )
        )
    if parts[1] != access.partition:
        raise ReadFailed(
            Failure(
                "WrongPartition",
                f"the account is in the partition {printable(parts[1], 30)}, and its record says {access.partition}",
                ("Correct the partition in the account's record.", "Scan again."),
            )
        )
    return Identity(account, parts[1], str(arn)), asking.now_ms()


IDENTITY: Source[Identity] = Source(_CALL, _take, actions=(_CALL,), of_account=False)
