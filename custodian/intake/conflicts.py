"""Where candidates disagree with one another, or with the vault's records: each disagreement becomes a doubt.

A root user has one password and one e-mail address. Two entries of one account that differ may be an old one and a new one,
or the root user's and somebody else's; only a person can tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from custodian.intake.candidate import Candidate
from vault.state import State
from vault.text import printable


def doubted(candidates: Sequence[Candidate], state: State) -> list[Candidate]:
    """The candidates in their order, with a doubt on each that disagrees.

    One without an account id whose e-mail address is that of an account in the vault gets that id, as a doubt too.
    """
    emails: defaultdict[str, list[str]] = defaultdict(list)
    for account in state.accounts.values():
        if account.record.email:
            emails[account.record.email.casefold()].append(account.id)
    groups: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.account_id is not None:
            groups[candidate.account_id].append(candidate)
    return [
        _by_email(candidate, state, emails)
        if candidate.account_id is None
        else replace(
            candidate,
            doubts=(
                *candidate.doubts,
                *_with_each_other(candidate, groups[candidate.account_id]),
                *_with_record(candidate, candidate.account_id, state),
            ),
        )
        for candidate in candidates
    ]


def _by_email(candidate: Candidate, state: State, emails: Mapping[str, list[str]]) -> Candidate:
    ids = emails.get(candidate.email.casefold(), []) if candidate.email else []
    if len(ids) != 1:
        return candidate
    doubt = f"by its e-mail address it may be {ids[0]}, {printable(state.accounts[ids[0]].name, 60)}"
    return replace(candidate, account_id=ids[0], doubts=(*candidate.doubts, doubt), unrelated=False)


def _with_each_other(candidate: Candidate, group: Sequence[Candidate]) -> list[str]:
    doubts = []
    if candidate.password and len({c.password for c in group if c.password}) > 1:
        doubts.append("several entries are of this account, and their passwords differ")
    if candidate.email and len({c.email.casefold() for c in group if c.email}) > 1:
        doubts.append("several entries are of this account, and their e-mail addresses differ")
    # "aws" is also what an entry says that speaks of no partition at all.
    if len({c.partition for c in group} - {"aws"}) > 1:
        doubts.append("several entries are of this account, and their partitions differ")
    return doubts


def _with_record(candidate: Candidate, account_id: str, state: State) -> list[str]:
    known = state.accounts.get(account_id)
    if known is None:
        return []
    doubts = []
    if candidate.email and known.record.email and candidate.email.casefold() != known.record.email.casefold():
        doubts.append("the account's record in the vault has another e-mail address")
    if candidate.partition not in ("aws", known.record.partition):
        doubts.append(
            f"the account's record in the vault says that its partition is {known.record.partition}"
        )
    return doubts
