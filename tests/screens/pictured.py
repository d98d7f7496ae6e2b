"""A vault as it might look after a year, the app on top of it, and pictures of its screens that come out the same each time."""

from __future__ import annotations

import re
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

import vault
from custodian.posture.finding import Evidence, Finding, Severity, Status
from screens.app import Breakglass
from tests.screens.opened import settle
from vault import Vault
from vault.events import AccountRecord, PostureLine
from vault.identity import Identity
from vault.plaintext import Mfa, Password, Recovery

PASSWORD = "Tr0ub4dor&3 l1O0-Zq7"
PAYMENTS, STAGING, LAKE, SANDBOX, LONG = (
    "111122223333", "222233334444", "333344445555", "444455556666", "555566667777",
)
DAY = 24 * 60

FINDINGS = (
    ("root-mfa", "MFA on the root user", "pass", "MFA is on for the root user.", ()),
    (
        "root-access-keys", "Root access keys", "fail", "1 active root key, used yesterday by s3 in eu-west-1.",
        ("Find out who uses the key: its last use is in the evidence.", "Give them a role instead.",
         "Deactivate the key and wait a week.", "Delete it."),
    ),
    ("root-signing-certificates", "Root signing certificates", "pass", "The root user has no signing certificate.", ()),
    ("root-recent-use", "Last use of root", "unknown", "CloudTrail could not be read: AccessDenied.", ()),
    ("clock", "Clock", "pass", "This machine's clock is 0.3 s from AWS.", ()),
)


def findings(account: str) -> list[Finding]:
    """What AWS would say about an account with one root key."""
    return [
        Finding(
            check, account, Status(status), Severity.HIGH, summary, remedy=remedy, title=title,
            evidence=Evidence("iam:GetAccountSummary", "AccountAccessKeysPresent", "1") if status == "fail" else Evidence(),
        )
        for check, title, status, summary, remedy in FINDINGS
    ]


def dummy_scan(
    access: object, windows: object = (), on_finding: Callable[[Finding], None] | None = None,
    cancel: threading.Event | None = None,
) -> list[Finding]:
    """Stands where boto3 would be asked."""
    found = findings(access.account_id)  # type: ignore[attr-defined]
    for finding in found:
        if on_finding is not None:
            on_finding(finding)
    return found


def year_old_vault(folder: Path, clock) -> Vault:
    """Five accounts, some history, one open checkout, things due."""
    began = clock.ms
    clock.advance(days=-94)
    made = vault.create(folder, "Acme", "anna", Identity.from_secret(bytearray(range(32))))
    for account, name, partition in (
        (PAYMENTS, "payments-prod", "aws"),
        (STAGING, "payments-staging", "aws"),
        (LAKE, "data-lake", "aws"),
        (SANDBOX, "sandbox-7", "aws"),
        (LONG, "customer-facing-analytics-platform-production-eu", "aws"),
    ):
        made.add_account(
            AccountRecord(
                account, name, f"aws+{name[:20]}@acme.example", partition, inbox_readers="cloud-leads@acme.example",
                phone_holder="dev (office safe)", profile=f"{name[:8]}-audit",
            )
        )
    _seal(made, PAYMENTS)
    clock.advance(days=36)
    for account in (STAGING, LAKE, LONG):
        _seal(made, account)
    clock.advance(days=27)
    done = made.check_out(STAGING, "INC-4650: bucket policy locked everybody out", ticket="INC-4650")
    clock.advance(minutes=38)
    made.check_in(done.id)
    statuses = {
        PAYMENTS: FINDINGS,
        STAGING: tuple((c, t, "pass", s, ()) for c, t, _, s, _ in FINDINGS),
        LAKE: FINDINGS[:1] + FINDINGS[3:],
        LONG: (),
    }
    clock.ms = began - 40 * 60_000
    for account, lines in statuses.items():
        if lines:
            made.record_posture(account, [PostureLine(c, st, s) for c, _, st, s, _ in lines])
    return made


def _seal(made: Vault, account: str) -> None:
    made.seal(account, Password(PASSWORD))
    made.seal(account, Mfa("root-account-mfa-device", "", b"12345678901234567890"))
    if account == PAYMENTS:
        made.seal(account, Recovery("code word of the phone line: heron"))


@asynccontextmanager
async def shown(
    opened: Vault, folder: Path, size: tuple[int, int], *, light: bool = False
) -> AsyncIterator[Pilot[int]]:
    """The app with the accounts in front."""
    (folder / "identity").write_bytes(b"")
    app = Breakglass(Path("~/.local/share/breakglass/vault"), folder / "identity")
    async with app.run_test(size=size) as pilot:
        if light:
            app.theme = "breakglass-light"
        app.session.adopt(Identity.from_secret(bytearray(range(32))), opened)
        app.enter()
        await settle(pilot)
        yield pilot


def picture(pilot: Pilot[int], hide: dict[str, str]) -> str:
    """The screen as SVG: without what differs each time (`hide`: as it is, as it is to be) or comes from a network.

    It goes around the app's own refusal, which stands for a reason: everything in these pictures is invented.
    """
    svg = App.export_screenshot(pilot.app, title="breakglass", simplify=True)
    for real, told in hide.items():
        assert len(real) == len(told)
        svg = svg.replace(real, told)
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = svg.replace("Fira Code, monospace", "monospace")
    return re.sub(r"[ \t]+\n", "\n", re.sub(r"\n\s*\n+", "\n", svg))
