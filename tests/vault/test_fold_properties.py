"""The fold takes whatever it is given: it never raises, always comes to the same, and its work grows with the log's length.

Statements are made from small pools of names and ids, so that they meet; bodies are right, wrong or no msgpack at all.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.founding import MFA_REF, PASSWORD_REF, record
from tests.vault.saying import ANN, BOB, EVE, Story, request_event, sealing_event
from vault import encoding, fold, snapshot, verify
from vault import events as e
from vault.chain import Chain
from vault.events import (
    EVENTS,
    FACTS,
    AccountRecord,
    KindPolicy,
    Policy,
    PostureLine,
    SealingRef,
    StatementRef,
    Target,
)
from vault.fold import Placed
from vault.identity import Identity
from vault.sealing import SecretRef
from vault.state import State
from vault.statement import Statement

ACCOUNTS = ("111111111111", "222222222222", "not an account")
IDS = tuple(bytes([n]) * 16 for n in range(12))
HASHES = tuple(bytes([n]) * 32 for n in range(12))
NAMES = ("payments", "sandbox", "\x1b[2J\u202e")
REASONS = ("looking into the billing alarm", "漢字で理由をここに書いておく", "test", "")
POLICIES = (
    Policy(), Policy(), Policy(min_reason=1), Policy(kinds=(KindPolicy("password", (ANN, BOB), 2),)),
    Policy(kinds=(KindPolicy("mfa", (EVE,)),) * 3),
)  # fmt: skip


class Wild:
    """Makes a log as members could write it who keep to no rule but often happen to: everything meets everything."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.state = State()
        """Folded along, to know what there is to be spoken about."""

    def log(self, length: int) -> list[Placed]:
        made = []
        for seq in range(length):
            founding = seq == 0 and self.random.random() < 0.95
            event = e.VaultCreated("acme", "Ann", self.pick(POLICIES)) if founding else self.event()
            name, version = e.NAMES[type(event)]
            body = encoding.encode(event)
            if not founding and self.random.random() < 0.03:
                name, version = self.random.choice([(name, 2), ("unheard of", 1)])
            if not founding and self.random.random() < 0.03:
                body = self.random.randbytes(self.random.randrange(9))
            said = Statement(
                self.pick(IDS) if self.random.random() < 0.1 else self.random.randbytes(16), self.pick(IDS),
                self.random.randrange(99), seq * 10 + self.random.randrange(12), self.random.random() < 0.1,
                self.random.random() < 0.3, name, version, msgspec.Raw(body),
            )  # fmt: skip
            made.append(Placed(seq, ANN if founding else self.random.choices((ANN, BOB, EVE), (40, 2, 1))[0], said))
            fold.take(self.state, made[-1])
        return made

    def pick(self, pool: Sequence[Any]) -> Any:
        return self.random.choice(pool)

    def known(self, pool: Iterable[Any], otherwise: Any) -> Any:
        """Mostly something that is there, sometimes something that is not."""
        there = list(pool)
        return self.pick(there) if there and self.random.random() < 0.9 else otherwise

    def event(self) -> Any:
        return getattr(self, self.pick([m for m in vars(Wild) if m.startswith("a_")]))()

    def account(self) -> str:
        return self.random.choices(ACCOUNTS, (8, 8, 1))[0]

    def ref(self) -> SecretRef:
        kind = self.random.choices(("password", "mfa", "recovery", "other"), (8, 8, 2, 1))[0]
        name = self.pick(("a", "b", "c", "d", "e", "f", "g", "h", "i", "x" * 201)) if kind == "mfa" else self.pick(("",) * 9 + ("a",))
        return SecretRef(self.account(), kind, name)

    def version(self) -> tuple[SecretRef, bytes]:
        return self.known(self.state.versions, (self.ref(), self.pick(IDS)))

    def target(self) -> Target:
        ref, version = self.version()
        there = self.state.versions.get((ref, version))
        return Target(ref, version, there.sealings[0].blob if there else self.pick(HASHES))

    def checkout(self) -> bytes:
        return self.known(self.state.checkouts, self.pick(IDS))

    def lines(self) -> tuple[PostureLine, ...]:
        return (PostureLine(self.pick(NAMES), self.pick(("pass", "fail", "unknown")), "x"),) * self.random.randrange(3)

    # -- one of each event, by name ---------------------------------------------------------------------------------

    def a_new_account(self) -> Any:
        if self.random.random() < 0.1:
            return e.VaultCreated(self.pick(NAMES), "Eve", self.pick(POLICIES), self.pick((1, 2)))
        return e.AccountAdded(AccountRecord(self.pick(ACCOUNTS[:2]), self.pick(NAMES)))

    def a_change(self) -> Any:
        return e.AccountEdited(AccountRecord(self.pick(ACCOUNTS[:2]), self.pick(NAMES)))

    def a_retirement(self) -> Any:
        return e.AccountRetired(self.account(), "gone") if self.random.random() < 0.15 else self.a_new_account()

    def a_sealing(self) -> Any:
        ref = self.ref()
        policy = self.state.policy.of(ref.kind)
        holders = self.random.choices((policy.holders or (ANN,), (ANN, BOB), (EVE,)), (20, 1, 1))[0]
        blob = self.random.choices((self.random.randbytes(32), self.pick(HASHES)), (5, 1))[0]
        return e.VersionSealed(
            ref, self.random.choices((self.random.randbytes(16), self.pick(IDS)), (5, 1))[0],
            self.random.choices(("current", "candidate"), (4, 1))[0],
            SealingRef(blob, holders, self.random.choices((policy.threshold, 3), (9, 1))[0]),
        )  # fmt: skip

    a_second_sealing = a_sealing

    def a_withdrawal(self) -> Any:
        return e.VersionWithdrawn(*self.version(), "gone") if self.random.random() < 0.3 else self.a_sealing()

    def an_import(self) -> Any:
        return e.Imported("a.csv", self.pick(HASHES), 1)

    def a_request(self) -> Any:
        targets = tuple(self.target() for _ in range(self.random.choice((1, 1, 1, 2, 3))))
        account = self.random.choices((targets[0].secret.account, self.account()), (9, 1))[0]
        return e.CheckoutRequested(account, targets, self.random.choices(REASONS, (9, 3, 1, 1))[0], self.pick((1, 60, 60, 10_000)))

    a_second_request = a_request

    def an_opening(self) -> Any:
        checkout = self.state.checkouts.get(self.known(self.state.going, self.checkout()))
        ref = (checkout.id, checkout.digest) if checkout else (self.pick(IDS), self.pick(HASHES))
        return e.CheckoutOpened(StatementRef(*ref))

    a_second_opening = an_opening

    def a_reveal(self) -> Any:
        checkout = self.state.checkouts.get(self.checkout())
        target = self.known(checkout.targets if checkout else (), self.target())
        return e.CheckoutRevealed(
            checkout.id if checkout else self.pick(IDS), target.secret, target.version, self.pick(("shown", "copied", "code"))
        )

    def a_cancellation(self) -> Any:
        return e.CheckoutCancelled(self.checkout())

    def a_check_in(self) -> Any:
        return e.CheckoutCheckedIn(self.checkout(), self.random.random() < 0.5, self.lines(), self.lines())

    def a_posture(self) -> Any:
        return e.PostureRecorded(self.account(), self.lines(), self.random.randrange(500))

    def a_word(self) -> Any:
        return e.Attested(self.pick(NAMES))


