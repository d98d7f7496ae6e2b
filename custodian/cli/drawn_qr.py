"""A QR code as lines of text: two rows of modules a line, by half blocks, so that a camera reads it off any terminal.

Light modules are drawn and dark ones left out, which is right on a dark background; readers take the inverse as well.
Only what is public is ever drawn: what stands on a screen can be photographed.
"""

from __future__ import annotations

_BLOCKS = {(0, 0): "\N{FULL BLOCK}", (0, 1): "\N{UPPER HALF BLOCK}", (1, 0): "\N{LOWER HALF BLOCK}", (1, 1): " "}
_BORDER = 2


def qr_lines(text: str) -> list[str]:
    """`text` as a QR code of medium error correction, border included."""
    import segno

    rows = [list(row) for row in segno.make(text.upper(), error="m", micro=False).matrix_iter(border=_BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return ["".join(_BLOCKS[int(a), int(b)] for a, b in zip(*pair, strict=True)) for pair in zip(rows[::2], rows[1::2], strict=True)]
