"""The whole loop by keyboard, in the real program on a terminal: from nothing at all to a verified log, and out again.

Somebody with a home of their own, no keyring, and an AWS account (simulated on loopback) whose root user has an access key makes a
vault, brings root in, checks it out, signs in with what the screen says, checks in, has the log verified, locks, comes back, and
leaves. What the screen shows and what the log has are compared; what must be nowhere is looked for in every byte.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pyotp
import pytest

import vault
from screens.theme import DARK
from tests.support.aws_account import SimulatedAccount, stamp
from tests.support.aws_overlay import Overlay, serve
from tests.support.quarantine import clean_environment
from tests.support.terminal import Terminal
from tests.test_leaks_process import forms
from vault import identity_file

PASSPHRASE = "plural anvil tide wombat seven"
ACCOUNT, NAME, EMAIL = "111122223333", "payments-prod", "aws+payments@acme.example"
PASSWORD = "Kestrel-0O1l#Under_The=Lintel7"
SEED = "MNQW4YLSPEWXGZLFMQWWWZLTORZGK3BB"
REASON = "INC-4711: IAM is locked out, restoring SSO"
SAYS_NOTHING = "asdfasdfasdf"
CURSOR = DARK.variables["input-cursor-background"]
MASK = "•" * 16
PROFILE = "audit"
ROOT_HAS_A_KEY = "The root user has an access key: key 1 is active, 400 days old"
EVENTS = [
    "vault created", "attested", "account added", "version sealed", "version sealed", "account edited", "posture recorded",
    "checkout requested", "checkout opened", "posture recorded", "checkout revealed", "checkout revealed", "posture recorded",
    "checkout checked in",
]  # fmt: skip
"""What the log has in the end: each step once, and nothing that was not taken."""
STEPS = (
    "checked in", "shown the password", "saw a code", "opened the checkout", "asked for password, MFA device", "edited payments-prod",
    "set the MFA device", "set the password", "added payments-prod", "attested that the recovery word", "anna created the vault Acme",
)  # fmt: skip
"""The same as the log is read: newest first."""


@pytest.fixture
def aws() -> Iterator[Overlay]:
    with serve() as overlay:
        yield overlay


@pytest.fixture
def root(aws: Overlay) -> SimulatedAccount:
    """An account whose root user has MFA, and an access key that nobody should have."""
    made = stamp(time.time() - 400 * 86_400 - 3600)
    key = {"access_key_1_active": "TRUE", "access_key_1_last_rotated": made}
    return aws.account(ACCOUNT, mfa=True, keys=1, report=key)


@pytest.fixture
def machine(tmp_path: Path, aws: Overlay, root: SimulatedAccount) -> dict[str, str]:
    """The environment of somebody who has never started breakglass. The AWS settings lie apart from the home, which is searched."""
    env = dict(os.environ)
    clean_environment(env, tmp_path / "home", env["PATH"])
    settings, credentials = tmp_path / "aws-config", tmp_path / "aws-credentials"
    settings.write_text(f"[profile {PROFILE}]\nregion = eu-central-1\n")
    credentials.write_text(f"[{PROFILE}]\naws_access_key_id = {root.key}\naws_secret_access_key = a-secret-of-nobody\n")
    return env | {
        "AWS_CONFIG_FILE": str(settings), "AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_ENDPOINT_URL": aws.url,
        "PYTHONPATH": str(Path(__file__).parents[1]), "COLORTERM": "truecolor", "TMPDIR": str(tmp_path / "home"),
    }  # fmt: skip


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_the_whole_loop_goes_by_keyboard_from_nothing_to_a_verified_log(tmp_path, machine, root, columns, rows):
    home = tmp_path / "home"
    program = [sys.executable, "-P", "-m", "custodian"]
    with Terminal(program, columns=columns, rows=rows, env=machine, cwd=home, cursor=CURSOR) as terminal:
        make_vault(terminal)
        words = write_words_down(terminal)
        type_first_account_in(terminal)
        give_access(terminal)
        check_out(terminal)
        read_posture(terminal)
        type_code(terminal)
        type_password(terminal)
        check_in(terminal, root)
        verify(terminal)
        lock_and_come_back(terminal)
        terminal.press("ctrl+q")
        assert terminal.ended() == 0
    was_masked(terminal.heard, PASSPHRASE, SEED)
    the_log_has_it(home / ".local/share/breakglass")
    nothing_on_disk(home, words)


# At the terminal.


def make_vault(terminal: Terminal) -> None:
    """Names, a passphrase twice, and the decision to go without what a keyring would keep."""
    terminal.see("step 1 of 9", "A break-glass vault for AWS root credentials")
    terminal.press("enter")
    terminal.see("step 2 of 9")
    terminal.at("Vault")
    terminal.type_("Acme")
    terminal.press("enter")
    terminal.at("Your name")
    terminal.type_("anna")
    terminal.press("enter")
    terminal.see("step 3 of 9")
    terminal.at("Passphrase")
    terminal.type_(PASSPHRASE)
    terminal.press("enter")
    terminal.at("The same again")
    terminal.type_(PASSPHRASE)
    terminal.press("enter")
    terminal.see("step 4 of 9", "no keyring will do", "enter try again")
    terminal.press("down")
    terminal.see("enter go without")
    terminal.press("enter")
    terminal.see("step 5 of 9", "none, as you decided", "Your fingerprint, as others will know you", "enter go on")
    terminal.press("enter")


def write_words_down(terminal: Terminal) -> list[str]:
    """Read the words off the screen, then type those that are asked for."""
    terminal.see("step 6 of 9", "33 ••••••", "enter show the words")
    terminal.press("enter")
    terminal.see("enter they are on paper", "h hide")
    numbered = terminal.read(shown_words)
    assert sorted(numbered) == list(range(1, 34))
    terminal.press("enter")
    for right in range(4):
        asking = terminal.see(f"{right} of 4 right")
        assert not any(f"{place}  {word}" in asking for place, word in numbered.items())
        terminal.at("Word ")
        asked = re.search(r"Word (\d+)", asking)
        assert asked is not None
        terminal.type_(numbered[int(asked[1])])
        terminal.press("enter")
    terminal.see("step 7 of 9", "noted in the log: the recovery words are on paper")
    return [numbered[place] for place in sorted(numbered)]


def type_first_account_in(terminal: Terminal) -> None:
    """The record, the root password twice, and the MFA device, whose code is compared before it is sealed."""
    terminal.see("enter type it in")
    terminal.press("enter")
    terminal.see("your first account")
    for label, value, key in (("Account id", ACCOUNT, "tab"), ("Name", NAME, "tab"), ("Root e-mail", EMAIL, "enter")):
        terminal.at(label)
        terminal.type_(value)
        terminal.press(key)
    terminal.see(f"password of {NAME}")
    for label in ("Password", "The same again"):
        terminal.at(label)
        terminal.type_(PASSWORD)
        terminal.press("enter")
    terminal.see(f"MFA device of {NAME}")
    terminal.at("otpauth or key")
    terminal.type_(f"otpauth://totp/Amazon%20Web%20Services:root-account-mfa-device@{ACCOUNT}?secret={SEED}&issuer=Amazon")
    began = time.time()
    terminal.press("enter")
    terminal.see("Compare with the phone", "enter seal it")
    assert terminal.read(shown_code) in codes_since(began)
    terminal.press("enter")
    terminal.see("● root password is sealed", "● MFA device is sealed", "enter go on")
    terminal.press("enter")


def give_access(terminal: Terminal) -> None:
    """A profile, tried at once; then what split custody is, and the accounts."""
    terminal.see("step 8 of 9", f"on this machine: {PROFILE}")
    terminal.at("AWS profile")
    terminal.type_(PROFILE)
    terminal.see("enter save and try")
    terminal.press("enter")
    terminal.see(f"Tried with {NAME}", "▲ fail The root user has an access key", "ago", "enter go on")
    terminal.press("enter")
    terminal.see("step 9 of 9", "Split custody gives the password to one custodian and the MFA device to another")
    terminal.press("enter")


def check_out(terminal: Terminal) -> None:
    """First for a reason that says nothing: refused, and still there to be mended."""
    terminal.see(NAME, "1 account", "enter check out")
    terminal.press("enter")
    terminal.see(f"Check out root of {NAME}", "enter ask for it")
    terminal.at("Reason")
    terminal.type_(SAYS_NOTHING)
    terminal.press("enter")
    terminal.see("repeats a few characters and says nothing", SAYS_NOTHING)
    terminal.at("Reason")
    terminal.press("ctrl+u")
    terminal.see(SAYS_NOTHING, gone=True)
    terminal.type_(REASON)
    terminal.see(REASON)
    terminal.press("enter")


def read_posture(terminal: Terminal) -> None:
    """It comes live beside what is typed; nothing secret stands there yet."""
    shown = terminal.see(
        "1111 2222 3333", EMAIL, "https://console.aws.amazon.com/", MASK, "••• •••", "Posture, live",
        ROOT_HAS_A_KEY if terminal.columns < 110 else "The root user has an access key", "● pass",
    )  # fmt: skip
    assert PASSWORD[:4] not in shown


def type_code(terminal: Terminal) -> None:
    """The code is the one that any authenticator shows for the same seed."""
    began = time.time()
    terminal.press("m")
    code = terminal.read(shown_code)
    assert code in codes_since(began)


def type_password(terminal: Terminal) -> None:
    """Shown when asked for and not before, in groups with each character's class below; masked again when that is asked for."""
    assert PASSWORD not in squeezed(terminal.heard)
    terminal.press("s")
    terminal.see("A upper", "hides in")
    groups, classes = shown_groups(terminal.text())
    assert "".join(groups) == PASSWORD
    assert {len(group) for group in groups[:-1]} == {4}
    assert "".join(classes) == "".join(character_class(c) for c in PASSWORD)
    assert PASSWORD in squeezed(terminal.heard)  # else looking for it before and after would prove nothing
    terminal.press("h")
    terminal.see(MASK, "••• •••")
    terminal.see("A upper", PASSWORD[:4], gone=True)