logs = st.builds(lambda seed, length: Wild(seed).log(length), st.integers(0, 2**32), st.integers(0, 120))

garbage = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.binary(max_size=40) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
).map(encoding.encode)


@st.composite
def bent(draw: st.DrawFn) -> bytes:
    """The body of a real event with one of its values, somewhere inside, replaced by anything at all."""
    value = msgspec.msgpack.decode(encoding.encode(Wild(draw(st.integers(0, 2**32))).event()))
    inside = value
    while isinstance(inside, list) and inside:
        at = draw(st.integers(0, len(inside) - 1))
        if not isinstance(inside[at], list) or draw(st.booleans()):
            inside[at] = msgspec.Raw(draw(garbage))
            break
        inside = inside[at]
    return encoding.encode(value)


statements = st.builds(
    lambda name, version, body: Statement(IDS[0], IDS[0], 1, 1, False, False, name, version, msgspec.Raw(body)),
    st.sampled_from([name for name, _ in EVENTS]) | st.text(min_size=1, max_size=9), st.sampled_from([1, 1, 1, 2]),
    garbage | st.binary(max_size=30) | bent(),
)  # fmt: skip


def whole(state: State) -> bytes:
    return encoding.encode(verify._plain(state))


@given(statements)
def test_no_body_makes_the_fold_raise(said: Statement) -> None:
    story = Story()
    story.account("111111111111", "payments")
    before = len(story.placed)
    fold.why_not(story.state, Placed(before, ANN, said))
    story.take(said)
    assert story.why or story.state.unknown or said.event() is not None


