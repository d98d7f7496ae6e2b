"""Pictures of QR codes: PNG and JPEG as screens and phones make them, and pictures that mean harm."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from custodian.intake import otpauth, qr
from tests.custodian.intake.google import jpeg, png
from vault.errors import BreakglassError, WrongUsage

URI = (
    "otpauth://totp/Amazon%20Web%20Services:root-account-mfa-device@123456789012"
    "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Amazon%20Web%20Services"
)


@pytest.mark.parametrize("scale", [1, 2, 3, 8])
def test_a_png_of_awss_code_is_read_at_any_size(tmp_path, scale):
    (text,) = qr.read(png(tmp_path / "a.png", URI, scale=scale))
    assert otpauth.account_of(otpauth.parse(text)) == "123456789012"


@pytest.mark.parametrize("quality", [25, 80, 95])
def test_a_jpeg_is_read_with_an_edge_around_the_code(tmp_path, quality):
    assert qr.read(jpeg(tmp_path / "a.jpg", URI, quality=quality)) == [URI]


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA", "LA", "L", "I;16", "CMYK"])
def test_every_usual_kind_of_pixel_is_read(tmp_path, mode):
    image = Image.open(png(tmp_path / "a.png", URI)).convert("L")
    kind = "JPEG" if mode == "CMYK" else "PNG"
    if mode == "I;16":
        image = Image.merge("RGB", [image] * 3).convert("I").point(lambda v: v * 257).convert("I;16")
    else:
        image = image.convert(mode)
    image.save(tmp_path / "b", kind)
    assert qr.read(tmp_path / "b") == [URI]


def test_a_transparent_background_counts_as_white(tmp_path):
    image = Image.open(png(tmp_path / "a.png", URI)).convert("L")
    clear = Image.new("RGBA", image.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=image.point(lambda v: 255 - v))
    clear.save(tmp_path / "b.png")
    assert qr.read(tmp_path / "b.png") == [URI]


@pytest.mark.parametrize("turn", [90, 180, 270, 15])
def test_a_turned_picture_is_read(tmp_path, turn):
    image = Image.open(png(tmp_path / "a.png", URI)).convert("L").rotate(turn, expand=True, fillcolor=255)
    image.save(tmp_path / "b.png")
    assert qr.read(tmp_path / "b.png") == [URI]


def test_a_code_in_light_on_dark_is_read(tmp_path):
    image = Image.open(png(tmp_path / "a.png", URI)).convert("L").point(lambda v: 255 - v)
    image.save(tmp_path / "b.png")
    assert qr.read(tmp_path / "b.png") == [URI]


def test_text_beyond_ascii_arrives_as_it_was(tmp_path):
    assert qr.read(png(tmp_path / "a.png", "otpauth://totp/Müller 日本?secret=X")) == [
        "otpauth://totp/Müller 日本?secret=X"
    ]


def test_a_picture_without_a_code_says_what_to_do(tmp_path):
    Image.new("RGB", (300, 200), "white").save(tmp_path / "a.png")
    with pytest.raises(WrongUsage) as caught:
        qr.read(tmp_path / "a.png")
    assert "no QR code" in caught.value.why
    assert caught.value.hint


def test_other_barcodes_are_no_qr_codes(tmp_path):
    import zxingcpp

    made = zxingcpp.create_barcode("123456789012", zxingcpp.BarcodeFormat.Code128).to_image(scale=4)
    Image.fromarray(made).save(tmp_path / "a.png") if hasattr(made, "__array__") else Image.frombytes(
        "L", (memoryview(made).shape[1], memoryview(made).shape[0]), bytes(memoryview(made))
    ).save(tmp_path / "a.png")
    with pytest.raises(WrongUsage):
        qr.read(tmp_path / "a.png")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO"])
def test_other_formats_are_refused_whatever_their_name(tmp_path, kind):
    image = Image.open(png(tmp_path / "a.png", URI)).convert("RGB")
    image.save(tmp_path / "b.png", kind)
    with pytest.raises(WrongUsage, match="neither PNG nor JPEG"):
        qr.read(tmp_path / "b.png")


def _png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(9000, 9000), (20000, 20000), (2**31 - 1, 2**31 - 1), (2**31 - 1, 1)])
def test_a_decompression_bomb_is_refused_by_its_size(size):
    with pytest.raises(WrongUsage):
        qr.codes(_png_claiming(*size), "a.png")


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0" + bytes(50)]
)
def test_a_stub_of_a_picture_is_refused(content):
    with pytest.raises(WrongUsage):
        qr.codes(content, "a.png")


def test_a_picture_cut_off_anywhere_is_refused_or_read_whole():
    buffer = io.BytesIO()
    from segno import make

    make(URI, micro=False).save(buffer, kind="png", scale=3)
    whole = buffer.getvalue()
    for length in range(0, len(whole), 37):
        refused = None
        try:
            found = qr.codes(whole[:length], "a.png")
        except WrongUsage as error:
            refused = error
        assert found == [URI] if refused is None else refused.__context__ is None


def test_a_missing_file_and_a_folder_are_wrong_usage(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(BreakglassError):
            qr.read(path)


def test_the_name_of_a_picture_cannot_act_on_the_terminal(tmp_path):
    path = tmp_path / "a\x1b[2J.png"
    path.write_bytes(b"x")
    with pytest.raises(WrongUsage) as caught:
        qr.read(path)
    assert "\x1b" not in caught.value.what
