"""Every reader is total: whatever it is given, it answers or raises a BreakglassError, with nothing of its input attached."""

from __future__ import annotations

import struct
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custodian.intake import (
    csv_file,
    foreign_entry,
    kdbx,
    kdbx_header,
    keepass_fields,
    keepass_totp,
    migration,
    otpauth,
    qr,
    reading,
)
from custodian.intake.plan import plan
from tests.custodian.intake.google import Device, payload
from vault.errors import BreakglassError
from vault.state import State

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)  # lone surrogates included
PNG = b"\x89PNG\r\n\x1a\n"


def answers(read: Callable[[], object]) -> object:
    """What `read` gives, or the error it raised; any other exception fails the test."""
    refused = None
    try:
        return read()
    except BreakglassError as error:
        refused = error
    assert refused.what
    assert refused.__context__ is None
    assert refused.__cause__ is None
    return refused


URI_PARTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "otpauth://",
                "totp/",
                "hotp/",
                "?",
                "&",
                "secret=",
                "JBSWY3DPEHPK3PXP",
                "digits=6",
                "period=30",
                ":",
                "@",
                "%",
            ]
        ),
        st.sampled_from(
            ["algorithm=SHA1", "issuer=", "%3A", "%FF", "123456789012", "//[", "#", ";", "\0", "\ud800"]
        ),
        ANY_TEXT,
    ),
    max_size=12,
).map("".join)


@given(st.one_of(ANY_TEXT, URI_PARTS))
@example("otpauth://totp/\ud800?secret=JBSWY3DPEHPK3PXP")
@example("otpauth://totp/x?secret=\ud800")
@example("otpauth://totp:99999999/x?secret=JBSWY3DPEHPK3PXP")
@example("otpauth://totp/℀?secret=JBSWY3DPEHPK3PXP")
@example("otpauth://to℀tp/x?secret=JBSWY3DPEHPK3PXP")
def test_otpauth_answers_any_text(text):
    answers(lambda: otpauth.parse(text))


@given(
    st.lists(
        st.one_of(
            ANY_TEXT, st.binary(max_size=200).map(lambda b: f"otpauth-migration://offline?data={b.hex()}")
        ),
        max_size=3,
    )
)
def test_migration_answers_any_texts(texts):
    answers(lambda: migration.parse(texts))


@given(st.data())
def test_migration_answers_any_change_of_a_payload(data):
    import base64

    whole = bytearray(payload([Device(b"x" * 20, "name"), Device(b"y" * 40, "other")], of=1))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    text = f"otpauth-migration://offline?data={quote(base64.b64encode(whole))}"
    answers(lambda: migration.read([text]))


@given(st.one_of(ANY_TEXT.map(lambda t: t.encode(errors="surrogatepass")), st.binary(max_size=500)))
def test_csv_answers_any_bytes(data):
    answers(lambda: csv_file.rows(data, "x"))
    answers(lambda: csv_file.unknown_columns(data))


CELL = st.one_of(
    st.sampled_from(["111122223333", "1E+11", "", "aws", "a@b.example", "otpauth://totp/x"]), ANY_TEXT
)


@given(st.lists(st.lists(CELL, min_size=8, max_size=8), min_size=1, max_size=4))
def test_any_row_of_a_csv_gives_a_candidate_that_can_be_planned(rows):
    import csv
    import io

    out = io.StringIO()
    header = ["account", "name", "email", "user", "password", "totp", "notes", "partition"]
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    found = answers(lambda: csv_file.rows(out.getvalue().encode(errors="surrogatepass"), "x"))
    if isinstance(found, list):
        plan(found, State())
        plan(found, State(), ask=lambda c: c.answered("111122223333"))


@given(
    st.dictionaries(
        st.one_of(st.sampled_from(["otp", "TOTP Seed", "TOTP Settings", "TimeOtp-Secret-Hex"]), ANY_TEXT),
        ANY_TEXT,
    )
)
def test_any_fields_give_devices_or_doubts(fields):
    devices, doubts = keepass_totp.devices(fields)
    assert isinstance(devices, tuple)
    assert isinstance(doubts, tuple)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=3))
def test_any_entry_gives_a_candidate_that_can_be_planned(title, user, url, password, notes, fields):
    entry = foreign_entry.ForeignEntry(
        "s", "p", title=title, user=user, url=url, password=password, notes=notes, fields=tuple(fields)
    )
    found = foreign_entry.candidate(entry)
    plan([found], State())
    drafted = plan([found], State(), ask=lambda c: c.answered("111122223333"))
    assert drafted.actions or drafted.left_out