def check_in(terminal: Terminal, root: SimulatedAccount) -> None:
    """Somebody has removed the key meanwhile: posture is read again, and says so."""
    root.keys, root.report = 0, {}
    silent_since = len(terminal.heard)
    terminal.press("enter")
    terminal.see("Posture, read again", "changed since: root-access-keys is pass, was fail", "enter check in")
    terminal.press("enter")
    terminal.see("1 account", "enter check out")
    assert PASSWORD[:8] not in squeezed(terminal.heard[silent_since:])


def verify(terminal: Terminal) -> None:
    """The log has each step, newest first, and holds from its first byte."""
    terminal.press("l")
    shown = terminal.see(*STEPS, f"reason: {REASON}", "v checks all")
    places = [shown.index(step) for step in STEPS]
    assert places == sorted(places)
    terminal.press("v")
    terminal.see("● chain whole")
    terminal.press("esc")
    terminal.see("1 account", "enter check out")


def lock_and_come_back(terminal: Terminal) -> None:
    """Nothing of the vault stands on a locked screen; only the right passphrase brings it back."""
    terminal.press("ctrl+l")
    terminal.see("Passphrase", "locked")
    terminal.see(NAME, "1111 2222 3333", "Acme", "anna", gone=True)
    for passphrase, answer in ((PASSPHRASE + "x", "wrong passphrase"), (PASSPHRASE, "enter check out")):
        terminal.at()
        terminal.type_(passphrase)
        terminal.see("•" * len(passphrase))
        terminal.press("enter")
        terminal.see(answer)
    terminal.see(NAME)


