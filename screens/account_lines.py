"""What the accounts list says about one account: derived from the state and the present moment, nothing kept.

Posture is as it was last recorded; a list never waits for AWS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from screens.shown import ago, counted, cut, days, span, time_left
from screens.widgets.findings_panel import told_once
from screens.widgets.rows import Cell, Column
from screens.widgets.status_light import kind_of, worst
from vault.due import rotation_due
from vault.text import printable

if TYPE_CHECKING:
    from vault.state import Account, Checkout, State

COLUMNS = (
    Column("POSTURE", 10),
    Column("ACCOUNT", 12),
    Column("NAME", 12, share=1),
    Column("ROOT IN USE BY", 17),
    Column("ROTATED", 10, right=True),
)
"""Together with the frame and the scroll bar they fill 80 columns."""

WIDE_COLUMNS = (*COLUMNS, Column("NEXT", 8, right=True))
WIDE = 100
"""Terminal columns from which there is room for the time until the next rotation."""

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
    next_rotation: int | None
    """Until the password is due for rotation, ms; None where there is none."""


def account_lines(state: State, me: bytes, due: Iterable[tuple[str, str]], now: int) -> list[AccountLine]:
    """Every account in use, worst posture first, then by name. `due` is (account id, why)."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for account, why in due:
        if account:
            reasons[account].append(why)
    lines = [
        _line(state, account, me, tuple(reasons[account.id]), now)
        for account in list(state.accounts.values())  # a thread may add one meanwhile
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
    rotation = rotation_due(state, account)
    left = rotation.since - now if rotation is not None else 0
    is_due = rotation is not None and left <= 0
    cells = (
        Cell(posture_words(statuses), kind_of(posture) if statuses else "quiet"),
        Cell(account.id),
        Cell(account.name, "strong"),
        Cell(in_use_by(state, open_ones, me, now) if secrets else "nothing held yet", _use_kind(open_ones, mine, secrets)),
        # Three cells are kept for "due", so that the days line up.
        Cell("–   " if rotated_at is None else f"{days(now - rotated_at)} {'due' if is_due else '   '}", "wrong" if is_due else "quiet"),
        Cell("–" if rotation is None else "now" if is_due else f"in {days(left)}", "wrong" if is_due else "quiet"),
    )
    return AccountLine(account, posture, cells, mine, due, bool(secrets), left if rotation is not None else None)


def _use_kind(open_ones: list[Checkout], mine: Checkout | None, secrets: object) -> str:
    if not open_ones:
        return "" if secrets else "quiet"
    return "wrong" if mine is None else "well"


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
    findings = told_once((f.status, f.summary, 0) for f in line.account.posture)
    told = [(status, sentence) for status, sentence, _ in findings if status in ("fail", "unknown")]
    told.sort(key=lambda t: t[0] != "fail")
    if not line.has_secrets:
        told.insert(0, ("unknown", "nothing to sign in with is held here yet: v shows the account, s and m add to it"))
    told[1:1] = [("fail", printable(f"due: {why}")) for why in line.due]
    if not told:
        told.append(_well(line, now))
    if line.next_rotation is not None and line.next_rotation > 0:
        told.append(("not_applicable", f"the password is due for rotation in {span(line.next_rotation)}"))
    return told[:3]


def _well(line: AccountLine, now: int) -> tuple[str, str]:
    if line.account.posture_at is None:
        return "not_applicable", "its posture was not read yet: p reads it"
    if line.posture != "pass":
        return "not_applicable", "none of the checks applies to it"
    count = counted(len(line.account.posture), "check")
    return "pass", f"{count} read {ago(now - line.account.posture_at)}, nothing is wrong"


def in_rows(sentence: str, width: int, most: int) -> list[str]:
    """`sentence` made harmless, in at most `most` rows of `width` cells, broken between words; cut at its end."""
    rows: list[str] = []
    rest = printable(sentence)
    while len(rows) < most - 1 and cell_len(rest) > width:
        head = cut(rest, width).removesuffix("…")
        at = head.rfind(" ") if " " in head else len(head)
        rows.append(rest[:at])
        rest = rest[at:].lstrip()
    return [*rows, cut(rest, width)]
