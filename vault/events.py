"""What can be said in the log: one typed, versioned struct an event.

A statement carries an event by name, version and body. `EVENTS` maps (name, version) to the struct that reads the body;
what is not in it is unknown to this client, and the statement's `critical` flag says whether that may be passed over.
The bounds on every field are part of the format. `FACTS` are the events that count whoever says them, because they
tell of something that has happened; every other event is an act, and has no effect where a rule forbids it.

What an event *means* stands in `fold`; here is only its shape.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from vault.sealing import SecretRef

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Line = Annotated[str, msgspec.Meta(max_length=1000)]
Note = Annotated[str, msgspec.Meta(max_length=8000)]
Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Millis = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31)]

RULES_VERSION = 1
"""The version of the rules that `fold` applies; the first entry names it."""


class _Body(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The body of an event: a msgpack array of its fields in the order they stand here."""


class KindPolicy(_Body, frozen=True):
    """Who holds secrets of one kind, and how many of them must act together."""

    kind: Literal["password", "mfa", "recovery"]
    holders: Annotated[tuple[Hash, ...], msgspec.Meta(max_length=16)] = ()
    """Fingerprints; empty means every custodian."""
    threshold: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1


class Policy(_Body, frozen=True):
    """The rules of a vault that its members set. The defaults are those of a vault with one custodian."""

    min_reason: Annotated[int, msgspec.Meta(ge=1, le=500)] = 10
    """Shortest reason, in characters."""
    max_minutes: Annotated[int, msgspec.Meta(ge=1, le=7 * 24 * 60)] = 720
    """Longest checkout."""
    rotation_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90
    """A password older than this is due for rotation."""
    rotate_after_reveal: bool = True
    """A password that was shown or copied is due for rotation."""
    offline: Literal["allow", "deny"] = "allow"
    """Whether a checkout may go ahead while the remote is out of reach."""
    governance: Annotated[int, msgspec.Meta(ge=0, le=16)] = 0
    """Custodians who must agree to change members or policy; 0 means 1 for one or two custodians and 2 from three on."""
    kinds: Annotated[tuple[KindPolicy, ...], msgspec.Meta(max_length=3)] = ()
    """Exceptions by kind; a kind not named here has every custodian as holder and threshold 1."""

    def of(self, kind: str) -> KindPolicy:
        """The holders and threshold that hold for `kind`."""
        for one in self.kinds:
            if one.kind == kind:
                return one
        return KindPolicy(kind)  # type: ignore[arg-type]


class AccountRecord(_Body, frozen=True):
    """One AWS account as people know it. No field of it is secret from members."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}\Z")]
    name: Name
    email: Line = ""
    """The root user's e-mail address."""
    partition: Literal["aws", "aws-us-gov", "aws-cn"] = "aws"
    inbox_readers: Line = ""
    """Who reads the root user's inbox."""
    phone_holder: Line = ""
    """Who holds the phone that AWS calls."""
    notes: Note = ""
    profile: Line = ""
    """The AWS profile posture is read with; empty means none is set."""
    role: Line = ""
    """The role to assume in the account from that profile, or from the base profile."""


class SealingRef(_Body, frozen=True):
    """Points from the log to a sealing's blob, and repeats what it must be bound to."""

    blob: Hash
    """SHA-256 of the blob."""
    holders: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=16)]
    threshold: Annotated[int, msgspec.Meta(ge=1, le=16)]


class PostureLine(_Body, frozen=True):
    """One finding as the log keeps it."""

    check: Name
    status: Literal["pass", "fail", "unknown", "not_applicable"]
    summary: Line


Posture = Annotated[tuple[PostureLine, ...], msgspec.Meta(max_length=64)]


class StatementRef(_Body, frozen=True):
    """Points to a statement: its id and its digest, never its place."""

    id: Id
    digest: Hash


class Target(_Body, frozen=True):
    """One secret that a checkout asks for, at one version, in one sealing."""

    secret: SecretRef
    version: Id
    blob: Hash


