"""init, status, accounts, secret, checkout, reveal, code, checkin, cancel, log, backup, restore."""

from __future__ import annotations

import json
import re

import pytest

import vault
from vault.errors import OutOfReach

from .conftest import ACCOUNT, CANARY, REASON, private

OTHER = "222233334444"


def test_init_makes_vault_and_identity_and_says_what_comes_next(cli, home):
    done = cli("init", "Acme", "--member", "anna", "--no-device-secret", "--json")
    assert done.code == 0
    assert set(done.json) == {"vault", "name", "member", "fingerprint", "identity", "device_secret"}
    assert re.fullmatch("[0-9a-f]{64}", done.json["vault"])
    assert done.json["device_secret"] is False
    assert "identity words" in done.err
    identity = home / ".local/share/breakglass/identity"
    assert identity.stat().st_mode & 0o777 == 0o600
    assert identity.parent.stat().st_mode & 0o777 == 0o700


def test_init_takes_an_identity_that_is_there(founded, tmp_path):
    first = founded.json("identity", "show")["fingerprint"]
    done = founded.json("init", "Second", "--member", "anna", "--vault", tmp_path / "second")
    assert done["fingerprint"] == first


def test_init_over_a_vault_changes_nothing(founded):
    before = founded.json("status")
    done = founded("init", "Acme", "--member", "anna", "--no-device-secret")
    assert done.code == 2
    assert founded.json("status") == before


@pytest.mark.parametrize(("name", "member"), [(" ", "anna"), ("Acme", ""), ("Ac\x1bme", "anna"), ("x" * 201, "anna")])
def test_init_with_an_unusable_name_leaves_nothing_behind(cli, home, name, member):
    assert cli("init", name, "--member", member, "--no-device-secret").code == 2
    assert not (home / ".local/share/breakglass").exists()


def test_init_without_a_keyring_stops_and_makes_nothing_weaker(cli, home):
    done = cli("init", "Acme", "--member", "anna")
    assert done.code == 6
    assert "--no-device-secret" in done.err
    assert not (home / ".local/share/breakglass").exists()


def test_init_with_a_keyring_binds_the_identity_to_it(cli, memory_keyring):
    assert cli.json("init", "Acme", "--member", "anna")["device_secret"] is True
    assert any("device-secret" in user for _, user in memory_keyring.stored)
    assert any("pin" in user for _, user in memory_keyring.stored), "the head is pinned there too"
    cli.ok("status")
    memory_keyring.stored = {k: v for k, v in memory_keyring.stored.items() if "device-secret" not in k[1]}
    assert cli("status").code == 3


def test_init_refuses_a_weak_passphrase_without_quoting_it(cli, home, tmp_path):
    weak = private(tmp_path / "weak", "letmein99\n")
    done = cli("init", "Acme", "--member", "anna", "--no-device-secret", "--passphrase-file", weak)
    assert done.code == 2
    assert "letmein" not in done.err
    assert "words" in done.err
    assert not (home / ".local/share/breakglass/identity").exists()


def test_status_has_the_keys_that_scripts_rely_on(clock, checked_out):
    cli, checkout = checked_out
    clock.advance(minutes=61)
    status = cli.json("status")
    assert list(status) == [
        "vault", "name", "format", "entries", "head", "remote", "members", "accounts", "open_checkouts", "due",
    ]  # fmt: skip
    assert status["format"] == 1
    assert status["accounts"] == 1
    assert status["remote"] is None
    assert [set(m) for m in status["members"]] == [{"name", "role", "fingerprint"}]
    assert [c["checkout"] for c in status["open_checkouts"]] == [checkout]
    assert [d["kind"] for d in status["due"]] == ["check-in", "recovery-words"]
    assert all(set(d) == {"kind", "account", "since", "why"} for d in status["due"])
    assert "past its time" in cli.ok("status").out


