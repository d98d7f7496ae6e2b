"""Draws up the plan of an import, candidate by candidate; what earlier ones bring counts for later ones.

Sealed secrets cannot be compared without opening them, which would take a checkout each. So a secret that the vault has
stays as it is and the new one is named; and a device under another label is doubtful where the account has a device
already, since it may be the same one under another name. A serial settles that where both have one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from custodian.intake.actions import Action, AddAccount, Ask, SealSecret
from custodian.intake.candidate import Candidate
from vault.errors import BreakglassError
from vault.events import AccountRecord
from vault.plaintext import Mfa, Password, Plaintext, Recovery
from vault.records import check_record
from vault.sealing import SecretRef
from vault.state import State
from vault.text import printable

MOST_DEVICES = 8
"""MFA devices that AWS allows for one root user."""
UNNAMED = "virtual MFA"
"""The name of a device that comes without a label."""


class Drafting:
    """The plan while it is drawn up."""

    def __init__(self, state: State, ask: Ask | None) -> None:
        self.actions: list[Action] = []
        self.left_out: list[tuple[Candidate, str]] = []
        self.already: list[tuple[Candidate, str]] = []
        self._state = state
        self._ask = ask
        self._records: dict[str, int] = {}
        """Account id to the place of its AddAccount in `actions`."""
        self._planned: dict[SecretRef, Plaintext] = {}
        self._names = {account.name for account in state.accounts.values() if account.retired is None}

    def take(self, candidate: Candidate) -> None:
        """Add what `candidate` brings, after a question where it is doubtful."""
        settled = candidate if candidate.certain else self._asked(candidate)
        account = settled.account_id if settled is not None else None
        if settled is None or account is None:
            self.left_out.append((candidate, "; ".join(candidate.doubts) or "no account id was given for it"))
            return
        known = self._state.accounts.get(account)
        if known is not None and known.retired is not None:
            self.left_out.append((settled, "the account is retired in the vault"))
            return
        if known is None and not self._record(settled, account):
            return
        if settled.password is not None:
            password = settled.password
            self._single(settled, SecretRef(account, "password", ""), lambda: Password(password))
        for mfa in settled.mfa:
            self._device(settled, account, mfa)
        if settled.recovery:
            self._single(settled, SecretRef(account, "recovery", ""), lambda: Recovery(settled.recovery))
        if known is not None and not (settled.password or settled.mfa or settled.recovery):
            self.already.append((settled, "the account is on record, and there is no secret to add"))
        self.left_out += [(settled, what) for what in settled.not_taken]

    def _asked(self, candidate: Candidate) -> Candidate | None:
        return self._ask(candidate) if self._ask is not None and not candidate.unrelated else None

    def _record(self, candidate: Candidate, account: str) -> bool:
        """Plan the account's record, or fill what an earlier candidate left open in it; False where it does not fit."""
        try:
            check_record(_record(candidate, account, _name(candidate, account)))
        except BreakglassError as error:
            self.left_out.append((candidate, str(error)))
            return False
        place = self._records.get(account)
        if place is None:
            self._records[account] = len(self.actions)
            self.actions.append(
                AddAccount(_record(candidate, account, self._free_name(_name(candidate, account), account)))
            )
            return True
        planned = self.actions[place]
        assert isinstance(planned, AddAccount)
        ours = planned.record
        theirs = _record(candidate, account, ours.name)
        changes = {
            field: getattr(theirs, field)
            for field in ("email", "inbox_readers", "phone_holder", "profile", "role")
            if not getattr(ours, field) and getattr(theirs, field)
        }
        if ours.partition == "aws" != theirs.partition:
            changes["partition"] = theirs.partition
        if ours.name == account and candidate.name not in ("", account):
            changes["name"] = self._free_name(_name(candidate, account), account)
        self.actions[place] = AddAccount(msgspec.structs.replace(ours, **changes))
        return True

    def _free_name(self, name: str, account: str) -> str:
        """`name`, or with the account id behind it where another account has that name."""
        wanted = name
        if wanted in self._names:
            wanted = f"{wanted} {account}"
        self._names.add(wanted)
        return wanted

    def _single(self, candidate: Candidate, ref: SecretRef, make: Callable[[], Plaintext]) -> None:
        """Plan a secret of which an account has one: its password, its recovery text."""
        kind = {"password": "password", "recovery": "recovery text"}[ref.kind]
        if self._sealed(ref):
            self.already.append(
                (
                    candidate,
                    f"the vault has a {kind} for it; whether it is this one, only a checkout can tell",
                )
            )
            return
        plaintext = self._made(candidate, make)
        if plaintext is None:
            return
        earlier = self._planned.get(ref)
        if earlier is None:
            self._seal(ref, plaintext)
        elif earlier == plaintext:
            self.already.append((candidate, f"the same {kind} stands in the files twice"))
        else:
            self.left_out.append((candidate, f"another {kind} for the same account was taken before it"))

    def _device(self, candidate: Candidate, account: str, mfa: Mfa) -> None:
        planned = [p for ref, p in self._planned.items() if ref.account == account and isinstance(p, Mfa)]
        if any((p.seed, p.algorithm) == (mfa.seed, mfa.algorithm) for p in planned):
            self.already.append((candidate, "the same MFA device stands in the files twice"))
            return
        sealed = [s for s in self._state.secrets_of(account) if s.ref.kind == "mfa"]
        label = mfa.label or UNNAMED
        serials = {version.serial for s in sealed if (version := s.current) is not None}
        same = next((s for s in sealed if s.ref.name == label), None)
        if same is not None or (mfa.serial and mfa.serial in serials):
            self.already.append((candidate, f"the vault has the MFA device {printable(label, 60)}"))
            return
        if len(sealed) + len(planned) >= MOST_DEVICES:
            self.left_out.append(
                (candidate, f"AWS allows {MOST_DEVICES} MFA devices, and the account has them")
            )
            return
        if (
            sealed
            and not (mfa.serial and all(serials))
            and not self._is_another(candidate, mfa, sealed[0].ref.name)
        ):
            return
        number = 2
        while SecretRef(account, "mfa", label) in self._planned or any(s.ref.name == label for s in sealed):
            label, number = f"{mfa.label or UNNAMED} {number}", number + 1
        named = self._made(candidate, lambda: msgspec.structs.replace(mfa, label=label))
        if named is not None:
            self._seal(SecretRef(account, "mfa", label), named)

    def _is_another(self, candidate: Candidate, mfa: Mfa, has: str) -> bool:
        """Whether a person says that `mfa` is another device than the one that the vault has."""
        doubt = (
            f"the vault has an MFA device for it, {printable(has, 60)}, "
            f"and {printable(mfa.label or UNNAMED, 60)} may be the same under another name"
        )
        alone = replace(candidate, password=None, recovery="", mfa=(mfa,), not_taken=(), doubts=(doubt,))
        if self._asked(alone) is not None:
            return True
        self.left_out.append((alone, doubt))
        return False

    def _made(self, candidate: Candidate, make: Callable[[], Plaintext]) -> Plaintext | None:
        try:
            return make()
        except BreakglassError as error:
            self.left_out.append((candidate, str(error)))
            return None

    def _sealed(self, ref: SecretRef) -> bool:
        secret = self._state.secrets.get(ref)
        return secret is not None and secret.current is not None

    def _seal(self, ref: SecretRef, plaintext: Plaintext) -> None:
        self._planned[ref] = plaintext
        self.actions.append(SealSecret(ref, plaintext))


def _name(candidate: Candidate, account: str) -> str:
    return candidate.name.strip()[:180].strip() or account


def _record(candidate: Candidate, account: str, name: str) -> AccountRecord:
    return AccountRecord(
        id=account,
        name=name,
        email=candidate.email,
        partition=candidate.partition,
        inbox_readers=candidate.inbox_readers,
        phone_holder=candidate.phone_holder,
        profile=candidate.profile,
        role=candidate.role,
    )
