"""Where what was answered is made: the identity file under its passphrase, then the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content

from screens.shown import fit
from screens.widgets.line import Line
from screens.wizard.step import Step
from vault.errors import BreakglassError

if TYPE_CHECKING:
    from screens.wizard.founding import Founding


class Making(Step):
    """Nothing to type. It says what is made and where, and what the fingerprint is, or why nothing was made."""

    question = "Making your identity and the vault"
    place = 5

    def __init__(self, founding: Founding) -> None:
        super().__init__(founding)
        self._failed = False
        self._had_identity = False

    def content(self) -> ComposeResult:
        yield Line("", id="made")
        yield Line("", id="fingerprint")

    def on_mount(self) -> None:
        """Begin at once."""
        self._had_identity = self.breakglass.session.has_identity
        self.founding.joins = self.founding.has_vault
        self.make()

    def make(self) -> None:
        """Both, in a thread; the passphrase goes along as a copy, which the thread wipes."""
        founding, session = self.founding, self.breakglass.session
        names, keyring, restored = (founding.vault_name, founding.member), founding.keyring, founding.restored
        passphrase = bytearray(founding.passphrase)
        had_identity = self._had_identity

        def work() -> None:
            from vault.files import private_folder
            from vault.memory import wipe

            try:
                if had_identity:
                    session.found_vault(*names)
                    return
                if not session.identity_file.parent.exists():
                    private_folder(session.identity_file.parent)
                session.found(passphrase, *names, with_device_secret=bool(keyring), restored=restored)
            finally:
                wipe(passphrase)
            if restored is not None and not founding.joins and session.vault is not None:
                # All of its words were typed in just now: more cannot be asked back.
                session.vault.confirm_words()

        self._failed = False
        self.set_next_step("")
        self._tell(done=False)
        self.in_background(work, lambda _: self._made(), failed=self._not_made)

    def _tell(self, *, done: bool) -> None:
        session, keyring = self.breakglass.session, self.founding.keyring
        mark = ("● ", "$well") if done else ("… ", "$quiet")
        rows: list[Content] = []

        def row(name: str, text: str) -> None:
            rows.append(Content.assemble(mark, (f"{name:<16}", "bold"), text))

        if not self._had_identity:
            row("Key", f"Argon2id over your passphrase, {_cost()}:")
            rows.append(Content.styled(f"{'':<18}slow once for you, and for a thief at every guess", "$quiet"))
            row("Device secret", f"kept in {fit(keyring, 44)}" if keyring else "none, as you decided")
            row("Identity file", fit(str(session.identity_file), 52))
        row("Vault", fit(str(session.vault_folder), 52))
        self.query_one("#made", Line).set_text(Content("\n").join(rows), layout=True)

    def _made(self) -> None:
        identity = self.breakglass.session.identity
        if identity is None:
            return
        from vault.identity import words

        ten = words(identity.public.fingerprint)
        self._tell(done=True)
        self.query_one("#fingerprint", Line).set_text(
            Content.assemble(
                ("Your fingerprint, as others will know you:\n", "$quiet"),
                f"  {' '.join(ten[:5])}\n  {' '.join(ten[5:])}",
            ),
            layout=True,
        )
        self.set_next_step("go on")

    def _not_made(self, error: BreakglassError) -> None:
        self._failed = True
        self.query_one("#made", Line).set_text("")
        # With an identity file and no vault the way on is the passphrase, which opens what was made.
        whole = self.breakglass.session.has_identity and not self._had_identity
        self.set_next_step("unlock and go on" if whole else "try again")
        self.refresh_bindings()
        self.show_error(error)

    def action_next(self) -> None:
        """On; after a failure once more."""
        if self.next_step == "go on":
            self.founding.made()
        elif self.next_step == "try again":
            self.note.clear()
            self.make()
        elif self._failed:
            self.app.call_later(self.breakglass.lock, "your identity is made; unlock it to make the vault")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a way back only from a failure that left nothing behind."""
        if action == "back":
            return self._failed and self.next_step == "try again" and self.founding.can_go_back
        return True


def _cost() -> str:
    from vault.identity_file import KdfCost

    cost = KdfCost()
    return f"{cost.memory_kib // 1024} MiB, {cost.passes} passes"