# What was read off the screen.


def shown_words(screen: str) -> dict[int, str]:
    """The recovery words by their numbers."""
    return {int(place): word for place, word in re.findall(r"\b(\d{1,2})  ([a-z]+)\b", screen)}


def shown_code(screen: str) -> str:
    """The MFA code beside its countdown, as it would be typed."""
    row = re.search(r"(\d{3}) (\d{3})  [█░]{10} +\d+ s", screen)
    return row[1] + row[2] if row else ""


def codes_since(began: float) -> set[str]:
    """What an authenticator has shown since: two codes where a step has ended meanwhile."""
    return {pyotp.TOTP(SEED).at(int(at)) for at in (began, time.time())}


def shown_groups(screen: str) -> tuple[list[str], list[str]]:
    """The groups of the password, and those of its classes, from the field beside the label to the legend."""
    rows = screen.split("\n")
    first = next(at for at, row in enumerate(rows) if "Password  " in row)
    last = next(at for at, row in enumerate(rows) if "A upper" in row)
    left = rows[last].index("A upper")
    field = [row[left:].split("│")[0].split() for row in rows[first:last]]
    return [group for row in field[::2] for group in row], [group for row in field[1::2] for group in row]


def character_class(character: str) -> str:
    return "0" if character.isdigit() else "A" if character.isupper() else "a" if character.islower() else "#"


