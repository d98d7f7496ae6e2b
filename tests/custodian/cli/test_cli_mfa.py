"""MFA devices in through `mfa add`, codes out through `code`: RFC 6238's vectors, AWS's label, pictures, exports."""

from __future__ import annotations

import base64

import pytest
import segno

from tests.custodian.intake import google

from .conftest import ACCOUNT, REASON, SEED

OTHER = "222233334444"

RFC_SEEDS = {
    "SHA1": b"12345678901234567890",
    "SHA256": b"12345678901234567890123456789012",
    "SHA512": b"1234567890123456789012345678901234567890123456789012345678901234",
}
RFC_CODES = {
    # RFC 6238, appendix B: time, then the eight digits for SHA-1, SHA-256 and SHA-512.
    59: ("94287082", "46119246", "90693936"),
    1111111109: ("07081804", "68084774", "25091201"),
    1111111111: ("14050471", "67062674", "99943326"),
    1234567890: ("89005924", "91819424", "93441116"),
    2000000000: ("69279037", "90698825", "38618901"),
    20000000000: ("65353130", "77737706", "47863826"),
}


@pytest.fixture
def account(founded):
    founded.ok("accounts", "add", ACCOUNT, "--name", "payments", "--email", "a@b.example")
    return founded


def _uri(seed: bytes, label: str, **more: str) -> bytes:
    secret = base64.b32encode(seed).decode().rstrip("=")
    parameters = "".join(f"&{name}={value}" for name, value in more.items())
    return f"otpauth://totp/{label}?secret={secret}{parameters}\n".encode()


def _seal(cli, content: bytes, *more: str):
    return cli("mfa", "add", ACCOUNT, "--uri-file", "-", *more, "--json", stdin=content)


@pytest.mark.parametrize("seconds", RFC_CODES)
def test_rfc_6238s_vectors_pass_through_mfa_add_and_code(clock, account, seconds):
    for algorithm, seed in RFC_SEEDS.items():
        assert _seal(account, _uri(seed, f"rfc-{algorithm}", algorithm=algorithm, digits="8")).code == 0
    clock.set(seconds * 1000)
    checkout = account.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    codes = {c["label"]: c for c in account.json("code", checkout)}
    expected = dict(zip(RFC_SEEDS, RFC_CODES[seconds], strict=True))
    assert {a: codes[f"rfc-{a}"]["code"] for a in RFC_SEEDS} == expected
    assert {c["seconds_left"] for c in codes.values()} == {30 - seconds % 30}


def test_aws_s_own_label_gives_the_serial_and_guards_the_account(account):
    label = f"Amazon%20Web%20Services:root-account-mfa-device@{ACCOUNT}"
    made = _seal(account, _uri(RFC_SEEDS["SHA1"], label)).json
    assert made["serial"] == f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
    other = label.replace(ACCOUNT, OTHER)
    done = _seal(account, _uri(RFC_SEEDS["SHA1"], other))
    assert done.code == 2
    assert OTHER in done.err


@pytest.mark.parametrize("spelling", [SEED, SEED.lower(), " ".join(SEED[n : n + 4] for n in range(0, 32, 4)), SEED + "\n\n"])
def test_a_bare_seed_is_taken_however_it_is_written(clock, account, spelling):
    assert _seal(account, spelling.encode()).json["name"] == "root-account-mfa-device"
    clock.set(59_000)
    checkout = account.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    assert account.json("code", checkout)[0]["code"] == "287082"


def test_a_picture_of_the_qr_code_is_read_and_named_for_deletion(account, tmp_path):
    picture = tmp_path / "qr.png"
    segno.make(_uri(RFC_SEEDS["SHA1"], "phone").decode().strip()).save(str(picture), scale=4)
    done = account.ok("mfa", "add", ACCOUNT, "--image", picture)
    assert "phone" in done.out
    assert "delete it" in done.err


def test_of_an_export_the_entry_of_the_account_is_taken_or_the_label_named(account):
    devices = [
        google.Device(b"1" * 20, f"Amazon Web Services:root-account-mfa-device@{ACCOUNT}"),
        google.Device(b"2" * 20, f"Amazon Web Services:root-account-mfa-device@{OTHER}"),
        google.Device(b"3" * 20, "somebody@mail.example", issuer="Mail"),
    ]
    made = _seal(account, google.link(devices).encode())
    assert made.json["name"] == f"root-account-mfa-device@{ACCOUNT}"
    assert _seal(account, google.link(devices).encode(), "--label", "somebody@mail.example").code == 0
    done = _seal(account, google.link(devices[1:]).encode())
    assert done.code == 2
    assert "--label" in done.err


def test_labels_tell_an_accounts_devices_apart(account):
    assert _seal(account, SEED.encode(), "--label", "phone").code == 0
    done = _seal(account, SEED.encode(), "--label", "phone")
    assert done.code == 2
    assert _seal(account, SEED.encode(), "--label", "safe", "--serial", "arn:aws:iam::x:mfa/safe").json["serial"]
    checkout = account.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    assert [c["label"] for c in account.json("code", checkout)] == ["phone", "safe"]


def test_a_removed_device_gives_no_code_and_is_named_in_the_log(account):
    _seal(account, SEED.encode(), "--label", "phone")
    _seal(account, SEED.encode(), "--label", "safe")
    assert account("mfa", "remove", ACCOUNT, "tablet", "--reason", "lost").code == 2
    account.ok("mfa", "remove", ACCOUNT, "phone", "--reason", "phone was lost")
    checkout = account.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    assert [c["label"] for c in account.json("code", checkout)] == ["safe"]
    assert any("phone was lost" in line["detail"] for line in account.json("log", "show"))
    assert _seal(account, SEED.encode(), "--label", "phone").code == 0, "its label is free again"


@pytest.mark.parametrize(
    "content",
    [b"", b"not base32 !!", b"otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQ&counter=1", b"otpauth://totp/x", b"\xff\xfe", b"A" * 300_000],
)
def test_what_is_no_device_is_refused_without_quoting_it(account, content):
    done = _seal(account, content)
    assert (done.code, done.out) == (2, "")
    assert "GEZDGNBVGY3TQOJQ" not in done.err
    assert "not base32" not in done.err


def test_a_seed_is_never_shown_again(account, capsys):
    _seal(account, SEED.encode())
    checkout = account.json("checkout", ACCOUNT, "--reason", REASON)["checkout"]
    everything = [
        ("reveal", checkout), ("code", checkout), ("accounts", "show", ACCOUNT), ("log", "show"), ("status",),
    ]  # fmt: skip
    for command in everything:
        for more in ((), ("--json",)):
            done = account(*command, *more)
            assert SEED not in done.out + done.err


def test_a_picture_and_a_file_at_once_are_wrong_usage(account, tmp_path):
    assert account("mfa", "add", ACCOUNT, "--uri-file", "-", "--image", tmp_path / "x.png").code == 2
