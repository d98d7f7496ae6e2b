"""What the log adds up to: who is a member, which accounts and secrets there are, which checkouts are open.

A State is only ever made by the fold, from the log alone; it holds no secret and nothing that depends on the present
moment. Questions are answered from copies of its collections, so that a screen may ask while a statement is being taken
in another thread. "Open for another 12 minutes", "due", "overdue" are answers of views that take `now`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from vault.events import AccountRecord, Policy, PostureLine, SealingRef, Target
from vault.sealing import SecretRef

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


class Member(msgspec.Struct, array_like=True):
    """A person with an identity: custodian, reviewer or recovery."""

    fingerprint: bytes
    name: str
    role: Literal["custodian", "reviewer", "recovery"]
    since: int
    """Happened-time of the statement that enrolled them, ms."""
    revoked: int | None = None


class Account(msgspec.Struct, array_like=True):
    """An account's record, and the posture last recorded for it."""

    record: AccountRecord
    added: int
    edited: int | None = None
    retired: int | None = None
    retired_why: str = ""
    posture: tuple[PostureLine, ...] = ()
    posture_at: int | None = None

    @property
    def id(self) -> str:
        """The 12-digit account id."""
        return self.record.id

    @property
    def name(self) -> str:
        """The account's name as it stands now."""
        return self.record.name


class Seen(msgspec.Struct, array_like=True, frozen=True):
    """That somebody was shown a version: the ground of rotation due and of exposure lists."""

    member: bytes
    at: int
    how: Literal["shown", "copied", "code"]
    checkout: bytes


class Version(msgspec.Struct, array_like=True):
    """One plaintext of a secret, under a stable id."""

    id: bytes
    status: Literal["candidate", "current", "superseded", "withdrawn"]
    since: int
    author: bytes
    serial: str
    sealings: list[SealingRef]
    seen: list[Seen] = msgspec.field(default_factory=list)

    @property
    def threshold(self) -> int:
        """The effective threshold: the lowest of all sealings there ever were of this version."""
        return min(s.threshold for s in self.sealings)

    @property
    def holders(self) -> tuple[bytes, ...]:
        """Everybody who was given a share in any sealing of this version, sorted."""
        return tuple(sorted({h for s in self.sealings for h in s.holders}))


class Secret(msgspec.Struct, array_like=True):
    """A secret and its versions, oldest first."""

    ref: SecretRef
    versions: list[Version]

    @property
    def current(self) -> Version | None:
        """The version in use, or None where there is none (never set, or withdrawn)."""
        for version in reversed(self.versions):
            if version.status == "current":
                return version
        return None


class Revealed(msgspec.Struct, array_like=True, frozen=True):
    """That a secret left the vault within a checkout, the first time for each way."""

    secret: SecretRef
    how: Literal["shown", "copied", "code"]
    at: int


class Checkout(msgspec.Struct, array_like=True):
    """One use of root, from request to check-in. Its id is its request's statement id."""

    id: bytes
    digest: bytes
    """The request's digest, which the opening must name."""
    account: str
    member: bytes
    reason: str
    ticket: str
    task: str
    targets: tuple[Target, ...]
    minutes: int
    requested: int
    status: Literal["requested", "open", "checked in", "cancelled"]
    offline: bool
    opened: int | None = None
    ended: int | None = None
    rotated: bool = False
    revealed: list[Revealed] = msgspec.field(default_factory=list)
    before: tuple[PostureLine, ...] = ()
    after: tuple[PostureLine, ...] = ()

    @property
    def short(self) -> str:
        """The first eight hex digits of the id: what people read to each other."""
        return self.id.hex()[:8]

    @property
    def expires(self) -> int | None:
        """When it ends by itself, ms; None before it is opened."""
        return None if self.opened is None else self.opened + self.minutes * MINUTE_MS

    @property
    def secrets(self) -> tuple[SecretRef, ...]:
        """What it asks for."""
        return tuple(t.secret for t in self.targets)

    def is_open(self, now: int) -> bool:
        """Whether secrets may be revealed in it at `now`."""
        return self.status == "open" and self.expires is not None and now < self.expires


