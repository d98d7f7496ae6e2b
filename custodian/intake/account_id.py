"""Finds AWS account ids in what people wrote: titles, user names, URLs, ARNs, AWS's labels.

An id is twelve digits, alone or in groups of four as AWS's console shows them. Card numbers, phone numbers and longer
numbers hold twelve digits too, so a number counts only where it stands alone. What spreadsheets make of an id (its leading
zeros gone, an exponent) is named for what it is, and never repaired: the repaired id could be somebody else's account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ALONE = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.,])[0-9]{12}(?![0-9A-Za-z])(?![.,][0-9])"
    r"|(?<![0-9A-Za-z])(?<![0-9][- .])[0-9]{4}([- ])[0-9]{4}\1[0-9]{4}(?![0-9A-Za-z])(?![- .][0-9])"
)
_EXPONENT = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+\Z")
_TEXT_FORMULA = re.compile(r"=\"([^\"]*)\"\Z")


def found(texts: Iterable[str]) -> tuple[str, ...]:
    """The different ids in `texts`, each as twelve digits, in the order of their first appearance."""
    ids: dict[str, None] = {}
    for text in texts:
        for match in _ALONE.finditer(text):
            if text[match.start() - 1 : match.start()] == "+" and not text[: match.start() - 1].strip():
                continue  # a phone number; a plus sign inside an e-mail address is another matter
            ids[_digits(match.group())] = None
    ids.pop("0" * 12, None)
    return tuple(ids)


def without(text: str, account: str) -> str:
    """`text` with every writing of the id `account` taken out, and the brackets or dashes that it leaves behind."""
    bare = _ALONE.sub(lambda m: "" if _digits(m.group()) == account else m.group(), text)
    bare = re.sub(r"\(\s*\)|\[\s*\]|<\s*>", "", bare)
    return re.sub(r"\s{2,}", " ", bare).strip(" \t-–—_:;,/|#.")


def exact(cell: str) -> tuple[str | None, str]:
    """(id, "") for a cell that should hold nothing but an id, or (None, what is wrong with it)."""
    text = cell.strip()
    formula = _TEXT_FORMULA.match(text)  # how a spreadsheet is told to keep the zeros
    text = (formula[1] if formula else text.removeprefix("'")).strip()
    if not text:
        return None, "no account id"
    if _EXPONENT.match(text):
        return None, (
            f"the account id reads {text[:30]}: a spreadsheet has rounded it, and the digits are lost; "
            "format the column as text and type them again"
        )
    match = _ALONE.fullmatch(text)
    if match and _digits(text) != "0" * 12:
        return _digits(text), ""
    digits = _digits(text)
    if digits == text and 0 < len(digits) < 12:
        return None, (
            f"the account id has {len(digits)} digits instead of 12: "
            "a spreadsheet may have dropped zeros at its start, or a digit is missing"
        )
    return None, "what stands for the account id is not twelve digits"


def _digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")