class VaultCreated(_Body, frozen=True):
    name: Name
    member: Name
    """The founder's name; the founder is the author of the entry."""
    policy: Policy
    rules: int = RULES_VERSION


class AccountAdded(_Body, frozen=True):
    record: AccountRecord


class AccountEdited(_Body, frozen=True):
    record: AccountRecord


class AccountRetired(_Body, frozen=True):
    account: Name
    why: Line


class VersionSealed(_Body, frozen=True):
    secret: SecretRef
    version: Id
    status: Literal["current", "candidate"]
    sealing: SealingRef
    serial: Line = ""
    """For an MFA device, its serial (an ARN): posture compares it with what AWS lists."""


class VersionWithdrawn(_Body, frozen=True):
    secret: SecretRef
    version: Id
    why: Line


class Imported(_Body, frozen=True):
    source: Line
    """What was read, as a person would name it: a file's name and format."""
    digest: Hash
    """A hash of the source, so that a second import of it is noticed."""
    count: Count


class CheckoutRequested(_Body, frozen=True):
    account: Name
    targets: Annotated[tuple[Target, ...], msgspec.Meta(min_length=1, max_length=16)]
    reason: Note
    minutes: Annotated[int, msgspec.Meta(ge=1, le=7 * 24 * 60)]
    ticket: Line = ""
    task: Line = ""
    purpose: Literal["sign in"] = "sign in"
    ephemeral: Annotated[tuple[tuple[str, bytes], ...], msgspec.Meta(max_length=4)] = ()
    """Public keys that approvers seal their shares to; empty where the requester alone meets every threshold."""


class CheckoutOpened(_Body, frozen=True):
    checkout: StatementRef
    approvals: Annotated[tuple[StatementRef, ...], msgspec.Meta(max_length=16)] = ()


class CheckoutRevealed(_Body, frozen=True):
    checkout: Id
    secret: SecretRef
    version: Id
    how: Literal["shown", "copied", "code"]


class CheckoutCancelled(_Body, frozen=True):
    checkout: Id
    why: Line = ""


class CheckoutCheckedIn(_Body, frozen=True):
    checkout: Id
    rotated: bool = False
    before: Posture = ()
    after: Posture = ()


class PostureRecorded(_Body, frozen=True):
    account: Name
    lines: Posture
    as_of: Millis


class Attested(_Body, frozen=True):
    what: Name
    """What is attested: `recovery-words`, and more with later rules."""
    about: Line = ""
    """Whom or what it is about: a fingerprint in hex, an account id."""
    until: Millis = 0
    """When it ends; 0 means never."""


Event = (
    VaultCreated
    | AccountAdded
    | AccountEdited
    | AccountRetired
    | VersionSealed
    | VersionWithdrawn
    | Imported
    | CheckoutRequested
    | CheckoutOpened
    | CheckoutRevealed
    | CheckoutCancelled
    | CheckoutCheckedIn
    | PostureRecorded
    | Attested
)

EVENTS: dict[tuple[str, int], type[_Body]] = {
    ("vault created", 1): VaultCreated,
    ("account added", 1): AccountAdded,
    ("account edited", 1): AccountEdited,
    ("account retired", 1): AccountRetired,
    ("version sealed", 1): VersionSealed,
    ("version withdrawn", 1): VersionWithdrawn,
    ("imported", 1): Imported,
    ("checkout requested", 1): CheckoutRequested,
    ("checkout opened", 1): CheckoutOpened,
    ("checkout revealed", 1): CheckoutRevealed,
    ("checkout cancelled", 1): CheckoutCancelled,
    ("checkout checked in", 1): CheckoutCheckedIn,
    ("posture recorded", 1): PostureRecorded,
    ("attested", 1): Attested,
}

NAMES: dict[type[_Body], tuple[str, int]] = {struct: key for key, struct in EVENTS.items()}

FACTS: frozenset[type[_Body]] = frozenset({CheckoutOpened, CheckoutRevealed})
"""Events that happened, whoever says so and whatever the rules: they always count, rejected or not."""
