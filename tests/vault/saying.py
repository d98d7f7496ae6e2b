"""A log without cryptography: statements in order, and the state they add up to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from tests.vault.founding import ACCOUNT, PASSWORD_REF, REASON, record
from vault import events as e
from vault import fold
from vault.events import Event, Policy, SealingRef
from vault.fold import Placed
from vault.sealing import SecretRef
from vault.state import Checkout, Member, State
from vault.statement import Statement, say

ANN, BOB, EVE = (hashlib.sha256(name).digest() for name in (b"Ann", b"Bob", b"Eve"))
"""Ann founds the vault. Bob is made a member where a test needs two. Eve is nobody."""

START = 1_764_000_000_000


class Story:
    """Says one thing after another and folds it at once. `why` is what the fold rejected the last one for, or empty."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.state = State()
        self.placed: list[Placed] = []
        self.now = START
        self.say(e.VaultCreated("acme", "Ann", policy or Policy()))

    def say(self, event: Event, by: bytes = ANN, *, offline: bool = False) -> Statement:
        self.now += 1000
        said = say(event, device=bytes(16), count=len(self.placed), happened=self.now, offline=offline)
        self.take(said, by)
        return said

    def take(self, said: Statement, by: bytes = ANN) -> None:
        self.placed.append(Placed(len(self.placed), by, said))
        fold.take(self.state, self.placed[-1])

    @property
    def why(self) -> str:
        return self.state.rejected.get(len(self.placed) - 1, "")

    # -- what most tests begin with ---------------------------------------------------------------------------------

    def join(self, member: bytes = BOB, role: str = "custodian") -> None:
        """Make somebody a member. Enrolment has no event yet, so the state is told directly."""
        self.state.members[member] = Member(member, "Bob", role, self.now)  # type: ignore[arg-type]

    def revoke(self, member: bytes) -> None:
        self.state.members[member].revoked = self.now

    def account(self, account: str = ACCOUNT, name: str = "payments-prod") -> None:
        self.say(e.AccountAdded(record(account, name)))

    def secret(self, ref: SecretRef = PASSWORD_REF, **more: object) -> e.Target:
        sealed = sealing_event(ref, **{"holders": self.custodians(), **more})
        self.say(sealed)
        return e.Target(ref, sealed.version, sealed.sealing.blob)

    def custodians(self) -> Iterable[bytes]:
        return sorted(m.fingerprint for m in self.state.custodians())

    def request(self, *targets: e.Target, by: bytes = ANN, **more: object) -> Checkout:
        said = self.say(request_event(*targets, **more), by)
        assert not self.why
        return self.state.checkouts[said.id]

    def checkout(self, *targets: e.Target) -> Checkout:
        """An open one."""
        checkout = self.request(*targets)
        self.say(e.CheckoutOpened(e.StatementRef(checkout.id, checkout.digest)))
        assert not self.why
        return checkout


def sealing_event(
    ref: SecretRef = PASSWORD_REF, holders: Iterable[bytes] = (ANN,), *, status: str = "current", threshold: int = 1,
    version: bytes = b"", blob: bytes = b"",
) -> e.VersionSealed:  # fmt: skip
    named = SealingRef(blob or os.urandom(32), tuple(holders), threshold)
    return e.VersionSealed(ref, version or os.urandom(16), status, named)  # type: ignore[arg-type]


def request_event(
    *targets: e.Target, account: str = ACCOUNT, reason: str = REASON, minutes: int = 60
) -> e.CheckoutRequested:
    return e.CheckoutRequested(account, targets, reason, minutes)


def unknown(name: str, version: int = 1, *, critical: bool, body: bytes = b"\x90") -> Statement:
    """A statement of an event that this client has never heard of."""
    import msgspec

    return Statement(os.urandom(16), bytes(16), 1, START, False, critical, name, version, msgspec.Raw(body))
