"""The first run: from nothing to a vault with an identity, words on paper, an account, and a way for AWS to be asked.

`Founding` is the order of the steps; each step is a screen of its own that knows nothing of the others. Everything after the vault
exists can be put off, and what was put off is either due afterwards or one key away on the accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screens.app import Breakglass
    from vault.identity import Identity


class Founding:
    """Walks through the steps, each on top of the lock, and ends at the accounts."""

    def __init__(self, app: Breakglass) -> None:
        self._app = app
        self._name = ""
        self._member = ""
        self._restored: Identity | None = None

    def begin(self) -> None:
        """Ask what the vault is called and who founds it."""
        from screens.wizard.names import Names

        session = self._app.session
        self._app.push_screen(Names(known=session.identity is not None, name=self._name, member=self._member), self._named)

    def _named(self, names: tuple[str, str] | None) -> None:
        if names is None:
            from screens.wizard.restore import Restore

            self._app.push_screen(Restore(), self._restored_from_words)
            return
        self._name, self._member = names
        from screens.wizard.passphrase import Passphrase

        if self._app.session.identity is not None:
            from screens.wizard.making import Making

            self._app.push_screen(Making(self._name, self._member), self._made)
        else:
            self._app.push_screen(Passphrase(self._name, self._member, self._restored), self._made)

    def _restored_from_words(self, identity: Identity | None) -> None:
        if identity is None:
            self.begin()
            return
        self._restored = identity
        import vault

        if vault.exists(self._app.session.vault_folder):
            from screens.wizard.passphrase import Passphrase

            self._app.push_screen(Passphrase("", "", identity), self._made)
        else:
            self.begin()

    def _made(self, made: bool | None) -> None:
        if not made:
            self.begin()
            return
        if self._restored is not None:
            self._app.enter()
            return
        from screens.wizard.words import RecoveryWords

        self._app.push_screen(RecoveryWords(founding=True), lambda _: self._first_account())

    def _first_account(self) -> None:
        from screens.wizard.first_account import FirstAccount

        self._app.push_screen(FirstAccount(), self._chosen)

    def _chosen(self, choice: str | None) -> None:
        if choice == "add":
            from screens.account_form import AccountForm

            self._app.push_screen(AccountForm(first=True), self._password)
        elif choice == "import":
            from screens.import_file import ImportFile

            self._app.push_screen(ImportFile(), lambda _: self._split())
        else:
            self._split()

    def _password(self, account: str | None) -> None:
        if account is None:
            self._first_account()
            return
        from screens.secret_entry import SecretEntry

        self._app.push_screen(SecretEntry(account, "password", later=True), lambda _: self._mfa(account))

    def _mfa(self, account: str) -> None:
        from screens.mfa_entry import MfaEntry

        self._app.push_screen(MfaEntry(account, later=True), lambda _: self._access(account))

    def _access(self, account: str) -> None:
        from screens.wizard.aws_access import AwsAccess

        self._app.push_screen(AwsAccess(account), lambda _: self._split())

    def _split(self) -> None:
        from screens.wizard.split_custody import SplitCustody

        def done(_: Any) -> None:
            self._app.enter()

        self._app.push_screen(SplitCustody(), done)
