"""One's own identity by command: shown, put under another passphrase, put on paper, brought back."""

from __future__ import annotations

import itertools
import re

import pytest

from vault import paper

from .conftest import PASSPHRASE, private

NEW = "another sturdy walrus candle meadow"


def test_show_says_fingerprint_and_protection_without_the_passphrase(founded, monkeypatch):
    monkeypatch.delenv("BREAKGLASS_PASSPHRASE_FILE")
    shown = founded.json("identity", "show")
    assert shown["fingerprint"] == shown["groups"].replace(" ", "")
    assert len(shown["words"]) == 10
    assert (shown["device_secret"], set(shown["kdf"])) == (False, {"memory_kib", "passes", "lanes"})
    assert shown["groups"] in founded.ok("identity", "show").out


def test_the_fingerprint_drawn_on_the_terminal_is_what_a_camera_reads(founded):
    import zxingcpp
    from PIL import Image

    shown = founded.json("identity", "show")
    drawn = founded.ok("identity", "show", "--qr").out.split("\n\n", 1)[1].splitlines()
    above, below = "\u2588\u2580", "\u2588\u2584"
    rows = [[c in half for c in line] for line in drawn for half in (above, below)]
    picture = Image.new("L", (len(rows[0]) + 8, len(rows) + 8), 255)
    for y, row in enumerate(rows):
        for x, light in enumerate(row):
            picture.putpixel((x + 4, y + 4), 255 if light else 0)
    (read,) = zxingcpp.read_barcodes(picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST))
    assert read.text == shown["fingerprint"].upper()


def test_new_never_overwrites_an_identity(founded, home):
    file = home / ".local/share/breakglass/identity"
    before = file.read_bytes()
    assert founded("identity", "new", "--no-device-secret").code == 2
    assert file.read_bytes() == before


def test_the_default_cost_of_a_new_identity_is_256_mib(typed, tmp_path):
    secret = private(tmp_path / "p", PASSPHRASE)
    child = typed("identity", "new", "--no-device-secret", "--passphrase-file", secret)
    child.expect("256 MiB, 3 passes, 4 lanes")
    child.wait()
    assert child.exitstatus == 0


def test_a_new_passphrase_takes_the_place_of_the_old_one(founded, tmp_path):
    new = private(tmp_path / "new", NEW)
    founded.ok("identity", "passphrase", "--new-passphrase-file", new)
    assert founded("status").code == 3
    founded.ok("status", "--passphrase-file", new)


def test_old_and_new_passphrase_may_both_come_from_standard_input(founded, tmp_path):
    both = f"{PASSPHRASE}\n{NEW}\n".encode()
    founded.ok("identity", "passphrase", "--passphrase-file", "-", "--new-passphrase-file", "-", stdin=both)
    founded.ok("status", "--passphrase-file", private(tmp_path / "new", NEW))


@pytest.mark.parametrize("new", ["short", "password1234", "annaannaanna"])
def test_a_weak_new_passphrase_changes_nothing_and_is_not_quoted(founded, tmp_path, new):
    done = founded("identity", "passphrase", "--new-passphrase-file", private(tmp_path / "new", new))
    assert done.code == 2
    assert new not in done.err
    founded.ok("status")


def test_a_wrong_old_passphrase_changes_nothing(founded, tmp_path):
    new, wrong = private(tmp_path / "new", NEW), private(tmp_path / "wrong", "not it")
    done = founded("identity", "passphrase", "--new-passphrase-file", new, "--passphrase-file", wrong)
    assert done.code == 3
    founded.ok("status")


def _words_on(screen: str) -> list[str]:
    return [word for _, word in sorted((int(n), w) for n, w in re.findall(r"(?<!\d)(\d{1,2}) ([a-z]{4,8})\b", screen))]


