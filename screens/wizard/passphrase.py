"""A passphrase for the identity file, typed twice, with a meter that says what it would withstand."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input

from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.wizard.step import Step
from vault.errors import WrongUsage
from vault.memory import wipe

if TYPE_CHECKING:
    from custodian.passphrase import Strength
    from screens.wizard.founding import Founding

ABOUT = (
    "It opens your identity on this machine. Five or more words that do not "
    "belong together are strong, and can be remembered. Nobody can tell you "
    "what it was: for that day there are recovery words, in a later step."
)
BAR = 20
PAUSE = 0.25
"""Seconds without a key after which the meter judges."""


class Passphrase(Step):
    """Enter in the first field judges it and goes on to the second; a weak one is refused with advice, and stays to be mended."""

    question = "Which passphrase will open your identity?"
    place = 3
    next_step = "go on"

    DEFAULT_CSS = "Passphrase #column > #meter { height: 1; margin: 0 0 1 18; }"

    def __init__(self, founding: Founding) -> None:
        super().__init__(founding)
        self._pause: Timer | None = None

    def content(self) -> ComposeResult:
        yield Line(ABOUT)
        yield Field("Passphrase", MaskedInput(id="passphrase"))
        yield Line("", id="meter")
        yield Field("The same again", MaskedInput(id="again"))

    def on_mount(self) -> None:
        """Who comes back here chooses anew."""
        wipe(self.founding.passphrase)
        self.founding.passphrase = bytearray()
        self.show_strength(None)

    # The meter.

    @on(Input.Changed, "#passphrase")
    def typed(self) -> None:
        """Judge it when the typing pauses."""
        self.note.clear()
        self._stop_pause()
        self._pause = self.set_timer(PAUSE, self._judge)

    def _stop_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()

    def _judge(self) -> None:
        typed = self._copy()
        if typed:
            self.in_background(lambda: self._strength(typed), self.show_strength, group="meter")
        else:
            self.show_strength(None)

    def _copy(self) -> bytearray:
        return bytearray(self.query_one("#passphrase", MaskedInput).value.encode())

    def _strength(self, typed: bytearray) -> Strength:
        from custodian.passphrase import strength

        try:
            return strength(typed, (self.founding.vault_name, self.founding.member))
        finally:
            wipe(typed)

    def show_strength(self, judged: Strength | None) -> None:
        """`████████░░░░░░░░░░░░  ▲ could be guessed`."""
        from custodian.passphrase import STRONG_ENOUGH

        guesses = 0.0 if judged is None or not self.query_one("#passphrase", MaskedInput).value else judged.guesses_log10
        filled = min(BAR, int(guesses / STRONG_ENOUGH * BAR * 0.75))
        enough = guesses >= STRONG_ENOUGH
        colour = "$well" if enough else "$wrong"
        words = "● strong" if enough else "▲ could be guessed" if guesses else ""
        count = f"   about 10^{int(guesses)} guesses" if guesses >= 1 else ""
        self.query_one("#meter", Line).set_text(
            Content.assemble(
                ("█" * filled, colour), ("░" * (BAR - filled), "$quiet"), "  ", (words, f"bold {colour}"), (count, "$quiet")
            )
        )

    # Going on.

    @on(Input.Submitted, "#passphrase")
    def again(self) -> None:
        """To the second field at once, so that no key typed meanwhile lands in the first; back from it where the first is weak."""
        self._stop_pause()  # its judging would take the place of this one
        first, second = self._fields()
        typed = self._copy()

        def judged(strength: Strength) -> None:
            self.show_strength(strength)
            if not strength.enough:
                second.forget()
                first.focus()
                self.show_error(_weak(strength))

        if typed:
            second.focus()
            self.in_background(lambda: self._strength(typed), judged, group="meter")

    def _fields(self) -> tuple[MaskedInput, MaskedInput]:
        return self.query_one("#passphrase", MaskedInput), self.query_one("#again", MaskedInput)

    @on(Input.Submitted, "#again")
    def go_on(self) -> None:
        """Compare, judge, and on."""
        self._stop_pause()
        first, second = self._fields()
        typed, repeated = self._copy(), second.take()
        try:
            same = hmac.compare_digest(typed, repeated)
        finally:
            wipe(repeated)
        if not typed or not same:
            wipe(typed)
            first.forget()
            first.focus()
            self.show_strength(None)
            self.show_error(WrongUsage("the passphrase is not taken", "the two are not the same", "Type it again in both fields."))
            return

        def judged(strength: Strength) -> None:
            if strength.enough:
                self.founding.passphrase = first.take()
                self.founding.choose_device_secret()
            else:
                first.focus()
                self.show_error(_weak(strength))

        self.in_background(lambda: self._strength(typed), judged, group="meter")


def _weak(strength: Strength) -> WrongUsage:
    return WrongUsage("the passphrase is too weak", "it could be guessed", strength.advice)