def squeezed(heard: bytes | bytearray) -> str:
    """What the terminal heard without what styles and moves, and without spaces: text that came in pieces stands together."""
    text = heard.decode(errors="replace")
    return "".join(re.sub(r"\x1b(?:\[[0-9;<>=?$ ]*[@-~]|[^\[])", "", text).split())


# What is left.


def was_masked(heard: bytearray, *secrets: str) -> None:
    """What was typed into masked fields has never come back."""
    for secret in secrets:
        assert "".join(secret.split()) not in squeezed(heard)
        assert not any(form in heard for form in forms(secret))


def the_log_has_it(data: Path) -> None:
    """Opened anew from what is on the disk: whole, with every step in order, and the posture before and after."""
    identity = identity_file.unlock(data / "identity", bytearray(PASSPHRASE.encode()))
    with vault.open(data / "vault", identity) as opened:
        assert opened.verify().ok
        assert [(due.kind, due.account) for due in opened.due()] == [("rotation", ACCOUNT)]  # it was shown
        # A reading that says what the one a minute before said is not written again, and its clock's tenths may say so or not.
        said = [line.event for line in opened.log()]
        assert [event for event in said if event != "posture recorded"] == [event for event in EVENTS if event != "posture recorded"]
        assert said[-2] == "posture recorded"
        (checkout,) = opened.state.checkouts.values()
    assert (checkout.reason, checkout.status) == (REASON, "checked in")
    assert {(r.secret.kind, r.how) for r in checkout.revealed} == {("password", "shown"), ("mfa", "code")}
    before, after = ({line.check: line.status for line in lines} for lines in (checkout.before, checkout.after))
    assert (before["root-access-keys"], after["root-access-keys"]) == ("fail", "pass")
    assert before["root-mfa"] == after["root-mfa"] == "pass"


def nothing_on_disk(home: Path, words: list[str]) -> None:
    """No secret is in any file below the home, in any form; nor are two of the words, one after the other."""
    secrets = {form for secret in (PASSWORD, PASSPHRASE, SEED, pyotp.TOTP(SEED).byte_secret()) for form in forms(secret)}
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"identity", "replica.sqlite3"} <= {path.name for path in files}
    pairs = re.compile("|".join(f"{a}[^a-z]{{1,8}}{b}" for a, b in pairwise(words)).encode())
    for path in files:
        content = path.read_bytes()
        assert not any(form in content for form in secrets), path
        assert not pairs.search(content), path
