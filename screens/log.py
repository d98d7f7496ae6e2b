"""The access log: who used root, and was it in order? Newest first, read as it comes into sight, searched as far as is looked.

Whether the chain is whole stands below the list: each line is checked against the log's root as it is read, and v checks the whole
log from its first byte. Where a line does not hold, reading stops there, and says so until the screen is left.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.in_full import InFull
from screens.log_check import LogCheck
from screens.log_pages import LogPages, LogSearch, LogSource
from screens.shown import counted, cut, fit, grouped_id
from screens.theme import COLOURS, GLYPHS
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from screens.widgets.rows import Cell, Column, Rows
from vault import clock
from vault.errors import BreakglassError, IntegrityFailure

if TYPE_CHECKING:
    from vault.log_lines import LogLine

COLUMNS = (
    Column("WHEN", 12),
    Column("WHO", 8),
    Column("ACCOUNT", 14),
    Column("WHAT", 12, share=1, sentence=True),
)


class Log(GuardedScreen[None]):
    """Every entry of the log, newest first. Enter shows the one under the cursor in full; v checks them all."""

    DEFAULT_CSS = """
    Log Panel { height: 1fr; margin: 0 1; }
    Log #filter { display: none; }
    Log.-filtering #filter { display: block; }
    Log #detail { height: 2; padding: 0 3; color: $quiet; }
    Log #chain { height: 1; padding: 0 3; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("v", "verify", "verify all", tooltip="check the whole log from its first byte"),
        Binding("o", "problems", "problems", tooltip="everything that the check has found"),
        Binding("slash", "filter", "filter", key_display="/", tooltip="member, account, event, reason, ticket, rejected, offline"),
        BACK,
    ]
    AUTO_FOCUS = "Rows"
    question = "Who used root, and was it in order?"
    next_step = "show in full"

    def __init__(self, wanted: str = "") -> None:
        """`wanted` is what the filter begins with, such as an account's id."""
        super().__init__()
        self._wanted = wanted
        self._source: LogSource | None = None
        self._reading = False
        self._damage: IntegrityFailure | None = None
        self._check: LogCheck | None = None
        self._checking = False

    def header_title(self) -> str:
        return f"log of {self.breakglass.vault.name}"

    def body(self) -> ComposeResult:
        with Panel("Log"):
            yield PlainInput(self._wanted, id="filter", placeholder="member, account, event, reason, ticket")
            yield Rows(COLUMNS)
        yield Line("", id="detail")
        yield Line("", id="chain")

    def on_mount(self) -> None:
        """Begin with the newest, and keep what is said about time true."""
        self.set_class(bool(self._wanted), "-filtering")
        self.watch(self.query_one(Rows), "scroll_y", lambda _: self.fill(), init=False)
        self.set_interval(0.5, self._tick)
        self.begin()

    def on_unmount(self) -> None:
        """Nobody waits for anything any more."""
        if self._source is not None:
            self._source.stop()
        if self._check is not None:
            self._check.leave()

    # Lines.

    def begin(self) -> None:
        """From the newest entry on, all of them or those that match the filter."""
        if self._source is not None:
            self._source.stop()
        words = self.query_one("#filter", PlainInput).value.split() if self.has_class("-filtering") else []
        vault = self.breakglass.vault
        self._source = LogSearch(vault, words) if words else LogPages(vault)
        self._reading = False
        self.show_rows(cursor=0)
        self.fill()

    def fill(self) -> None:
        """Read what is in sight, or will be soon, unless it is read already."""
        source, rows = self._source, self.query_one(Rows)
        if source is None or self._reading or self._damage is not None:
            return
        first = int(rows.scroll_offset.y)
        last = max(first + rows.size.height, rows.cursor + 1)
        if not source.wants(first, last):
            return
        self._reading = True
        self.in_background(lambda: source.read(first, last), lambda _: self._read(), failed=self._not_read, group="page")

    def _read(self) -> None:
        self._reading = False
        self.show_rows()
        self.fill()

    def _not_read(self, error: BreakglassError) -> None:
        self._reading = False
        if isinstance(error, IntegrityFailure):
            self._damage = error
        self.show_rows()
        self.show_error(error)

    def show_rows(self, *, cursor: int | None = None) -> None:
        """As far as the lines are known."""
        source, rows = self._source, self.query_one(Rows)
        assert source is not None
        searching = self._reading and not source.complete
        rows.empty = "\nSearching…" if searching else "\nNo entry matches. Esc shows them all."
        if rows.count == source.count and cursor is None:
            rows.again()
            self.moved()
        else:
            rows.show(source.count, self._cells, cursor=cursor)
        self._tell_count()
        self._tell_chain()

    def _cells(self, row: int) -> tuple[Cell, ...]:
        line = self._source.at(row) if self._source is not None else None
        if line is None:
            return (Cell("…", "quiet"), Cell(""), Cell(""), Cell(""))
        state = state_of(line)
        return (
            Cell(when(line.happened), "quiet"),
            Cell(line.author_name, "strong"),
            Cell(self._account_name(line.account) or "–", "" if line.account else "quiet"),
            Cell(f"{state}: {line.detail}" if state else line.detail, "wrong" if line.rejected else ""),
        )

    def _account_name(self, account: str) -> str:
        known = self.breakglass.vault.state.accounts.get(account)
        return known.name if known else account

    @on(Rows.Moved)
    def moved(self) -> None:
        """What the row under the cursor has no room for."""
        line, width = self._current(), self.size.width - 7
        told = ("", "")
        if line is not None:
            place = f"entry {line.seq:,}", line.event, grouped_id(line.account), line.checkout and f"checkout {line.checkout[:8]}"
            why = f"▲ rejected: {line.rejected}" if line.rejected else line.reason and f"reason: {line.reason}"
            told = (fit(" · ".join(part for part in place if part), width), cut(why or line.detail, width))
        colour = "$wrong" if line is not None and line.rejected else "$foreground"
        self.query_one("#detail", Line).set_text(Content.assemble(told[0], "\n", (told[1], colour)))
        self.set_next_step("show in full" if line is not None else "")
        self.fill()

    def _current(self) -> LogLine | None:
        return self._source.at(self.query_one(Rows).cursor) if self._source is not None else None

    @on(Rows.Chosen)
    def entry(self) -> None:
        """One entry in full."""
        line = self._current()
        if line is not None:
            self.app.push_screen(in_full(line, self._account_name(line.account)))

    def _tell_count(self) -> None:
        source = self._source
        assert source is not None
        entries = counted(source.size, "entry", "entries")
        if not isinstance(source, LogSearch):
            self.query_one(Panel).set_corner(entries)
        elif source.complete:
            self.query_one(Panel).set_corner(f"{source.count:,} of {entries}")
        else:
            self.query_one(Panel).set_corner(f"{source.count:,} in the newest {source.searched:,} of {entries}")

    # The chain.

    def action_verify(self) -> None:
        """The whole log, from nothing; the result stays below the list."""
        if self._checking:
            return
        check = self._check = LogCheck(self.breakglass.vault)
        self._checking = True
        self._tell_chain()
        self.in_background(check.run, lambda _: self._checked(check), failed=self._not_checked, group="check")
        self.refresh_bindings()

    def _checked(self, check: LogCheck) -> None:
        self._checking = False
        if check.result is None:
            self._check = None
            self.say("the check was stopped; nothing follows from it")
        elif not check.result.ok:
            self.show_error(
                IntegrityFailure("the log is not whole", check.told(0)[1], "Keep this copy as evidence, and compare it with a backup.")
            )
        self._tell_chain()
        self.refresh_bindings()

    def _not_checked(self, error: BreakglassError) -> None:
        self._checking, self._check = False, None
        self.show_error(error)
        self._tell_chain()
        self.refresh_bindings()

    def _tell_chain(self) -> None:
        vault = self.breakglass.session.vault
        if vault is None:
            return
        width = self.size.width - 8
        if self._checking and self._check is not None:
            self.query_one("#chain", Line).set_text(Content.styled(f"… {self._check.progress()}, esc stops it", "$quiet"))
            return
        if self._check is not None:
            status, words = self._check.told(vault.size)
        elif self._damage is not None:
            status, words = "fail", f"{self._damage}"
        else:
            head = f"{counted(vault.size, 'entry', 'entries')} · head {vault.head.hex()[:8]}…"
            status, words = "not_applicable", f"{head} · each checked as it is read, v checks all"
        self.query_one("#chain", Line).set_text(Content.styled(f"{GLYPHS[status]} {cut(words, width)}", COLOURS[status]))

    def action_problems(self) -> None:
        """Everything that the check has found."""
        if self._check is None or self._check.result is None:
            return
        rows = [
            (f"entry {p.seq:,}" if p.seq is not None else p.kind, p.detail, "wrong") for p in self._check.result.problems
        ]
        rows += [(f"entry {seq:,}", f"rejected: {why}", "") for seq, why in self._check.result.rejected[:1000]]
        self.app.push_screen(InFull("what the check found", "What is wrong with the log, and where?", rows))

    def _tick(self) -> None:
        vault = self.breakglass.session.vault
        if vault is None or self.app.screen is not self or self._source is None:
            return
        self._tell_chain()
        if self._reading:
            self._tell_count()
        elif vault.size != self._source.size and self.query_one(Rows).cursor == 0 and self._damage is None:
            self.begin()  # something was added while the newest is looked at

    # The filter, and the way out.

    def action_filter(self) -> None:
        """Open the filter and type into it."""
        self.add_class("-filtering")
        self.query_one("#filter").focus()

    def action_back(self) -> None:
        """Out of the check first, then out of the filter, then out of the log."""
        if self._checking and self._check is not None:
            self._check.leave()
        elif self.has_class("-filtering"):
            with self.prevent(Input.Changed):
                self.query_one("#filter", PlainInput).value = ""
            self.remove_class("-filtering")
            self.query_one(Rows).focus()
            self.begin()
        else:
            self.dismiss()

    @on(Input.Changed, "#filter")
    def filter_changed(self) -> None:
        """Search anew as it is typed."""
        self.begin()

    @on(Input.Submitted, "#filter")
    def filter_done(self) -> None:
        """Back to the list."""
        self.query_one(Rows).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the problems only where the check has found something."""
        if action == "problems":
            found = self._check.result if self._check is not None else None
            return found is not None and bool(found.problems or found.rejected)
        return action != "verify" or not self._checking


def state_of(line: LogLine) -> str:
    """`▲ rejected`, `○ offline`, or nothing where an entry is as usual."""
    return "▲ rejected" if line.rejected else "○ offline" if line.offline else ""


def in_full(line: LogLine, account_name: str) -> InFull:
    """The screen that shows all of one entry."""
    rows = (
        ("Event", line.event, ""),
        ("What", line.detail, ""),
        ("Rejected", line.rejected and f"▲ {line.rejected}: it has no effect", "wrong"),
        ("Who", f"{line.author_name}  {_hash(line.author)}", ""),
        ("Happened", f"{clock.iso(line.happened)}  {when(line.happened)} here", ""),
        ("Placed", clock.iso(line.placed), ""),
        ("Offline", "○ said while the remote was out of reach" if line.offline else "", ""),
        ("Account", line.account and f"{grouped_id(line.account)}  {account_name}", ""),
        ("Checkout", line.checkout, ""),
        ("Reason", line.reason, ""),
        ("Ticket", line.ticket, ""),
        ("Entry hash", _hash(line.hash), ""),
    )
    return InFull(f"entry {line.seq:,}", "What does this entry say?", [row for row in rows if row[1]])


def _hash(value: bytes) -> str:
    """In two halves, so that a narrow screen breaks it in the middle."""
    return f"{value.hex()[:32]} {value.hex()[32:]}"


def when(ms: int) -> str:
    """`23 Nov 20:08`, or with the year where that is another: local time, since a reader asks what happened last night."""
    try:
        then, now = (datetime.fromtimestamp(at / 1000).astimezone() for at in (ms, clock.now_ms()))
    except (ValueError, OverflowError, OSError):
        return "?"
    return then.strftime("%d %b %H:%M" if then.year == now.year else "%d %b %Y")
