"""Reads the QR codes in a picture: PNG or JPEG, straight from the file, in this process, through Pillow and zxing-cpp.

Pictures come from screenshots and phones, so several codes may be in one, and none may be found in a blurred one. Only
two formats are decoded, and nothing larger than a phone's picture: every further decoder is a way in for a hostile file.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from vault.errors import WrongUsage
from vault.files import read_bounded
from vault.text import printable

LARGEST_FILE = 32 * 1024 * 1024
MOST_PIXELS = 64 * 1024 * 1024
"""Pixels: above any phone's picture, below what a decompression bomb needs."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"


def is_picture(head: bytes) -> bool:
    """Whether a file that begins with `head` (8 bytes or more) is a PNG or a JPEG."""
    return head.startswith((_PNG, _JPEG))


def read(path: Path) -> list[str]:
    """The text of each QR code in the picture, from top to bottom. Raises WrongUsage where there is none."""
    return codes(read_bounded(path, LARGEST_FILE, "the picture"), path.name)


def codes(data: bytes, name: str) -> list[str]:
    """The same for a picture's bytes; `name` is what messages call it."""
    what = f"cannot read the picture {printable(name, 80)}"
    if not is_picture(data):
        raise WrongUsage(
            what, "it is neither PNG nor JPEG", "Save it as PNG or JPEG, or take a screenshot as PNG."
        )
    grey = _grey(data, what)
    found = _found(grey)
    if not found:
        raise WrongUsage(
            what,
            "there is no QR code in it that can be read",
            "Take it again: the whole code with its white edge, straight, sharp, and nothing else over it.",
        )
    return found


def _grey(data: bytes, what: str) -> Any:
    """The picture in shades of grey, on white where it is transparent."""
    from PIL import Image, ImageOps

    why = "it is damaged"
    # Pillow raises a great many classes on hostile input; none of their texts is for people.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
                if image.width * image.height > MOST_PIXELS:
                    why = f"it has {image.width} x {image.height} pixels, more than is read"
                else:
                    image.load()
                    upright = ImageOps.exif_transpose(image).convert("RGBA")
                    white = Image.new("RGBA", upright.size, "white")
                    return Image.alpha_composite(white, upright).convert("L")
    except Image.DecompressionBombError:
        why = "it has more pixels than is read"
    except Exception:  # noqa: BLE001, S110
        pass
    raise WrongUsage(what, why, "Take a screenshot of the code as PNG.")


def _found(grey: Any) -> list[str]:
    """Texts of the codes, top to bottom and left to right. A small picture is tried again enlarged."""
    import zxingcpp

    for factor in (1, 2, 4):
        if factor > 1 and grey.width * grey.height * factor * factor > 4_000_000:
            break
        image = grey if factor == 1 else grey.resize((grey.width * factor, grey.height * factor))
        try:
            results = zxingcpp.read_barcodes(
                image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
            )
        except Exception:  # noqa: BLE001
            results = []
        valid = sorted(
            (r for r in results if r.valid), key=lambda r: (r.position.top_left.y, r.position.top_left.x)
        )
        if valid:
            return list(dict.fromkeys(r.text for r in valid))
    return []
