"""The step that asks where the first account comes from."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from screens.guarded_screen import BACK, GuardedScreen
from screens.widgets.line import Line
from screens.widgets.panel import Panel
from screens.widgets.rows import Cell, Column, Rows

CHOICES = (
    ("add", "Type it in", "the record of one AWS account, its root password, its MFA device"),
    ("import", "Import", "from KeePass, a CSV file, pictures of QR codes, Google Authenticator"),
    ("later", "Later", "the vault is ready as it is"),
)


class FirstAccount(GuardedScreen[str]):
    """Three ways; Enter takes the one under the cursor."""

    DEFAULT_CSS = """
    FirstAccount Panel { margin: 1 1; padding: 1 1; height: 9; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    AUTO_FOCUS = "Rows"
    question = "Where do the first credentials come from?"
    next_step = "choose"

    def header_title(self) -> str:
        return f"{self.breakglass.vault.name} is founded"

    def body(self) -> ComposeResult:
        yield Line("")
        with Panel("The first account"):
            yield Rows((Column("", 12), Column("", 30, share=1, sentence=True)))

    def on_mount(self) -> None:
        """Show the ways."""
        self.query_one(Rows).show(
            len(CHOICES), lambda at: (Cell(CHOICES[at][1], "strong"), Cell(CHOICES[at][2], "quiet")), cursor=0
        )

    @on(Rows.Chosen)
    def chosen(self, event: Rows.Chosen) -> None:
        """That way."""
        self.dismiss(CHOICES[event.index][0])
