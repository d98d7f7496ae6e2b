from __future__ import annotations

import io
import json
import sys

import pytest

from custodian import output


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_json_is_ascii_so_that_nothing_in_it_acts_on_a_terminal(capsys):
    output.document({"name": "\x9b31m\u202eü\x1b"})
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert "\x1b" not in shown
    assert json.loads(shown) == {"name": "\x9b31m\u202eü\x1b"}


def test_columns_line_up_whatever_is_in_them(capsys):
    output.table(["N", "NAME", "X"], [["1", "日本", "a"], ["1000", "ü", "b"], ["20", "e\u0301", "c"]], right=[0])
    assert capsys.readouterr().out.splitlines() == [
        "   N  NAME  X",
        "   1  日本  a",
        "1000  ü     b",
        "  20  e\u0301     c",
    ]


def test_colour_takes_no_room_in_a_column(capsys):
    output.table(["S", "X"], [["\x1b[34m● pass\x1b[0m", "a"], ["? unknown", "b"]])
    assert capsys.readouterr().out.splitlines()[1].endswith("pass\x1b[0m     a")


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": ""}, True)],
)
def test_colour_needs_a_terminal_that_wants_it(monkeypatch, environment, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (output.coloured("x", output.BLUE, _Terminal()) != "x") is coloured
    assert output.coloured("x", output.BLUE, io.StringIO()) == "x"


def test_progress_is_shown_on_a_terminal_only_and_leaves_nothing(monkeypatch):
    for stream, shown in ((_Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with output.Progress("checking") as progress:
            progress.step(0, 0)
            progress.step(5, 10)
        assert ("5/10" in stream.getvalue()) is shown
        assert not shown or stream.getvalue().endswith("\r\x1b[2K")


def test_a_failure_is_what_why_and_hint_in_single_lines(capsys):
    output.failure("it failed", "because\nof this", "do \x1b that")
    assert capsys.readouterr().err.splitlines() == [
        "breakglass: it failed: because of this",
        "hint: do \N{REPLACEMENT CHARACTER} that",
    ]
