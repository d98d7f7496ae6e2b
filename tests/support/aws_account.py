"""One simulated AWS account: which root credentials it has, when they were used, what CloudTrail saw.

`SimulatedAccount.answer` speaks for it, in the form the real service uses. `report_csv` and `root_event` make the raw
material, so that a test can bend exactly one thing.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,"
    "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
).split(",")


def stamp(seconds: float) -> str:
    """A date as the credential report writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def report_csv(root: str, columns: list[str] | None = None, **values: str) -> bytes:
    """A credential report with the root user's row, and a user called `groot` who must not fool anybody."""
    row = {
        "user": "<root_account>",
        "arn": root,
        "user_creation_time": "2019-01-01T00:00:00+00:00",
        "password_enabled": "TRUE",
        "password_last_used": "no_information",
        "password_last_changed": "not_supported",
        "password_next_rotation": "not_supported",
        "mfa_active": "TRUE",
    }
    for key in ("access_key_1", "access_key_2"):
        row |= {f"{key}_active": "FALSE", f"{key}_last_rotated": "N/A", f"{key}_last_used_date": "N/A"}
        row |= {f"{key}_last_used_region": "N/A", f"{key}_last_used_service": "N/A"}
    for cert in ("cert_1", "cert_2"):
        row |= {f"{cert}_active": "FALSE", f"{cert}_last_rotated": "N/A"}
    row |= values
    names = columns or list(COLUMNS)
    groot = dict.fromkeys(names, "N/A") | {"user": "groot", "arn": root.replace(":root", ":user/groot")}
    lines = [names, [groot[n] for n in names], [row.get(n, "from the future") for n in names]]
    return "\n".join(",".join(line) for line in lines).encode() + b"\n"


def root_event(account: str, at: float, name: str = "ConsoleLogin", **more: Any) -> dict[str, Any]:
    """A CloudTrail event of the account's root user; `more` overrides its top-level fields."""
    event = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "Root", "principalId": account, "arn": f"arn:aws:iam::{account}:root", "accountId": account},
        "eventTime": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "signin.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.9",
        "userAgent": "Mozilla/5.0",
        "additionalEventData": {"MFAUsed": "No"},
        "responseElements": {"ConsoleLogin": "Success"},
        "eventID": f"{name}-{at}",
        "eventType": "AwsConsoleSignIn",
        "recipientAccountId": account,
    }
    return event | more


@dataclass
class SimulatedAccount:
    """An account's states. Times are seconds since 1970; change any of them between two calls."""

    id: str
    partition: str = "aws"
    password: bool = True
    mfa: bool = True
    keys: int = 0
    certificates: int = 0
    events: list[Any] = field(default_factory=list)
    """CloudTrail events, newest first: dicts, or strings to be sent as they are."""
    page_size: int = 50
    report: Mapping[str, str] = field(default_factory=dict)
    """Values of the root user's row that differ from an unused one's."""
    columns: list[str] | None = None
    report_age: float = 600
    report_there: bool = True
    now: Callable[[], float] = time.time
    key: str = ""

    def __post_init__(self) -> None:
        self.key = self.key or f"AKIA{self.id}TEST"

    @property
    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.id}:root"

    def answer(self, action: str, parameters: Mapping[str, Any]) -> tuple[str, Any] | None:
        """("xml" | "data" | "error", what), or None for what this account leaves to moto."""
        if action == "sts:GetCallerIdentity":
            arn = f"arn:{self.partition}:sts::{self.id}:assumed-role/reader/s"
            return "xml", f"<Arn>{arn}</Arn><UserId>AROA:s</UserId><Account>{self.id}</Account>"
        if action == "iam:GetAccountSummary":
            return "xml", summary_xml(self.counts())
        if action == "iam:GenerateCredentialReport":
            state = "COMPLETE" if self.report_there else "STARTED"
            self.report_there = True
            return "xml", f"<State>{state}</State>"
        if action == "iam:GetCredentialReport":
            if not self.report_there:
                return "error", ("ReportNotPresent", 410)
            return "xml", report_xml(report_csv(self.root_arn, self.columns, **self.report), self.now() - self.report_age)
        if action == "cloudtrail:LookupEvents":
            return "data", self._page(parameters)
        return None

    def counts(self) -> dict[str, int]:
        return {
            "Users": 3,
            "AccountMFAEnabled": int(self.mfa),
            "AccountAccessKeysPresent": self.keys,
            "AccountSigningCertificatesPresent": self.certificates,
            "AccountPasswordPresent": int(self.password),
        }

    def _page(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        start = int(parameters.get("NextToken") or 0)
        chosen = self.events[start : start + self.page_size]
        listed = [
            {
                "EventId": str(e.get("eventID")) if isinstance(e, dict) else "raw",
                "EventTime": self.now(),
                "Username": "root",
                "CloudTrailEvent": json.dumps(e) if isinstance(e, dict) else e,
            }
            for e in chosen
        ]
        more = {"NextToken": str(start + self.page_size)} if start + self.page_size < len(self.events) else {}
        return {"Events": listed, **more}


def summary_xml(counts: Mapping[str, Any]) -> str:
    """GetAccountSummary's map."""
    entries = "".join(f"<entry><key>{name}</key><value>{value}</value></entry>" for name, value in counts.items())
    return f"<SummaryMap>{entries}</SummaryMap>"


def report_xml(content: bytes, generated: float) -> str:
    """GetCredentialReport's answer around a CSV."""
    when = datetime.fromtimestamp(generated, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    encoded = base64.b64encode(content).decode()
    return f"<Content>{encoded}</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>{when}</GeneratedTime>"
