"""KeePass files that KeePassXC's own command line wrote, compared with what that program and oathtool print."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import pykeepass
import pytest

from custodian.intake import kdbx
from tests.custodian.intake.programs import (
    PASSPHRASE,
    Written,
    database,
    keepassxc,
    need,
    oathtool,
    shown,
    shown_code,
    version,
    xml,
)
from vault.errors import BreakglassError, CannotUnlock, IntegrityFailure, OutOfReach, WrongUsage
from vault.totp import codes

RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
AWS = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORDS = [
    "simple",
    "--option-like",
    "-p",
    " spaces around ",
    "'single' \"double\" `back`",
    "<xml> & ]]> &amp; %41 \\ \\n $HOME $(id)",
    "ÄÖÜ ß ñ 日本語 🔑 é",
    "{curly} {not a placeholder} {}",
    "tab\there",
    "%s %d {0} \x7f",
    "x" * 100,
    "".join(chr(33 + n % 94) for n in range(100)),
    "0123456789012",
    "=cmd|' /C calc'!A0",
    "a,b;c\td",
]
TOTP = [
    {
        "otp": f"otpauth://totp/Amazon%20Web%20Services:root-account-mfa-device?secret={AWS}&issuer=Amazon%20Web%20Services"
    },
    {"otp": f"otpauth://totp/x?secret={RFC}&algorithm=SHA1&digits=8&period=60"},
    {"otp": f"otpauth://totp/x?secret={RFC}&algorithm=SHA256&digits=6&period=30"},
    {"otp": f"otpauth://totp/x?secret={RFC}&algorithm=SHA256&digits=8&period=60"},
    {"otp": f"otpauth://totp/x?secret={RFC}&algorithm=SHA512&digits=6"},
    {"otp": f"otpauth://totp/x?secret={RFC}&algorithm=SHA512&digits=8"},
    {"otp": f"key={RFC}&step=30&size=6"},
    {"otp": f"key={RFC}&step=60&size=8&otpHashMode=Sha256"},
    {"TOTP Seed": AWS, "TOTP Settings": "30;6"},
    {"TOTP Seed": RFC, "TOTP Settings": "60;8"},
    {"TOTP Seed": "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "TOTP Settings": "30;6"},
]


def _entries() -> list[Written]:
    pairs = [(PASSWORDS[n % len(PASSWORDS)], TOTP[n % len(TOTP)]) for n in range(30)]
    return [
        Written(
            f"account-{n} {100000000000 + n * 7}",
            password,
            f"aws+{n}@acme.example",
            notes=f"first line {n}\nsecond <line> & more",
            fields=fields,
        )
        for n, (password, fields) in enumerate(pairs)
    ]


@pytest.fixture(scope="module", params=["KDBX 3.1", "KDBX 4 with AES", "KDBX 4 with Argon2"])
def made(request, tmp_path_factory):
    """A file with thirty entries, the last hand on it always keepassxc-cli's."""
    need("keepassxc-cli")
    folder = tmp_path_factory.mktemp("kdbx")
    path = database(folder, "imported", xml(_entries(), version_4=request.param != "KDBX 3.1"))
    if request.param == "KDBX 4 with Argon2":
        # keepassxc-cli keeps the key derivation it finds, and only its window offers Argon2.
        target = folder / "argon2.kdbx"
        _cheap_argon2(target)
        keepassxc("merge", "-q", target, path, answers=(PASSPHRASE, PASSPHRASE))
        path = target
    assert version(path) == ((3, 1) if request.param == "KDBX 3.1" else (4, 0))
    return path


def _cheap_argon2(path):
    """An empty file that asks for 1 MiB and one pass, since this module opens it several hundred times."""
    kp = pykeepass.create_database(str(path), password=PASSPHRASE)
    settings = kp.kdbx.header.value.dynamic_header.kdf_parameters.data.dict
    settings["M"].value, settings["I"].value = 1024 * 1024, 1
    kp.save()


