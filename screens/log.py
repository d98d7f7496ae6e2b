"""The access log: who used root, and was it in order? Newest first, read a page at a time, filtered as one types.

Whether the chain is whole stands below the list: each line is checked against the log's root as it is read, and v checks the whole
log from its first byte.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.shown import counted, cut
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from screens.widgets.rows import Cell, Column, Rows
from vault import clock
from vault.text import printable

if TYPE_CHECKING:
    from vault.log_lines import LogLine
    from vault.verify import Verification

PAGE = 500
COLUMNS = (
    Column("WHEN", 16),
    Column("WHO", 8),
    Column("EVENT", 17),
    Column("ACCOUNT", 12),
    Column("WHAT", 12, share=1, sentence=True),
)


class Log(GuardedScreen[None]):
    """Every entry of the log, newest first. Enter shows one in full."""

    DEFAULT_CSS = """
    Log Panel { height: 1fr; margin: 0 1; }
    Log #filter { display: none; }
    Log.-filtering #filter { display: block; }
    Log #chain { height: 1; padding: 0 3; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("v", "verify", "verify all", tooltip="check the whole log from its first byte"),
        Binding("slash", "filter", "filter", key_display="/"),
        BACK,
    ]
    AUTO_FOCUS = "Rows"
    question = "Who used root, and was it in order?"
    next_step = "show in full"

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[LogLine] = []
        self._seen: list[LogLine] = []
        self._all = False

    def header_title(self) -> str:
        return f"log of {self.breakglass.vault.name}"

    def body(self) -> ComposeResult:
        with Panel("Log"):
            yield PlainInput(id="filter", placeholder="member, account, event, reason, ticket")
            yield Rows(COLUMNS, empty="\nNo entry matches.")
        yield Line("", id="chain")

    def on_mount(self) -> None:
        """The first page."""
        vault = self.breakglass.vault
        self._tell_chain("unknown", f"{counted(vault.size, 'entry', 'entries')} · each line is checked as it is read · v checks them all")
        self.more()

    def more(self) -> None:
        """The next page, in a thread."""
        if self._all:
            return
        vault, start = self.breakglass.vault, len(self._lines)
        self.in_background(
            lambda: list(itertools.islice(vault.log(start, PAGE, newest_first=True), PAGE)), self._read, group="page"
        )

    def _read(self, lines: list[LogLine]) -> None:
        self._lines += lines
        self._all = len(lines) < PAGE
        self.show_rows()
        if self._wanted and not self._all:
            self.more()

    @property
    def _wanted(self) -> list[str]:
        return self.query_one("#filter", PlainInput).value.casefold().split()

    def show_rows(self) -> None:
        """Those that match every word of the filter."""
        wanted = self._wanted
        self._seen = [line for line in self._lines if all(word in _haystack(line) for word in wanted)]
        seen = self._seen
        self.query_one(Rows).show(len(seen), lambda at: _cells(seen[at]))
        size = self.breakglass.vault.size
        self.query_one(Panel).set_corner(f"{len(seen):,} of {size:,}" if wanted or not self._all else f"{size:,} entries")

    @on(Rows.Moved)
    def moved(self, event: Rows.Moved) -> None:
        """Near the end of what was read: read on."""
        if event.index >= len(self._seen) - PAGE // 5 and not self._wanted and self._lines:
            self.more()

    @on(Rows.Chosen)
    def entry(self, event: Rows.Chosen) -> None:
        """One entry in full."""
        self.app.push_screen(Entry(self._seen[event.index]))

    def action_verify(self) -> None:
        """The whole log, from nothing; the result stays below the list."""
        vault, post = self.breakglass.vault, self.call_later
        done_before = 0

        def progress(done: int, total: int) -> None:
            nonlocal done_before
            if done - done_before >= max(total // 50, 1):
                done_before = done
                post(self._tell_chain, "unknown", f"checking {done:,} of {total:,}")

        self._tell_chain("unknown", "checking the log from its first byte")
        self.in_background(lambda: vault.verify(progress), self._verified, group="verify")

    def _verified(self, result: Verification) -> None:
        if result.ok:
            rejected = f" · {len(result.rejected)} rejected" if result.rejected else ""
            self._tell_chain(
                "pass",
                f"chain whole · {counted(result.entries, 'entry', 'entries')} · "
                f"{counted(result.blobs, 'sealing')} · head {result.head.hex()[:12]}{rejected}",
            )
            return
        first = result.problems[0]
        place = "" if first.seq is None else f"entry {first.seq}: "
        self._tell_chain("fail", f"{counted(len(result.problems), 'problem')}, the first: {place}{first.kind}: {first.detail}")

    def _tell_chain(self, status: str, words: str) -> None:
        from screens.widgets.status_light import light

        glyph_only = light(status, cut(words, max(self.size.width - 10, 40)))
        self.query_one("#chain", Line).set_text(glyph_only if status != "unknown" else Content.styled(f"– {cut(words, 100)}", "$quiet"))

    def action_filter(self) -> None:
        """Open the filter and type into it."""
        self.add_class("-filtering")
        self.query_one("#filter").focus()

    def action_back(self) -> None:
        """Out of the filter first, then out of the log."""
        if self.has_class("-filtering"):
            self.query_one("#filter", PlainInput).value = ""
            self.remove_class("-filtering")
            self.query_one(Rows).focus()
            self.show_rows()
        else:
            self.dismiss()

    @on(Input.Changed, "#filter")
    def filter_changed(self) -> None:
        """Narrow as it is typed, and read on where not all was read yet."""
        self.show_rows()
        if self._wanted:
            self.more()

    @on(Input.Submitted, "#filter")
    def filter_done(self) -> None:
        """Back to the list."""
        self.query_one(Rows).focus()


class Entry(GuardedScreen[None]):
    """One entry of the log in full, as it is signed."""

    DEFAULT_CSS = "Entry Panel { margin: 1 1; padding: 1 1; }"
    BINDINGS = [BACK]  # noqa: RUF012
    question = "What does this entry say?"
    next_step = "back"

    def __init__(self, line: LogLine) -> None:
        super().__init__()
        self._line = line

    def header_title(self) -> str:
        return f"entry {self._line.seq:,}"

    def body(self) -> ComposeResult:
        line = self._line
        rows = [
            ("Event", line.event),
            ("What", line.detail),
            ("Who", f"{line.author_name}  {line.author.hex()[:16]}"),
            ("Happened", clock.iso(line.happened)),
            ("Placed", clock.iso(line.placed)),
            ("Account", line.account),
            ("Checkout", line.checkout),
            ("Reason", line.reason),
            ("Ticket", line.ticket),
            ("Offline", "yes" if line.offline else "no"),
            ("Rejected", line.rejected),
            ("Entry hash", line.hash.hex()),
        ]
        with Panel(f"Entry {line.seq:,}"):
            for label, text in rows:
                if text:
                    style = "bold $wrong" if label == "Rejected" else ""
                    yield Line(Content.assemble((f"{label:<12}", "$quiet"), (printable(text), style)))

    def key_enter(self) -> None:
        """Back to the list."""
        self.dismiss()


def _cells(line: LogLine) -> tuple[Cell, ...]:
    what = f"▲ rejected: {line.rejected}" if line.rejected else line.detail
    return (
        Cell(_when(line.happened)),
        Cell(line.author_name),
        Cell(line.event),
        Cell(line.account or "–"),
        Cell(f"{what} (offline)" if line.offline else what, "wrong" if line.rejected else ""),
    )


def _when(ms: int) -> str:
    """Local time, since a reader asks what happened last night; the entry in full has UTC."""
    try:
        return datetime.fromtimestamp(ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return clock.iso(ms)


def _haystack(line: LogLine) -> str:
    parts = (line.author_name, line.event, line.account, line.checkout, line.reason, line.ticket, line.detail)
    return "\n".join(parts).casefold()
