"""When the root user's password and keys were last used: the credential report, made and fetched.

AWS makes a new report at most every four hours and keeps it for as long; making one takes seconds. So: fetch; if AWS
says it has none, or an old one, ask for one and wait, within a limit. What comes back speaks of its `GeneratedTime`.
Columns are found by name, since AWS adds some; a value that is none of the documented forms spoils the report.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from custodian.posture.failure import Failure, ReadFailed, malformed
from custodian.posture.source import Asking, Source

_GET, _GENERATE = "iam:GetCredentialReport", "iam:GenerateCredentialReport"

MAX_AGE_MS = 4 * 3600_000 + 15 * 60_000
"""AWS's four hours, and some for clocks."""

_MAX_BYTES = 64 << 20
_NOT_YET = {"ReportNotPresent", "ReportExpired", "ReportInProgress"}
_SENTENCES = {
    "ReportStale": "the credential report that AWS gives is out of date, and no new one came within the time allowed",
    "": "AWS has not made a credential report within the time allowed",
}
_NOTHING = {"no_information", "n/a", "not_supported"}


@dataclass(frozen=True, slots=True)
class ReportedKey:
    """One access key as the report knows it; it gives no key id."""

    number: int
    active: bool | None
    rotated_ms: int | None
    used_ms: int | None
    region: str
    service: str


@dataclass(frozen=True, slots=True)
class CredentialReport:
    """The root user's row."""

    generated_ms: int
    password_used_ms: int | None
    keys: tuple[ReportedKey, ...]


def _take(asking: Asking) -> tuple[CredentialReport, int]:
    deadline = asking.monotonic() + asking.timeouts.report_wait
    report, why = _fetched(asking)
    began = waited = False
    while report is None:
        try:
            done = _generated(asking)
            began = True
        except ReadFailed as failed:
            if not began or failed.failure.code != "LimitExceeded":
                raise
            done = False  # asking again was once too often; what was begun goes on
        if not done or waited:
            if asking.monotonic() + asking.timeouts.report_pause > deadline:
                raise ReadFailed(Failure(why, _SENTENCES.get(why, _SENTENCES[""]), ("Scan again in a few minutes.",)))
            asking.pause(asking.timeouts.report_pause)
        waited = True
        report, why = _fetched(asking)
    return report, report.generated_ms


def _fetched(asking: Asking) -> tuple[CredentialReport | None, str]:
    """The report if there is one that is young enough, else the code that says why not."""
    try:
        reply = asking.call("iam", "GetCredentialReport")
    except ReadFailed as failed:
        if failed.failure.code in _NOT_YET:
            return None, failed.failure.code
        raise
    generated = _milliseconds(reply.get("GeneratedTime"))
    if abs(asking.now_ms() - generated) > MAX_AGE_MS:
        return None, "ReportStale"
    return read_report(reply.get("Content"), generated, asking), ""


def _generated(asking: Asking) -> bool:
    """Ask AWS for a report; whether it says that there is one."""
    state = asking.call("iam", "GenerateCredentialReport").get("State")
    if state not in ("STARTED", "INPROGRESS", "COMPLETE"):
        raise malformed(_GENERATE, "its state is none that AWS documents")
    return bool(state == "COMPLETE")


def read_report(content: Any, generated_ms: int, asking: Asking) -> CredentialReport:
    """The root user's row of a report; raises ReadFailed for anything that is not as AWS documents it."""
    if not isinstance(content, bytes) or len(content) > _MAX_BYTES:
        raise malformed(_GET, "it has no content")
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8")), strict=True)
        names = rows.fieldnames or []
        roots = [row for row in rows if row.get("user") == "<root_account>"]
    except (csv.Error, UnicodeDecodeError):
        raise malformed(_GET, "it is not a table") from None
    if len(set(names)) != len(names):
        raise malformed(_GET, "a column stands in it twice")
    if len(roots) != 1:
        raise malformed(_GET, "it has no row for the root user")
    row = roots[0]
    access = asking.access
    if _text(row, "arn") != f"arn:{access.partition}:iam::{access.account_id}:root":
        raise malformed(_GET, "its root user is not this account's")
    return CredentialReport(generated_ms, _date(row, "password_last_used"), tuple(_key(row, n) for n in (1, 2)))


def _key(row: Mapping[str, Any], number: int) -> ReportedKey:
    key = f"access_key_{number}"
    return ReportedKey(
        number,
        _boolean(row, f"{key}_active"),
        _date(row, f"{key}_last_rotated"),
        _date(row, f"{key}_last_used_date"),
        _name(row, f"{key}_last_used_region"),
        _name(row, f"{key}_last_used_service"),
    )


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    if not isinstance(value, str):
        raise malformed(_GET, f"it has no {column}")
    return value.strip()


def _name(row: Mapping[str, Any], column: str) -> str:
    value = _text(row, column)
    return "" if value.lower() in _NOTHING else value


def _boolean(row: Mapping[str, Any], column: str) -> bool | None:
    value = _text(row, column).lower()
    if value in ("true", "false"):
        return value == "true"
    if value in _NOTHING:
        return None
    raise malformed(_GET, f"{column} is neither true nor false")


def _date(row: Mapping[str, Any], column: str) -> int | None:
    value = _text(row, column)
    if value.lower() in _NOTHING:
        return None
    try:
        return _milliseconds(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        raise malformed(_GET, f"{column} is no date") from None


def _milliseconds(moment: Any) -> int:
    if not isinstance(moment, datetime):
        raise malformed(_GET, "it does not say when it was generated")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)


REPORT: Source[CredentialReport] = Source(_GET, _take, actions=(_GENERATE, _GET), slow=True)
