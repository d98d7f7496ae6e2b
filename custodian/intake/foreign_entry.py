"""Makes a candidate of one entry of a password manager: a KeePass entry, or a row of somebody's CSV.

Here stands what counts as certain. The account id may stand in the title, the URL, the user name, a field of its own,
or AWS's label in the otpauth URI; two different ids in one entry are a doubt. An entry whose user name is no e-mail
address may be an IAM user's, and the root user's is what is wanted: a doubt again. Nothing an entry holds gets lost without a
word: notes and further fields become the recovery text, and what cannot be brought in is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import msgspec

from custodian.intake import account_id, otpauth
from custodian.intake.candidate import Candidate, Partition
from vault.plaintext import MAX_PASSWORD, MAX_TEXT, Mfa
from vault.text import printable

LONGEST_NAME = 200
LONGEST_ADDRESS = 320
"""Characters of an e-mail address (RFC 5321: 64, the sign, 255)."""
LOOKED_AT = 4096
"""Characters of a title or URL that are looked at: a hostile entry may have millions."""

_EMAIL = re.compile(r"[^@\s<>()\",;]+@[^@\s<>()\",;]+\.[^@\s<>()\",;]+\Z")
_SPEAKS_OF_AWS = re.compile(r"(?i)\baws|amazon ?web|amazonaws|\baws\.amazon|awsapps")
_IAM_SIGN_IN = re.compile(r"(?i)//[^/]*\.signin(\.[a-z-]+)*\.(aws\.amazon|amazonaws)")
_MFA_SERIAL = re.compile(r"\s*(arn:aws[a-z-]*:iam::[0-9]{12}:mfa/[\w+=,.@/-]{1,128})\s*\Z")


@dataclass(frozen=True)
class ForeignEntry:
    """What another tool stores for one sign-in, in that tool's own words."""

    source: str
    place: str
    title: str = ""
    user: str = ""
    url: str = ""
    password: str | None = field(default=None, repr=False)
    devices: tuple[Mfa, ...] = field(default=(), repr=False)
    notes: str = field(default="", repr=False)
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Further fields, name and value."""
    around: str = ""
    """Group and tags: they may speak of AWS, and are no source of ids."""
    stated_id: str | None = None
    """An id from a field that is meant for it; it must agree with any other id found."""
    email: str = ""
    """From a field that is meant for it."""
    doubts: tuple[str, ...] = ()
    not_taken: tuple[str, ...] = ()
    partition: Partition | None = None
    inbox_readers: str = ""
    phone_holder: str = ""
    profile: str = ""
    role: str = ""


def candidate(entry: ForeignEntry) -> Candidate:
    """The candidate that `entry` makes, with every doubt about it."""
    doubts = list(entry.doubts)
    account = _account(entry, doubts)
    email = _email(entry)
    if account is not None:
        doubts += _not_roots(entry, email)
    if entry.password is not None and len(entry.password) > MAX_PASSWORD:
        doubts.append(
            f"the password has {len(entry.password)} characters, more than the {MAX_PASSWORD} allowed"
        )
    recovery = _recovery(entry)
    if len(recovery.encode(errors="replace")) > MAX_TEXT:
        doubts.append(f"the notes are longer than the {MAX_TEXT} bytes allowed")
    unrelated = account is None and not _speaks_of_aws(entry)
    return Candidate(
        account_id=account,
        name=_name(entry, account),
        email=email,
        password=entry.password or None,
        mfa=_with_serial(entry),
        recovery=recovery,
        source=entry.source,
        doubts=tuple(doubts),
        place=entry.place,
        partition=entry.partition or _partition(entry),
        unrelated=unrelated,
        not_taken=entry.not_taken,
        inbox_readers=printable(entry.inbox_readers, 1000).strip(),
        phone_holder=printable(entry.phone_holder, 1000).strip(),
        profile=printable(entry.profile, 200).strip(),
        role=printable(entry.role, 1000).strip(),
    )


def of_device(mfa: Mfa, source: str, place: str) -> Candidate:
    """The candidate that an MFA device alone makes: certain only with the label that AWS gives the root user's."""
    account = otpauth.account_of(mfa)
    doubts: tuple[str, ...] = ()
    if account is None:
        doubts = ("its label names no account id",)
    elif not otpauth.is_root_device(mfa):
        doubts = ("by its label it may be the device of an IAM user, and not the root user's",)
    speaks = account is not None or _SPEAKS_OF_AWS.search(f"{mfa.issuer} {mfa.label}")
    partition: Partition = otpauth.partition_of(mfa)
    return Candidate(
        account_id=account,
        name="" if account else mfa.label,
        email="",
        password=None,
        mfa=(mfa,),
        recovery="",
        source=source,
        doubts=doubts,
        place=place,
        partition=partition,
        unrelated=not speaks,
    )


