from __future__ import annotations

import os
import threading

import pytest

from custodian import passphrase
from vault.errors import WrongUsage


def _private(path, content: bytes):
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", [b"pass phrase\n", b"pass phrase", b"pass phrase\r\n"])
def test_a_file_s_one_line_is_the_passphrase(tmp_path, content):
    read = passphrase.from_file(str(_private(tmp_path / "p", content)), "the passphrase")
    assert isinstance(read, bytearray)
    assert read == b"pass phrase"


def test_blanks_and_other_scripts_are_part_of_it(tmp_path):
    words = "  ключ 鍵 ".encode()
    assert passphrase.from_file(str(_private(tmp_path / "p", words + b"\n")), "it") == words


@pytest.mark.parametrize(("content", "why"), [(b"", "empty"), (b"\n", "empty"), (b"a\nb\n", "more than one line"), (b"x" * 5000, "too long")])
def test_what_is_no_single_line_is_refused_without_quoting_it(tmp_path, content, why):
    with pytest.raises(WrongUsage, match=why):
        passphrase.from_file(str(_private(tmp_path / "p", content)), "the passphrase")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    file = _private(tmp_path / "p", b"secret")
    file.chmod(mode)
    with pytest.raises(WrongUsage, match="others can read"):
        passphrase.from_file(str(file), "the passphrase")


@pytest.mark.parametrize("name", ["none", "."])
def test_a_file_that_is_none_is_wrong_usage(tmp_path, name):
    with pytest.raises(WrongUsage):
        passphrase.from_file(str(tmp_path / name), "the passphrase")


def test_a_pipe_as_a_shell_makes_it_is_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"through a pipe\n"))
    writer.start()
    assert passphrase.from_file(str(pipe), "the passphrase") == b"through a pipe"
    writer.join()


@pytest.mark.parametrize("weak", ["", "   ", "dragon1", "letmein99", "qwertyuiop", "annaacme2026", "Tr0ub4dor"])
def test_what_could_be_guessed_is_too_weak_and_the_advice_does_not_quote_it(weak):
    judged = passphrase.strength(bytearray(weak.encode()), about=("Acme", "anna"))
    assert not judged.enough
    assert "words" in judged.advice
    assert not weak.strip() or weak not in judged.advice
    with pytest.raises(WrongUsage):
        passphrase.check_new(bytearray(weak.encode()), ("Acme", "anna"))


@pytest.mark.parametrize("strong", ["correct stapler pond violet hammock", "xK9#vQ2$mP7&wL4!", "ключ замок дверь окно сад", "x7" * 200 + "kq9#Zp"])
def test_a_strong_one_is_enough_and_needs_no_advice(strong):
    judged = passphrase.strength(bytearray(strong.encode()))
    if "x7" in strong:  # judged by its beginning, which repeats
        assert not judged.enough
        return
    assert judged.enough
    assert judged.advice == ""
    passphrase.check_new(bytearray(strong.encode()))


def test_words_about_the_person_weaken_it():
    own = bytearray(b"annakarenina-acmeworks")
    about = ("annakarenina", "acmeworks")
    assert passphrase.strength(own, about).guesses_log10 < passphrase.strength(own).guesses_log10


def test_neither_judgement_nor_its_repr_holds_the_passphrase():
    assert "hammock" not in repr(passphrase.strength(bytearray(b"hammock hammock")))
