"""The log as people read it: one line an entry, in the words of the design.

A line is built from the entry itself and from names in the state. Texts in it are as members wrote them: whoever shows
a line passes them through `text.printable`.
"""

from __future__ import annotations

import msgspec

from vault import events as e
from vault.entry import Envelope
from vault.errors import IntegrityFailure
from vault.fold import Placed
from vault.sealing import SecretRef
from vault.state import State


class LogLine(msgspec.Struct, frozen=True):
    """One entry to be read."""

    seq: int
    hash: bytes
    placed: int
    """When it was placed in the log, ms, by its author's clock."""
    happened: int
    """When it happened, ms, by its author's clock."""
    author: bytes
    author_name: str
    event: str
    account: str
    """Account id, or empty."""
    checkout: str
    """Checkout id in hex, or empty."""
    reason: str
    ticket: str
    offline: bool
    rejected: str
    """Why it has no effect as an act, or empty."""
    detail: str
    """What was said, as one plain clause."""


def line(state: State, envelope: Envelope, placed: Placed) -> LogLine:
    """The line of one entry."""
    said = placed.said
    try:
        event = said.event()
    except IntegrityFailure:
        event = None
    account, checkout, reason, ticket = _about(state, said.id, event)
    author = state.members.get(placed.author)
    return LogLine(
        seq=placed.seq,
        hash=envelope.hash,
        placed=envelope.header.placed,
        happened=said.happened,
        author=placed.author,
        author_name=author.name if author else placed.author.hex()[:8],
        event=said.name,
        account=account,
        checkout=checkout.hex(),
        reason=reason,
        ticket=ticket,
        offline=said.offline,
        rejected=state.rejected.get(placed.seq, ""),
        detail=_detail(state, event) if event is not None else "something this version of breakglass does not know",
    )


def void(seq: int, hash_: bytes) -> LogLine:
    """The line of an object that is nobody's entry, and that a later entry names."""
    why = "it is no entry of this log; a later entry names it"
    return LogLine(seq, hash_, 0, 0, b"", "", "void", "", "", "", "", False, why, "something else was put in this place")


def _about(state: State, statement: bytes, event: e.Event | None) -> tuple[str, bytes, str, str]:
    """(account, checkout, reason, ticket) of an event; those of its checkout where it belongs to one."""
    match event:
        case e.AccountAdded(record=record) | e.AccountEdited(record=record):
            return record.id, b"", "", ""
        case e.AccountRetired(account=account) | e.PostureRecorded(account=account):
            return account, b"", "", ""
        case e.VersionSealed(secret=secret) | e.VersionWithdrawn(secret=secret):
            return secret.account, b"", "", ""
        case e.CheckoutRequested():
            return event.account, statement, event.reason, event.ticket
        case e.CheckoutOpened(checkout=ref):
            checkout = ref.id
        case e.CheckoutRevealed() | e.CheckoutCancelled() | e.CheckoutCheckedIn():
            checkout = event.checkout
        case _:
            return "", b"", "", ""
    known = state.checkouts.get(checkout)
    return (known.account, checkout, known.reason, known.ticket) if known else ("", checkout, "", "")


def _detail(state: State, event: e.Event) -> str:
    match event:
        case e.VaultCreated():
            return f"{event.member} created the vault {event.name}"
        case e.AccountAdded():
            return f"added {event.record.name}"
        case e.AccountEdited():
            return f"edited {event.record.name}"
        case e.AccountRetired():
            return f"retired {_name(state, event.account)}: {event.why}"
        case e.VersionSealed():
            many = len(event.sealing.holders)
            return f"set the {_secret(event.secret)}, {event.sealing.threshold} of {many} holder{'s' * (many > 1)} can open it"
        case e.VersionWithdrawn():
            return f"removed the {_secret(event.secret)}: {event.why}"
        case e.Imported():
            return f"imported {event.count} from {event.source}"
        case e.CheckoutRequested():
            wanted = _list(t.secret for t in event.targets)
            return f"asked for {wanted} of {_name(state, event.account)} for {event.minutes} minutes: {event.reason}"
        case e.CheckoutOpened():
            return "opened the checkout"
        case e.CheckoutRevealed():
            return f"{'saw a code of' if event.how == 'code' else event.how} the {_secret(event.secret)}"
        case e.CheckoutCancelled():
            return f"cancelled the checkout{': ' * bool(event.why)}{event.why}"
        case e.CheckoutCheckedIn():
            return f"checked in{', password changed' * event.rotated}{_change(event.before, event.after)}"
        case e.PostureRecorded():
            failed = sum(1 for one in event.lines if one.status == "fail")
            unknown = sum(1 for one in event.lines if one.status == "unknown")
            return f"recorded the posture: {failed} fail, {unknown} unknown, of {len(event.lines)}"
        case e.Attested(what="recovery-words"):
            return "attested that the recovery words are on paper"
        case e.Attested():
            return f"attested: {event.what}{': ' * bool(event.about)}{event.about}"


def _change(before: e.Posture, after: e.Posture) -> str:
    was = {one.check: one.status for one in before}
    changed = [f"{one.check} {was[one.check]} → {one.status}" for one in after if was.get(one.check, one.status) != one.status]
    return f"; {', '.join(changed)}" if changed else ""


def _secret(ref: SecretRef) -> str:
    return {"password": "password", "mfa": f"MFA device {ref.name}", "recovery": "recovery notes"}.get(ref.kind, ref.kind)


def _list(refs: object) -> str:
    return ", ".join(_secret(ref) for ref in refs)  # type: ignore[attr-defined]


def _name(state: State, account_id: str) -> str:
    account = state.accounts.get(account_id)
    return account.name if account else account_id