def _read(path, passphrase=PASSPHRASE, **more):
    return kdbx.read(path, bytearray(passphrase.encode()), **more)


def test_every_password_equals_what_keepassxc_shows(made):
    found = {c.place.removeprefix("entry "): c for c in _read(made)}
    for entry in _entries():
        assert found[entry.title].password == shown(made, entry.title), entry.title
    assert len(found) == 30


def test_every_code_equals_oathtools_and_keepassxcs(made):
    need("oathtool")
    found = {c.place.removeprefix("entry "): c for c in _read(made)}
    for entry in _entries():
        (mfa,) = found[entry.title].mfa
        for seconds in (59, 1_111_111_109, 2_000_000_000):
            assert codes(mfa, seconds * 1000).code == oathtool(mfa, seconds), entry.title
        for _ in range(3):  # the program knows only the present; asked again where a step ended meanwhile
            before = time.time_ns() // 1_000_000
            theirs = shown_code(made, entry.title)
            after = time.time_ns() // 1_000_000
            if before // 1000 // mfa.period == after // 1000 // mfa.period:
                break
        assert theirs == codes(mfa, before).code, entry.title


def test_ids_names_addresses_and_notes_arrive_and_all_is_certain(made):
    found = _read(made)
    assert all(c.certain for c in found), [c.doubts for c in found]
    assert {c.account_id for c in found} == {str(100000000000 + n * 7) for n in range(30)}
    by_name = {c.name: c for c in found}
    assert by_name["account-3"].email == "aws+3@acme.example"
    assert by_name["account-3"].recovery == "first line 3\nsecond <line> & more"


def test_a_file_that_pykeepass_saved_reads_as_one_that_keepassxc_saved(tmp_path):
    path = tmp_path / "p.kdbx"
    kp = pykeepass.create_database(str(path), password=PASSPHRASE)
    kp.add_entry(
        kp.root_group, "prod", "root@acme.example", "p ä", url="https://123456789012.example", notes="n"
    )
    kp.entries[0].otp = f"otpauth://totp/x?secret={RFC}"
    kp.save()
    (found,) = _read(path)
    assert (found.account_id, found.password, found.recovery, found.certain) == (
        "123456789012",
        "p ä",
        "n",
        True,
    )


def test_entries_added_by_keepassxc_one_by_one_are_read(tmp_path):
    need("keepassxc-cli")
    path = database(tmp_path, "a", xml([], version_4=False))
    keepassxc(
        "add",
        "-q",
        "-p",
        "-u",
        "root@acme.example",
        path,
        "prod 1234-5678-9012",
        answers=(PASSPHRASE, "-q s\"e'c ü"),
    )
    assert version(path) == (3, 1)
    (found,) = _read(path)
    assert (found.account_id, found.name, found.password) == ("123456789012", "prod", "-q s\"e'c ü")


def test_recycle_bin_and_history_are_not_read(tmp_path):
    need("keepassxc-cli")
    live = Written("live 111122223333", "now", history="before")
    gone = Written("gone 222233334444", "thrown away")
    path = database(tmp_path, "a", xml([live], version_4=True, binned=[gone]))
    (found,) = _read(path)
    assert found.password == "now"


def test_attachments_are_named_as_left_out(tmp_path):
    need("keepassxc-cli")
    path = database(tmp_path, "a", xml([Written("prod 111122223333", "p")], version_4=True))
    (tmp_path / "codes.txt").write_text("backup codes")
    keepassxc("attachment-import", "-q", path, "prod 111122223333", "codes.txt", tmp_path / "codes.txt")
    (found,) = _read(path)
    assert found.not_taken == ("the attachment 'codes.txt' is not brought in",)


