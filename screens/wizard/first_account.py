"""Where the first credentials come from: typed in, imported, or later. It comes back to itself until there is nothing to add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from screens.shown import counted, fit, grouped_id
from screens.widgets.line import Line
from screens.wizard.choices import Choice, Choices
from screens.wizard.step import Step

if TYPE_CHECKING:
    from screens.wizard.founding import Founding

ABOUT = (
    "An account is the record of one AWS account and what its root user signs "
    "in with: a password, and the MFA devices that make its codes."
)
ADD = Choice("add", "Type one in", "its record, then its root password, then its MFA device", "type it in")
IMPORT = Choice("import", "Import", "from KeePass, CSV, QR pictures or Google Authenticator's export", "import")
LATER = Choice("later", "Later", "the vault is ready as it is", "go on without")
PASSWORD = Choice("password", "Its root password", "sealed, and shown within a checkout only", "enter the password")
MFA = Choice("mfa", "Its MFA device", "from the key or QR code that AWS shows, or an export", "add the device")
ON = Choice("on", "Go on", "more accounts can be added at any time", "go on")
ANOTHER = Choice("add", "Type another in", ADD.about, "type it in")


class FirstAccount(Step):
    """What is there already is told; the first choice is what is still missing."""

    question = "Where do the first credentials come from?"
    place = 7

    def __init__(self, founding: Founding) -> None:
        super().__init__(founding)
        self._account = ""

    def header_title(self) -> str:
        return self.breakglass.vault.name

    def content(self) -> ComposeResult:
        yield Line(ABOUT)
        yield Line("", id="have")
        yield Choices()

    def on_mount(self) -> None:
        """Offer what makes sense."""
        self.load()

    def on_screen_resume(self) -> None:
        """Something may have been added on the screen above."""
        self.load()

    def load(self) -> None:
        """What is held, and what is missing."""
        vault = self.breakglass.session.vault
        if vault is None or not self.is_attached:
            return
        accounts = [a for a in vault.state.accounts.values() if a.retired is None]
        held = {s.ref.kind for s in vault.state.secrets_of(self._account)} if self._account else set()
        told: list[Content] = []
        if self._account:
            account = vault.state.accounts[self._account]
            told.append(Content.assemble(("● ", "$well"), (fit(account.name, 40), "bold"), f"   {grouped_id(account.id)}"))
            for kind, words in (("password", "root password"), ("mfa", "MFA device")):
                told.append(_held(words, there=kind in held))
        if len(accounts) > bool(self._account):
            told.append(Content.assemble(("● ", "$well"), f"{counted(len(accounts), 'account')} in the vault"))
        have = self.query_one("#have", Line)
        have.display = bool(told)
        have.set_text(Content("\n").join(told), layout=True)
        missing = [c for c in (PASSWORD, MFA) if self._account and c.key not in held]
        offered = [*missing, ON, ANOTHER] if accounts else [ADD, IMPORT, LATER]
        self.query_one(Choices).offer(offered if not accounts or missing else [ON, ANOTHER, IMPORT])

    @on(Choices.Taken)
    def taken(self, event: Choices.Taken) -> None:
        """That way."""
        key = event.choice.key
        if key == "add":
            from screens.account_form import AccountForm

            self.app.push_screen(AccountForm(first=True), self._added)
        elif key == "import":
            from screens.import_file import ImportFile

            self._account = ""
            self.app.push_screen(ImportFile())
        elif key == "password":
            self._password()
        elif key == "mfa":
            self._mfa()
        else:
            self.founding.choose_access()

    def _added(self, account: str | None) -> None:
        if account is not None:
            self._account = account
            self._password()

    def _password(self) -> None:
        from screens.secret_entry import SecretEntry

        def sealed(told: str | None) -> None:
            if told and not self._has_device():
                self._mfa()

        self.app.push_screen(SecretEntry(self._account, "password", later=True), sealed)

    def _has_device(self) -> bool:
        return any(s.ref.kind == "mfa" for s in self.breakglass.vault.state.secrets_of(self._account))

    def _mfa(self) -> None:
        from screens.mfa_entry import MfaEntry

        self.app.push_screen(MfaEntry(self._account, later=True), lambda told: self.say(told) if told else None)


def _held(words: str, *, there: bool) -> Content:
    return Content.assemble(("● ", "$well"), words, " is sealed") if there else Content.styled(f"– {words}: not yet", "$quiet")
