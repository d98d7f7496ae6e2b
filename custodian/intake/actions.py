"""The words of an import: what it would do, what it would not, and what came of it. Values only; `plan` fills them.

No `repr` shows a plaintext, and every sentence is harmless to print.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from custodian.intake.candidate import Candidate
from custodian.intake.reading import Source
from vault.events import AccountRecord
from vault.plaintext import Plaintext
from vault.sealing import SecretRef
from vault.text import printable

Ask = Callable[[Candidate], Candidate | None]
"""Given a doubtful candidate (its `doubts` say why), returns `candidate.answered(…)`, or None to leave it out."""

Progress = Callable[[int, int, str], None]
"""Called with how many actions are done, how many there are, and what comes next."""


@dataclass(frozen=True)
class AddAccount:
    """A record to add."""

    record: AccountRecord

    @property
    def words(self) -> str:
        """What it does, for a person: "add the account 111122223333, payments-prod"."""
        return f"add the account {self.record.id}, {printable(self.record.name, 60)}"


@dataclass(frozen=True)
class SealSecret:
    """A secret to seal."""

    ref: SecretRef
    plaintext: Plaintext = field(repr=False)

    @property
    def words(self) -> str:
        """What it does, for a person: "seal the password of 111122223333"."""
        kinds = {"password": "password", "mfa": "MFA device", "recovery": "recovery text"}
        name = f" {printable(self.ref.name, 60)}" if self.ref.name else ""
        return f"seal the {kinds.get(self.ref.kind, self.ref.kind)}{name} of {self.ref.account}"


Action = AddAccount | SealSecret


@dataclass(frozen=True)
class Plan:
    """What would be done, in order, and what would not."""

    actions: tuple[Action, ...]
    left_out: tuple[tuple[Candidate, str], ...]
    """What is not certain, or cannot be brought in, and why."""
    already: tuple[tuple[Candidate, str], ...]
    """What the vault has already, or what stands in the files twice."""
    sources: tuple[Source, ...] = ()
    seen_before: tuple[tuple[Source, int], ...] = ()
    """Files that were imported before, and when (ms)."""


@dataclass(frozen=True)
class Result:
    """What an import has done."""

    added: tuple[str, ...]
    """Ids of the accounts added."""
    sealed: tuple[SecretRef, ...]
    left_out: tuple[tuple[Candidate, str], ...]
    already: tuple[tuple[Candidate, str], ...]
    advice: tuple[str, ...]
    """What to do about the files, which still hold the secrets."""