def test_accounts_list_has_the_keys_that_scripts_rely_on(checked_out):
    cli, checkout = checked_out
    (account,) = cli.json("accounts", "list")
    me = cli.json("identity", "show")["fingerprint"]
    assert list(account) == ["id", "name", "email", "partition", "secrets", "open_checkouts"]
    assert [(s["kind"], s["name"]) for s in account["secrets"]] == [("mfa", "phone"), ("password", ""), ("recovery", "")]
    for secret in account["secrets"]:
        assert list(secret) == ["kind", "name", "version", "since", "threshold", "holders"]
        assert (secret["threshold"], secret["holders"]) == (1, [me])
    assert account["open_checkouts"] == [checkout]
    assert "anna" in cli.ok("accounts", "list").out


def test_accounts_are_added_found_by_name_edited_and_retired(founded):
    add = ("accounts", "add", "--email", "root@acme.example")
    founded.ok(*add, "1111-2222-3333", "--name", "payments")
    founded.ok(*add, OTHER, "--name", "data-lake", "--profile", "lake", "--notes", "the old one")
    assert [a["id"] for a in founded.json("accounts", "list")] == [ACCOUNT, OTHER]
    assert founded.json("accounts", "edit", "data-lake", "--name", "lake", "--notes", "")["name"] == "lake"
    shown = founded.json("accounts", "show", "lake")
    assert (shown["profile"], shown["notes"], shown["email"]) == ("lake", "", "root@acme.example")
    assert founded("accounts", "edit", "lake").code == 2
    founded.ok("accounts", "retire", "lake", "--reason", "closed on 1 November")
    assert [a["id"] for a in founded.json("accounts", "list")] == [ACCOUNT]
    assert [a["id"] for a in founded.json("accounts", "list", "--all")] == [ACCOUNT, OTHER]
    assert "closed on 1 November" in founded("accounts", "show", OTHER).err


@pytest.mark.parametrize("wrong", ["12345", "11112222333a", "١١١١٢٢٢٢٣٣٣٣"])
def test_an_id_that_is_none_is_told_before_the_passphrase_is_read(founded, monkeypatch, wrong):
    monkeypatch.delenv("BREAKGLASS_PASSPHRASE_FILE")
    done = founded("accounts", "add", wrong, "--name", "x", "--email", "a@b.example")
    assert done.code == 2
    assert "12 digits" in done.err


def test_an_account_is_shown_for_people_with_secrets_masked(checked_out):
    cli, checkout = checked_out
    shown = cli.ok("accounts", "show", "payments-prod").out
    assert CANARY not in shown
    assert checkout[:8] in shown
    assert "••••••" in shown


@pytest.mark.parametrize("reason", ["", "   ", "test", "xxxxxxxxxx", "asdfasdfasdf"])
def test_a_reason_that_says_nothing_is_refused_and_nothing_is_revealed_or_lost(stocked, reason):
    before = stocked.json("log", "show")
    done = stocked("checkout", ACCOUNT, "--reason", reason, "--reveal")
    assert (done.code, done.out) == (4, "")
    assert CANARY not in done.err
    assert stocked.json("log", "show") == before
    stocked.ok("checkout", ACCOUNT, "--reason", REASON)


def test_a_checkout_has_the_keys_that_scripts_rely_on(clock, stocked):
    made = stocked.json("checkout", "payments-prod", "--reason", REASON, "--ticket", "INC-4711", "--for", "1h30m")
    assert made == {
        "checkout": made["checkout"],
        "account": ACCOUNT,
        "state": "open",
        "opened": "2025-11-24T16:00:00Z",
        "expires": "2025-11-24T17:30:00Z",
        "approvals_needed": 0,
        "offline": False,
    }
    assert re.fullmatch("[0-9a-f]{32}", made["checkout"])


def test_a_checkout_with_reveal_gives_every_secret_asked_for(clock, stocked):
    clock.set(59_000)
    kinds = ("--secret", "password", "--secret", "mfa", "--secret", "recovery")
    made = stocked.json("checkout", ACCOUNT, "--reason", REASON, "--reveal", *kinds)
    assert made["secrets"] == {
        "password": CANARY,
        "recovery": "the phone lies\nin the drawer",
        "mfa": [{"label": "phone", "serial": "", "code": "287082", "seconds_left": 1, "next_code": "359152"}],
    }


