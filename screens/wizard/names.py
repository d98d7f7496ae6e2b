"""The first step: what the vault is called, and who founds it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from screens.guarded_screen import GuardedScreen
from screens.shown import fit
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.plain_input import PlainInput
from vault.errors import WrongUsage

ABOUT = """\
breakglass keeps the AWS root credentials that you hope never to need: passwords and MFA
seeds, sealed on this machine. Every use is asked for with a reason, and is in a signed log
before anything is shown.

This makes a vault, and your identity in it. It takes about five minutes, works offline,
and nothing leaves this machine."""


class Names(GuardedScreen["tuple[str, str]"]):
    """Both names are seen by every member of the vault, and by nobody else. Enter goes on."""

    DEFAULT_CSS = """
    Names Panel { margin: 1 1; padding: 1 1; }
    Names Field { margin: 1 0 0 0; }
    """
    BINDINGS = [Binding("ctrl+r", "restore", "I have recovery words")]  # noqa: RUF012
    question = "What is the vault called, and who are you?"
    next_step = "go on"

    def __init__(self, *, known: bool, name: str = "", member: str = "") -> None:
        super().__init__()
        self._known = known
        self._names = (name, member)

    def header_title(self) -> str:
        return "a new vault"

    def body(self) -> ComposeResult:
        folder = self.breakglass.session.vault_folder
        with Panel("Welcome"):
            yield Line("Your identity is here, and it has no vault yet." if self._known else ABOUT)
            yield Field("Vault", PlainInput(self._names[0], id="name", placeholder="Acme"))
            yield Field("You", PlainInput(self._names[1], id="member", placeholder="anna"))
            yield Line(f"\nIt will lie in {fit(str(folder), 56)}", classes="quiet")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Words bring an identity back only where there is none."""
        return not self._known if action == "restore" else True

    def action_restore(self) -> None:
        """The identity exists on paper."""
        self.dismiss(None)

    @on(Input.Submitted)
    def named(self) -> None:
        """Both are needed; the vault judges them later in the same words."""
        from vault.records import check_name

        values = {name: self.query_one(f"#{name}", PlainInput) for name in ("name", "member")}
        for name, field in values.items():
            try:
                check_name(field.value.strip(), "the vault" if name == "name" else "the member")
            except WrongUsage as error:
                field.focus()
                if field.value:
                    self.show_error(error)
                return
        self.dismiss((values["name"].value.strip(), values["member"].value.strip()))
