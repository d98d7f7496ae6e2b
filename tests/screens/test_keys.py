"""Keys, clicks and lines that every screen shares."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding

from screens.guarded_screen import BACK, GuardedScreen
from screens.help import Help
from screens.shown import cut, fit, grouped_id, span, time_left
from screens.widgets.footer_line import FooterLine
from screens.widgets.header_line import HeaderLine
from screens.widgets.plain_input import PlainInput
from screens.widgets.rows import Cell, Column, Rows
from tests.screens.opened import SMALL, rows, settle, text
from tests.screens.test_leaks import Opened
from vault.errors import Refused


class Listing(GuardedScreen[None]):
    """A list and a field."""

    BINDINGS = [Binding("a", "add", "add one"), BACK]  # noqa: RUF012
    AUTO_FOCUS = "Rows"
    next_step = "take it"
    question = "Which one?"

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def body(self) -> ComposeResult:
        yield Rows((Column("ID", 12), Column("NAME", 8, share=1)), empty="\nNothing yet.")
        yield PlainInput(id="field")

    def on_mount(self) -> None:
        many = 100_000
        self.query_one(Rows).show(many, lambda at: (Cell(f"{at:012}"), Cell("x" * 200)))

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        self.told.append(f"chosen {event.index}")

    def action_add(self) -> None:
        self.told.append("add")

    def action_next(self) -> None:
        self.told.append("next")


async def listed(app):
    app.push_screen(Listing())


async def test_one_enter_is_one_step():
    app = Opened()
    async with app.run_test(size=SMALL) as pilot:
        await listed(app)
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen.told == ["chosen 0"]
        app.screen.query_one(Rows).show(0, lambda _: ())
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen.told == ["chosen 0", "next"]


async def test_a_list_of_a_hundred_thousand_rows_is_walked_from_end_to_end():
    app = Opened()
    async with app.run_test(size=SMALL) as pilot:
        await listed(app)
        await settle(pilot)
        await pilot.press("end")
        await settle(pilot)
        assert any(row.startswith("▸ 000000099999") for row in rows(pilot))
        await pilot.press("pageup", "up", "home")
        await settle(pilot)
        assert any(row.startswith("▸ 000000000000") for row in rows(pilot))


async def test_ids_keep_their_length_and_rows_their_width():
    app = Opened()
    async with app.run_test(size=SMALL) as pilot:
        await listed(app)
        await settle(pilot)
        shown = [row for row in rows(pilot) if "0000000000" in row]
        assert len(shown) > 10
        assert all(len(row) <= 80 and "…" in row for row in shown)


async def test_a_click_in_the_footer_is_that_key():
    app = Opened()
    async with app.run_test(size=SMALL) as pilot:
        await listed(app)
        await settle(pilot)
        footer = app.screen.query_one(FooterLine)
        at = rows(pilot)[footer.region.y].index("add one")
        await pilot.click(FooterLine, offset=(at, 0))
        await settle(pilot)
        assert app.screen.told == ["add"]
        await pilot.click(FooterLine, offset=(4, 0))
        await settle(pilot)
        assert app.screen.told == ["add", "chosen 0"]


async def test_a_row_is_chosen_by_a_double_click():
    app = Opened()
    async with app.run_test(size=SMALL) as pilot:
        await listed(app)
        await settle(pilot)
        await pilot.click(Rows, offset=(10, 4))
        await settle(pilot)
        assert app.screen.query_one(Rows).cursor == 3
        assert app.screen.told == []
        await pilot.click(Rows, offset=(10, 4), times=2)
        await settle(pilot)
        assert app.screen.told == ["chosen 3"]


async def test_help_names_the_question_and_every_key():
    app = Opened()
    async with app.run_test(size=SMALL) as pilot:
        await listed(app)
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(app.screen, Help)
        shown = text(pilot)
        assert all(words in shown for words in ("Which one?", "take it", "add one", "lock at once"))
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, Listing)
        assert app.screen.told == []


async def test_an_error_stays_until_something_else_is_said_and_is_never_markup():
    app = Opened()
    async with app.run_test(size=SMALL) as pilot:
        await listed(app)
        await settle(pilot)
        app.screen.show_error(Refused("no [red]such[/] thing", "\x1b[31mwhy\x1b[0m", "do [b]that[/b]"))
        await pilot.press("down", "down")
        await settle(pilot)
        shown = text(pilot)
        assert "▲ No [red]such[/] thing" in shown
        assert "→ Do [b]that[/b]" in shown
        assert "\x1b" not in shown


async def test_a_header_that_is_too_long_is_cut_in_the_middle():
    app = Opened()
    async with app.run_test(size=SMALL) as pilot:
        await listed(app)
        await settle(pilot)
        app.screen.query_one(HeaderLine).left = "a" * 100 + "end"
        await settle(pilot)
        first = rows(pilot)[0]
        assert len(first) <= 80
        assert "…" in first
        assert "end" in first
        assert first.endswith("ctrl+l lock")


def test_names_are_cut_in_the_middle_and_sentences_at_the_end():
    assert fit("payments-production-eu", 11) == "payme…on-eu"
    assert cut("one two three", 8) == "one two…"
    assert fit("漢字漢字漢字", 7) == "漢…漢字"
    assert fit("anything", 0) == ""


def test_an_id_is_read_in_groups_of_four():
    assert grouped_id("111122223333") == "1111 2222 3333"


def test_time_left_is_said_in_words():
    assert [time_left(ms) for ms in (0, 41_000, 41 * 60_000, 125 * 60_000)] == ["over", "41 s left", "41 min left", "2 h 5 min left"]
    assert [span(ms) for ms in (3 * 86_400_000, 120 * 60_000)] == ["3 d", "2 h"]
