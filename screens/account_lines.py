"""What the accounts list says about one account: derived from the state and the present moment, nothing kept.

Posture is as it was last recorded; a list never waits for AWS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.shown import DAY, ago, counted, days, time_left
from screens.widgets.rows import Cell, Column
from screens.widgets.status_light import kind_of, worst
from vault.text import printable

if TYPE_CHECKING:
    from vault.state import Account, Checkout, State

COLUMNS = (
    Column("POSTURE", 10),
    Column("ACCOUNT", 12),
    Column("NAME", 16, share=1),
    Column("ROOT IN USE BY", 18),
    Column("ROTATED", 11, right=True),
)

GLYPH_WORDS = {"pass": "● pass", "not_applicable": "– n/a"}


@dataclass(frozen=True)
class AccountLine:
    """One row, and what is said about it below the list."""

    account: Account
    posture: str
    """The worst status of the posture last recorded."""
    cells: tuple[Cell, ...]
    checkout: Checkout | None
    """The open checkout of the member who looks, if there is one."""
    due: tuple[str, ...]
    has_secrets: bool


def account_lines(state: State, me: bytes, due: Iterable[tuple[str, str]], now: int) -> list[AccountLine]:
    """Every account in use, worst posture first, then by name. `due` is (account id, why)."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for account, why in due:
        if account:
            reasons[account].append(why)
    lines = [
        _line(state, account, me, tuple(reasons[account.id]), now)
        for account in state.accounts.values()
        if account.retired is None
    ]
    order = {"fail": 0, "unknown": 1, "pass": 2, "not_applicable": 3}
    lines.sort(key=lambda line: (line.checkout is None, order[line.posture], line.account.name.casefold()))
    return lines


def _line(state: State, account: Account, me: bytes, due: tuple[str, ...], now: int) -> AccountLine:
    statuses = [p.status for p in account.posture]
    posture = worst([str(s) for s in statuses])
    secrets = state.secrets_of(account.id)
    open_ones = [c for c in state.open_checkouts(account.id) if c.is_open(now)]
    mine = next((c for c in open_ones if c.member == me), None)
    rotated_at = state.last_rotation(account.id)
    rotated = "no password" if rotated_at is None else days(now - rotated_at)
    overdue = rotated_at is not None and now - rotated_at > state.policy.rotation_days * DAY
    is_due = bool(due) or overdue
    cells = (
        Cell(posture_words(statuses), kind_of(posture) if statuses else "quiet"),
        Cell(account.id),
        Cell(account.name, "strong"),
        Cell(in_use_by(state, open_ones, me, now), "wrong" if open_ones and mine is None else ""),
        Cell(f"{rotated}  due" if is_due and rotated_at is not None else rotated, "wrong" if is_due else "quiet"),
    )
    return AccountLine(account, posture, cells, mine, due, bool(secrets))


def posture_words(statuses: Iterable[str]) -> str:
    """`▲ 2 fail`, `? 1 unkn`, `● pass`, `– not read`."""
    known = list(statuses)
    failed, unknown = known.count("fail"), known.count("unknown")
    if failed:
        return f"▲ {failed} fail"
    if unknown:
        return f"? {unknown} unkn"
    return GLYPH_WORDS[worst(known)] if known else "– not read"


def in_use_by(state: State, open_ones: list[Checkout], me: bytes, now: int) -> str:
    """`ben, 12 min left`; the first of several and how many more."""
    if not open_ones:
        return "–"
    first = open_ones[0]
    member = state.members.get(first.member)
    name = "you" if first.member == me else printable(member.name, 8) if member else "?"
    more = f" +{len(open_ones) - 1}" if len(open_ones) > 1 else ""
    return f"{name}{more}, {time_left((first.expires or now) - now).removesuffix(' left')}"


def detail(line: AccountLine, now: int) -> list[tuple[str, str]]:
    """Up to three sentences about the account under the cursor, each with its status."""
    told: list[tuple[str, str]] = []
    for finding in line.account.posture:
        if finding.status in ("fail", "unknown"):
            told.append((finding.status, f"{finding.check}: {printable(finding.summary)}"))
    told.sort(key=lambda t: t[0] != "fail")
    told = [("unknown", why) for why in line.due] + told
    if not told and line.account.posture_at is not None:
        count = counted(len(line.account.posture), "check")
        told.append(("pass", f"{count} read {ago(now - line.account.posture_at)}, nothing is wrong"))
    if not line.has_secrets:
        told.insert(0, ("unknown", "nothing to sign in with is held here yet: v shows the account, s and m add to it"))
    return told[:3]