def test_the_logs_tried_below_are_neither_all_refused_nor_all_taken() -> None:
    log = [Wild(seed) for seed in range(40)]
    for one in log:
        one.log(120)
    total = 40 * 120
    assert total // 4 < sum(len(one.state.rejected) for one in log) < total * 3 // 4
    assert sum(len(c.revealed) > 0 and c.ended is not None for one in log for c in one.state.checkouts.values()) > 20
    assert sum(v.status == "superseded" for one in log for v in one.state.versions.values()) > 50


@given(logs)
def test_no_statement_makes_the_fold_raise_and_each_is_accounted_for(log: list[Placed]) -> None:
    state = fold.fold(log)
    assert set(state.rejected) <= {p.seq for p in log}
    assert len(state.said) == len({(p.author, p.said.id) for p in log})
    assert state.unknown <= sum((p.said.name, p.said.version) not in EVENTS for p in log)


@given(logs)
def test_the_same_log_comes_to_the_same_state(log: list[Placed]) -> None:
    assert whole(fold.fold(log)) == whole(fold.fold(iter(log)))


IDENTITY = Identity.from_secret(bytes(range(32)))


@given(logs, st.data())
def test_with_a_snapshot_kept_on_the_way_it_comes_to_the_same_state(log: list[Placed], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(log)))
    half = fold.fold(log[:cut])
    half.rules = 1  # what makes a snapshot readable at all; a log without a founder has none
    kept = snapshot.read(IDENTITY, bytes(32), snapshot.seal(IDENTITY, bytes(32), Chain(), half))
    assert kept is not None
    assert kept[1] == half
    fold.fold(log[cut:], half)
    assert whole(fold.fold(log[cut:], kept[1])) == whole(half)
    assert kept[1] == half


@given(logs)
def test_an_act_that_is_rejected_changes_nothing_and_asking_never_does(log: list[Placed]) -> None:
    state = State()
    for one in log:
        before = whole(state)
        why = fold.why_not(state, one)
        assert whole(state) == before
        critical = state.unknown_critical
        fold.take(state, one)
        if one.seq not in state.rejected:
            assert why is None or critical or "does not know" in why
            continue
        assert why is not None
        if EVENTS.get((one.said.name, one.said.version)) not in FACTS:
            after = msgspec.structs.replace(state, rejected={k: v for k, v in state.rejected.items() if k != one.seq})
            earlier = fold.fold(log[: log.index(one)])
            after.said, after.counts = earlier.said, earlier.counts
            assert whole(after) == before


@given(logs)
def test_the_indexes_say_what_the_records_say(log: list[Placed]) -> None:
    state = fold.fold(log)
    versions = [(s.ref, v) for s in state.secrets.values() for v in s.versions]
    assert state.names == {a.name: a.id for a in state.accounts.values() if a.retired is None}
    assert {ref for found in state.refs.values() for ref in found} == set(state.secrets)
    assert state.blobs == {s.blob for _, v in versions for s in v.sealings}
    assert {key: id(v) for key, v in state.versions.items()} == {(ref, v.id): id(v) for ref, v in versions}
    used = {ref: v.id for found in state.in_use.values() for ref, v in found.items()}
    assert used == {s.ref: s.current.id for s in state.secrets.values() if s.current is not None}
    assert all(sum(v.status == "current" for v in s.versions) <= 1 for s in state.secrets.values())
    assert list(state.going) == [c.id for c in state.checkouts.values() if c.ended is None]
    held = [c.account for c in state.checkouts.values() if c.status == "open"]
    assert state.busy == {account: held.count(account) for account in held}


