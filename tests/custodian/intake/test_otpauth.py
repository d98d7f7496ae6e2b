"""One MFA device from an otpauth URI or a bare seed: AWS's label forms, strictness, and messages without the seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodian.intake import otpauth
from tests.custodian.intake.programs import need, oathtool
from vault.errors import WrongUsage
from vault.plaintext import Mfa
from vault.totp import codes

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RAW = b"12345678901234567890"
AWS_LABEL = "Amazon%20Web%20Services:root-account-mfa-device@123456789012"


def uri(label: str = AWS_LABEL, **parameters: str) -> str:
    given = {"secret": SEED, **parameters}
    return f"otpauth://totp/{label}?" + "&".join(f"{k}={v}" for k, v in given.items())


def test_awss_own_label_gives_the_account_id_and_the_serial():
    mfa = otpauth.parse(uri(issuer="Amazon%20Web%20Services"))
    assert otpauth.account_of(mfa) == "123456789012"
    assert otpauth.is_root_device(mfa)
    assert mfa.serial == "arn:aws:iam::123456789012:mfa/root-account-mfa-device"
    assert (mfa.seed, mfa.algorithm, mfa.digits, mfa.period) == (RAW, "SHA1", 6, 30)
    assert mfa.label == "root-account-mfa-device@123456789012"
    assert mfa.issuer == "Amazon Web Services"


@pytest.mark.parametrize(
    ("label", "account", "root"),
    [
        ("Amazon%20Web%20Services:root-account-mfa-device@123456789012", "123456789012", True),
        ("Amazon Web Services:root-account-mfa-device@123456789012", "123456789012", True),
        ("Amazon%20Web%20Services%3Aroot-account-mfa-device%40123456789012", "123456789012", True),
        ("Amazon+Web+Services:root-account-mfa-device@123456789012", "123456789012", True),
        ("root-account-mfa-device@123456789012", "123456789012", True),
        ("Amazon%20Web%20Services:anna@123456789012", "123456789012", False),
        ("Amazon%20Web%20Services:user@alias", None, False),
        ("Amazon%20Web%20Services:root-account-mfa-device@alias", None, True),
        ("Amazon%20Web%20Services:x@1234567890123", None, False),
        ("Amazon%20Web%20Services:x@000000000000", None, False),
        ("GitHub:anna@123456789012", None, False),
        ("", None, False),
    ],
)
def test_labels_name_an_account_only_where_they_do(label, account, root):
    mfa = otpauth.parse(uri(label))
    assert otpauth.account_of(mfa) == account
    assert otpauth.is_root_device(mfa) == (root and account is not None)


def test_govcloud_and_china_are_told_from_the_issuer():
    gov = otpauth.parse(uri("Amazon%20Web%20Services%20(GovCloud):root-account-mfa-device@123456789012"))
    assert otpauth.partition_of(gov) == "aws-us-gov"
    assert gov.serial.startswith("arn:aws-us-gov:iam::")
    china = otpauth.parse(uri("Amazon%20Web%20Services%20China:root-account-mfa-device@123456789012"))
    assert otpauth.partition_of(china) == "aws-cn"


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256", "SHA512", "sha-256", "HmacSHA512"])
@pytest.mark.parametrize("digits", ["6", "8"])
@pytest.mark.parametrize("period", ["30", "60"])
def test_codes_of_every_setting_equal_oathtools(algorithm, digits, period):
    need("oathtool")
    mfa = otpauth.parse(uri(algorithm=algorithm, digits=digits, period=period))
    for seconds in (59, 1111111109, 20000000000):
        assert codes(mfa, seconds * 1000).code == oathtool(mfa, seconds)


def test_unknown_parameters_are_passed_over():
    assert otpauth.parse(uri(image="https%3A%2F%2Fx", color="red", counter="7", foo="")).seed == RAW


def test_the_issuer_parameter_wins_over_the_labels():
    mfa = otpauth.parse(uri("Other:name", issuer="Amazon%20Web%20Services"))
    assert (mfa.issuer, mfa.label) == ("Amazon Web Services", "name")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("https://example.com", "neither"),
        (f"otpauth://hotp/x?secret={SEED}&counter=1", "counter-based"),
        (f"otpauth://steam/x?secret={SEED}", "otpauth://totp/"),
        (f"otpauth:totp/x?secret={SEED}", "otpauth://totp/"),
        ("otpauth://totp/x", "no secret"),
        ("otpauth://totp/x?secret=", "no secret"),
        (uri(encoder="steam"), "encoder"),
        (uri() + f"&secret={SEED}", "secret twice"),
        (uri() + f"&SECRET={SEED}", "secret twice"),
        (uri(algorithm="MD5"), "SHA1, SHA256 and SHA512"),
        (uri(digits="7"), "6 or 8"),
        (uri(digits="six"), "6 or 8"),
        (uri(digits="%D9%A6"), "6 or 8"),
        (uri(period="0"), "1 to 300"),
        (uri(period="-30"), "1 to 300"),
        (uri(period="1e1"), "1 to 300"),
        (uri(period="99999999999999999999"), "1 to 300"),
        (uri() + "&x=%FF", "not readable"),
        ("otpauth://[totp/x?secret=" + SEED, "not a URI"),
        (uri(padding="x" * 5000), "characters"),
        ("otpauth-migration://offline?data=AAAA", "several devices"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_without_the_seed(text, why):
    with pytest.raises(WrongUsage) as caught:
        otpauth.parse(text)
    assert why in caught.value.why
    assert SEED not in f"{caught.value!r} {caught.value.hint}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "text",
    [
        SEED,
        SEED.lower(),
        "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
        "gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq",
        f"  {SEED}\r\n",
        f"\ufeff{SEED}",
        SEED + "====",
    ],
)
def test_a_bare_seed_is_read_as_people_type_it(text):
    mfa = otpauth.parse(text)
    assert (mfa.seed, mfa.algorithm, mfa.digits, mfa.period, mfa.label) == (RAW, "SHA1", 6, 30, "")


@pytest.mark.parametrize("length", range(16, 64))
def test_a_seed_of_any_possible_length_needs_no_padding(length):
    text = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 2)[:length]
    if length % 8 in (1, 3, 6):
        with pytest.raises(WrongUsage, match="no seed has"):
            otpauth.parse(text)
    else:
        assert len(otpauth.parse(text).seed) == length * 5 // 8


@pytest.mark.parametrize(
    ("character", "words"),
    [
        ("0", "letter O"),
        ("1", "letter I or L"),
        ("8", "letter B"),
        ("!", "none of A to Z"),
        ("ſ", "none of A to Z"),
        ("ß", "none"),
    ],
)
def test_a_character_that_base32_lacks_is_named_and_not_guessed(character, words):
    with pytest.raises(WrongUsage) as caught:
        otpauth.parse("GEZD GNBV" + character + SEED[9:])
    assert "character 9 " in caught.value.why
    assert words in f"{caught.value.why} {caught.value.hint}"
    assert "GEZD" not in repr(caught.value)


@pytest.mark.parametrize("text", ["ABCDEFGH", "A" * 8 * 27, "A" * 2000])
def test_a_seed_too_short_or_too_long_is_refused(text):
    with pytest.raises(WrongUsage):
        otpauth.parse(text)


def test_a_label_cannot_carry_control_characters():
    mfa = otpauth.parse(uri("x%1B%5B2J%0Ay%E2%80%AEz"))
    assert mfa.label == "x�[2J y�z"


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_label_and_issuer_make_a_device_that_can_be_kept(label, issuer):
    mfa = otpauth.device(label, issuer, RAW, "SHA1", 6, 30)
    assert isinstance(mfa, Mfa)
    assert len(mfa.label) <= otpauth.LONGEST_LABEL
