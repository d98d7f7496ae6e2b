"""Makes what Google Authenticator's export shows: payloads written byte by byte here, with no protobuf library, in QR pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import segno
from PIL import Image


@dataclass(frozen=True)
class Device:
    seed: bytes
    name: str
    issuer: str = "Amazon Web Services"
    algorithm: int = 1
    digits: int = 1
    type: int = 2


def varint(number: int) -> bytes:
    out, number = b"", number % 2**64
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def text(field: int, value: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value


def payload(devices: Sequence[Device], *, of: int = 1, place: int = 0, batch: int = 7) -> bytes:
    parts = [
        text(
            1,
            text(1, d.seed)
            + text(2, d.name.encode())
            + text(3, d.issuer.encode())
            + number(4, d.algorithm)
            + number(5, d.digits)
            + number(6, d.type),
        )
        for d in devices
    ]
    return b"".join(parts) + number(2, 1) + number(3, of) + number(4, place) + number(5, batch)


def link(devices: Sequence[Device], *, of: int = 1, place: int = 0, batch: int = 7) -> str:
    data = base64.b64encode(payload(devices, of=of, place=place, batch=batch)).decode()
    return f"otpauth-migration://offline?data={quote(data, safe='')}"


def png(path: Path, content: str, *, scale: int = 4) -> Path:
    segno.make(content, micro=False).save(str(path), kind="png", scale=scale, border=4)
    return path


def jpeg(path: Path, content: str, *, quality: int = 80) -> Path:
    """As a phone's picture: in colour, with an edge around it, lossy."""
    buffer = io.BytesIO()
    segno.make(content, micro=False).save(buffer, kind="png", scale=5, border=4)
    code = Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")
    scene = Image.new("RGB", (code.width + 160, code.height + 240), (90, 110, 140))
    scene.paste(code, (70, 130))
    scene.save(path, "JPEG", quality=quality)
    return path
