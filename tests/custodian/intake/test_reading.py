"""Files of every kind through the one call that the command line makes: what each is taken for, and its digest."""

from __future__ import annotations

import hashlib

import pytest

from custodian.intake import reading
from tests.custodian.intake.google import Device, link, png
from tests.custodian.intake.programs import PASSPHRASE, Written, database, need, xml
from vault.errors import BreakglassError, WrongUsage

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ROOT = "otpauth://totp/Amazon%20Web%20Services:root-account-mfa-device@{}?secret=" + SEED


def test_a_file_is_known_by_its_content_and_not_by_its_name(tmp_path):
    need("keepassxc-cli")
    kdbx = database(tmp_path, "a", xml([Written("prod 111122223333", "p")], version_4=True))
    files = {
        "a.csv": kdbx.read_bytes(),
        "b.kdbx": b"account,password\n222233334444,q\n",
        "c.csv": png(tmp_path / "x.png", ROOT.format("333344445555")).read_bytes(),
        "d.png": (ROOT.format("444455556666") + "\n\n" + ROOT.format("555566667777")).encode(),
        "e.txt": b"\xef\xbb\xbf" + link([Device(b"x" * 20, "root-account-mfa-device@666677778888")]).encode(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = reading.read([tmp_path / name for name in files], bytearray(PASSPHRASE.encode()))
    ids = ["111122223333", "222233334444", "333344445555", "444455556666", "555566667777", "666677778888"]
    assert [c.account_id for c in found.candidates] == ids
    assert [s.form for s in found.sources] == [
        "KeePass file",
        "CSV file",
        "picture",
        "text file",
        "text file",
    ]
    assert [s.plain for s in found.sources] == [False, True, True, True, True]
    assert [reading.needs_passphrase(tmp_path / name) for name in files] == [True, False, False, False, False]


def test_a_keepass_file_without_its_passphrase_names_the_option(tmp_path):
    path = tmp_path / "a.kdbx"
    path.write_bytes(bytes.fromhex("03d9a29a67fb4bb5") + bytes(100))
    with pytest.raises(WrongUsage) as caught:
        reading.read([path])
    assert "--source-passphrase-file" in caught.value.hint


def test_the_same_file_twice_counts_once(tmp_path):
    (tmp_path / "a.csv").write_text("account,password\n111122223333,p\n")
    (tmp_path / "b.csv").write_text("account,password\n111122223333,p\n")
    found = reading.read([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert len(found.candidates) == 1


def test_pictures_of_one_export_are_put_together_with_single_codes_among_them(tmp_path):
    devices = [Device(bytes([n]) * 20, f"root-account-mfa-device@11112222333{n}") for n in range(4)]
    paths = [
        png(tmp_path / "2.png", link(devices[2:], of=2, place=1)),
        png(tmp_path / "single.png", ROOT.format("999988887777")),
        png(tmp_path / "1.png", link(devices[:2], of=2, place=0)),
    ]
    found = reading.read(paths)
    assert sorted(c.account_id for c in found.candidates) == [
        *(f"11112222333{n}" for n in range(4)),
        "999988887777",
    ]


def test_devices_without_an_account_are_doubtful_and_foreign_ones_unrelated():
    from custodian.intake.foreign_entry import of_device
    from custodian.intake.otpauth import device

    def made(label: str, issuer: str):
        return of_device(device(label, issuer, b"x" * 20, "SHA1", 6, 30), "a", "b")

    assert made("root-account-mfa-device@111122223333", "Amazon Web Services").certain
    assert not made("anna@111122223333", "Amazon Web Services").certain
    assert made("anna@111122223333", "Amazon Web Services").account_id == "111122223333"
    assert made("root-account-mfa-device@acme", "Amazon Web Services").account_id is None
    assert not made("root-account-mfa-device@acme", "Amazon Web Services").unrelated
    assert made("anna", "GitHub").unrelated


def test_a_plain_sources_digest_is_no_plain_hash_of_it(tmp_path):
    data = b"account,password\n111122223333,summer\n"
    made = reading.source_digest(data, "CSV file")
    assert len(made) == 32
    assert made == reading.source_digest(data, "CSV file")
    assert made != reading.source_digest(data, "KeePass file")
    assert made != hashlib.sha256(data).digest()
    assert made != reading.source_digest(data + b"\n", "CSV file")


@pytest.mark.parametrize("content", [b"PK\x03\x04\0\0zip", b"\0" * 50, b"GIF89a\0\0"])
def test_an_unknown_kind_of_file_is_refused_in_words(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(WrongUsage, match="none of KeePass"):
        reading.read([tmp_path / "a"])


def test_no_file_and_too_many_are_refused(tmp_path):
    for paths in ([], [tmp_path / "a"] * 101):
        with pytest.raises(WrongUsage):
            reading.read(paths)


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(BreakglassError):
        reading.read([tmp_path / "none.csv"])


def test_no_repr_shows_what_was_read(tmp_path):
    (tmp_path / "a.csv").write_text(f"account,password,totp,notes\n111122223333,canary-p,{SEED},canary-n\n")
    found = reading.read([tmp_path / "a.csv"])
    for thing in (found, *found.candidates, *found.candidates[0].mfa, found.sources):
        assert "canary" not in repr(thing)
        assert SEED not in repr(thing)
        assert "1234567890" not in repr(thing)