def test_a_checkout_for_people_prints_plain_lines_and_what_comes_next(stocked):
    done = stocked.ok("checkout", ACCOUNT, "--reason", REASON, "--secret", "password")
    assert CANARY not in done.out
    assert "breakglass checkin" in done.err
    number = re.search(r"^checkout +([0-9a-f]{8})$", done.out, re.MULTILINE)
    assert number is not None
    assert stocked.ok("reveal", number[1]).out == f"password  {CANARY}\n"
    assert stocked.ok("reveal", number[1], "--secret", "password").out == CANARY + "\n"


def test_what_was_not_asked_for_is_not_in_the_checkout(stocked):
    made = stocked.json("checkout", ACCOUNT, "--reason", REASON, "--secret", "mfa", "--reveal")
    assert made["secrets"]["password"] is None
    done = stocked("reveal", made["checkout"], "--secret", "password")
    assert (done.code, done.out) == (2, "")


def test_reveal_has_the_same_secrets_as_checkout(checked_out):
    cli, checkout = checked_out
    shown = cli.json("reveal", checkout[:4])
    assert (shown["checkout"], shown["account"]) == (checkout, ACCOUNT)
    assert set(shown["secrets"]) == {"password", "recovery", "mfa"}
    assert cli.ok("reveal", checkout, "--secret", "recovery").out == "the phone lies\nin the drawer\n"


def test_every_reveal_is_in_the_log_before_it_is_printed(checked_out, monkeypatch):
    cli, checkout = checked_out
    logged = []
    real = vault.Vault.reveal

    def reveal(self, *arguments):
        value = real(self, *arguments)
        logged.append([line.event for line in self.log(newest_first=True, count=1)])
        return value

    monkeypatch.setattr(vault.Vault, "reveal", reveal)
    monkeypatch.setattr("custodian.cli.reveal.output.data", lambda *_: logged.append("printed"))
    cli("reveal", checkout, "--secret", "password")
    assert logged[0] == ["checkout revealed"]
    assert logged[1] == "printed"


def test_a_code_warns_when_fewer_than_five_seconds_are_left(clock, checked_out):
    cli, checkout = checked_out
    start = clock.ms - clock.ms % 30_000
    clock.set(start + 24_000)
    assert cli.ok("code", checkout).err == ""
    clock.set(start + 26_000)
    done = cli.ok("code", checkout)
    assert "warning" in done.err
    assert "4 s left" in done.out
    assert "warning" in cli.ok("reveal", checkout).err


def test_a_checkout_past_its_time_shows_nothing(clock, checked_out):
    cli, checkout = checked_out
    clock.advance(minutes=61)
    for command in ("reveal", "code"):
        done = cli(command, checkout)
        assert (done.code, done.out) == (4, "")


def test_check_in_ends_the_checkout(checked_out):
    cli, checkout = checked_out
    ended = cli.json("checkin", checkout[:8], "--rotated")
    assert (ended["state"], ended["rotated"]) == ("checked_in", True)
    assert ended["reason"] == REASON
    assert cli("reveal", checkout).code == 4
    assert cli("checkin", checkout).code == 4
    assert cli.json("status")["open_checkouts"] == []


def test_a_checkout_that_was_not_needed_is_cancelled(checked_out):
    cli, checkout = checked_out
    assert cli.json("cancel", checkout)["state"] == "cancelled"
    assert cli("code", checkout).code == 4


@pytest.mark.parametrize("prefix", ["7f", "zzzz", "", "0000"])
def test_a_checkout_that_is_not_there_is_wrong_usage(stocked, prefix):
    assert stocked("reveal", prefix).code == 2