class Attestation(msgspec.Struct, array_like=True, frozen=True):
    """A member's word that something is so."""

    what: str
    about: str
    by: bytes
    at: int
    until: int


class State(msgspec.Struct):
    """The fold's result."""

    vault_name: str = ""
    rules: int = 0
    policy: Policy = msgspec.field(default_factory=Policy)
    members: dict[bytes, Member] = msgspec.field(default_factory=dict)
    accounts: dict[str, Account] = msgspec.field(default_factory=dict)
    secrets: dict[SecretRef, Secret] = msgspec.field(default_factory=dict)
    checkouts: dict[bytes, Checkout] = msgspec.field(default_factory=dict)
    attestations: list[Attestation] = msgspec.field(default_factory=list)
    imports: dict[bytes, tuple[str, int]] = msgspec.field(default_factory=dict)
    """Digest of an imported source to (its name, when)."""
    rejected: dict[int, str] = msgspec.field(default_factory=dict)
    """Place to the reason why what stands there had no effect as an act."""
    unknown: int = 0
    """Statements kept whose event this client does not know."""
    unknown_critical: bool = False
    """True where one of them was critical: this client must not write."""
    said: set[bytes] = msgspec.field(default_factory=set)
    """For each statement counted, the first 16 bytes of SHA-256(author ‖ id)."""
    counts: dict[bytes, int] = msgspec.field(default_factory=dict)
    """Device id to the highest of its own counts seen."""
    blobs: set[bytes] = msgspec.field(default_factory=set)
    """Hashes of all sealings that the log names."""
    names: dict[str, str] = msgspec.field(default_factory=dict)
    """Name of each account in use to its id. An index, like those below: they keep every rule's cost constant."""
    refs: dict[str, list[SecretRef]] = msgspec.field(default_factory=dict)
    """Account id to its secrets, in the order they were first sealed."""
    versions: dict[tuple[SecretRef, bytes], Version] = msgspec.field(default_factory=dict)
    """(secret, version id) to the version."""
    in_use: dict[str, dict[SecretRef, Version]] = msgspec.field(default_factory=dict)
    """Account id to the current version of each of its secrets that has one."""
    going: dict[bytes, None] = msgspec.field(default_factory=dict)
    """Ids of the checkouts that have not ended, in the order they were asked for."""
    busy: dict[str, int] = msgspec.field(default_factory=dict)
    """Account id to how many of its checkouts are open, where there are any."""

    def custodians(self) -> list[Member]:
        """The custodians of now, by name."""
        return sorted(
            (m for m in tuple(self.members.values()) if m.role == "custodian" and m.revoked is None), key=lambda m: m.name
        )

    def secrets_of(self, account: str) -> list[Secret]:
        """The secrets of one account that have a current version, by kind (password first) and name."""
        order = {"password": 0, "mfa": 1, "recovery": 2}
        found = (self.secrets[ref] for ref in tuple(self.refs.get(account, ())))
        return sorted((s for s in found if s.current is not None), key=lambda s: (order.get(s.ref.kind, 9), s.ref.name))

    def open_checkouts(self, account: str | None = None) -> list[Checkout]:
        """Checkouts opened and not yet ended, those past their time included, oldest first."""
        going = (self.checkouts[i] for i in tuple(self.going))
        return [c for c in going if c.status == "open" and (account is None or c.account == account)]

    def past_checkouts(self, account: str | None = None) -> list[Checkout]:
        """Checkouts that have ended, newest first."""
        found = (c for c in tuple(self.checkouts.values()) if account is None or c.account == account)
        return [c for c in found if c.ended is not None][::-1]

    def last_rotation(self, account: str) -> int | None:
        """When the account's current password was set, ms; None where there is no password."""
        secret = self.secrets.get(SecretRef(account, "password", ""))
        current = secret.current if secret else None
        return current.since if current else None
