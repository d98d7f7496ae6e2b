"""Works out what an import would do, and does it. A dry run is `plan` and no more.

`plan` compares candidates with the vault's state before anything is written. `apply` then adds records and seals secrets one by
one, each of them whole: an import that is interrupted, or that fails half-way, is taken up again by importing the same
file anew, since what is there already is not brought in twice. Only when all is done, the log notes the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from custodian.intake import conflicts
from custodian.intake.actions import Action, AddAccount, Ask, Plan, Progress, Result, SealSecret
from custodian.intake.candidate import Candidate
from custodian.intake.drafting import Drafting
from custodian.intake.reading import Source
from vault.events import AccountRecord
from vault.plaintext import Plaintext
from vault.sealing import SecretRef
from vault.state import State

__all__ = ["AddAccount", "Ask", "Plan", "Receiving", "Result", "SealSecret", "apply", "plan"]


class Receiving(Protocol):
    """What an import needs of a vault; `vault.Vault` is one."""

    @property
    def state(self) -> State: ...
    def add_account(self, record: AccountRecord) -> object: ...
    def seal(self, account_id: str, plaintext: Plaintext) -> object: ...
    def note_import(self, source: str, digest: bytes, count: int) -> None: ...


def plan(
    candidates: Iterable[Candidate], state: State, *, sources: Sequence[Source] = (), ask: Ask | None = None
) -> Plan:
    """What `candidates` would add to `state`. Writes nothing; doubtful ones go through `ask`, or are left out."""
    drafting = Drafting(state, ask)
    for candidate in conflicts.doubted(list(candidates), state):
        drafting.take(candidate)
    return Plan(
        actions=tuple(drafting.actions),
        left_out=tuple(drafting.left_out),
        already=tuple(drafting.already),
        sources=tuple(sources),
        seen_before=tuple((s, state.imports[s.digest][1]) for s in sources if s.digest in state.imports),
    )


def apply(plan: Plan, vault: Receiving, on_progress: Progress | None = None) -> Result:
    """Do what `plan` says. Raises what the vault raises; what was done until then stays, whole.

    What the vault has by now (an earlier try, somebody else's work) is passed over.
    """
    added: list[str] = []
    sealed: list[SecretRef] = []
    for count, action in enumerate(plan.actions):
        if on_progress is not None:
            on_progress(count, len(plan.actions), action.words)
        if _is_done(action, vault.state):
            continue
        if isinstance(action, AddAccount):
            vault.add_account(action.record)
            added.append(action.record.id)
        else:
            vault.seal(action.ref.account, action.plaintext)
            sealed.append(action.ref)
    if on_progress is not None:
        on_progress(len(plan.actions), len(plan.actions), "")
    for source in plan.sources:
        if source.digest not in vault.state.imports:
            vault.note_import(f"{source.name} ({source.form})", source.digest, len(plan.actions))
    return Result(tuple(added), tuple(sealed), plan.left_out, plan.already, _advice(plan.sources))


def _is_done(action: Action, state: State) -> bool:
    if isinstance(action, AddAccount):
        return action.record.id in state.accounts
    secret = state.secrets.get(action.ref)
    return secret is not None and secret.current is not None


def _advice(sources: Sequence[Source]) -> tuple[str, ...]:
    advice = []
    for source in sources:
        if source.plain:
            advice.append(
                f"{source.name} holds secrets in plain text: look the import over, then delete it, from the wastebasket too"
            )
        else:
            advice.append(
                f"{source.name} still opens for whoever knows its passphrase, and nothing is logged then: "
                "delete it, and its backups, when you rely on the vault"
            )
    if any(source.plain for source in sources):
        advice.append(
            "deleting is not certain on an SSD, nor where snapshots, backups or a synchronised folder keep copies: "
            "if others could have got at one, rotate the passwords and replace the MFA devices"
        )
    if any(source.form == "picture" for source in sources):
        advice.append(
            "the phone that shows these codes still has the seeds: remove the devices there as well"
        )
    return tuple(advice)
