"""What a person sees of it: through the real command line, exit code 5 and the place, and never a traceback."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from custodian.cli.program import run
from tests.vault.founding import ACCOUNT, PASSWORD, REASON, Founded, broken_off, lived_in
from vault import identity_file, snapshot
from vault.identity_file import KdfCost

PASSPHRASE = b"eight calm otters read"
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def lived(tmp_path: Path, cheap_kdf: KdfCost) -> Founded:
    founded = lived_in(tmp_path / "vault")
    identity_file.write(tmp_path / "identity", founded.identity(), PASSPHRASE, cost=cheap_kdf)
    (tmp_path / "passphrase").write_bytes(PASSPHRASE)
    (tmp_path / "passphrase").chmod(0o600)
    return founded


@pytest.fixture
def breakglass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line; gives its exit code and all it printed, in which there is no traceback and no defect."""

    def command(*arguments: str) -> tuple[int, str]:
        files = {"--vault": "vault", "--identity": "identity", "--passphrase-file": "passphrase"}
        code = run([*(part for flag, name in files.items() for part in (flag, str(tmp_path / name))), *arguments])
        printed = "".join(capsys.readouterr())
        assert "Traceback" not in printed
        assert "defect" not in printed
        assert PASSWORD not in printed
        return code, printed

    return command


def flip(founded: Founded, table: str, column: str, where: str, at: int) -> None:
    with founded.raw() as db:
        rowid, data = db.execute(f"SELECT {where.partition(' ')[0]}, {column} FROM {table} WHERE {where}").fetchone()
        changed = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {where.partition(' ')[0]} = ?", (changed, rowid))


def test_a_whole_log_is_said_to_be_whole(lived: Founded, breakglass: Command) -> None:
    code, printed = breakglass("log", "verify", "--json")
    assert (code, json.loads(printed)["ok"]) == (0, True)


@pytest.mark.parametrize(
    ("table", "column", "where", "places", "told"),
    [
        ("entries", "bytes", "seq = 0", (0, 40, 700, 3000), "entry 0"),
        ("entries", "bytes", "seq = 4", (2, 100, 300, -1), "entry 4"),
        ("entries", "bytes", "seq = 9", (2, 100, 300, -1), "entry 9"),
        ("blobs", "bytes", "length(name) = 32", (0, 90, -1), "sealing "),
        ("sealed", "bytes", "name LIKE 'pin/%'", (0, 30, -1), "the head remembered in the replica"),
        ("sealed", "bytes", "name LIKE 'device/%'", (0, 30, -1), "the device record"),
        ("nodes", "hash", "level = 0", (0, -1), "tree node"),
    ],
)
def test_a_flipped_bit_is_exit_code_5_and_its_place(
    lived: Founded, breakglass: Command, table: str, column: str, where: str, places: tuple[int, ...], told: str
) -> None:
    with lived.raw() as db:
        rows = db.execute(f"SELECT * FROM {table}").fetchall()
    for at in places:
        flip(lived, table, column, where, at)
        for json_flag in ((), ("--json",)):
            code, printed = breakglass("log", "verify", *json_flag)
            assert code == 5
            assert told in printed
        with lived.raw() as db:
            db.execute(f"DELETE FROM {table}")
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    assert breakglass("log", "verify")[0] == 0


def test_a_flipped_waiting_statement_is_exit_code_5_and_its_place(lived: Founded, breakglass: Command) -> None:
    with lived.open() as opened, broken_off(), pytest.raises(KeyboardInterrupt):
        opened.check_out(ACCOUNT, REASON)
    flip(lived, "outbox", "bytes", "n > 0", 50)
    code, printed = breakglass("log", "verify")
    assert code == 5
    assert "outbox row " in printed


def test_a_flipped_snapshot_is_said_by_every_command_and_is_exit_code_5_for_verify(
    lived: Founded, breakglass: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "EVERY", 8)
        lived.open().close()
    flip(lived, "sealed", "bytes", "name LIKE 'snapshot/%'", 50)
    code, printed = breakglass("status")
    assert code in (0, 1)
    assert "the snapshot is damaged" in printed
    code, printed = breakglass("log", "verify")
    assert code == 5
    assert "snapshot: the snapshot is damaged" in printed


def test_every_command_that_opens_the_vault_ends_with_5_at_a_flipped_entry(lived: Founded, breakglass: Command) -> None:
    flip(lived, "entries", "bytes", "seq = 4", 100)
    for command in (
        ["status"], ["accounts", "list"], ["accounts", "show", ACCOUNT], ["log", "show"],
        ["checkout", ACCOUNT, "--reason", REASON, "--reveal"], ["backup", str(lived.folder / "copy")],
    ):  # fmt: skip
        code, printed = breakglass(*command)
        assert (code, "entry 4" in printed) == (5, True), command


def test_a_flipped_sealing_ends_a_checkout_with_5_before_anything_is_shown(lived: Founded, breakglass: Command) -> None:
    with lived.raw() as db:
        db.execute("UPDATE blobs SET bytes = CAST(substr(bytes, 1, 500) || x'00' || substr(bytes, 502) AS BLOB)")
    code, printed = breakglass("checkout", ACCOUNT, "--reason", REASON, "--reveal", "--json")
    assert code == 5
    assert "damaged" in printed


def test_a_flipped_identity_file_is_exit_code_5_and_its_byte(lived: Founded, breakglass: Command) -> None:
    path = lived.folder.parent / "identity"
    data = path.read_bytes()
    for at in (0, 21, 22, 60, 100, 140, len(data) - 33, len(data) - 1):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        code, printed = breakglass("log", "verify")
        assert (code, str(path) in printed) == (5, True), at
        assert f"byte {at} " in printed or at < 22


def test_a_flipped_identity_file_with_its_checksum_mended_is_exit_code_3_or_5(lived: Founded, breakglass: Command) -> None:
    path = lived.folder.parent / "identity"
    data = path.read_bytes()
    file = identity_file.inspect(path)
    codes = {}
    for name in ("salt", "fingerprint", "nonce", "ciphertext"):
        at = data.index(getattr(file, name)) + 5
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 : -32]
        path.write_bytes(changed + hashlib.sha256(changed).digest())
        codes[name], printed = breakglass("log", "verify")
        assert "identity" in printed or "passphrase" in printed
    assert codes == {"salt": 3, "fingerprint": 3, "nonce": 3, "ciphertext": 3}


def test_a_log_cut_short_is_exit_code_5(lived: Founded, breakglass: Command) -> None:
    with lived.raw() as db:
        db.execute("DELETE FROM entries WHERE seq > 6")
    code, printed = breakglass("log", "verify", "--json")
    assert code == 5
    assert "rolled back" in printed