@pytest.mark.parametrize(
    "entry",
    [
        Written("prod 1111-2222-3333", "p"),
        Written("prod", "p", url="https://111122223333.signin.aws.amazon.com/console", user="a@b.example"),
        Written("prod", "p", user="111122223333"),
        Written("prod", "p", user="aws+111122223333@acme.example"),
        Written("prod", "p", fields={"Account ID": "1111 2222 3333"}),
        Written("prod", "p", fields={"anything": "arn:aws:iam::111122223333:root"}),
        Written(
            "prod",
            "p",
            fields={
                "otp": f"otpauth://totp/Amazon%20Web%20Services:root-account-mfa-device@111122223333?secret={AWS}"
            },
        ),
    ],
    ids=["title", "url", "user", "address", "field", "arn", "label"],
)
def test_the_account_id_is_found_wherever_people_put_it(tmp_path, entry):
    need("keepassxc-cli")
    (found,) = _read(database(tmp_path, "a", xml([entry], version_4=True)))
    assert (found.account_id, found.name, found.certain) == ("111122223333", "prod", True)


@pytest.mark.parametrize(
    ("entry", "doubt"),
    [
        (Written("prod", "p"), "no account id was found"),
        (Written("prod 111122223333", "p", fields={"a": "222233334444"}), "2 different account ids"),
        (Written("prod 111122223333", "p", user="anna"), "IAM user"),
        (Written("prod", "p", notes="account 111122223333"), "only in the notes"),
        (Written("prod 111122223333", "{USERNAME}x"), "placeholder"),
        (Written("prod 111122223333", "p", fields={"otp": "otpauth://hotp/x?secret=" + RFC}), "hotp"),
        (Written("prod 111122223333", "p", fields={"TOTP Seed": RFC, "TOTP Settings": "30;S"}), "Steam"),
        (
            Written("prod 111122223333", "p", fields={"TOTP Seed": RFC, "otp": f"key={AWS}"}),
            "twice and differ",
        ),
        (Written("prod 111122223333", "p", fields={"TOTP Seed": RFC[:-1] + "1"}), "character 32 is a 1"),
    ],
)
def test_what_is_not_certain_is_a_doubt(tmp_path, entry, doubt):
    need("keepassxc-cli")
    (found,) = _read(database(tmp_path, "a", xml([entry], version_4=True)))
    assert not found.certain
    assert doubt in "; ".join(found.doubts)
    assert RFC not in "; ".join(found.doubts)


def test_keepass2s_own_totp_fields_are_read(tmp_path):
    need("keepassxc-cli")
    fields = {
        "TimeOtp-Secret-Base32": RFC,
        "TimeOtp-Length": "8",
        "TimeOtp-Algorithm": "HMAC-SHA-512",
        "TimeOtp-Period": "60",
    }
    (found,) = _read(
        database(tmp_path, "a", xml([Written("prod 111122223333", "p", fields=fields)], version_4=True))
    )
    (mfa,) = found.mfa
    assert (mfa.algorithm, mfa.digits, mfa.period, found.recovery) == ("SHA512", 8, 60, "")


def test_a_reference_to_another_entrys_password_is_followed_as_keepassxc_does(tmp_path):
    need("keepassxc-cli")
    owner = Written("owner 111122223333", "the real one")
    clone = Written("clone 222233334444", "{REF:P@I:" + owner.uuid.hex().upper() + "}")
    path = database(tmp_path, "a", xml([owner, clone], version_4=False))
    found = _read(path)
    assert [c.password for c in found] == [shown(path, owner.title), shown(path, clone.title)]
    assert found[1].password == "the real one"
    assert found[1].certain


def test_a_reference_in_a_circle_ends_as_a_doubt(tmp_path):
    need("keepassxc-cli")
    one = Written("one 111122223333")
    one = replace(one, password="{REF:P@I:" + one.uuid.hex() + "}")
    (found,) = _read(database(tmp_path, "a", xml([one], version_4=False)))
    assert "placeholder" in found.doubts[0]


def test_further_fields_join_the_recovery_text_and_are_not_lost(tmp_path):
    need("keepassxc-cli")
    entry = Written("prod 111122223333", "p", notes="phone: 555", fields={"Security answer": "blue"})
    (found,) = _read(database(tmp_path, "a", xml([entry], version_4=True)))
    assert found.recovery == "phone: 555\nSecurity answer: blue"


