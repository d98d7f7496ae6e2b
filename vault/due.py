"""What is due: derived from the state and the present moment, never written."""

from __future__ import annotations

import msgspec

from vault.sealing import SecretRef
from vault.state import DAY_MS, Account, State

RECOVERY_WORDS = "recovery-words"


class Due(msgspec.Struct, frozen=True):
    """One thing that somebody has to do."""

    kind: str
    """check-in, rotation or recovery-words."""
    account: str
    """Account id, empty where it is about no account."""
    since: int
    """Since when it is due, ms."""
    why: str


def due(state: State, me: bytes, now: int) -> list[Due]:
    """All that is due for the vault, and what is due for the member `me` alone; check-ins first, then the oldest."""
    found = [*_check_ins(state, now), *_words(state, me)]
    for account in state.accounts.values():
        if account.retired is None:
            rotation = rotation_due(state, account)
            if rotation is not None and rotation.since <= now:
                found.append(rotation)
    return sorted(found, key=lambda d: (d.kind != "check-in", d.since, d.account))


def rotation_due(state: State, account: Account) -> Due | None:
    """When the account's password is or will be due for rotation, and why; None where there is no password."""
    secret = state.secrets.get(SecretRef(account.id, "password", ""))
    current = secret.current if secret else None
    if current is None:
        return None
    shown = [s for s in current.seen if s.how in ("shown", "copied")]
    if shown and state.policy.rotate_after_reveal:
        first = min(s.at for s in shown)
        return Due("rotation", account.id, first, "the password was shown in a checkout and not changed since")
    days = state.policy.rotation_days
    return Due("rotation", account.id, current.since + days * DAY_MS, f"the password is older than {days} days")


def _check_ins(state: State, now: int) -> list[Due]:
    found = []
    for checkout in state.open_checkouts():
        if checkout.expires is not None and checkout.expires <= now:
            who = state.members[checkout.member].name
            found.append(
                Due("check-in", checkout.account, checkout.expires, f"{who}'s checkout {checkout.short} is past its time and not checked in")
            )
    return found


def _words(state: State, me: bytes) -> list[Due]:
    member = state.members.get(me)
    if member is None or any(a.what == RECOVERY_WORDS and a.by == me for a in state.attestations):
        return []
    return [Due("recovery-words", "", member.since, "your recovery words were never written down and asked back")]
