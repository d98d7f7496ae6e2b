"""A statement says one thing, in one way, within bounds; and is known by its id and digest."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.founding import record
from tests.vault.saying import START, request_event, sealing_event, unknown
from vault import encoding, statement
from vault import events as e
from vault.errors import IntegrityFailure, WrongUsage
from vault.sealing import SecretRef
from vault.statement import Statement, say

TARGET = e.Target(SecretRef("123456789012", "password"), bytes(16), bytes(32))
LINE = e.PostureLine("root-mfa", "pass", "on")
EACH = [
    e.VaultCreated("acme", "Ann", e.Policy()), e.AccountAdded(record()), e.AccountEdited(record(notes="x")),
    e.AccountRetired("123456789012", "closed"), sealing_event(), e.VersionWithdrawn(TARGET.secret, bytes(16), ""),
    e.Imported("a.csv", bytes(32), 1), request_event(TARGET), e.CheckoutOpened(e.StatementRef(bytes(16), bytes(32))),
    e.CheckoutRevealed(bytes(16), TARGET.secret, bytes(16), "shown"), e.CheckoutCancelled(bytes(16)),
    e.CheckoutCheckedIn(bytes(16), True, (LINE,), (LINE,)), e.PostureRecorded("123456789012", (LINE,), 1), e.Attested("x"),
]  # fmt: skip


def test_every_event_is_tried_here() -> None:
    assert {type(event) for event in EACH} == set(e.EVENTS.values())


@pytest.mark.parametrize("event", EACH, ids=lambda event: type(event).__name__)
def test_every_event_is_said_and_read_the_same(event: e.Event) -> None:
    said = say(event, device=b"d" * 16, count=7, happened=START, offline=True)
    again = statement.read(said.encoded())
    assert again.event() == event
    assert (again.device, again.count, again.happened, again.offline, again.critical) == (b"d" * 16, 7, START, True, True)
    assert again.ref() == said.ref()


def test_every_statement_has_an_id_of_its_own() -> None:
    assert len({say(e.Attested("x"), device=bytes(16), count=1, happened=1).id for _ in range(50)}) == 50


@pytest.mark.parametrize("field", [f for f in Statement.__struct_fields__ if f != "body"])
def test_the_digest_depends_on_every_field(field: str) -> None:
    said = say(e.Attested("x"), device=bytes(16), count=1, happened=1)
    value = getattr(said, field)
    other = {bytes: b"z" * 16, int: 999, bool: not value, str: "another"}[type(value)]
    assert msgspec.structs.replace(said, **{field: other}).digest() != said.digest()
    assert msgspec.structs.replace(said, body=msgspec.Raw(b"\x90")).digest() != said.digest()


@pytest.mark.parametrize(
    "event",
    [
        e.AccountRetired("123456789012", "x" * 1001),
        e.AccountRetired("", "x"),
        e.AccountRetired("123456789012", "\ud800"),
        e.AccountAdded(record("12345678901")),
        e.AccountAdded(record("１２３４５６７８９０１２")),
        e.AccountAdded(record("123456789012\n")),
        e.AccountAdded(record(partition="aws-moon")),
        e.AccountAdded(record(notes="x" * 8001)),
        request_event(TARGET, reason="x" * 8001),
        request_event(),
        request_event(*[TARGET] * 17),
        request_event(TARGET, minutes=0),
        request_event(TARGET, minutes=10**30),
        sealing_event(holders=()),
        sealing_event(holders=[bytes(32)] * 17),
        sealing_event(holders=[bytes(31)]),
        sealing_event(threshold=0),
        sealing_event(version=b"short"),
        sealing_event(status="superseded"),
        e.CheckoutRevealed(bytes(16), TARGET.secret, bytes(16), "sung"),  # type: ignore[arg-type]
        e.CheckoutCheckedIn(bytes(16), False, (LINE,) * 65),
        e.Imported("x", bytes(32), -1),
        e.PostureRecorded("x", (), 2**53 + 1),
        e.CheckoutCheckedIn(bytes(16), False, (e.PostureLine("c", "pass", "漢" * 1000),) * 64),
    ],
)
def test_what_the_format_does_not_hold_is_not_said(event: e.Event) -> None:
    with pytest.raises(WrongUsage, match=r"^cannot write '"):
        say(event, device=bytes(16), count=1, happened=1)


def test_no_refusal_repeats_what_was_to_be_said() -> None:
    for event in (e.AccountRetired("123456789012", "canary" * 500), e.AccountRetired("123456789012", "canary\ud800")):
        with pytest.raises(WrongUsage) as caught:
            say(event, device=bytes(16), count=1, happened=1)
        assert "canary" not in repr(caught.value) + caught.value.hint


def test_an_unknown_event_keeps_its_body_to_the_byte() -> None:
    said = unknown("question", critical=False, body=encoding.encode(["why?", 1, {"a": b"b"}]))
    again = statement.read(said.encoded())
    assert again.event() is None
    assert bytes(again.body) == bytes(said.body)
    assert again.digest() == said.digest()


def test_a_known_event_with_one_field_too_many_is_not_that_event() -> None:
    for event in EACH:
        values = msgspec.msgpack.decode(encoding.encode(event))
        name, version = e.NAMES[type(event)]
        with pytest.raises(IntegrityFailure, match=f"the event '{name}' is damaged"):
            unknown(name, version, critical=True, body=encoding.encode([*values, 0])).event()


@given(st.binary(max_size=120))
def test_any_bytes_are_a_statement_or_damage(data: bytes) -> None:
    with pytest.raises(IntegrityFailure):
        statement.read(data)


@given(st.binary(max_size=40))
def test_a_body_that_is_no_msgpack_goes_no_further(body: bytes) -> None:
    said = unknown("question", critical=False, body=body)
    try:
        value = msgspec.msgpack.decode(body)
    except (msgspec.MsgspecError, ValueError):
        with pytest.raises(IntegrityFailure):
            statement.read(said.encoded())
    else:
        assert statement.read(said.encoded()).event() is None, value


def test_every_flipped_bit_of_a_statement_gives_another_statement_or_damage() -> None:
    said = say(EACH[11], device=bytes(16), count=1, happened=START)
    data = said.encoded()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            assert statement.read(changed).digest() != said.digest()
        except IntegrityFailure:
            continue