def test_a_serial_in_a_field_goes_to_the_device(tmp_path):
    need("keepassxc-cli")
    serial = "arn:aws:iam::111122223333:mfa/laptop"
    entry = Written("prod", "p", fields={"MFA": serial, "otp": f"otpauth://totp/x?secret={RFC}"})
    (found,) = _read(database(tmp_path, "a", xml([entry], version_4=True)))
    assert (found.account_id, found.mfa[0].serial, found.recovery) == ("111122223333", serial, "")


def test_a_wrong_passphrase_cannot_unlock(made):
    with pytest.raises(CannotUnlock) as caught:
        _read(made, "wrong")
    assert caught.value.__context__ is None


def test_a_key_file_is_used_and_missed(tmp_path):
    need("keepassxc-cli")
    key, path, source = tmp_path / "key", tmp_path / "a.kdbx", tmp_path / "a.xml"
    source.write_text(xml([Written("prod 111122223333", "p")], version_4=True))
    keepassxc("import", "-q", "-p", "--set-key-file", key, source, path, answers=(PASSPHRASE, PASSPHRASE))
    (found,) = _read(path, keyfile=key)
    assert found.password == "p"
    with pytest.raises(CannotUnlock):
        _read(path)


def test_a_flipped_bit_anywhere_is_refused_or_changes_nothing_unnoticed(made):
    """The whole header and what follows it, and forty places of the rest."""
    whole = made.read_bytes()
    good = [
        (c.account_id, c.password, c.mfa) for c in kdbx.entries(whole, bytearray(PASSPHRASE.encode()), "a")
    ]
    places = [*range(300), *range(300, len(whole), max(1, len(whole) // 40))]
    kinds = {}
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        refused = None
        try:
            found = kdbx.entries(bytes(changed), bytearray(PASSPHRASE.encode()), "a")
        except BreakglassError as error:
            refused = error
        if refused is not None:
            kinds[type(refused).__name__] = kinds.get(type(refused).__name__, 0) + 1
            assert refused.__context__ is None
            continue
        # Only KDBX 3.1 has header bytes that nobody uses: filling, and the minor version.
        assert version(made) == (3, 1), place
        assert [(c.account_id, c.password, c.mfa) for c in found] == good, place
        kinds["unused byte"] = kinds.get("unused byte", 0) + 1
    print(f"{made.name}: {len(places)} flips, {kinds}")
    assert kinds.get("unused byte", 0) < 12
    assert set(kinds) <= {"WrongUsage", "CannotUnlock", "IntegrityFailure", "unused byte"}


def test_a_cut_off_file_is_damaged_at_every_length(made):
    whole = made.read_bytes()
    for length in [*range(12, 300, 7), *range(300, len(whole), len(whole) // 20)]:
        with pytest.raises((IntegrityFailure, CannotUnlock)):
            kdbx.entries(whole[:length], bytearray(PASSPHRASE.encode()), "a")


def test_reading_leaves_no_file_and_no_log_line(made, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(made.parent.iterdir())
    with caplog.at_level(logging.DEBUG):
        _read(made)
        with pytest.raises(CannotUnlock):
            _read(made, "wrong")
    assert not caplog.records
    assert not list(tmp_path.iterdir())
    assert set(made.parent.iterdir()) == before


def test_without_pykeepass_the_extra_is_named(made, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pykeepass", None)
    with pytest.raises(OutOfReach) as caught:
        _read(made)
    assert "keepass" in caught.value.why
    assert "breakglass-custodian[keepass]" in caught.value.hint


def test_a_file_of_another_kind_is_wrong_usage(tmp_path):
    path = tmp_path / "a.kdbx"
    path.write_bytes(b"not a database, but long enough to be looked at")
    with pytest.raises(WrongUsage):
        _read(path)
