"""The JSON that scripts rely on, one function for each shape.

Keys are stable and always there, `null` where there is nothing to say; times are RFC 3339 in UTC; lists are sorted.
People are referred to by fingerprint, as everywhere; where one person is meant, the name stands beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.clock import iso

if TYPE_CHECKING:
    from vault import Vault
    from vault.state import Account, Checkout, Secret, Version

Json = dict[str, Any]


def time_or_none(ms: int | None) -> str | None:
    """A time as JSON has it; None stays None."""
    return None if ms is None else iso(ms)


def name_of(vault: Vault, fingerprint: bytes) -> str:
    """A member's name; the fingerprint in hex for somebody the log does not know."""
    member = vault.state.members.get(fingerprint)
    return member.name if member else fingerprint.hex()


def account(vault: Vault, one: Account) -> Json:
    """An account as `accounts list` gives it."""
    return {
        "id": one.id,
        "name": one.name,
        "email": one.record.email,
        "partition": one.record.partition,
        "secrets": [secret(vault, s) for s in sorted(vault.state.secrets_of(one.id), key=lambda s: s.ref)],
        "open_checkouts": sorted(c.id.hex() for c in vault.state.open_checkouts(one.id)),
    }


def account_in_full(vault: Vault, one: Account) -> Json:
    """An account as `accounts show` gives it: the record, what is known of it, and its use."""
    return {
        **account(vault, one),
        "inbox_readers": one.record.inbox_readers,
        "phone_holder": one.record.phone_holder,
        "notes": one.record.notes,
        "profile": one.record.profile,
        "role": one.record.role,
        "added": iso(one.added),
        "retired": time_or_none(one.retired),
        "rotated": time_or_none(vault.state.last_rotation(one.id)),
        "posture": [
            {"check": line.check, "status": line.status, "summary": line.summary}
            for line in sorted(one.posture, key=lambda line: line.check)
        ],
        "posture_as_of": time_or_none(one.posture_at),
        "checkouts": [
            checkout_in_full(vault, c)
            for c in sorted(vault.state.checkouts.values(), key=lambda c: (c.requested, c.id))
            if c.account == one.id
        ],
    }


def secret(vault: Vault, one: Secret) -> Json:
    """A secret by its current version; never what it holds."""
    current = one.current
    assert current is not None
    return {
        "kind": one.ref.kind,
        "name": one.ref.name,
        "version": current.id.hex(),
        "since": iso(current.since),
        "threshold": current.threshold,
        "holders": sorted(holder.hex() for holder in current.holders),
    }


def sealed(account_id: str, kind: str, name: str, version: Version) -> Json:
    """A version that was just sealed."""
    return {
        "account": account_id,
        "kind": kind,
        "name": name,
        "version": version.id.hex(),
        "since": iso(version.since),
        "threshold": version.threshold,
    }


def checkout(vault: Vault, one: Checkout) -> Json:
    """A checkout as `checkout` gives it."""
    return {
        "checkout": one.id.hex(),
        "account": one.account,
        "state": "requested" if one.status == "requested" else one.status.replace(" ", "_"),
        "opened": time_or_none(one.opened),
        "expires": time_or_none(one.expires),
        "approvals_needed": 0 if one.status != "requested" else vault.approvals_needed(one),
        "offline": one.offline,
    }


def checkout_in_full(vault: Vault, one: Checkout) -> Json:
    """A checkout with who asked for it, why, and what came of it."""
    return {
        **checkout(vault, one),
        "member": one.member.hex(),
        "member_name": name_of(vault, one.member),
        "reason": one.reason,
        "ticket": one.ticket,
        "requested": iso(one.requested),
        "ended": time_or_none(one.ended),
        "rotated": one.rotated,
        "secrets": [{"kind": ref.kind, "name": ref.name} for ref in sorted(one.secrets)],
        "revealed": [
            {"kind": r.secret.kind, "name": r.secret.name, "how": r.how, "time": iso(r.at)}
            for r in sorted(one.revealed, key=lambda r: (r.at, r.secret, r.how))
        ],
    }
