"""Names and records as people type them: checked with the field named, and found again with the near miss named."""

from __future__ import annotations

import difflib

from vault.errors import WrongUsage
from vault.events import AccountRecord
from vault.state import Account, Checkout, State
from vault.text import printable

PARTITIONS = ("aws", "aws-us-gov", "aws-cn")
_LINES = {"email": 1000, "inbox_readers": 1000, "phone_holder": 1000, "profile": 1000, "role": 1000}
NOTES_LIMIT = 8000


def check_name(name: str, what: str) -> str:
    """`name` without spaces around it; WrongUsage where it is empty, too long, or not one printable line."""
    name = name.strip()
    if not name:
        raise WrongUsage(f"cannot take the name of {what}", "it is empty")
    if len(name) > 200:
        raise WrongUsage(f"cannot take the name of {what}", "it has more than 200 characters")
    if printable(name) != name:
        raise WrongUsage(f"cannot take the name of {what}", "it holds characters that cannot be printed")
    return name


def check_record(record: AccountRecord) -> None:
    """WrongUsage names the first field of an account's record that does not fit."""
    what = "cannot take the account"
    if len(record.id) != 12 or not (record.id.isascii() and record.id.isdigit()):
        raise WrongUsage(what, "an account id has 12 digits", "the console shows it at the top right, without the dashes")
    if check_name(record.name, "the account") != record.name:
        raise WrongUsage(what, "its name has spaces around it")
    if record.partition not in PARTITIONS:
        raise WrongUsage(what, f"there is no partition '{printable(record.partition, 40)}'", f"it is one of {', '.join(PARTITIONS)}")
    if record.email and not _is_address(record.email):
        raise WrongUsage(what, "the root e-mail is not an address", "it looks like aws+name@company.example")
    for field, limit in _LINES.items():
        value: str = getattr(record, field)
        if len(value) > limit or printable(value) != value:
            raise WrongUsage(what, f"its {field.replace('_', ' ')} is too long or cannot be printed")
    if len(record.notes) > NOTES_LIMIT:
        raise WrongUsage(what, f"its notes have more than {NOTES_LIMIT} characters")


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(at and local and "." in domain and not any(c.isspace() for c in text) and "@" not in local)


def find_account(state: State, text: str) -> Account:
    """The account in use with this id (dashes and spaces allowed) or exactly this name."""
    digits = text.replace("-", "").replace(" ", "")
    account_id = digits if digits in state.accounts else state.names.get(text.strip(), "")
    account = state.accounts.get(account_id)
    if account is not None and account.retired is None:
        return account
    if account is not None:
        raise WrongUsage(f"the account {account.id} is retired", printable(account.retired_why), "add it again to bring it back")
    near = difflib.get_close_matches(text, list(state.names), 3)
    hint = f"did you mean {', '.join(printable(n, 60) for n in near)}?" if near else "see `breakglass accounts list`"
    raise WrongUsage("there is no such account", printable(text, 60), hint)


def find_checkout(state: State, prefix: str) -> Checkout:
    """The one checkout whose id begins with `prefix`, at least four hex digits."""
    wanted = prefix.strip().lower()
    if len(wanted) < 4 or any(c not in "0123456789abcdef" for c in wanted):
        raise WrongUsage("there is no such checkout", f"'{printable(prefix, 40)}' is not the beginning of an id", "give at least four hex digits")
    found = [c for c in state.checkouts.values() if c.id.hex().startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise WrongUsage("there is no such checkout", wanted, "see the open ones with `breakglass status`")
    raise WrongUsage("which checkout?", f"{len(found)} of them begin with {wanted}", "give more digits")