def test_the_words_are_shown_on_the_passing_screen_asked_back_and_noted(founded, typed, tmp_path):
    secret = tmp_path / "passphrase"
    assert [d["kind"] for d in founded.json("status")["due"]] == ["recovery-words"]
    child = typed("identity", "words", "--passphrase-file", secret)
    child.expect(re.escape("\x1b[?1049h"))
    child.expect("Enter, when they are written down: ")
    words = _words_on(child.before)
    assert len(words) == 33
    child.sendline("")
    child.expect(re.escape("\x1b[?1049l"))
    asked = []
    for _ in range(3):
        child.expect(r"Word (\d+): ")
        asked.append(int(child.match[1]))
        child.sendline("wrong" if not asked[:-1] else words[asked[-1] - 1])
        if not asked[:-1]:
            child.expect("another word")
            child.expect(r"Word (\d+): ")
            child.sendline(words[asked[-1] - 1])
    child.expect("noted in the vault")
    child.wait()
    assert child.exitstatus == 0
    assert asked == sorted(set(asked))
    assert founded.json("status")["due"] == []
    restored = paper.from_words([" ".join(words)])
    assert restored.fingerprint.hex() == founded.json("identity", "show")["fingerprint"]


def test_words_that_cannot_be_given_back_are_not_noted(founded, typed, tmp_path):
    child = typed("identity", "words", "--passphrase-file", tmp_path / "passphrase")
    child.expect("Enter, when")
    child.sendline("")
    for _ in range(3):
        child.expect(r"Word \d+: ")
        child.sendline("wrong")
    child.wait()
    assert child.exitstatus == 4
    assert [d["kind"] for d in founded.json("status")["due"]] == ["recovery-words"]


def test_the_words_are_shown_to_nobody_but_a_person(founded):
    done = founded("identity", "words")
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize(("threshold", "count"), [("3", "2"), ("1", "3"), ("2", "99")])
def test_numbers_of_shares_that_make_no_sense_are_wrong_usage(founded, threshold, count):
    assert founded("identity", "words", "--threshold", threshold, "--count", count).code == 2


def _shares(founded, home, threshold, count):
    from vault import identity_file

    own = identity_file.unlock(home / ".local/share/breakglass/identity", bytearray(PASSPHRASE.encode()))
    try:
        return paper.to_words(own, threshold, count)
    finally:
        own.wipe()


def test_an_identity_comes_back_from_its_words_and_opens_the_vault(founded, home, tmp_path):
    words = private(tmp_path / "words", "\n".join(_shares(founded, home, 2, 3)[1:]) + "\n")
    (home / ".local/share/breakglass/identity").unlink()
    new = private(tmp_path / "new", NEW)
    done = founded.ok(
        "identity", "restore", "--words-file", words, "--no-device-secret", "--passphrase-file", new
    )  # fmt: skip
    assert "delete it" in done.err
    founded.ok("status", "--passphrase-file", new)


def test_too_few_or_mistyped_words_restore_nothing(founded, home, tmp_path):
    shares = _shares(founded, home, 2, 3)
    file = home / ".local/share/breakglass/identity"
    file.unlink()
    words = shares[0].split()
    for text in (shares[0], " ".join([*words[:-1], "zzzz"]), " ".join(words[:-1]), ""):
        source = private(tmp_path / "words", text)
        done = founded("identity", "restore", "--words-file", source, "--no-device-secret")
        assert done.code == 2
        pairs = {" ".join(pair) for pair in itertools.pairwise(words)}
        assert not any(pair in done.err for pair in pairs), "one word may be chance, two are not"
        assert not file.exists()


def test_words_are_typed_in_with_the_mistyped_one_named(founded, home, typed):
    (share,) = _shares(founded, home, 1, 1)
    (home / ".local/share/breakglass/identity").unlink()
    words = share.split()
    child = typed("identity", "restore", "--no-device-secret")
    child.expect("Share 1: ")
    child.sendline(" ".join([*words[:4], "xxxxxx", *words[5:]]))
    child.expect("Word 5 is not on the list")
    child.expect("Share 1: ")
    child.sendline(share)
    child.expect("Share 2: ")
    child.sendline("")
    child.expect("New passphrase: ")
    child.sendline("weak")
    child.expect("The same again: ")
    child.sendline("weak")
    child.expect("could be guessed")
    child.expect("New passphrase: ")
    child.sendline(NEW)
    child.expect("The same again: ")
    child.sendline(NEW + "x")
    child.expect("not the same")
    child.expect("New passphrase: ")
    child.sendline(NEW)
    child.expect("The same again: ")
    child.sendline(NEW)
    child.expect("fingerprint")
    child.wait()
    assert child.exitstatus == 0
    assert NEW not in child.logfile_read.getvalue()
