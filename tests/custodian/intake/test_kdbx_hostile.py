"""KeePass files as no honest program writes them, and what pykeepass alone would make of them."""

from __future__ import annotations

import subprocess
import sys

import pykeepass
import pytest

from custodian.intake import kdbx
from tests.custodian.intake.programs import PASSPHRASE, Written, database, keepassxc, need, version, xml
from vault.errors import IntegrityFailure, WrongUsage

KEY = bytearray(PASSPHRASE.encode())


@pytest.fixture
def saved(tmp_path):
    """Makes a KDBX 4 file with one entry, after `change` has had the database in its hands."""

    def make(change=lambda kp: None):
        path = tmp_path / "a.kdbx"
        kp = pykeepass.create_database(str(path), password=PASSPHRASE)
        settings = kp.kdbx.header.value.dynamic_header.kdf_parameters.data.dict
        settings["M"].value, settings["I"].value = 1024 * 1024, 1
        kp.add_entry(kp.root_group, "prod 111122223333", "", "the password")
        change(kp)
        kp.save()
        return path

    return make


def test_a_file_that_unpacks_without_end_is_refused(saved, monkeypatch):
    path = saved(lambda kp: setattr(kp.entries[0], "notes", "0" * 5_000_000))
    assert path.stat().st_size < 50_000
    monkeypatch.setattr(kdbx, "LARGEST_PAYLOAD", 1_000_000)
    with pytest.raises(WrongUsage, match="unpacks to more"):
        kdbx.read(path, KEY)


@pytest.mark.parametrize("change", ["true", "1", "TRUE"])
def test_a_value_that_may_still_be_encrypted_is_never_taken_for_a_password(saved, change):
    def mark(kp):
        kp.tree.find(".//String[Key='Password']/Value").set("Protected", change)

    with pytest.raises(WrongUsage, match="not read with certainty"):
        kdbx.read(saved(mark), KEY)


def test_a_value_that_does_not_decrypt_is_damage_and_no_password(saved, monkeypatch, caplog):
    from pykeepass.kdbx_parsing import common

    path = saved()

    class Garbling:
        def decrypt(self, data):
            return b"\xff" + data

    monkeypatch.setattr(common.ChaCha20Stream, "get_cipher", lambda self, key: Garbling())
    monkeypatch.setattr(common.Salsa20Stream, "get_cipher", lambda self, key: Garbling())
    with pytest.raises(IntegrityFailure, match="cannot be decrypted"):
        kdbx.read(path, KEY)
    assert not caplog.records


def test_a_document_type_with_entities_reads_no_other_file(saved, tmp_path, monkeypatch):
    """XML entities that name files: lxml, as pykeepass sets it up, leaves them alone."""
    from pykeepass.kdbx_parsing import common

    secret = tmp_path / "secret.txt"
    secret.write_text("canary-file")
    written = common.XML._encode

    def with_entity(self, tree, con, path):
        text = written(self, tree, con, path)
        declared = f"<!DOCTYPE KeePassFile [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>".encode()
        return declared + text.replace(b"prod 111122223333", b"prod 111122223333 &x;")

    monkeypatch.setattr(common.XML, "_encode", with_entity)
    path = saved()
    with pytest.raises((IntegrityFailure, WrongUsage)):
        assert "canary-file" not in repr(kdbx.read(path, KEY))


def test_an_old_file_that_pykeepass_saved_is_taken_where_its_text_proves_the_key(tmp_path):
    need("keepassxc-cli")
    path = database(tmp_path, "a", xml([Written("prod 111122223333", "x" * 70)], version_4=False))
    kp = pykeepass.PyKeePass(str(path), password=PASSPHRASE)
    kp.save()
    assert version(path) == (3, 1)
    (found,) = kdbx.read(path, KEY)
    assert (found.password, found.certain) == ("x" * 70, True)


def test_an_old_file_with_a_wrong_header_checksum_and_little_text_is_doubted(tmp_path):
    need("keepassxc-cli")
    path = database(tmp_path, "a", xml([Written("prod 111122223333", "short")], version_4=False))
    assert kdbx.read(path, KEY)[0].certain
    kp = pykeepass.PyKeePass(str(path), password=PASSPHRASE)
    kp.save()
    (found,) = kdbx.read(path, KEY)
    assert found.doubts == (kdbx.HEADER_DOUBT,)


def test_templates_are_not_read(saved):
    def template(kp):
        group = kp.add_group(kp.root_group, "Templates")
        kp.add_entry(group, "template 222233334444", "", "no password")
        kp.tree.find("Meta/EntryTemplatesGroup").text = group._element.findtext("UUID")

    assert [c.account_id for c in kdbx.read(saved(template), KEY)] == ["111122223333"]


def test_groups_are_told_in_the_place_and_count_as_speaking_of_aws(saved):
    def grouped(kp):
        group = kp.add_group(kp.add_group(kp.root_group, "AWS"), "Pay\x85ments")
        kp.add_entry(group, "no id", "", "p")
        kp.add_entry(kp.root_group, "bank", "", "p")

    found = {c.name: c for c in kdbx.read(saved(grouped), KEY)}
    assert found["no id"].place == "entry AWS / Pay ments / no id"
    assert not found["no id"].unrelated
    assert found["bank"].unrelated


def test_an_empty_passphrase_with_a_key_file_is_a_file_without_passphrase(tmp_path):
    need("keepassxc-cli")
    source, key, path = tmp_path / "a.xml", tmp_path / "key", tmp_path / "a.kdbx"
    source.write_text(xml([Written("prod 111122223333", "p")], version_4=True))
    keepassxc("import", "-q", "--set-key-file", key, source, path, answers=())
    (found,) = kdbx.read(path, bytearray(), key)
    assert found.password == "p"


def test_reading_imports_nothing_heavy_before_it_is_needed():
    script = (
        "import sys, custodian.intake.plan, custodian.intake.reading, custodian.intake.kdbx, custodian.intake.qr\n"
        "print(sorted(m for m in ('PIL', 'google.protobuf', 'pykeepass', 'zxingcpp', 'lxml') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
