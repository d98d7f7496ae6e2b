"""The line above the footer: what was done, what is being done, what went wrong and what to do about it.

It keeps one row for itself at all times, so that saying something moves nothing; an error may take up to four.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from vault.errors import BreakglassError
from vault.text import printable


class Note(Static):
    """One message at a time. An error stays until something else is said."""

    DEFAULT_CSS = """
    Note { height: auto; min-height: 1; max-height: 5; padding: 0 2; dock: none; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.told = ""
        """What it says now, as plain text."""

    def say(self, text: str) -> None:
        """Something was done."""
        self._show(Content(printable(text)))

    def busy(self, text: str) -> None:
        """Something is being done."""
        self._show(Content.styled(f"… {printable(text)}", "$quiet"))

    def warn(self, text: str) -> None:
        """Something is not well, and nothing failed."""
        self._show(Content.styled(f"▲ {printable(text)}", "$wrong"))

    def error(self, error: BreakglassError) -> None:
        """What failed, why, and the remedy."""
        parts: list[Content | tuple[str, str]] = [("▲ ", "bold $wrong"), (_sentence(error.what), "bold $wrong")]
        if error.why:
            parts.append((f": {printable(error.why)}", "$wrong"))
        if error.hint:
            parts.append((f"\n  → {_sentence(error.hint)}", "$foreground"))
        self._show(Content.assemble(*parts))

    def clear(self) -> None:
        """Say nothing."""
        self._show(Content(""))

    def _show(self, content: Content) -> None:
        self.told = content.plain
        self.update(content)


def _sentence(text: str) -> str:
    shown = printable(text)
    return shown[:1].upper() + shown[1:]
