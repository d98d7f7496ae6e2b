"""Checkouts as windows: what the vault's state says about who could use root when."""

from __future__ import annotations

import pytest

from custodian.posture import Access, Window, windows_from
from vault.state import Checkout, Member, State

MINUTE = 60_000
ANNA = b"a" * 32


def _state(*checkouts):
    state = State(members={ANNA: Member(ANNA, "anna", "custodian", 0)})
    state.checkouts = {c.id: c for c in checkouts}
    return state


def _checkout(n=1, account="111122223333", opened=1000 * MINUTE, ended=None, status="open", member=ANNA):
    return Checkout(
        id=bytes([n]) * 16, digest=b"", account=account, member=member, reason="", ticket="", task="", targets=(),
        minutes=60, requested=0, status=status, offline=False, opened=opened, ended=ended,
    )  # fmt: skip


def test_a_checkout_that_still_runs_has_no_end_yet():
    windows = windows_from(_state(_checkout()), "111122223333", 1030 * MINUTE)
    assert windows == (Window("01010101", "anna", 1000 * MINUTE, None),)


def test_a_checkout_that_ran_out_ended_when_it_ran_out():
    assert windows_from(_state(_checkout()), "111122223333", 5000 * MINUTE)[0].ended_ms == 1060 * MINUTE


def test_a_checkout_that_was_checked_in_ended_then_and_never_later_than_it_ran_out():
    early = windows_from(_state(_checkout(ended=1010 * MINUTE, status="checked in")), "111122223333", 1030 * MINUTE)
    late = windows_from(_state(_checkout(ended=4000 * MINUTE, status="checked in")), "111122223333", 5000 * MINUTE)
    assert [early[0].ended_ms, late[0].ended_ms] == [1010 * MINUTE, 1060 * MINUTE]


def test_what_was_only_asked_for_or_is_of_another_account_explains_nothing():
    state = _state(_checkout(1, opened=None, status="requested"), _checkout(2, account="999999999999"))
    assert windows_from(state, "111122223333", 0) == ()


def test_a_holder_whom_the_log_does_not_know_any_more_is_named_by_fingerprint():
    assert windows_from(_state(_checkout(member=b"\xab" * 32)), "111122223333", 0)[0].member == "abababab"


@pytest.mark.parametrize(
    ("access", "way"),
    [
        (Access("1", profile="p"), "profile p"),
        (Access("1", base_profile="b"), "profile b"),
        (Access("1", role="r", base_profile="b"), "role r from profile b"),
        (Access("1", role="r"), "role r"),
        (Access("1"), "the default credentials"),
    ],
)
def test_the_way_in_is_told_in_words(access, way):
    assert access.way == way
