"""The rules for records: accounts, versions of secrets, imports, posture. Called by `fold` only.

Each pair is `why_not_X(state, member, said, event)`, which says why the event may not be, and `X(...)`, which takes it.
"""

from __future__ import annotations

from vault import events as e
from vault.sealing import SecretRef
from vault.state import Account, Member, Secret, State, Version
from vault.statement import Statement

MFA_DEVICES = 8
"""AWS allows up to eight MFA devices for a root user."""


def _only_custodians(member: Member) -> str | None:
    return None if member.role == "custodian" else "only a custodian may do this"


def _live(state: State, account: str) -> str | None:
    known = state.accounts.get(account)
    if known is None:
        return "there is no such account"
    return "the account is retired" if known.retired is not None else None


def _name_taken(state: State, record: e.AccountRecord) -> str | None:
    other = state.names.get(record.name, record.id)
    return None if other == record.id else f"another account, {other}, has this name"


def why_not_add(state: State, member: Member, said: Statement, event: e.AccountAdded) -> str | None:
    """A custodian adds an account that is not there yet, under a name of its own."""
    known = state.accounts.get(event.record.id)
    if known is not None and known.retired is None:
        return "the account is on record already"
    return _only_custodians(member) or _name_taken(state, event.record)


def add(state: State, member: Member, said: Statement, event: e.AccountAdded) -> None:
    """Put the account on record. One that was retired comes back, its secrets with it."""
    state.accounts[event.record.id] = Account(event.record, said.happened)
    state.names[event.record.name] = event.record.id


def why_not_edit(state: State, member: Member, said: Statement, event: e.AccountEdited) -> str | None:
    """A custodian changes the record of an account in use."""
    return _only_custodians(member) or _live(state, event.record.id) or _name_taken(state, event.record)


def edit(state: State, member: Member, said: Statement, event: e.AccountEdited) -> None:
    """Replace the record."""
    account = state.accounts[event.record.id]
    del state.names[account.name]
    state.names[event.record.name] = event.record.id
    account.record = event.record
    account.edited = said.happened


def why_not_retire(state: State, member: Member, said: Statement, event: e.AccountRetired) -> str | None:
    """A custodian retires an account that nobody has checked out."""
    if event.account in state.busy:
        return "the account is checked out; check it in first"
    return _only_custodians(member) or _live(state, event.account)


def retire(state: State, member: Member, said: Statement, event: e.AccountRetired) -> None:
    """Mark the account retired. Its secrets and its history stay."""
    account = state.accounts[event.account]
    account.retired = said.happened
    account.retired_why = event.why
    del state.names[account.name]


def why_not_seal(state: State, member: Member, said: Statement, event: e.VersionSealed) -> str | None:
    """A custodian seals a new version for exactly the holders and at least the threshold that policy names."""
    ref, sealing = event.secret, event.sealing
    refused = _only_custodians(member) or _live(state, ref.account) or _odd_name(ref)
    if refused:
        return refused
    if sealing.blob in state.blobs:
        return "the sealing is in use already"
    if (ref, event.version) in state.versions:
        return "the version is on record already"
    in_use = state.in_use.get(ref.account, {})
    if ref.kind == "mfa" and ref not in in_use and sum(1 for one in in_use if one.kind == "mfa") >= MFA_DEVICES:
        return f"the account has {MFA_DEVICES} MFA devices already, which is all that AWS allows"
    policy = state.policy.of(ref.kind)
    holders = policy.holders or tuple(sorted(m.fingerprint for m in state.custodians()))
    if tuple(sorted(sealing.holders)) != tuple(sorted(holders)):
        return "it is not sealed to exactly the holders that policy names"
    if not policy.threshold <= sealing.threshold <= len(sealing.holders):
        return f"its threshold of {sealing.threshold} does not meet the policy's {policy.threshold}"
    return None


def _odd_name(ref: SecretRef) -> str | None:
    if ref.kind not in ("password", "mfa", "recovery"):
        return f"there is no kind of secret called '{ref.kind}'"
    if (ref.kind == "mfa") != bool(ref.name):
        return "an MFA device needs a name, and nothing else has one"
    return "the secret's name is too long" if len(ref.name) > 200 else None


def seal(state: State, member: Member, said: Statement, event: e.VersionSealed) -> None:
    """Add the version; a current one supersedes the current one before it."""
    secret = state.secrets.get(event.secret)
    if secret is None:
        secret = state.secrets[event.secret] = Secret(event.secret, [])
        state.refs.setdefault(event.secret.account, []).append(event.secret)
    made = Version(event.version, event.status, said.happened, member.fingerprint, event.serial, [event.sealing])
    if event.status == "current":
        in_use = state.in_use.setdefault(event.secret.account, {})
        if event.secret in in_use:
            in_use[event.secret].status = "superseded"
        in_use[event.secret] = made
    state.blobs.add(event.sealing.blob)
    state.versions[event.secret, event.version] = made
    secret.versions.append(made)


def why_not_withdraw(state: State, member: Member, said: Statement, event: e.VersionWithdrawn) -> str | None:
    """A custodian takes a version out of use."""
    version = state.versions.get((event.secret, event.version))
    if version is None:
        return "there is no such version"
    if version.status not in ("current", "candidate"):
        return f"the version is {version.status} already"
    return _only_custodians(member)


def withdraw(state: State, member: Member, said: Statement, event: e.VersionWithdrawn) -> None:
    """Mark the version withdrawn; its blob stays, for the record and until rotation."""
    version = state.versions[event.secret, event.version]
    if version.status == "current":
        in_use = state.in_use[event.secret.account]
        del in_use[event.secret]
        if not in_use:
            del state.in_use[event.secret.account]
    version.status = "withdrawn"


def why_not_import(state: State, member: Member, said: Statement, event: e.Imported) -> str | None:
    """A custodian notes that a source was brought in."""
    return _only_custodians(member)


def note_import(state: State, member: Member, said: Statement, event: e.Imported) -> None:
    """Remember the source by its digest."""
    state.imports[event.digest] = (event.source, said.happened)


def why_not_record(state: State, member: Member, said: Statement, event: e.PostureRecorded) -> str | None:
    """Any custodian or reviewer may record what AWS answered."""
    if member.role == "recovery":
        return "the recovery member records no posture"
    if event.as_of > said.happened:
        return "it is dated later than it was said"
    return None if event.account in state.accounts else "there is no such account"


def record_posture(state: State, member: Member, said: Statement, event: e.PostureRecorded) -> None:
    """Keep the newest posture by its own time, wherever in the log it stands."""
    account = state.accounts[event.account]
    if account.posture_at is None or event.as_of >= account.posture_at:
        account.posture, account.posture_at = event.lines, event.as_of
