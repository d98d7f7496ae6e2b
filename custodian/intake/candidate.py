"""One account as another tool has it: what may be brought in, from where, and what is doubtful about it.

A candidate is certain when it has an account id and no doubts; only then is it taken without a question. Doubts are
sentences for people, already harmless to print, and none of them quotes a secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from vault.plaintext import Mfa
from vault.text import printable

Partition = Literal["aws", "aws-us-gov", "aws-cn"]
PARTITIONS: tuple[Partition, ...] = ("aws", "aws-us-gov", "aws-cn")


@dataclass(frozen=True)
class Candidate:
    """What one entry, row or device says about one account."""

    account_id: str | None
    name: str
    email: str
    password: str | None = field(repr=False)
    mfa: tuple[Mfa, ...] = field(repr=False)
    recovery: str = field(repr=False)
    source: str
    """The file, by its name."""
    doubts: tuple[str, ...] = ()
    """Why it is not taken without a question."""
    place: str = ""
    """Where in the source: "row 7", "entry AWS / payments-prod", "picture 1"."""
    partition: Partition = "aws"
    unrelated: bool = False
    """Nothing in it speaks of AWS: it is named as left out, and nobody is asked about it."""
    not_taken: tuple[str, ...] = ()
    """What the entry has besides and cannot be brought in: attachments, counter-based devices."""
    inbox_readers: str = ""
    phone_holder: str = ""
    profile: str = ""
    role: str = ""

    @property
    def certain(self) -> bool:
        """Whether it may be taken without asking anybody."""
        return self.account_id is not None and not self.doubts

    @property
    def title(self) -> str:
        """How messages call it: name and place, harmless to print."""
        name = printable(self.name or self.account_id or "without a name", 60)
        return f"{name} ({self.place})" if self.place else name

    def answered(self, account_id: str, *, name: str | None = None) -> Candidate:
        """The same candidate after a person has said which account it is, with no doubts left."""
        return replace(
            self,
            account_id=account_id,
            name=self.name if name is None else name,
            doubts=(),
            unrelated=False,
        )