@given(
    st.binary(max_size=400), st.sampled_from([b"", PNG, b"\xff\xd8\xff\xe0\x00\x10JFIF\0", b"\xff\xd8\xff"])
)
def test_qr_answers_any_bytes(data, head):
    answers(lambda: qr.codes(head + data, "x.png"))


@pytest.fixture(scope="module", params=["PNG", "JPEG"])
def picture(request):
    import io

    from PIL import Image
    from segno import make

    buffer, out = io.BytesIO(), io.BytesIO()
    make("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", micro=False).save(buffer, kind="png", scale=3)
    Image.open(io.BytesIO(buffer.getvalue())).convert("L").save(out, request.param)
    return out.getvalue()


@given(data=st.data())
def test_qr_answers_a_picture_with_bits_flipped(picture, data):
    changed = bytearray(picture)
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    answers(lambda: qr.codes(bytes(changed), "x"))


SIGNATURE = kdbx_header.SIGNATURE


def _field(wide: bool) -> st.SearchStrategy[bytes]:
    return st.tuples(st.integers(0, 14), st.binary(max_size=60)).map(
        lambda f: struct.pack("<BI" if wide else "<BH", f[0], len(f[1])) + f[1]
    )


KDBX = st.one_of(
    st.binary(max_size=300).map(lambda b: SIGNATURE + b),
    st.lists(_field(wide=True), max_size=12).map(
        lambda f: SIGNATURE + struct.pack("<HH", 0, 4) + b"".join(f)
    ),
    st.lists(_field(wide=False), max_size=12).map(
        lambda f: SIGNATURE + struct.pack("<HH", 1, 3) + b"".join(f)
    ),
)


@given(KDBX)
def test_a_keepass_header_of_any_bytes_is_answered(data):
    answers(lambda: kdbx_header.read(data, "x"))


@settings(max_examples=50)
@given(st.one_of(st.binary(max_size=200), KDBX), st.binary(max_size=20))
def test_kdbx_answers_any_bytes_and_any_passphrase(data, passphrase):
    answers(lambda: kdbx.entries(data, bytearray(passphrase), "x"))


def _four(rounds: int) -> bytes:
    """A KDBX 4 header, its hash in place, that asks for `rounds` of AES."""
    import hashlib

    def item(kind: int, name: bytes, value: bytes) -> bytes:
        return struct.pack("<BI", kind, len(name)) + name + struct.pack("<I", len(value)) + value

    aes = bytes.fromhex("c9d9f39a628a4460bf740d08c18a4fea")
    kdf = (
        b"\0\1"
        + item(0x42, b"$UUID", aes)
        + item(5, b"R", struct.pack("<Q", rounds))
        + item(0x42, b"S", bytes(32))
        + b"\0"
    )
    fields = ((4, bytes(32)), (11, kdf), (0, b"\r\n\r\n"))
    head = (
        SIGNATURE + struct.pack("<HH", 0, 4) + b"".join(struct.pack("<BI", n, len(v)) + v for n, v in fields)
    )
    return head + hashlib.sha256(head).digest() + bytes(100)


def test_a_file_that_asks_for_years_of_key_derivation_is_refused_at_once():
    refused = answers(lambda: kdbx.entries(_four(2**62), bytearray(b"x"), "x"))
    assert "more memory or time" in refused.why


@settings(max_examples=25)  # each costs a digest that is slow on purpose
@given(st.binary(max_size=400))
def test_reading_answers_a_file_of_any_bytes(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    answers(lambda: reading.read([path], bytearray(b"x")))


@pytest.mark.parametrize(
    "text",
    ["{URL:" * 300_000, "a@" + "." * 300_000, "//a" + ".signin" * 100_000, "1234 " * 200_000, "(" * 300_000],
)
def test_a_hostile_entry_of_a_million_characters_is_answered(text):
    """The run's timeout is the measure: patterns that go back and forth over such text would take hours."""
    entry = foreign_entry.ForeignEntry(
        "s",
        "p",
        title=text,
        user=text,
        url=text,
        password=text,
        notes=text,
        fields=((text, text),),
        email=text,
    )
    drafted = plan([foreign_entry.candidate(entry)], State(), ask=lambda c: c.answered("111122223333"))
    assert drafted.left_out
    assert isinstance(keepass_fields._placeholder_doubts(text), tuple)
