"""A secret on the screen: masked, and when asked for shown in a form that can be typed from, for ten seconds.

Shown, it stands in groups of four with each character's class under it, since O and 0, l and 1 look alike and colour alone would not
tell them apart: `A` upper case, `a` lower case, `0` digit, `#` symbol, `_` space, `~` anything else. Masked, its length is not told.
Asking again, or holding the key, begins the ten seconds anew. The rows it took stay taken when it hides, so that time moves nothing.
"""

from __future__ import annotations

import unicodedata

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

SECONDS = 10
"""How long a secret stays on the screen without being asked for again."""

MASK = "•" * 16
GROUP = 4
LEGEND = "A upper  a lower  0 digit  # symbol  _ space"

_STYLES = {"A": "bold $well", "a": "$foreground", "0": "bold $wrong", "#": "bold reverse", "_": "$quiet", "~": "underline"}


def character_class(character: str) -> str:
    """The mark of its class: one of `A a 0 # _ ~`."""
    if character == " ":
        return "_"
    if character.isascii():
        if character.isdigit():
            return "0"
        if character.isalpha():
            return "A" if character.isupper() else "a"
        return "#"
    return {"Lu": "A", "Ll": "a", "Nd": "0"}.get(unicodedata.category(character), "~")


class SecretField(Widget):
    """Masked until `show`; hides itself."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "SecretField { height: auto; width: 1fr; min-height: 1; }"

    class Hid(Message):
        """It is masked again."""

    def __init__(self, *, seconds: int = SECONDS, id: str | None = None) -> None:
        super().__init__(id=id)
        self._seconds = seconds
        self._value = ""
        self._present = True
        self._taken_rows = 1
        self._left = 0
        self._timer: Timer | None = None

    def __repr__(self) -> str:
        return "SecretField(shown)" if self._value else "SecretField(masked)"

    @property
    def shown(self) -> bool:
        """Whether it is legible now."""
        return bool(self._value)

    def show(self, value: str, *, seconds: int | None = None) -> None:
        """Make it legible; a timer masks it."""
        self._value = value
        self._left = seconds or self._seconds
        self.add_class("-secret-shown")
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(1, self._tick)
        self.refresh(layout=True)

    def ask_again(self) -> bool:
        """Begin the time anew if it is legible."""
        if self._value:
            self._left = max(self._left, self._seconds)
            self.refresh()
        return self.shown

    def hide(self) -> None:
        """Mask it and let the text go."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._value:
            self._value = ""
            self.remove_class("-secret-shown")
            self.refresh()
            self.post_message(self.Hid())

    def absent(self, present: bool) -> None:
        """Say whether there is anything to show at all."""
        self._present = present
        self.refresh()

    def on_unmount(self) -> None:
        """Nothing is left in a removed widget."""
        self._value = ""

    def _tick(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.hide()
        else:
            self.refresh()

    def render(self) -> RenderResult:
        """Dots, or the groups with their classes and the time left."""
        if not self._present:
            return Content.styled("none", "$quiet")
        if not self._value:
            return Content.styled(MASK, "$quiet")
        rows: list[Content] = []
        for chunk in self._chunks(self.content_size.width):
            above: list[Content | str] = []
            below: list[Content | str] = []
            for group in chunk:
                marks = [character_class(c) for c in group]
                above += [
                    Content.assemble(*((_visible(c), _STYLES[m]) for c, m in zip(group, marks, strict=True))), "  "
                ]
                below += [Content.styled("".join(marks), "$quiet"), "  "]
            rows += [Content.assemble(*above), Content.assemble(*below)]
        rows += [Content.styled(row, "$quiet") for row in self._legend(self.content_size.width)]
        return Content("\n").join(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The rows it needs now or has needed before."""
        if self._value:
            rows = 2 * len(self._chunks(width)) + len(self._legend(width))
            self._taken_rows = max(self._taken_rows, rows)
        return self._taken_rows

    def _legend(self, width: int) -> list[str]:
        """What the marks mean and when it hides: in one row where it fits."""
        hides = f"hides in {self._left:>2} s"
        return [f"{LEGEND}   {hides}"] if len(LEGEND) + 3 + len(hides) <= width else [LEGEND, hides]

    def _chunks(self, width: int) -> list[list[str]]:
        groups = [self._value[at : at + GROUP] for at in range(0, len(self._value), GROUP)]
        per_row = max((width + 2) // (GROUP + 2), 1)
        return [groups[at : at + per_row] for at in range(0, len(groups), per_row)]


def _visible(character: str) -> str:
    """What stands for a character that shows nothing or would move its neighbours."""
    if character == " ":
        return "␣"
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