def _account(entry: ForeignEntry, doubts: list[str]) -> str | None:
    texts = [entry.title, entry.url, entry.user, *(value for _, value in entry.fields)]
    labels = [account for mfa in entry.devices if (account := otpauth.account_of(mfa))]
    stated = [entry.stated_id] if entry.stated_id else []
    ids = tuple(dict.fromkeys((*stated, *account_id.found(texts), *labels)))
    if len(ids) > 1:
        doubts.append(f"it names {len(ids)} different account ids: {', '.join(ids[:4])}")
        return None
    if ids:
        return ids[0]
    in_notes = account_id.found([entry.notes])
    if len(in_notes) == 1:
        doubts.append("its account id stands only in the notes")
        return in_notes[0]
    if not any("account id" in doubt for doubt in doubts):
        doubts.append("no account id was found in it")
    return None


def _not_roots(entry: ForeignEntry, email: str) -> list[str]:
    user = entry.user.strip()
    if user and not email and "root" not in user.casefold() and account_id.exact(user)[0] is None:
        return ["its user name is no e-mail address, so it may be an IAM user's and not the root user's"]
    if _IAM_SIGN_IN.search(entry.url[:LOOKED_AT]) and user and not email:
        return ["its address is the sign-in page of IAM users, so it may not be the root user's"]
    return []


def _email(entry: ForeignEntry) -> str:
    for text in (entry.email, entry.user):
        if len(text) <= LONGEST_ADDRESS and _EMAIL.match(text.strip()):
            return printable(text.strip())
    return ""


def _name(entry: ForeignEntry, account: str | None) -> str:
    title = printable(entry.title[:LOOKED_AT], LONGEST_NAME).strip()
    if account is None:
        return title
    return account_id.without(title, account) or account


def _recovery(entry: ForeignEntry) -> str:
    """Notes, then every further field as "name: value"."""
    further = [
        f"{name}: {value}" for name, value in entry.fields if value.strip() and not _MFA_SERIAL.match(value)
    ]
    notes = entry.notes if entry.notes.strip() else ""
    return "\n".join([*([notes] if notes else []), *further])


def _with_serial(entry: ForeignEntry) -> tuple[Mfa, ...]:
    """The devices; a serial in a field of its own belongs to the device where there is exactly one of each."""
    serials = [match[1] for _, value in entry.fields if (match := _MFA_SERIAL.match(value))]
    if len(serials) != 1 or len(entry.devices) != 1:
        return entry.devices
    return (msgspec.structs.replace(entry.devices[0], serial=serials[0]),)


def _speaks_of_aws(entry: ForeignEntry) -> bool:
    texts = [entry.title, entry.url, entry.user, entry.around, *(name for name, _ in entry.fields)]
    texts += [f"{mfa.issuer} {mfa.label}" for mfa in entry.devices]
    return any(_SPEAKS_OF_AWS.search(text) for text in texts)


def _partition(entry: ForeignEntry) -> Partition:
    texts = " ".join([entry.url, *(value for _, value in entry.fields)]).casefold()
    if "amazonaws-us-gov" in texts or "arn:aws-us-gov:" in texts:
        return "aws-us-gov"
    if "amazonaws.cn" in texts or "amazonaws.com.cn" in texts or "arn:aws-cn:" in texts:
        return "aws-cn"
    for mfa in entry.devices:
        if otpauth.account_of(mfa):
            return otpauth.partition_of(mfa)
    return "aws"
