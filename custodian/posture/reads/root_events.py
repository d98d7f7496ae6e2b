"""What the root user did, as CloudTrail tells it: `cloudtrail:LookupEvents` in the partition's home region.

Sign-ins, password and MFA changes and all other global events are there; calls under a root key are in the region that
was called, and only those in the home region are seen here. CloudTrail keeps 90 days and is up to 15 minutes late.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from custodian.posture.failure import Failure, ReadFailed, malformed
from custodian.posture.source import Asking, Source

_CALL = "cloudtrail:LookupEvents"

LOOKBACK_MS = 90 * 86_400_000
"""How far back CloudTrail's look-up reaches."""


@dataclass(frozen=True, slots=True)
class RootEvent:
    """One event that the account's own root user caused."""

    id: str
    at_ms: int
    name: str
    """`ConsoleLogin`, `PasswordUpdated`, …"""
    service: str
    """`signin.amazonaws.com`."""
    region: str
    address: str
    agent: str
    mfa: str
    """`yes`, `no`, or empty where the event does not tell."""
    access_key: str
    via: str
    """The AWS service that called on root's behalf; empty where root called itself."""
    failed: bool
    """Whether AWS refused: tried, not done."""


@dataclass(frozen=True, slots=True)
class RootEvents:
    """The events found, newest first."""

    events: tuple[RootEvent, ...]
    since_ms: int
    incomplete: Failure | None = None
    """Why there may be more than these. What is there is true either way; what is not there proves nothing."""


def _take(asking: Asking) -> tuple[RootEvents, int]:
    now = asking.now_ms()
    since = now - LOOKBACK_MS
    found: dict[str, RootEvent] = {}
    incomplete: Failure | None = None
    token, seen = "", set[str]()
    for page in range(asking.timeouts.event_pages):
        if page:
            asking.pause(asking.timeouts.event_pause)
        try:
            reply = _page(asking, since, token)
        except ReadFailed as failed:
            if not page:
                raise
            incomplete = failed.failure
            break
        for listed in reply["Events"]:
            try:
                event = read_event(listed, asking.access.account_id)
            except ReadFailed as failed:
                incomplete = failed.failure
                continue
            if event is not None:
                found.setdefault(event.id, event)
        token = reply.get("NextToken") or ""
        if not token:
            break
        if token in seen:
            incomplete = malformed(_CALL, "its pages go round in a circle").failure
            break
        seen.add(token)
    else:
        sentence = f"CloudTrail holds more root events than the {asking.timeouts.event_pages} pages that are read"
        incomplete = Failure("TooManyEvents", sentence, ("Look at the account's event history in CloudTrail.",))
    events = tuple(sorted(found.values(), key=lambda e: (-e.at_ms, e.id)))
    return RootEvents(events, since, incomplete), now


def _page(asking: Asking, since: int, token: str) -> dict[str, Any]:
    more = {"NextToken": token} if token else {}
    reply = asking.call(
        "cloudtrail",
        "LookupEvents",
        LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "root"}],
        StartTime=datetime.fromtimestamp(since / 1000, UTC),
        MaxResults=50,
        **more,
    )
    # botocore reads a body that is no JSON as an empty reply; AWS always sends the list.
    if not isinstance(reply.get("Events"), list):
        raise malformed(_CALL, "it has no list of events")
    return dict(reply)


def read_event(listed: Any, account: str) -> RootEvent | None:
    """The event if the account's own root user caused it, else None; raises ReadFailed if it cannot be told."""
    try:
        event = json.loads(listed["CloudTrailEvent"])
        if event.get("eventType") == "AwsServiceEvent":
            return None
        who = event["userIdentity"]
        if who["type"] != "Root":
            return None
        # Another account's root reaching into this one is in that account's record. An AssumeRoot session uses
        # none of root's own credentials: its caller answers for it.
        if str(who.get("accountId") or account) != account or _assumed(who):
            return None
        at = datetime.fromisoformat(event["eventTime"])
        return RootEvent(
            id=str(event.get("eventID") or listed["EventId"]),
            at_ms=int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000),
            name=str(event["eventName"]),
            service=str(event.get("eventSource") or ""),
            region=str(event.get("awsRegion") or ""),
            address=str(event.get("sourceIPAddress") or ""),
            agent=str(event.get("userAgent") or ""),
            mfa=_mfa(event, who),
            access_key=str(who.get("accessKeyId") or ""),
            via=str(who.get("invokedBy") or ""),
            failed=_failed(event),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise malformed(_CALL, "an event in it cannot be read") from None


def _assumed(who: dict[str, Any]) -> bool:
    session = who.get("sessionContext") or {}
    return str(session.get("assumedRoot") or "").lower() == "true"


def _mfa(event: dict[str, Any], who: dict[str, Any]) -> str:
    told = (event.get("additionalEventData") or {}).get("MFAUsed")
    if told is None:
        told = ((who.get("sessionContext") or {}).get("attributes") or {}).get("mfaAuthenticated")
    return {"yes": "yes", "true": "yes", "no": "no", "false": "no"}.get(str(told).lower(), "")


def _failed(event: dict[str, Any]) -> bool:
    outcome = (event.get("responseElements") or {}).get("ConsoleLogin")
    return bool(event.get("errorCode") or event.get("errorMessage")) or str(outcome).lower() == "failure"


EVENTS: Source[RootEvents] = Source(_CALL, _take, actions=(_CALL,), slow=True)
