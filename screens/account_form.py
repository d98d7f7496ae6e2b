"""The form for one account's record: what it is called, who reads its root inbox, who holds its phone, how AWS is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.guarded_screen import BACK, GuardedScreen
from screens.widgets.field import Field
from screens.widgets.line import Line
from screens.widgets.panel import ScrollPanel
from screens.widgets.plain_input import PlainInput
from vault.errors import WrongUsage

ABOUT_ACCESS = (
    "Posture is read with an AWS profile of this machine: one for the account itself, or one from which "
    "the role named here is assumed in it. Both may stay empty; then posture is unknown, and says so."
)

_FIELDS = (
    ("id", "Account id", "12 digits"),
    ("name", "Name", ""),
    ("email", "Root e-mail", ""),
    ("partition", "Partition", "aws, aws-us-gov, aws-cn"),
    ("inbox_readers", "Reads the inbox", ""),
    ("phone_holder", "Holds the phone", ""),
    ("notes", "Notes", ""),
    ("profile", "AWS profile", ""),
    ("role", "Role", ""),
)
"""Field of the record, its label, what to know about it; in the order of the form."""

_PLACEHOLDERS = {
    "id": "111122223333",
    "name": "payments-prod",
    "email": "aws+payments@example.com",
    "partition": "aws",
    "inbox_readers": "who reads the root inbox: a group, not one person",
    "phone_holder": "who holds the phone AWS calls; not the one with the inbox",
    "profile": "optional",
    "role": "optional",
}


class AccountForm(GuardedScreen[str]):
    """The record of an account. Enter saves it from any field; what is missing is asked for. No field of it is secret."""

    DEFAULT_CSS = """
    AccountForm ScrollPanel { margin: 0 1; padding: 1 1; }
    AccountForm Field { margin: 0 0 1 0; }
    AccountForm #partition { width: 24; }
    AccountForm #id { width: 24; }
    """
    BINDINGS = [BACK]  # noqa: RUF012
    next_step = "save"
    question = "Which AWS account is it?"

    def __init__(
        self, account: str = "", *, saved: Callable[[str], None] | None = None, first: bool = False
    ) -> None:
        super().__init__()
        self._account = account
        self._saved = saved
        self._first = first

    def header_title(self) -> str:
        return "edit account" if self._account else "your first account" if self._first else "new account"

    def body(self) -> ComposeResult:
        title = "Account"
        record = self._record()
        with ScrollPanel(title):
            for name, label, hint in _FIELDS:
                value = str(getattr(record, name)) if record is not None else ""
                field = PlainInput(value, id=name, placeholder=_PLACEHOLDERS.get(name, ""))
                if name == "id" and self._account:
                    field.disabled = True
                yield Field(label, field, hint=hint)
            yield Line(ABOUT_ACCESS, classes="quiet")

    def on_mount(self) -> None:
        """Begin where something is to be typed."""
        self.query_one("#name" if self._account else "#id").focus()

    def _record(self) -> Any:
        return self.breakglass.vault.state.accounts[self._account].record if self._account else None

    @on(Input.Submitted)
    def save(self) -> None:
        """Save; the vault judges each field, and nothing typed is lost when it refuses one."""
        values = {name: self.query_one(f"#{name}", PlainInput).value.strip() for name, _, _ in _FIELDS}
        values["id"] = "".join(values["id"].replace("-", " ").split())
        values["partition"] = values["partition"] or "aws"
        for name, label, _ in _FIELDS[:2]:
            if not values[name]:
                self.query_one(f"#{name}").focus()
                self.show_error(WrongUsage("the record is not complete", f"{label.lower()} is empty"))
                return
        vault, account = self.breakglass.vault, self._account

        def work() -> str:
            from vault.events import AccountRecord

            record = AccountRecord(**values)  # type: ignore[arg-type]  # the vault judges the partition
            if account:
                vault.edit_account(account, record)
            else:
                vault.add_account(record)
            return record.id

        self.in_background(work, self._done, busy="saving")

    def _done(self, account: str) -> None:
        if self._saved is not None:
            self._saved(account)
        else:
            self.dismiss(account)
