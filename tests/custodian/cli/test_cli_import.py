"""`accounts import`: what it brings in, what it leaves out, what it asks."""

from __future__ import annotations

import pytest

from tests.custodian.intake import google, programs
from vault import totp
from vault.plaintext import Mfa

from .conftest import ACCOUNT, REASON, private

OTHER = "222233334444"
CSV = f"""account_id,name,email,password,otpauth
{ACCOUNT},payments,aws+pay@acme.example,canary-one,otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
{OTHER},lake,aws+lake@acme.example,canary-two,
"""


@pytest.fixture
def table(tmp_path):
    return private(tmp_path / "roots.csv", CSV)


def _password(cli, account):
    return cli.json("checkout", account, "--reason", REASON, "--reveal")["secrets"]["password"]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(founded, table):
    before = founded.json("log", "show")
    done = founded.ok("accounts", "import", table, "--dry-run")
    assert f"seal the password of {OTHER}" in done.out
    assert "canary" not in done.out + done.err
    document = founded.ok("accounts", "import", table, "--dry-run", "--json").json
    assert (document["done"], len(document["actions"])) == (False, 5)
    assert founded.json("log", "show") == before


def test_what_is_certain_comes_in_and_the_plain_source_is_named_for_deletion(founded, table):
    done = founded("accounts", "import", table, "--yes")
    assert done.code == 0
    assert "roots.csv holds secrets in plain text" in done.err
    assert [a["id"] for a in founded.json("accounts", "list")] == [ACCOUNT, OTHER]
    assert _password(founded, ACCOUNT) == "canary-one"
    assert _password(founded, OTHER) == "canary-two"
    assert "imported" in [line["event"] for line in founded.json("log", "show")]


def test_nothing_is_imported_twice(founded, table):
    founded.ok("accounts", "import", table, "--yes")
    before = founded.json("log", "show")
    done = founded("accounts", "import", table, "--yes", "--json")
    assert (done.code, done.json["accounts"], done.json["secrets"]) == (0, [], 0)
    assert len(done.json["already"]) > 0
    assert founded.json("log", "show") == before


def test_what_is_left_out_is_named_and_ends_with_1(founded, tmp_path):
    doubtful = private(tmp_path / "some.csv", CSV + ",AWS nobody knows,who@acme.example,canary-three,\n")
    done = founded("accounts", "import", doubtful, "--yes")
    assert done.code == 1
    assert "nobody knows" in done.out
    assert "canary" not in done.out + done.err
    assert len(founded.json("accounts", "list")) == 2


@pytest.mark.parametrize("version_4", [False, True], ids=["KDBX 3.1", "KDBX 4"])
def test_a_keepass_file_comes_in_with_every_password_and_code(clock, founded, tmp_path, version_4):
    programs.need("keepassxc-cli")
    programs.need("oathtool")
    seed = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    entries = [
        programs.Written(f"payments {ACCOUNT}", "canary ü one", "aws+pay@acme.example", fields={"otp": seed}),
        programs.Written("lake", "canary two", "aws+lake@acme.example", f"https://{OTHER}.signin.aws.amazon.com/"),
    ]
    made = programs.database(tmp_path, "roots", programs.xml(entries, version_4=version_4))
    source = private(tmp_path / "source", programs.PASSPHRASE)
    founded.ok("accounts", "import", made, "--source-passphrase-file", source, "--yes")
    assert _password(founded, ACCOUNT) == programs.shown(made, entries[0].title)
    assert _password(founded, OTHER) == programs.shown(made, entries[1].title)
    checkout = founded.json("status")["open_checkouts"]
    number = next(c["checkout"] for c in checkout if c["account"] == ACCOUNT)
    (code,) = founded.json("code", number)
    mfa = Mfa("x", "", b"12345678901234567890")
    assert code["code"] == programs.oathtool(mfa, clock.ms // 1000) == totp.codes(mfa, clock.ms).code


def test_a_wrong_passphrase_of_the_source_imports_nothing(founded, tmp_path):
    programs.need("keepassxc-cli")
    made = programs.database(tmp_path, "roots", programs.xml([programs.Written(ACCOUNT, "x")], version_4=True))
    done = founded("accounts", "import", made, "--source-passphrase-file", private(tmp_path / "w", "wrong"), "--yes")
    assert done.code == 3
    assert founded.json("accounts", "list") == []


def test_a_source_that_needs_a_passphrase_and_gets_none_names_the_option(founded, tmp_path):
    programs.need("keepassxc-cli")
    made = programs.database(tmp_path, "roots", programs.xml([], version_4=True))
    done = founded("accounts", "import", made, "--yes")
    assert done.code == 2
    assert "--source-passphrase-file" in done.err


def test_the_pictures_of_one_export_come_in_together(clock, founded, tmp_path):
    programs.need("oathtool")
    ids = [f"{n:012d}" for n in range(100000000001, 100000000012)]
    devices = [google.Device(i.encode() * 2, f"Amazon Web Services:root-account-mfa-device@{i}") for i in ids]
    pictures = [
        google.png(tmp_path / "2.png", google.link(devices[6:], of=2, place=1)),
        google.png(tmp_path / "1.png", google.link(devices[:6], of=2, place=0)),
    ]
    founded.ok("accounts", "import", *pictures, "--yes")
    assert [a["id"] for a in founded.json("accounts", "list")] == ids
    for i in ids:
        made = founded.json("checkout", i, "--reason", REASON, "--reveal")
        (code,) = made["secrets"]["mfa"]
        assert code["code"] == programs.oathtool(Mfa("x", "", i.encode() * 2), clock.ms // 1000)


def test_a_missing_picture_of_an_export_is_wrong_usage(founded, tmp_path):
    devices = [google.Device(b"1" * 20, f"Amazon Web Services:root-account-mfa-device@{ACCOUNT}")]
    lone = google.png(tmp_path / "1.png", google.link(devices, of=2, place=0))
    assert founded("accounts", "import", lone, "--yes").code == 2


def test_what_is_not_certain_is_asked_on_a_terminal(founded, typed, tmp_path):
    private(tmp_path / "some.csv", CSV + ",AWS nobody knows,who@acme.example,canary-three,\n")
    child = typed("accounts", "import", tmp_path / "some.csv", "--passphrase-file", tmp_path / "passphrase")
    child.expect("nobody knows")
    child.expect("Account id")
    child.sendline("12")
    child.expect("12 digits")
    child.sendline("3333-4444-5555")
    child.expect("Import this")
    child.sendline("y")
    child.expect(r"imported\s+3 accounts")
    child.wait()
    assert child.exitstatus == 0
    assert "canary" not in child.logfile_read.getvalue()
    assert _password(founded, "333344445555") == "canary-three"


def test_without_consent_nothing_is_imported(founded, typed, tmp_path, table):
    child = typed("accounts", "import", table, "--passphrase-file", tmp_path / "passphrase")
    child.expect("Import this")
    child.sendline("")
    child.wait()
    assert founded.json("accounts", "list") == []
