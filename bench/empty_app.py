"""The yardstick for the start: an empty Textual app with one input field."""

from textual.app import App, ComposeResult
from textual.widgets import Input


class Empty(App[None]):
    def compose(self) -> ComposeResult:
        yield Input(placeholder="Passphrase")


if __name__ == "__main__":
    Empty().run()
