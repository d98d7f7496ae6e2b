"""A statement: what somebody says, before it has a place in the log.

It carries a random id, the device that says it with that device's own count, the time it happened, and one event.
Everything in the log refers to a statement by (id, digest), because its place can change: whoever loses a race for a
place says the very same bytes again in the next one.
"""

from __future__ import annotations

import os
from typing import Annotated

import msgspec

from vault import encoding
from vault.errors import IntegrityFailure, WrongUsage
from vault.events import EVENTS, NAMES, Count, Event, Id, Millis, StatementRef

LIMIT = 64 * 1024
"""Bytes of one encoded statement, at most."""

STEP = 256
"""Statements are padded to multiples of this many bytes before they are encrypted."""


class Statement(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One thing said. `body` is the event's encoded struct, kept verbatim so that unknown events survive."""

    id: Id
    device: Id
    count: Count
    happened: Millis
    offline: bool
    """True where it was said while the remote was out of reach."""
    critical: bool
    """True where a client that does not know the event must stop writing."""
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    version: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    body: msgspec.Raw

    def encoded(self) -> bytes:
        """The canonical bytes: what is padded, encrypted and committed to."""
        return encoding.encode(self)

    def digest(self) -> bytes:
        """32 bytes that name exactly this statement."""
        return encoding.digest("statement", self.encoded())

    def ref(self) -> StatementRef:
        """How other statements point here."""
        return StatementRef(self.id, self.digest())

    def event(self) -> Event | None:
        """The event, or None where this client does not know its name and version.

        Raises IntegrityFailure where the name is known and the body does not fit it.
        """
        struct = EVENTS.get((self.name, self.version))
        if struct is None:
            return None
        return encoding.decode(bytes(self.body), struct, LIMIT, f"the event '{self.name}'")  # type: ignore[return-value]


def say(event: Event, *, device: bytes, count: int, happened: int, offline: bool = False) -> Statement:
    """Make a statement of `event` with a fresh random id. All events of this rules version are critical.

    WrongUsage where the event does not keep to the format's bounds.
    """
    name, version = NAMES[type(event)]
    what = f"cannot write '{name}' into the log"
    try:
        body = msgspec.Raw(encoding.encode(event))
    except UnicodeEncodeError:
        raise WrongUsage(what, "a text in it has characters that are no valid text") from None
    except OverflowError:
        raise WrongUsage(what, "a number in it is out of bounds") from None
    made = Statement(os.urandom(16), device, count, happened, offline, True, name, version, body)
    # What this client would refuse to read, it must not write: the field bounds are checked on reading only.
    try:
        read(made.encoded()).event()
    except IntegrityFailure:
        raise WrongUsage(what, "a text in it is too long, or a number out of bounds") from None
    return made


def read(data: bytes | bytearray) -> Statement:
    """Read one encoded statement strictly; IntegrityFailure where it is not one."""
    statement = encoding.decode(data, Statement, LIMIT, "a statement")
    # Raw is not looked into by the decoder above; a body that is not msgpack at all must not get any further.
    try:
        msgspec.msgpack.decode(statement.body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise IntegrityFailure("a statement is damaged", "its event cannot be read") from None
    return statement


