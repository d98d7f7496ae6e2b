"""The second step: the passphrase of the identity, and whether this machine's keyring guards it as well.

Doing without the keyring is a choice that is made here and written out; it is never made by itself.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.masked_input import MaskedInput
from screens.widgets.panel import Panel
from screens.widgets.toggle import Toggle
from vault.errors import BreakglassError, WrongUsage
from vault.memory import wipe

if TYPE_CHECKING:
    from custodian.passphrase import Strength
    from vault.identity import Identity

ABOUT = "It guards your identity on this machine. Five or more words that do not belong together are good."
METER = 20
WORDS = ("guessed at once", "weak", "not enough yet", "strong", "very strong")


class Passphrase(GuardedScreen[bool]):
    """Typed twice. Enter makes identity and vault; deriving the key takes about a second, on purpose."""

    DEFAULT_CSS = """
    Passphrase Panel { margin: 1 1 0 1; padding: 1 1; }
    Passphrase Field { margin: 1 0 0 0; }
    Passphrase #advice { padding: 0 0 0 18; height: 2; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    question = "Which passphrase guards your identity?"
    next_step = "make it"

    def __init__(self, name: str, member: str, restored: Identity | None = None) -> None:
        super().__init__()
        self._about = (name, member)
        self._restored = restored
        self._keyring = ""
        self._no_keyring: BreakglassError | None = None

    def header_title(self) -> str:
        return "your identity"

    def body(self) -> ComposeResult:
        with Panel("Passphrase"):
            yield Line(ABOUT, classes="quiet")
            yield Field("Passphrase", MaskedInput(id="first"))
            yield Field("The same again", MaskedInput(id="second"))
            yield Line("")
            yield Field("Strength", Line("", id="meter"))
            yield Line("", id="advice", classes="quiet")
        with Panel("Device secret"):
            yield Line("looking for this machine's keyring", id="keyring", classes="quiet")
            yield Toggle("do without: whoever copies the identity file needs only the passphrase", id="without")

    def on_mount(self) -> None:
        """Look for the keyring beside the screen."""

        def check() -> str:
            from vault import device_secret

            return device_secret.check()

        self.in_background(check, self._keyring_found, failed=self._keyring_missing, group="keyring")
        self._judge()

    def _keyring_found(self, name: str) -> None:
        self._keyring = name
        self.query_one("#keyring", Line).set_text(
            Content.assemble(("● ", "$well"), f"{name} keeps a second key; the identity file alone is useless to a thief."),
            layout=True,
        )

    def _keyring_missing(self, error: BreakglassError) -> None:
        self._no_keyring = error
        self.query_one("#keyring", Line).set_text(
            Content.assemble(("▲ no keyring that can be trusted: ", "$wrong"), f"{error.why or error.what}\n{error.hint}"),
            layout=True,
        )

    @on(Input.Changed, "#first")
    def _judge(self) -> None:
        """How strong it is, while it is typed."""
        typed = bytearray(self.query_one("#first", MaskedInput).value.encode("utf-8", "surrogateescape"))
        about = self._about

        def work() -> Strength | None:
            from custodian.passphrase import strength

            try:
                return strength(typed, about) if typed else None
            finally:
                wipe(typed)

        self.in_background(work, self._judged, group="strength")

    def _judged(self, strength: Strength | None) -> None:
        score = strength.score if strength is not None else 0
        filled = METER * (score + (1 if strength is not None else 0)) // 5
        enough = strength is not None and strength.enough
        word = WORDS[score] if strength is not None else "nothing typed yet"
        if strength is not None and not enough and score >= 3:
            word = "not enough yet"
        glyph = "●" if enough else "▲" if strength is not None else "–"
        colour = "$well" if enough else "$wrong" if strength is not None else "$quiet"
        self.query_one("#meter", Line).set_text(
            Content.assemble(("█" * filled + "░" * (METER - filled), colour), (f"  {glyph} {word}", colour))
        )
        self.query_one("#advice", Line).set_text(strength.advice if strength is not None else "")

    @on(Input.Submitted, "#first")
    def again(self) -> None:
        """On to the second field."""
        self.query_one("#second").focus()

    @on(Input.Submitted, "#second")
    @on(Toggle.Entered)
    def make(self) -> None:
        """Judge, then make identity and vault in a thread."""
        without = self.query_one("#without", Toggle).on
        if not without and not self._keyring:
            self.query_one("#without").focus()
            why = "no keyring was found" if self._no_keyring is not None else "the keyring has not answered yet"
            self.show_error(
                WrongUsage("nothing was made", why, "Unlock the keyring and come back, or choose with space to do without.")
            )
            return
        first, second = (self.query_one(f"#{name}", MaskedInput) for name in ("first", "second"))
        typed, repeated = first.take(), second.take()
        self._judge()
        first.focus()
        same = hmac.compare_digest(typed, repeated)
        wipe(repeated)
        if not same:
            wipe(typed)
            self.show_error(WrongUsage("nothing was made", "the two are not the same", "Type it again in both fields."))
            return
        session, about, restored = self.breakglass.session, self._about, self._restored

        def work() -> None:
            from custodian.passphrase import check_new

            try:
                check_new(typed, about)
                session.found(typed, *about, with_device_secret=not without, restored=restored)
            finally:
                wipe(typed)

        self.in_background(work, lambda _: self._made(), busy="deriving the key and founding the vault")

    def _made(self) -> None:
        self.dismiss(True)

    def action_back(self) -> None:
        """To the names."""
        self.dismiss(False)
