"""The rules: what each statement in the log does.

`fold(placed) -> State` is pure, deterministic, total and linear. Total means that no input raises: a statement that
breaks a rule has no effect and is listed as rejected with the reason. Each event has one rule, a function that is asked
twice: `why_not(...)` says why the statement may not be, without changing anything (a client asks it before it speaks, the
fold asks it again at the statement's final place), and `take(...)` changes the state.

Facts are the exception: what happened counts even where it should not have, and is listed as rejected all the same.
Only the happened-times of the statements concerned are compared; "now" does not occur here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from vault import events as e
from vault import fold_checkouts, fold_records
from vault.errors import IntegrityFailure
from vault.events import FACTS, RULES_VERSION
from vault.state import Attestation, Member, State
from vault.statement import Statement

RULES: dict[type, tuple[Callable[..., str | None], Callable[..., None]]] = {
    e.AccountAdded: (fold_records.why_not_add, fold_records.add),
    e.AccountEdited: (fold_records.why_not_edit, fold_records.edit),
    e.AccountRetired: (fold_records.why_not_retire, fold_records.retire),
    e.VersionSealed: (fold_records.why_not_seal, fold_records.seal),
    e.VersionWithdrawn: (fold_records.why_not_withdraw, fold_records.withdraw),
    e.Imported: (fold_records.why_not_import, fold_records.note_import),
    e.PostureRecorded: (fold_records.why_not_record, fold_records.record_posture),
    e.CheckoutRequested: (fold_checkouts.why_not_request, fold_checkouts.request),
    e.CheckoutOpened: (fold_checkouts.why_not_open, fold_checkouts.open_),
    e.CheckoutRevealed: (fold_checkouts.why_not_reveal, fold_checkouts.reveal),
    e.CheckoutCancelled: (fold_checkouts.why_not_cancel, fold_checkouts.cancel),
    e.CheckoutCheckedIn: (fold_checkouts.why_not_check_in, fold_checkouts.check_in),
}


class Placed(msgspec.Struct, frozen=True):
    """A statement at its place, as the fold takes it: the chain and the signature have been checked before."""

    seq: int
    author: bytes
    said: Statement


def fold(placed: Iterable[Placed], state: State | None = None) -> State:
    """Take each statement in turn. Continues `state` (changed in place) where given. Never raises."""
    state = State() if state is None else state
    for one in placed:
        take(state, one)
    return state


def take(state: State, placed: Placed) -> None:
    """Let one statement act on `state`: the only way a State ever changes."""
    said = placed.said
    if stands(state, placed.author, said):
        state.rejected[placed.seq] = "the same statement stands in the log already"
        return
    why, event = _read(state, placed)
    if event is not None and (why is None or (type(event) in FACTS and placed.author in state.members)):
        _apply(state, placed, event)
    if why is not None:
        state.rejected[placed.seq] = why
    state.said.add(_key(placed.author, said))
    state.counts[said.device] = max(said.count, state.counts.get(said.device, 0))


def stands(state: State, author: bytes, said: Statement) -> bool:
    """Whether this author's statement is in the log already, accepted or not."""
    return _key(author, said) in state.said


def why_not(state: State, placed: Placed) -> str | None:
    """Why the statement would be rejected at this place, or None. Changes nothing."""
    if stands(state, placed.author, placed.said):
        return "the same statement stands in the log already"
    if state.unknown_critical:
        return "the log holds something that this version of breakglass does not know; update it before writing"
    why, event = _read(state, placed)
    return "this version of breakglass does not know the event" if type(event) is _Unknown else why


def _read(state: State, placed: Placed) -> tuple[str | None, Any]:
    """(why it is rejected or None, the event or None where it cannot be read). Counts unknown ones by `_apply`."""
    try:
        event = placed.said.event()
    except IntegrityFailure:
        return "its event cannot be read", None
    if type(event) is e.VaultCreated:
        return _why_not_create(state, placed, event), event
    member = state.members.get(placed.author)
    if member is None:
        return "its author is not a member", event
    if event is None:
        return None, _Unknown(placed.said.critical)
    if member.revoked is not None and type(event) not in FACTS:
        return "its author was revoked before", event
    if type(event) is e.Attested:
        return None, event
    rule, _ = RULES[type(event)]
    return rule(state, member, placed.said, event), event


def _apply(state: State, placed: Placed, event: Any) -> None:
    if type(event) is _Unknown:
        state.unknown += 1
        state.unknown_critical = state.unknown_critical or event.critical
    elif type(event) is e.VaultCreated:
        _create(state, placed, event)
    elif type(event) is e.Attested:
        state.attestations.append(
            Attestation(event.what, event.about, placed.author, placed.said.happened, event.until)
        )
    else:
        _, act = RULES[type(event)]
        act(state, state.members[placed.author], placed.said, event)


class _Unknown(msgspec.Struct, frozen=True):
    critical: bool


def _why_not_create(state: State, placed: Placed, event: e.VaultCreated) -> str | None:
    if placed.seq != 0 or state.members:
        return "a vault is created once, by its first entry"
    if event.rules != RULES_VERSION:
        return f"the log follows rules version {event.rules}; this breakglass knows {RULES_VERSION}"
    return None


def _create(state: State, placed: Placed, event: e.VaultCreated) -> None:
    state.vault_name = event.name
    state.rules = event.rules
    state.policy = event.policy
    state.members[placed.author] = Member(placed.author, event.member, "custodian", placed.said.happened)


def _key(author: bytes, said: Statement) -> bytes:
    return hashlib.sha256(author + said.id).digest()[:16]
