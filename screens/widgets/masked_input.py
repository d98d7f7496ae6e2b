"""A field for a secret: what is typed into it can be seen by nobody, copied nowhere, and is gone once taken.

Textual's own `Input(password=True)` masks the picture only: ctrl+c and ctrl+x still hand the text to the app's clipboard and to the
terminal. Here copying and cutting do nothing, and `take` empties the field.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from screens.widgets.plain_input import PlainInput


class MaskedInput(PlainInput):
    """An input whose text never leaves but through `take`. With `hidden=False` it is legible while typed."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+x", "cut", show=False),
        Binding("ctrl+c,super+c", "copy", show=False),
    ]

    def __init__(self, *, hidden: bool = True, **kwargs: Any) -> None:
        super().__init__(password=hidden, **kwargs)
        self._legible = not hidden

    def take(self) -> bytearray:
        """What was typed, as UTF-8, in a buffer that the caller wipes; the field is empty afterwards."""
        taken = bytearray(self.value.encode("utf-8", "surrogateescape"))
        self.forget()
        return taken

    def forget(self) -> None:
        """Empty the field."""
        with self.prevent(Input.Changed):
            self.value = ""

    @property
    def selected_text(self) -> str:
        """Nothing: whatever asks for a masked selection wants to copy it."""
        return ""

    def get_selection(self, selection: Any) -> tuple[str, str] | None:
        """Nothing."""
        return None

    def action_copy(self) -> None:
        """A secret is not copied out of its field."""
        self.app.bell()

    def action_cut(self) -> None:
        """A secret is not copied out of its field."""
        self.app.bell()

    def watch_value(self) -> None:
        """While a legible secret stands here, no picture is taken."""
        self.set_class(self._legible and bool(self.value), "-secret-shown")
