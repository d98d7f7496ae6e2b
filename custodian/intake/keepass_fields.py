"""Turns one `<Entry>` of a KeePass database into a foreign entry: its strings, references, attachments, TOTP settings.

KeePass puts placeholders into values: `{REF:P@I:…}` stands for another entry's password, `{USERNAME}` for this one's
user name. A whole-value reference by id, which KeePassXC writes when it clones an entry, is followed; any other
placeholder in a password is a doubt, since the text alone does not say what the person meant to type.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from custodian.intake import account_id, keepass_totp
from custodian.intake.foreign_entry import ForeignEntry
from vault.plaintext import MAX_PASSWORD
from vault.text import printable

_REFERENCE = re.compile(r"\{REF:(?P<field>[TUPAN])@I:(?P<uuid>[0-9A-Fa-f]{32})\}\Z", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\{(TITLE|USERNAME|PASSWORD|NOTES|TOTP|TIMEOTP|HMACOTP|UUID|APPDIR|DB_DIR|GROUP|DT_[A-Z_]+"
    r"|(URL|BASE)(:[^}]*)?|(REF|S|C|CMD|T-CONV|T-REPLACE-RX|PICKCHARS|NEWPASSWORD)\b[^}]*)\}",
    re.IGNORECASE,
)
_FIELD = {"T": "Title", "U": "UserName", "P": "Password", "A": "URL", "N": "Notes"}
_STANDARD = frozenset(_FIELD.values())
_EMAIL_FIELDS = frozenset({"email", "e-mail", "mail", "root email", "root e-mail", "root user email"})
_ID_FIELDS = frozenset(
    {"account", "account id", "aws account", "aws account id", "account number", "accountid"}
)


def by_id(root: Any) -> dict[str, Any]:
    """Every entry that is not history by its id, as references name it."""
    return {
        element.findtext("UUID") or "": element
        for element in root.iter("Entry")
        if element.getparent().tag != "History"
    }


def read(
    element: Any, groups: tuple[str, ...], source: str, entries: Mapping[str, Any], doubts: tuple[str, ...]
) -> ForeignEntry | None:
    """The entry, or None where it holds nothing at all. `entries` is what `by_id` gives."""
    strings = _strings(element)
    title = strings.get("Title", "")
    values = {name: _resolved(strings.get(name, ""), entries) for name in _STANDARD}
    devices, totp_doubts = keepass_totp.devices(strings)
    further = tuple(
        (name, value)
        for name, value in strings.items()
        if name not in _STANDARD and not keepass_totp.is_totp_field(name) and value.strip()
    )
    attachments = tuple(
        f"the attachment '{printable(key.text or '', 80)}' is not brought in"
        for key in element.findall("Binary/Key")
    )
    if not (
        values["Password"] or devices or totp_doubts or values["Notes"].strip() or further or attachments
    ):
        return None
    return ForeignEntry(
        source=source,
        place=_place((*groups[1:], title)),
        title=values["Title"],
        user=values["UserName"],
        url=values["URL"],
        password=values["Password"],
        devices=devices,
        notes=values["Notes"],
        fields=tuple((name, value) for name, value in further if not _means_itself(name, value)),
        around=" ".join((*groups, element.findtext("Tags") or "")),
        stated_id=next((found for name, value in further if (found := _stated(name, value))), None),
        email=next((value for name, value in further if name.strip().casefold() in _EMAIL_FIELDS), ""),
        doubts=(*doubts, *totp_doubts, *_placeholder_doubts(values["Password"])),
        not_taken=attachments,
    )


def _strings(element: Any) -> dict[str, str]:
    """Field names to values; of a name that stands twice the last counts, as in KeePassXC."""
    strings = {}
    for string in element.findall("String"):
        key, value = string.findtext("Key"), string.find("Value")
        if key:
            strings[key] = (value.text or "") if value is not None else ""
    return strings


def _resolved(value: str, entries: Mapping[str, Any]) -> str:
    """Follow a reference that is the whole value, through at most ten entries; leave anything else as it stands."""
    for _ in range(10):
        match = _REFERENCE.match(value)
        target = entries.get(_coded(match["uuid"])) if match else None
        if match is None or target is None:
            break
        value = _strings(target).get(_FIELD[match["field"].upper()], "")
    return value


def _coded(uuid: str) -> str:
    return base64.b64encode(binascii.unhexlify(uuid)).decode()


def _placeholder_doubts(password: str) -> tuple[str, ...]:
    if not _PLACEHOLDER.search(password[:MAX_PASSWORD]):
        return ()
    return ("its password holds a KeePass placeholder, which KeePass replaces when it is used",)


def _stated(name: str, value: str) -> str | None:
    return account_id.exact(value)[0] if name.strip().casefold() in _ID_FIELDS else None


def _means_itself(name: str, value: str) -> bool:
    """Whether the field says only what the record will say anyway: the account id, or the e-mail address."""
    return _stated(name, value) is not None or name.strip().casefold() in _EMAIL_FIELDS


def _place(path: tuple[str, ...]) -> str:
    return "entry " + " / ".join(printable(part, 60) or "(no title)" for part in path)
