"""What the command line prints: data on stdout, talk on stderr.

Human text is plain columns, and everything that came from outside passes `vault.text.printable` first. JSON is one
document with every character outside ASCII escaped, so that nothing in it can act on a terminal either. Colour
carries no meaning of its own: each coloured word stands beside its glyph, and `NO_COLOR` switches it off.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, Self, TextIO

from vault.text import printable

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

BLUE, ORANGE, GREY = "34", "33", "2"
"""SGR codes: well, wrong, does not matter."""


class ReaderGone(Exception):
    """Whoever read our output has stopped reading; there is nobody left to tell."""


def data(*lines: str) -> None:
    """Print lines of data to stdout."""
    _print(sys.stdout, *lines)


def document(value: Any) -> None:
    """Print one JSON document to stdout."""
    _print(sys.stdout, json.dumps(value, indent=2, ensure_ascii=True))


def say(*lines: str) -> None:
    """Tell the person something, on stderr."""
    _print(sys.stderr, *lines)


def failure(what: str, why: str = "", hint: str = "") -> None:
    """Tell what failed, why, and what to do: two lines on stderr."""
    say("breakglass: " + printable(f"{what}: {why}" if why else what))
    if hint:
        say("hint: " + printable(hint))


def outside(text: str, empty: str = "–") -> str:
    """Text from outside as it may be shown; `empty` stands for none."""
    return printable(text) or empty


def coloured(text: str, colour: str, stream: TextIO | None = None) -> str:
    """`text` in `colour`, where the stream (stdout unless given) is a terminal that may be coloured."""
    target = stream or sys.stdout
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb" or not target.isatty():
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print `rows` in aligned columns under `headings`; the columns numbered in `right` line up on the right.

    Cells must be safe to show already. Nothing is cut: an id keeps its full length.
    """
    lines = [list(headings), *[list(row) for row in rows]]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(headings))]
    for line in lines:
        cells = []
        for n, cell in enumerate(line):
            filling = " " * (widths[n] - _width(cell))
            cells.append(filling + cell if n in right else cell + filling)
        data("  ".join(cells).rstrip())


def fields(pairs: Sequence[tuple[str, str]]) -> None:
    """Print name and value in two columns; the values must be safe to show already."""
    width = max((_width(name) for name, _ in pairs), default=0)
    data(*[f"{name}{' ' * (width - _width(name))}  {value}".rstrip() for name, value in pairs])


class Progress:
    """A bar on stderr while something long goes on; nothing at all where stderr is no terminal."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown = sys.stderr.isatty()

    def step(self, done: int, total: int) -> None:
        """Show that `done` of `total` are through."""
        if self._shown:
            filled = 20 * done // total if total else 20
            sys.stderr.write(f"\r{self._label} {'█' * filled}{'░' * (20 - filled)} {done}/{total}")
            sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def survive_any_locale() -> None:
    """Make stdout and stderr write what their encoding lacks as an escape, instead of failing half-way."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _print(stream: TextIO, *lines: str) -> None:
    try:
        stream.writelines(f"{line}\n" for line in lines)
        stream.flush()
    except BrokenPipeError:
        raise ReaderGone from None


def _width(text: str) -> int:
    text = _COLOURS.sub("", text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) != 0 for c in text)
    return len(text) + wide - marks
