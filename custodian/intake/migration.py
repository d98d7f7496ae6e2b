"""Reads what Google Authenticator exports: otpauth-migration:// links, one in each picture, in any order.

One export is a batch of pictures that carry the same batch id and number themselves. A picture that was scanned twice counts
once; one that is missing is named, because an import that silently lacks a device is found out when that device is
needed. The payload is a protocol buffer that Google publishes nowhere; the descriptor below is the one that all readers
of it agree on.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from custodian.intake import base32, otpauth
from vault.errors import WrongUsage
from vault.plaintext import Algorithm, Mfa
from vault.text import printable

SCHEME = "otpauth-migration:"
WHAT = "cannot read the Google Authenticator export"
MOST_PICTURES = 100
MOST_DEVICES = 1000
LONGEST = 8192
"""Characters of one link; a QR picture holds at most 2,953 bytes."""

_ALGORITHMS: dict[int, Algorithm] = {0: "SHA1", 1: "SHA1", 2: "SHA256", 3: "SHA512"}
_DIGITS = {0: 6, 1: 6, 2: 8}
_HOTP, _TOTP = 1, 2
_MD5 = 4


@dataclass(frozen=True)
class Export:
    """What an export holds: the devices in its own order, and a sentence for each one that cannot be used."""

    devices: tuple[Mfa, ...] = field(repr=False)
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class _Picture:
    batch: int
    place: int
    of: int
    payload: bytes = field(repr=False)
    devices: tuple[Any, ...] = field(repr=False)


def is_migration(text: str) -> bool:
    """Whether `text` looks like a link of this kind."""
    return text.strip()[: len(SCHEME)].lower() == SCHEME


def parse(texts: list[str]) -> list[Mfa]:
    """The usable devices of the links in `texts`; see `read` for those that are not usable."""
    return list(read(texts).devices)


def read(texts: list[str]) -> Export:
    """All devices of all batches in `texts`, each device once.

    Raises WrongUsage where a link is not readable or a picture of a batch is missing.
    """
    if not texts:
        raise WrongUsage(WHAT, "there is nothing to read")
    if len(texts) > MOST_PICTURES:
        raise WrongUsage(WHAT, f"there are {len(texts)} links; at most {MOST_PICTURES} are read at once")
    devices: list[Mfa] = []
    left_out: list[str] = []
    for picture in _in_order([_picture(text) for text in texts]):
        for parameters in picture.devices:
            mfa, why = _device(parameters)
            if why:
                left_out.append(why)
            if mfa is not None and mfa not in devices:
                devices.append(mfa)
    if len(devices) > MOST_DEVICES:
        raise WrongUsage(WHAT, f"it holds more than {MOST_DEVICES} devices")
    return Export(tuple(devices), tuple(left_out))


def _picture(text: str) -> _Picture:
    payload = _payload(text)
    # Parsing may raise anything that the protobuf implementation at hand sees fit; none of it is for people.
    try:
        message = _message_class().FromString(payload)
    except ImportError:
        raise
    except Exception:  # noqa: BLE001
        message = None
    if message is None:
        raise WrongUsage(WHAT, "its payload is damaged", "Take the picture again, straight and sharp.")
    of, place = message.batch_size, message.batch_index
    if of == 0:
        # The number of pictures stands behind the devices. Without it, a link that was cut there would pass for whole.
        raise WrongUsage(
            WHAT, "a link is cut off or damaged", "Take the picture again, or copy the whole link."
        )
    if not (0 <= place < of <= MOST_PICTURES):
        raise WrongUsage(WHAT, "its pictures are numbered in a way that makes no sense")
    if not message.otp_parameters:
        raise WrongUsage(WHAT, "it holds no device")
    return _Picture(message.batch_id, place, of, payload, tuple(message.otp_parameters))


def _payload(text: str) -> bytes:
    text = text.strip()
    if len(text) > LONGEST:
        raise WrongUsage(WHAT, f"a link has {len(text)} characters; at most {LONGEST} make sense")
    try:
        parts = urlsplit(text)
        given = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=10)
    except ValueError:
        parts, given = None, []
    data = [value for key, value in given if key == "data"]
    if parts is None or parts.scheme != "otpauth-migration" or len(data) != 1:
        raise WrongUsage(WHAT, "a link does not have the form otpauth-migration://offline?data=…")
    # A plus sign that was not percent-encoded arrives as a space; base64 itself never has one.
    coded = data[0].replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        payload = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except (binascii.Error, ValueError):
        payload = b""
    if not payload:
        raise WrongUsage(
            WHAT, "a link is cut off or damaged", "Take the picture again, or copy the whole link."
        )
    return payload


def _in_order(pictures: list[_Picture]) -> list[_Picture]:
    """Each picture once, batch by batch in the order in which the batches appear, complete or WrongUsage."""
    batches: dict[int, dict[int, _Picture]] = {}
    for picture in pictures:
        batch = batches.setdefault(picture.batch, {})
        same = batch.setdefault(picture.place, picture)
        if same.payload != picture.payload or any(p.of != picture.of for p in batch.values()):
            raise WrongUsage(
                WHAT,
                f"two different pictures both say that they are number {picture.place + 1} of one export",
                "Export again, and give the pictures of one export only.",
            )
    ordered = []
    for batch in batches.values():
        of = next(iter(batch.values())).of
        missing = [place + 1 for place in range(of) if place not in batch]
        if missing:
            raise WrongUsage(
                WHAT,
                _missing(missing, of),
                "Give all pictures of the export at once, in any order.",
            )
        ordered += [batch[place] for place in range(of)]
    return ordered


def _missing(places: list[int], of: int) -> str:
    if len(places) == 1:
        return f"picture {places[0]} of {of} is missing"
    return f"pictures {', '.join(map(str, places[:-1]))} and {places[-1]} of {of} are missing"


def _device(parameters: Any) -> tuple[Mfa | None, str]:
    """(device, "") or (None, why it is left out). A sentence names the device, never its seed."""
    name = printable(parameters.name, otpauth.LONGEST_LABEL).strip() or "a device without a name"
    if parameters.type == _HOTP:
        return None, f"{name}: it is counter-based (hotp), and AWS uses time-based devices only"
    if parameters.type != _TOTP:
        return None, f"{name}: it is of a type that this version does not know"
    if parameters.algorithm == _MD5:
        return None, f"{name}: its algorithm is MD5, which no authenticator should use"
    algorithm = _ALGORITHMS.get(parameters.algorithm)
    digits = _DIGITS.get(parameters.digits)
    if algorithm is None or digits is None:
        return None, f"{name}: its algorithm or its number of digits is one that this version does not know"
    seed = bytes(parameters.secret)
    if not base32.SHORTEST <= len(seed) <= base32.LONGEST:
        return (
            None,
            f"{name}: its seed has {len(seed)} bytes, and a seed has {base32.SHORTEST} to {base32.LONGEST}",
        )
    issuer, label = parameters.issuer, parameters.name
    before, colon, after = label.partition(":")
    if colon and (not issuer or before.strip() == issuer.strip()):
        issuer, label = issuer or before, after
    return otpauth.device(label, issuer, seed, algorithm, digits, 30), ""


@cache
def _message_class() -> Any:
    """The message class, built in code: no generated file, and protobuf is loaded only when it is needed."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kind = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="breakglass_migration.proto", package="breakglass", syntax="proto3"
    )
    device = file.message_type.add(name="Device")
    # Enumerations are read as numbers: an unknown value must be seen, and gives a sentence of its own.
    for number, name, type_ in (
        (1, "secret", kind.TYPE_BYTES),
        (2, "name", kind.TYPE_STRING),
        (3, "issuer", kind.TYPE_STRING),
        (4, "algorithm", kind.TYPE_INT32),
        (5, "digits", kind.TYPE_INT32),
        (6, "type", kind.TYPE_INT32),
        (7, "counter", kind.TYPE_INT64),
    ):
        device.field.add(name=name, number=number, type=type_, label=kind.LABEL_OPTIONAL)
    payload = file.message_type.add(name="Payload")
    payload.field.add(
        name="otp_parameters",
        number=1,
        type=kind.TYPE_MESSAGE,
        type_name=".breakglass.Device",
        label=kind.LABEL_REPEATED,
    )
    for number, name in ((2, "version"), (3, "batch_size"), (4, "batch_index"), (5, "batch_id")):
        payload.field.add(name=name, number=number, type=kind.TYPE_INT32, label=kind.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("breakglass.Payload"))
