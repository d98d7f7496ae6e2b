"""What the screen in front of you is for, and every key that it takes."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from screens.guarded_screen import BACK, GuardedScreen
from screens.widgets.footer_line import key_name
from screens.widgets.line import Line

EVERYWHERE = (
    ("tab", "the next field or list"),
    ("ctrl+l", "lock at once; everything on the screen is removed"),
    ("ctrl+t", "dark or light"),
    ("ctrl+z", "lock and put into the background"),
    ("ctrl+q", "leave"),
)


class Help(GuardedScreen[None]):
    """A page of text; any of its keys leaves it."""

    DEFAULT_CSS = "Help VerticalScroll { padding: 1 2; }"
    BINDINGS = [BACK]  # noqa: RUF012
    next_step = "back"
    allowed_over_lock = True

    def __init__(self, name: str, purpose: str, keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._about = name
        self._purpose = purpose
        self._keys = keys

    @classmethod
    def about(cls, screen: GuardedScreen[Any]) -> Help:
        """The help of `screen` as it is now."""
        keys = [("enter", screen.next_step)] if screen.next_step else []
        told: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.description and binding.action not in told:
                told.add(binding.action)
                keys.append((key_name(binding), binding.tooltip or binding.description))
        return cls(screen.question, screen.__doc__ or "", keys)

    def header_title(self) -> str:
        return "help"

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="focus-first"):
            yield Line(self._about, classes="title")
            yield Line(self._purpose.replace("`", "").strip() + "\n")
            yield Line(Content("\n").join(_row(key, words) for key, words in self._keys))
            yield Line("\nEverywhere", classes="strong")
            yield Line(Content("\n").join(_row(key, words) for key, words in EVERYWHERE))
            yield Line(
                "\n● pass   ▲ fail   ? unknown: could not be read, which is never a pass   – n/a", classes="quiet"
            )

    def action_next(self) -> None:
        """Enter goes back too."""
        self.dismiss()


def _row(key: str, words: str) -> Content:
    return Content.assemble((f"  {key:<10}", "bold"), words)
