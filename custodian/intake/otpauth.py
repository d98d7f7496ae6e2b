"""Reads one virtual MFA device from an otpauth://totp URI, the content of the QR picture that AWS shows, or bare base32.

The URI is what https://github.com/google/google-authenticator/wiki/Key-Uri-Format describes. Parameters that
everybody invents are passed over; whatever changes the codes (secret, algorithm, digits, period) is read strictly, since a
wrong guess shows only on the day the code is needed. AWS labels the root user's device
`Amazon Web Services:root-account-mfa-device@123456789012`: `account_of` reads the account id from there.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from custodian.intake import base32
from vault.errors import WrongUsage
from vault.plaintext import Algorithm, Mfa
from vault.text import printable

LONGEST = 4096
"""Characters of a URI; a QR picture holds at most 2,953 bytes."""
LONGEST_LABEL = 100
ROOT_DEVICE = "root-account-mfa-device"
"""AWS's own name for the root user's first virtual device; devices of IAM users never have it."""
WHAT = "cannot read the otpauth URI"
DIGITS = (6, 8)
PERIODS = range(1, 301)
"""Seconds that one code may hold. AWS uses 30."""

_ALGORITHMS: dict[str, Algorithm] = {"SHA1": "SHA1", "SHA256": "SHA256", "SHA512": "SHA512"}
_DECIDES = frozenset({"secret", "issuer", "algorithm", "digits", "period", "encoder"})
_AT_ACCOUNT = re.compile(r"(?P<device>[^@]*)@(?P<id>[0-9]{12})\Z")


def parse(text: str) -> Mfa:
    """The device that `text` describes: an otpauth URI, or a bare base32 seed with AWS's defaults (SHA1, 6, 30 s).

    Raises WrongUsage, which names what is wrong and never quotes the seed.
    """
    text = text.strip().removeprefix("\ufeff").strip()
    if len(text) > LONGEST:
        raise WrongUsage(WHAT, f"it has {len(text)} characters; at most {LONGEST} make sense")
    if not text:
        raise WrongUsage(WHAT, "it is empty", "Give an otpauth:// URI or the base32 seed that AWS shows.")
    scheme = text.split(":", 1)[0].lower() if ":" in text else ""
    if scheme == "otpauth":
        return _from_uri(text)
    if scheme == "otpauth-migration":
        raise WrongUsage(
            WHAT,
            "this is an export of Google Authenticator, which holds several devices",
            "Import it with `breakglass accounts import`.",
        )
    if scheme:
        raise WrongUsage(WHAT, "it starts with neither otpauth:// nor a base32 seed")
    return Mfa("", "", base32.decode(text))


def account_of(mfa: Mfa) -> str | None:
    """The account id in AWS's label form, or None where the label names an alias, another issuer, or nothing."""
    match = _AT_ACCOUNT.match(mfa.label)
    if match is None or match["id"] == "0" * 12:
        return None
    return match["id"] if _issued_by_aws(mfa.issuer) or match["device"] == ROOT_DEVICE else None


def is_root_device(mfa: Mfa) -> bool:
    """Whether AWS's label says that this is the root user's device, and not one of an IAM user."""
    match = _AT_ACCOUNT.match(mfa.label)
    return match is not None and match["device"] == ROOT_DEVICE


def partition_of(mfa: Mfa) -> Literal["aws", "aws-us-gov", "aws-cn"]:
    """The partition that the issuer speaks of: AWS names GovCloud and China in it."""
    issuer = mfa.issuer.casefold()
    if "govcloud" in issuer or "us-gov" in issuer:
        return "aws-us-gov"
    return "aws-cn" if "china" in issuer or "aws-cn" in issuer else "aws"


def device(label: str, issuer: str, seed: bytes, algorithm: Algorithm, digits: int, period: int) -> Mfa:
    """An Mfa with label and issuer made harmless, and with the serial where AWS's label makes it certain."""
    label = printable(label, LONGEST_LABEL).strip()
    issuer = printable(issuer, LONGEST_LABEL).strip()
    mfa = Mfa(label, "", seed, algorithm, digits, period, issuer)
    account = account_of(mfa)
    if account is None or not is_root_device(mfa):
        return mfa
    return msgspec.structs.replace(mfa, serial=f"arn:{partition_of(mfa)}:iam::{account}:mfa/{ROOT_DEVICE}")


def algorithm_named(text: str) -> Algorithm:
    """SHA1, SHA256 or SHA512 for any usual spelling (`sha-256`, `HmacSHA512`); WrongUsage for anything else."""
    name = text.upper().replace("-", "").replace("_", "").removeprefix("HMAC")
    if name not in _ALGORITHMS:
        raise WrongUsage(WHAT, "its algorithm is none of SHA1, SHA256 and SHA512")
    return _ALGORITHMS[name]


def number(text: str, name: str, allowed: range | tuple[int, ...], words: str) -> int:
    """A plain decimal number among `allowed`, or WrongUsage that says which `words` would do."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) in allowed):
        raise WrongUsage(WHAT, f"its {name} must be {words}")
    return int(text)


def _issued_by_aws(issuer: str) -> bool:
    folded = issuer.casefold().replace(" ", "")
    return "amazonwebservices" in folded or folded.startswith("aws")


def _from_uri(text: str) -> Mfa:
    parts = _split(text)
    if parts.netloc.lower() == "hotp":
        raise WrongUsage(
            WHAT,
            "it is a counter-based (hotp) device, and AWS uses time-based ones only",
            "Set up a new virtual MFA device in the AWS console.",
        )
    if parts.netloc.lower() != "totp":
        raise WrongUsage(WHAT, "it does not start with otpauth://totp/")
    given = _parameters(parts.query)
    if given.get("encoder"):
        raise WrongUsage(WHAT, "it asks for an encoder of its own (as Steam does), and AWS uses digits")
    if not given.get("secret"):
        raise WrongUsage(WHAT, "it has no secret", "Copy the whole URI, up to its end.")
    issuer, label = _names(parts.path, given.get("issuer", ""))
    return device(
        label,
        issuer,
        base32.decode(given["secret"]),
        algorithm_named(given.get("algorithm") or "SHA1"),
        number(given.get("digits") or "6", "digits", DIGITS, "6 or 8"),
        number(given.get("period") or "30", "period", PERIODS, f"{PERIODS[0]} to {PERIODS[-1]} seconds"),
    )


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        pass
    raise WrongUsage(WHAT, "it is not a URI")


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40, errors="strict")
    except ValueError:  # a UnicodeDecodeError is one
        pairs = None
    if pairs is None:
        raise WrongUsage(WHAT, "its parameters are not readable text")
    given: dict[str, str] = {}
    for key, value in pairs:
        name = key.lower()
        if name in _DECIDES and name in given:
            raise WrongUsage(WHAT, f"it names {name} twice")
        given[name] = value
    return given


def _names(path: str, issuer: str) -> tuple[str, str]:
    """(issuer, label). A literal colon separates them; an encoded one only where there is no literal one."""
    raw = path.removeprefix("/")
    before, colon, after = raw.partition(":")
    if colon:
        return issuer or unquote(before), unquote(after)
    before, colon, after = unquote(raw).partition(":")
    return (issuer or before, after) if colon else (issuer, before)
