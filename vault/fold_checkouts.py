"""The rules for checkouts: requested → opened → revealed → checked in, or cancelled. Called by `fold` only.

Opened and revealed are facts: their `why_not_*` names the broken rule, and they are taken all the same, because a
reviewer must see what happened rather than what should have.
"""

from __future__ import annotations

from typing import Literal

from vault import events as e
from vault import reason
from vault.state import Checkout, Member, Revealed, Seen, State, Version
from vault.statement import Statement


def _version(state: State, target: e.Target) -> Version | None:
    version = state.versions.get((target.secret, target.version))
    return version if version is not None and any(s.blob == target.blob for s in version.sealings) else None


def why_not_request(state: State, member: Member, said: Statement, event: e.CheckoutRequested) -> str | None:
    """A custodian asks for secrets of one account, with a reason that says something, for a time within policy."""
    if member.role != "custodian":
        return "only a custodian may check out root"
    account = state.accounts.get(event.account)
    if account is None or account.retired is not None:
        return "there is no such account" if account is None else "the account is retired"
    if said.id in state.checkouts:
        return "a checkout with this id is on record already"
    poor = reason.judge(event.reason, state.policy.min_reason)
    if poor:
        return poor
    if event.minutes > state.policy.max_minutes:
        return f"{event.minutes} minutes are more than the {state.policy.max_minutes} that policy allows"
    if len({t.secret for t in event.targets}) != len(event.targets):
        return "it names a secret twice"
    for target in event.targets:
        refused = _why_not_target(state, member, event.account, target)
        if refused:
            return refused
    return None


def _why_not_target(state: State, member: Member, account: str, target: e.Target) -> str | None:
    version = _version(state, target)
    if target.secret.account != account or version is None:
        return "it names a secret that the account does not have"
    if version.status not in ("current", "candidate"):
        return f"it names a version that is {version.status}"
    if member.fingerprint not in version.holders:
        return f"{member.name} holds no share of the {target.secret.kind}"
    return None


def request(state: State, member: Member, said: Statement, event: e.CheckoutRequested) -> None:
    """Put the request on record."""
    state.checkouts[said.id] = Checkout(
        id=said.id,
        digest=said.digest(),
        account=event.account,
        member=member.fingerprint,
        reason=event.reason,
        ticket=event.ticket,
        task=event.task,
        targets=event.targets,
        minutes=event.minutes,
        requested=said.happened,
        status="requested",
        offline=said.offline,
    )
    state.going[said.id] = None


def why_not_open(state: State, member: Member, said: Statement, event: e.CheckoutOpened) -> str | None:
    """The requester opens their own request once, with all the approvals its secrets need."""
    checkout = state.checkouts.get(event.checkout.id)
    if checkout is None or checkout.digest != event.checkout.digest:
        return "it opens a checkout that nobody asked for"
    if checkout.member != member.fingerprint:
        return "it opens somebody else's checkout"
    if checkout.status != "requested":
        return f"the checkout is {checkout.status} already"
    if said.happened < checkout.requested:
        return "it was opened before it was asked for"
    account = state.accounts.get(checkout.account)
    if account is None or account.retired is not None:
        return "the account is retired"
    for target in checkout.targets:
        version = _version(state, target)
        if version is None or version.status not in ("current", "candidate"):
            return f"the version of the {target.secret.kind} that it names is no longer in use"
        if version.threshold > 1:
            return f"the {target.secret.kind} needs {version.threshold} people, and nobody has approved"
    return None


def open_(state: State, member: Member, said: Statement, event: e.CheckoutOpened) -> None:
    """Mark it open. As a fact it counts even where the request was never accepted or has ended."""
    checkout = state.checkouts.get(event.checkout.id)
    if checkout is None or checkout.member != member.fingerprint:
        return
    if checkout.opened is None:
        checkout.opened = said.happened
    if checkout.status == "requested":
        checkout.status = "open"
        state.busy[checkout.account] = state.busy.get(checkout.account, 0) + 1
    checkout.offline = checkout.offline or said.offline


def why_not_reveal(state: State, member: Member, said: Statement, event: e.CheckoutRevealed) -> str | None:
    """Something is revealed to the holder of an open checkout that asked for it, within its time."""
    checkout = state.checkouts.get(event.checkout)
    if checkout is None or checkout.member != member.fingerprint:
        return "it was revealed without a checkout of that person's"
    if checkout.status != "open" or checkout.expires is None:
        return f"it was revealed while the checkout was {checkout.status}"
    if not any(t.secret == event.secret and t.version == event.version for t in checkout.targets):
        return "it was revealed though the checkout does not ask for it"
    if said.happened >= checkout.expires:
        return "it was revealed after the checkout's time was over"
    if (event.how == "code") != (event.secret.kind == "mfa"):
        return "an MFA device shows codes, and everything else is shown or copied"
    return None


def reveal(state: State, member: Member, said: Statement, event: e.CheckoutRevealed) -> None:
    """The secret counts as seen by this person from now on, in whatever checkout or none."""
    version = state.versions.get((event.secret, event.version))
    if version is not None:
        version.seen.append(Seen(member.fingerprint, said.happened, event.how, event.checkout))
    checkout = state.checkouts.get(event.checkout)
    if checkout is not None and checkout.member == member.fingerprint:
        checkout.revealed.append(Revealed(event.secret, event.how, said.happened))
        checkout.offline = checkout.offline or said.offline


def _mine_and_going(state: State, member: Member, checkout_id: bytes) -> str | None:
    checkout = state.checkouts.get(checkout_id)
    if checkout is None:
        return "there is no such checkout"
    if checkout.member != member.fingerprint:
        return "it is somebody else's checkout"
    return f"the checkout is {checkout.status} already" if checkout.ended is not None else None


def _end(state: State, checkout_id: bytes, status: Literal["checked in", "cancelled"], said: Statement) -> Checkout:
    checkout = state.checkouts[checkout_id]
    if checkout.status == "open":
        state.busy[checkout.account] -= 1
        if not state.busy[checkout.account]:
            del state.busy[checkout.account]
    checkout.status, checkout.ended = status, said.happened
    state.going.pop(checkout_id, None)
    return checkout


def why_not_cancel(state: State, member: Member, said: Statement, event: e.CheckoutCancelled) -> str | None:
    """Whoever asked may cancel, as long as nothing was revealed."""
    refused = _mine_and_going(state, member, event.checkout)
    if refused is None and state.checkouts[event.checkout].revealed:
        return "something was revealed in it already; check it in instead"
    return refused


def cancel(state: State, member: Member, said: Statement, event: e.CheckoutCancelled) -> None:
    """End it without posture."""
    _end(state, event.checkout, "cancelled", said)


def why_not_check_in(state: State, member: Member, said: Statement, event: e.CheckoutCheckedIn) -> str | None:
    """Whoever opened it checks it in, also after its time."""
    refused = _mine_and_going(state, member, event.checkout)
    if refused is None and state.checkouts[event.checkout].status != "open":
        return "the checkout was never opened; cancel it instead"
    return refused


def check_in(state: State, member: Member, said: Statement, event: e.CheckoutCheckedIn) -> None:
    """End it, with posture before and after."""
    checkout = _end(state, event.checkout, "checked in", said)
    checkout.rotated, checkout.before, checkout.after = event.rotated, event.before, event.after
