"""Section Encoding of docs/format.md: msgpack in its one form, hashes with a domain, padding."""

from __future__ import annotations

import hashlib


class Bad(Exception):
    """The bytes are not as the format says."""


class Locked(Bad):
    """Wrong passphrase or device secret, or not a reader of this log."""


def need(condition, why):
    if not condition:
        raise Bad(why)


def unpack(data, *, shortest=True):
    """One msgpack value, and nothing after it."""
    value, end = one_value(bytes(data), 0, shortest=shortest)
    need(end == len(data), "bytes after the end")
    return value


def one_value(data, at, *, shortest=True):
    """The msgpack value that begins at `at`, and where it ends."""
    return _value(data, at, shortest, 0)


def _value(data, at, shortest, depth):
    need(at < len(data) and depth < 64, "cut off")
    tag, at = data[at], at + 1
    if tag < 0x80:
        return tag, at
    if tag >= 0xE0:
        return tag - 0x100, at
    if tag in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[tag], at
    if 0xCC <= tag <= 0xD3:
        size, signed = 1 << (tag - 0xCC) % 4, tag >= 0xD0
        number = int.from_bytes(_take(data, at, size), "big", signed=signed)
        least = (-(1 << 63), -(1 << 31), -(1 << 15), -(1 << 7), -(1 << 5)) if signed else (1 << 32, 1 << 16, 1 << 8, 1 << 7)
        if shortest:  # non-negative numbers are written unsigned, and in the shortest form that holds them
            need(number < least[4 - size.bit_length() + 1] if signed else number >= least[4 - size.bit_length()], "not shortest")
        return number, at + size
    for fixed, mask, tags, least in ((0xA0, 0x1F, (0xD9, 0xDA, 0xDB), 32), (None, 0, (0xC4, 0xC5, 0xC6), 0), (0x90, 0x0F, (None, 0xDC, 0xDD), 16), (0x80, 0x0F, (None, 0xDE, 0xDF), 16)):  # fmt: skip
        if fixed is not None and tag & ~mask == fixed:
            length = tag & mask
        elif tag in tags:
            width = tags.index(tag)
            length = int.from_bytes(_take(data, at, 1 << width), "big")
            at += 1 << width
            need(not shortest or length >= (least, 0x100, 0x10000)[width] or (width == 1 and tags[0] is None and length >= least), "not shortest")
        else:
            continue
        if tags[0] is not None:
            raw = _take(data, at, length)
            return (raw if fixed is None else _text(raw)), at + length
        many = []
        for _ in range(length * (2 if fixed == 0x80 else 1)):
            item, at = _value(data, at, shortest, depth + 1)
            many.append(item)
        need(not shortest or fixed == 0x90, "a map")
        return many, at
    need(not shortest and tag in (0xCA, 0xCB), "not in the format")
    return None, at + (4 if tag == 0xCA else 8)


def _take(data, at, length):
    need(at + length <= len(data), "cut off")
    return data[at : at + length]


def _text(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Bad("not UTF-8") from None


def pack(value):
    """The one encoding of a value."""
    if isinstance(value, bool) or value is None:
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        assert value >= 0
        sizes = ((0x80, None, 0), (1 << 8, 0xCC, 1), (1 << 16, 0xCD, 2), (1 << 32, 0xCE, 4), (1 << 64, 0xCF, 8))
        tag, size = next((t, s) for bound, t, s in sizes if value < bound)
        return bytes([value]) if tag is None else bytes([tag]) + value.to_bytes(size, "big")
    body = value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else b"".join(map(pack, value))
    fixed, short, tags = {str: (0xA0, 32, (0xD9, 0xDA, 0xDB)), bytes: (0, 0, (0xC4, 0xC5, 0xC6)), list: (0x90, 16, (0, 0xDC, 0xDD))}[type(value)]
    n = len(value) if isinstance(value, list) else len(body)
    if n < short:
        return bytes([fixed | n]) + body
    width = 0 if n < 0x100 and tags[0] else 1 if n < 0x10000 else 2
    return bytes([tags[width]]) + n.to_bytes(1 << width, "big") + body


def digest(domain, *parts):
    hashed = hashlib.sha256()
    for part in (b"breakglass/v1/" + domain.encode(), *parts):
        hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.digest()


def unpad(padded):
    length = int.from_bytes(padded[:4], "big")
    need(len(padded) >= 4 + length and not any(padded[4 + length :]), "padding")
    return padded[4 : 4 + length]


def fields(value, *names):
    need(isinstance(value, list) and len(value) == len(names), "number of fields")
    return dict(zip(names, value, strict=True))


def items(value, low, high):
    need(isinstance(value, list) and low <= len(value) <= high, "number of items")
    return value


def sized(value, *lengths):
    need(isinstance(value, bytes) and len(value) in lengths, "length of a field")
    return value


def number(value, low, high):
    need(type(value) is int and low <= value <= high, "a number out of bounds")
    return value