def test_a_generated_password_is_strong_and_only_shown_by_a_checkout(stocked):
    done = stocked.ok("secret", "set", ACCOUNT, "password", "--generate")
    made = stocked.json("checkout", ACCOUNT, "--reason", REASON, "--reveal")["secrets"]["password"]
    assert made not in done.out + done.err
    assert len(made) == 40
    assert not set(made) & set("0O1Il|")
    for needed in ("[A-Z]", "[a-z]", "[2-9]", r"[^A-Za-z0-9]"):
        assert re.search(needed, made)


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "empty"), (b"two\nlines\n", "more than one line"), (b"\xff\xfe", "UTF-8"), (b"x" * 70_000, "65536")]
)
def test_a_password_that_cannot_be_one_is_refused(stocked, content, why):
    done = stocked("secret", "set", ACCOUNT, "password", "--file", "-", stdin=content)
    assert done.code == 2
    assert why in done.err


def test_a_secret_file_that_others_can_read_is_taken_and_named_for_deletion(stocked, tmp_path):
    loose = private(tmp_path / "pw.txt", "a password\n")
    loose.chmod(0o644)
    done = stocked.ok("secret", "set", ACCOUNT, "password", "--file", loose)
    assert "others can read it" in done.err
    assert "delete it" in done.err


def test_the_log_has_the_keys_that_scripts_rely_on(checked_out):
    cli, checkout = checked_out
    cli.ok("reveal", checkout, "--secret", "password")
    lines = cli.json("log", "show")
    assert [line["seq"] for line in lines] == list(range(len(lines)))
    assert set(lines[0]) >= {
        "seq", "hash", "time", "author", "event", "account", "checkout", "reason", "ticket", "offline", "rejected",
    }  # fmt: skip
    last = lines[-1]
    assert (last["event"], last["checkout"], last["reason"]) == ("checkout revealed", checkout, REASON)
    assert last["author"] == cli.json("identity", "show")["fingerprint"]
    assert last["author_name"] == "anna"
    assert CANARY not in json.dumps(lines)


def test_the_log_is_filtered(clock, checked_out):
    cli, checkout = checked_out
    clock.advance(days=2)
    cli.ok("accounts", "add", OTHER, "--name", "lake", "--email", "a@b.example")

    def events(*arguments):
        return [line["event"] for line in cli.json("log", "show", *arguments)]

    assert events("--account", "lake") == ["account added"]
    assert events("--since", "2025-11-25") == ["account added"]
    assert events("--limit", "1") == ["account added"]
    assert events("--event", "vault created") == ["vault created"]
    assert events("--checkout", checkout[:6]) == ["checkout requested", "checkout opened"]
    assert events("--member", "nobody") == []
    assert len(events("--member", "anna")) == len(events())


def test_the_log_of_a_retired_account_can_still_be_read(checked_out):
    cli, checkout = checked_out
    cli.ok("checkin", checkout)
    cli.ok("accounts", "retire", ACCOUNT, "--reason", "closed")
    assert cli.json("log", "show", "--account", ACCOUNT)[-1]["event"] == "account retired"


def test_text_from_outside_can_neither_style_the_terminal_nor_forge_a_line(stocked):
    said = "INC-1 \x1b[31mred\x1b[0m and a\nline 99 forged ‮reversed"
    checkout = stocked.json("checkout", ACCOUNT, "--reason", said)["checkout"]
    for command in (("log", "show"), ("status",), ("accounts", "show", ACCOUNT)):
        shown = stocked.ok(*command).out
        assert not {"\x1b", "‮"} & set(shown)
        assert not any(line.startswith("line 99") for line in shown.splitlines())
        raw = stocked.ok(*command, "--json").out
        assert raw.isascii()
    assert stocked.json("log", "show", "--checkout", checkout)[0]["reason"] == said


def test_a_whole_log_verifies(checked_out):
    cli, _ = checked_out
    result = cli.json("log", "verify")
    status = cli.json("status")
    assert list(result) == ["ok", "entries", "head", "rejected", "problems"]
    assert (result["ok"], result["problems"]) == (True, [])
    assert (result["entries"], result["head"]) == (status["entries"], status["head"])


