"""The conversation with one account: every source asked once, every call timed, every failure turned into a sentence.

Whatever is about the account is asked only after AWS has said that the credentials are this account's: a finding about
another account would be a lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar, cast

from custodian.posture.access import Access
from custodian.posture.failure import LATER, Failure, ReadFailed, failure_from
from custodian.posture.reads.identity import IDENTITY
from custodian.posture.session import AwsSession
from custodian.posture.source import ClockSample, Read, Source
from custodian.posture.stop import Stop, Stopped
from custodian.posture.timing import Timeouts, Timing

T = TypeVar("T")


class Reading:
    """All reads of one scan of one account. Not for more than one thread; close it."""

    def __init__(self, access: Access, timeouts: Timeouts, timing: Timing, stop: Stop) -> None:
        self.access = access
        self.timeouts = timeouts
        self._timing = timing
        self._stop = stop
        self._reads: dict[Source[Any], Read[Any]] = {}
        self._samples: list[ClockSample] = []
        self._sent: tuple[int, float] | None = None
        self._call = ""
        hooks = {"before-send": self._on_send, "response-received": self._on_reply}
        self._session = AwsSession(access, timeouts, stop, hooks)

    def close(self) -> None:
        """Close the connections and forget the credentials."""
        self._session.close()

    def read(self, source: Source[T]) -> Read[T]:
        """The answer of `source`, asked now or before."""
        if source not in self._reads:
            self._reads[source] = self._taken(source)
        return cast("Read[T]", self._reads[source])

    def call(self, service: str, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Make one API call; raises ReadFailed for whatever goes wrong, Stopped if the scan is to end."""
        self._stop.check()
        self._call = f"{service}:{operation}"
        try:
            client = self._session.client(service)
            from botocore import xform_name

            reply = getattr(client, xform_name(operation))(**parameters)
        except (ReadFailed, Stopped):
            raise
        except Exception as error:  # noqa: BLE001 - nothing that AWS or the network does may end a scan
            self._stop.check()
            raise ReadFailed(failure_from(error, f"{service}:{operation}", self.access)) from None
        return cast("Mapping[str, Any]", reply)

    def clock_samples(self) -> tuple[ClockSample, ...]:
        """What AWS's replies so far said about the time."""
        return tuple(self._samples)

    def now_ms(self) -> int:
        """The time by AWS's clock where a reply has told it, else by this machine's."""
        now = self._timing.now_ms()
        if not self._samples:
            return now
        s = self._samples[-1]
        return now + (s.date_ms + 500) - (s.sent_ms + s.took_ms // 2)

    def monotonic(self) -> float:
        """Seconds on a clock that is never set."""
        return self._timing.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait, unless the scan is stopped."""
        self._stop.check()
        (self._timing.pause or self._stop.wait)(seconds)

    def _taken(self, source: Source[T]) -> Read[T]:
        if source.of_account:
            identity = self.read(IDENTITY)
            if identity.failure is not None:
                return Read(identity.call, identity.as_of_ms, failure=identity.failure)
        try:
            value, as_of = source.take(self)
        except ReadFailed as failed:
            return Read(source.call, self._timing.now_ms(), failure=failed.failure)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - a reply we did not foresee is an unknown, not a crash
            sentence = f"the reply to {source.call} cannot be read ({type(error).__name__})"
            failure = Failure("MalformedReply", sentence, LATER)
            return Read(source.call, self._timing.now_ms(), failure=failure)
        return Read(source.call, as_of, value=value)

    def _on_send(self, **_: Any) -> None:
        self._sent = (self._timing.now_ms(), self._timing.monotonic())

    def _on_reply(self, response_dict: Any = None, **_: Any) -> None:
        sent, self._sent = self._sent, None
        headers = response_dict.get("headers") if isinstance(response_dict, dict) else None
        # Without a request id it is not AWS that answered: a proxy's error page has a Date as well.
        if sent is None or headers is None or not headers.get("x-amzn-requestid"):
            return
        try:
            date = parsedate_to_datetime(headers.get("date") or "")
            date_ms = int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1000)
        except (TypeError, ValueError, OverflowError):
            return
        took = int((self._timing.monotonic() - sent[1]) * 1000)
        self._samples.append(ClockSample(sent[0], took, date_ms, self._call))
