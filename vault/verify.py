"""`log verify`: the whole log, from nothing.

Nothing that was concluded before is believed: every entry is read, checked and folded again; the result is compared with
what this opening works with; every sealing the log names is read and, where this identity holds a share of it, tried
against its commitment; and this machine's own rows are opened. What is wrong is listed with its place, never raised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import msgspec

from vault import chain as chains
from vault import encoding, fold, merkle, sealing
from vault.errors import IntegrityFailure
from vault.ledger import Ledger
from vault.sealing import Binding
from vault.state import State


class Problem(msgspec.Struct, frozen=True):
    """Something that is not as it was written."""

    seq: int | None
    """The place in the log, None where it is not an entry."""
    kind: str
    """entry, chain, node, blob, pin, device, outbox, snapshot or database."""
    detail: str


class Verification(msgspec.Struct, frozen=True):
    """What `log verify` found."""

    ok: bool
    entries: int
    """How many entries were read and are whole."""
    head: bytes
    rejected: tuple[tuple[int, str], ...]
    """(place, why): whole, but without effect as an act. Not a problem of integrity, and worth a reviewer's eye."""
    problems: tuple[Problem, ...]
    blobs: int
    """How many sealings were read and are whole."""


def verify(ledger: Ledger, progress: Callable[[int, int], None] | None = None) -> Verification:
    """Check everything; `progress(done, total)` is called now and then."""
    problems: list[Problem] = []
    total = _check_file(ledger, problems)
    chain, state = chains.Chain(), State()
    try:
        for envelope, _ in chains.walk(chain, _with_nodes(ledger, problems)):
            fold.take(state, ledger.opened(envelope))
            if progress is not None and envelope.header.seq % 256 == 0:
                progress(envelope.header.seq, total)
    except IntegrityFailure as failure:
        broken = chain.voids[0][0].seq if chain.voids else chain.size
        problems.append(Problem(broken, "entry", str(failure)))
    else:
        if chain.head != ledger.chain.head or chain.size != ledger.chain.size:
            problems.append(Problem(None, "chain", "the log read now is not the one this opening works with"))
        elif _differs(state, ledger.state):
            problems.append(Problem(None, "snapshot", "the state kept is not the one that the log adds up to"))
    whole = _check_blobs(ledger, state, problems)
    ledger.check_own(lambda kind, detail: problems.append(Problem(None, kind, detail)))
    if progress is not None:
        progress(total, total)
    return Verification(
        ok=not problems,
        entries=chain.size - len(chain.voids),
        head=chain.head,
        rejected=tuple(sorted(state.rejected.items())),
        problems=tuple(problems),
        blobs=whole,
    )


def _check_file(ledger: Ledger, problems: list[Problem]) -> int:
    """How many entries there are to read; what is wrong with the file as a whole goes to `problems`."""
    try:
        malformed = ledger.replica.quick_check()
        if malformed:
            problems.append(Problem(None, "database", malformed))
        total, rows = ledger.replica.size(), ledger.replica.rows()
    except IntegrityFailure as failure:
        problems.append(Problem(None, "database", str(failure)))
        return ledger.chain.size
    if rows > total:
        problems.append(Problem(None, "database", f"there are {rows} rows for the {total} places of the log"))
    with contextlib.suppress(IntegrityFailure):
        ledger.catch_up()  # what is wrong there is found again below, with its place
    return total


def _with_nodes(ledger: Ledger, problems: list[Problem]) -> Iterator[tuple[int, bytes]]:
    """The rows of the log; the Merkle nodes kept beside each are computed anew and compared."""
    tree = merkle.Frontier()
    for seq, data in ledger.replica.entries():
        yield seq, data
        if any(ledger.replica.node(level, at) != node for level, at, node in tree.append(merkle.leaf_hash(data))):
            problems.append(Problem(seq, "node", f"a tree node kept with entry {seq} is not the one its bytes give"))


def _differs(one: State, other: State) -> bool:
    return encoding.encode(_plain(one)) != encoding.encode(_plain(other))


def _plain(state: State) -> list[object]:
    # Sets and indexes have no order of their own.
    return [
        state.vault_name, state.rules, state.policy, sorted(state.members.items()), sorted(state.accounts.items()),
        [(ref, state.secrets[ref]) for ref in sorted(state.secrets)], sorted(state.checkouts.items()),
        state.attestations, sorted(state.imports.items()), sorted(state.rejected.items()), state.unknown,
        state.unknown_critical, sorted(state.said), sorted(state.counts.items()), sorted(state.blobs),
        sorted(state.names.items()), sorted(state.busy.items()), list(state.going),
        sorted((version.id, version.status) for used in state.in_use.values() for version in used.values()),
    ]


def _check_blobs(ledger: Ledger, state: State, problems: list[Problem]) -> int:
    whole = 0
    for secret in state.secrets.values():
        for version in secret.versions:
            for named in version.sealings:
                place = f"sealing {named.blob.hex()[:16]} of the {secret.ref.kind} of account {secret.ref.account}"
                bound = Binding(
                    vault=ledger.chain.vault, secret=secret.ref, version=version.id, purpose="store",
                    holders=named.holders, threshold=named.threshold,
                )
                try:
                    _check_blob(ledger, named.blob, bound)
                except IntegrityFailure as failure:
                    problems.append(Problem(None, "blob", f"{place}: {failure}"))
                else:
                    whole += 1
    return whole


def _check_blob(ledger: Ledger, name: bytes, bound: Binding) -> None:
    data = ledger.replica.blob(name)
    if data is None:
        raise IntegrityFailure("it is missing")
    if sealing.blob_name(data) != name:
        raise IntegrityFailure("its bytes are not those that the log names")
    sealing.read(data, bound)
    if ledger.identity.fingerprint in bound.holders:
        sealing.own_share(data, bound, ledger.identity)