# -- linear ---------------------------------------------------------------------------------------------------------------


def work(log: Iterable[Placed]) -> int:
    """How many instructions of ours the fold runs: a measure that no busy machine changes."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        nonlocal count
        if not frame.f_globals.get("__name__", "").startswith("vault."):
            return None
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        fold.fold(log)
    finally:
        sys.settrace(before)
    return count


def _rotations(story: Story, n: int) -> None:
    for _ in range(n):
        story.say(sealing_event())


def _candidates(story: Story, n: int) -> None:
    for _ in range(n):
        target = story.secret(status="candidate")
        story.say(e.VersionWithdrawn(PASSWORD_REF, target.version, ""))


def _devices(story: Story, n: int) -> None:
    for number in range(n):
        ref = SecretRef(PASSWORD_REF.account, "mfa", f"device {number}")
        target = story.secret(ref)
        story.say(e.VersionWithdrawn(ref, target.version, ""))


def _open_checkouts(story: Story, n: int) -> None:
    target = story.secret(MFA_REF)
    for _ in range(n):
        story.checkout(target)
        story.say(e.AccountRetired(PASSWORD_REF.account, "refused each time"))


def _reveals(story: Story, n: int) -> None:
    checkout = story.checkout(story.secret())
    for _ in range(n):
        story.say(e.CheckoutRevealed(checkout.id, PASSWORD_REF, checkout.targets[0].version, "shown"))


def _accounts(story: Story, n: int) -> None:
    for number in range(n):
        story.account(f"{number:012}", f"account {number}")
        story.say(e.AccountEdited(record(f"{number:012}", f"renamed {number}")))
        story.say(e.AccountRetired(f"{number:012}", ""))


def _refusals(story: Story, n: int) -> None:
    target = story.secret()
    for _ in range(n):
        story.say(request_event(target, reason="asdfghjkl" * 50))
        story.say(e.CheckoutCheckedIn(bytes(16)))
        story.say(e.Attested("x"))


@pytest.mark.parametrize(
    "life", [_rotations, _candidates, _devices, _open_checkouts, _reveals, _accounts, _refusals], ids=lambda life: life.__name__[1:]
)
def test_a_log_four_times_as_long_takes_four_times_the_work(life: Callable[[Story, int], None]) -> None:
    def log(n: int) -> list[Placed]:
        story = Story()
        story.account()
        life(story, n)
        return story.placed

    short, long = work(log(30)), work(log(120))
    assert short > 1000
    assert long < 4.2 * short


def test_what_the_fold_calls_in_c_looks_at_no_more_than_before_either() -> None:
    """Instructions do not show a scan inside `list.index` or `sorted`; calls with the state's own lists would."""
    scans: list[str] = []

    class Watched(list[Any]):
        def __iter__(self) -> Any:
            scans.append("iterated")
            return super().__iter__()

        def __contains__(self, item: object) -> bool:
            scans.append("searched")
            return super().__contains__(item)

    story = Story()
    story.account()
    target = story.secret()
    story.state.secrets[PASSWORD_REF].versions = Watched(story.state.secrets[PASSWORD_REF].versions)
    story.state.attestations = Watched(story.state.attestations)
    checkout = story.checkout(target)
    checkout.revealed = Watched(checkout.revealed)
    story.say(e.CheckoutRevealed(checkout.id, PASSWORD_REF, target.version, "shown"))
    story.say(sealing_event())
    story.say(e.Attested("x"))
    story.say(e.CheckoutCheckedIn(checkout.id))
    assert not story.state.rejected
    assert not scans
