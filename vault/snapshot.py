"""The snapshot: the state as it was at some place of the log, sealed, so that opening costs what is new.

It is a cache of what reading the whole log would give, under a key only the identity derives; without it everything
works, only slower. It names the rules version and the place it was made at. `log verify` never uses it, and says
whether it fits.
"""

from __future__ import annotations

import msgspec

from vault import encoding, local_seal
from vault.chain import Chain, ChainRecord
from vault.events import RULES_VERSION, Policy
from vault.identity import Identity
from vault.sealing import SecretRef
from vault.state import Account, Attestation, Checkout, Member, Secret, State

LIMIT = 1 << 30
EVERY = 64
"""At closing, a snapshot is made anew where this many entries have come since the last."""
MEANWHILE = 1024
"""So many in one run, before it is made anew without waiting for the end: then it costs what a long state costs."""


class _Kept(msgspec.Struct, array_like=True):
    """What is sealed. Lists in place of dicts wherever the key is in the value; the indexes are made again."""

    rules: int
    chain: ChainRecord
    vault_name: str
    policy: Policy
    members: list[Member]
    accounts: list[Account]
    secrets: list[Secret]
    checkouts: list[Checkout]
    attestations: list[Attestation]
    imports: dict[bytes, tuple[str, int]]
    rejected: dict[int, str]
    unknown: int
    unknown_critical: bool
    counts: dict[bytes, int]
    said: bytes


_decoder = msgspec.msgpack.Decoder(_Kept)


def seal(identity: Identity, vault: bytes, chain: Chain, state: State) -> bytes:
    """The sealed bytes of chain and state at this place."""
    kept = _Kept(
        rules=state.rules,
        chain=chain.record(),
        vault_name=state.vault_name,
        policy=state.policy,
        members=list(state.members.values()),
        accounts=list(state.accounts.values()),
        secrets=list(state.secrets.values()),
        checkouts=list(state.checkouts.values()),
        attestations=state.attestations,
        imports=state.imports,
        rejected=state.rejected,
        unknown=state.unknown,
        unknown_critical=state.unknown_critical,
        counts=state.counts,
        said=b"".join(sorted(state.said)),
    )
    return local_seal.seal(identity, "snapshot", vault, "state", encoding.encode(kept))


def read(identity: Identity, vault: bytes, sealed: bytes) -> tuple[Chain, State] | None:
    """Undo `seal`. None where it was made under other rules; IntegrityFailure where it is damaged."""
    plain = local_seal.unseal(identity, "snapshot", vault, "state", sealed, "the snapshot")
    try:
        kept = _decoder.decode(plain)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # It opened, so this identity wrote it: an older breakglass did, in a form of its own.
        return None
    if kept.rules != RULES_VERSION:
        return None
    return Chain(kept.chain), _state(kept)


def _state(kept: _Kept) -> State:
    state = State(
        vault_name=kept.vault_name,
        rules=kept.rules,
        policy=kept.policy,
        members={m.fingerprint: m for m in kept.members},
        accounts={a.id: a for a in kept.accounts},
        secrets={s.ref: s for s in kept.secrets},
        checkouts={c.id: c for c in kept.checkouts},
        attestations=kept.attestations,
        imports=kept.imports,
        rejected=kept.rejected,
        unknown=kept.unknown,
        unknown_critical=kept.unknown_critical,
        counts=kept.counts,
    )
    said = kept.said
    state.said = {said[i : i + 16] for i in range(0, len(said), 16)}
    for account in kept.accounts:
        if account.retired is None:
            state.names[account.name] = account.id
    refs: dict[str, list[SecretRef]] = state.refs
    for secret in kept.secrets:
        refs.setdefault(secret.ref.account, []).append(secret.ref)
        for version in secret.versions:
            state.versions[secret.ref, version.id] = version
            state.blobs.update(s.blob for s in version.sealings)
            if version.status == "current":
                state.in_use.setdefault(secret.ref.account, {})[secret.ref] = version
    for checkout in kept.checkouts:
        if checkout.ended is None:
            state.going[checkout.id] = None
        if checkout.status == "open":
            state.busy[checkout.account] = state.busy.get(checkout.account, 0) + 1
    return state