def test_a_damaged_log_ends_with_5_and_gives_scripts_their_document(checked_out, home):
    import sqlite3

    cli, _ = checked_out
    replica = home / ".local/share/breakglass/vault/replica.sqlite3"
    with sqlite3.connect(replica) as database:
        tables = [row[0] for row in database.execute("select name from sqlite_master where type='table'")]
        name = next(t for t in tables if "entr" in t)
        columns = [row[1] for row in database.execute(f"pragma table_info({name})")]
        blob = next(c for c in columns if c not in ("seq", "hash"))
        row, data = database.execute(f"select rowid, {blob} from {name} order by rowid limit 1 offset 2").fetchone()
        broken = bytearray(data)
        broken[len(broken) // 2] ^= 1
        database.execute(f"update {name} set {blob}=? where rowid=?", (bytes(broken), row))
    database.close()
    done = cli("log", "verify", "--json")
    assert done.code == 5
    assert done.json["ok"] is False
    assert done.json["problems"]
    assert "2" in json.dumps(done.json["problems"]) + done.err
    assert CANARY not in done.out + done.err


def test_a_backup_is_restored_elsewhere_and_goes_on(checked_out, tmp_path):
    cli, _ = checked_out
    backup = tmp_path / "acme.backup"
    made = cli.json("backup", backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert CANARY.encode() not in backup.read_bytes()
    assert cli("backup", backup).code == 2, "a backup is never overwritten"
    elsewhere = ("--vault", tmp_path / "elsewhere")
    restored = cli.json("restore", backup, *elsewhere)
    assert restored["head"] == made["head"] or restored["entries"] > made["entries"]
    assert cli.json("accounts", "list", *elsewhere)[0]["id"] == ACCOUNT
    assert cli("restore", backup).code == 2, "a vault is never overwritten"
    assert cli.json("log", "verify", *elsewhere)["ok"]


def test_another_persons_identity_cannot_open_the_vault(founded, tmp_path):
    other = ("--identity", tmp_path / "ben")
    founded.ok("identity", "new", "--no-device-secret", *other)
    assert founded("status", *other).code == 3


def test_nothing_goes_to_the_clipboard_where_there_is_none_and_the_log_does_not_say_so(checked_out):
    cli, checkout = checked_out
    before = cli.json("log", "show")
    assert cli("reveal", checkout, "--copy").code == 6
    assert cli.json("log", "show") == before


class _Clipboard:
    name = "a clipboard"
    held = b""
    answers = True

    def copy(self, secret):
        type(self).held = bytes(secret)

    def clear_if_ours(self):
        if not self.answers:
            raise OutOfReach("no clipboard")
        type(self).held = b"cleared"
        return True


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_copied_secret_is_cleared_after_its_seconds_or_when_interrupted(checked_out, monkeypatch, tmp_path, interrupted):
    cli, checkout = checked_out
    waited = []

    def sleep(seconds):
        waited.append((seconds, _Clipboard.held))
        if interrupted:
            raise KeyboardInterrupt

    monkeypatch.setattr("custodian.clipboard.Clipboard.require", _Clipboard)
    monkeypatch.setattr("custodian.cli.reveal.time.sleep", sleep)
    settings = tmp_path / "config.toml"
    settings.write_text("clipboard_seconds = 7\n")
    done = cli("reveal", checkout, "--copy", "--config", settings)
    assert done.code == (130 if interrupted else 0)
    assert waited == [(7, CANARY.encode())]
    assert _Clipboard.held == b"cleared"
    assert CANARY not in done.out + done.err
    assert cli.json("accounts", "show", ACCOUNT)["checkouts"][0]["revealed"][0]["how"] == "copied"


def test_a_clipboard_that_does_not_answer_is_told(checked_out, monkeypatch):
    cli, checkout = checked_out
    monkeypatch.setattr("custodian.clipboard.Clipboard.require", _Clipboard)
    monkeypatch.setattr("custodian.cli.reveal.time.sleep", lambda _: None)
    monkeypatch.setattr(_Clipboard, "answers", False)
    assert "clear it yourself" in cli("reveal", checkout, "--copy").err


@pytest.mark.parametrize("more", [("--json",), ("--secret", "password", "--secret", "mfa")])
def test_copying_takes_one_secret_and_prints_nothing(checked_out, more):
    cli, checkout = checked_out
    assert cli("reveal", checkout, "--copy", *more).code == 2
