from __future__ import annotations

import pytest

from custodian.config import Config, load
from vault.errors import WrongUsage


def _load(tmp_path, text: str | bytes) -> Config:
    file = tmp_path / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(file)


def test_no_file_gives_the_defaults(tmp_path):
    assert load(tmp_path / "none") == Config(5, 15, "auto", "", "")


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(WrongUsage, match="no such file"):
        load(tmp_path / "none", must_exist=True)


def test_what_is_set_is_taken_and_the_rest_stays(tmp_path):
    read = _load(tmp_path, 'idle_minutes = 2\ntheme = "dark"\nbase_profile = "audit"\n')
    assert read == Config(idle_minutes=2, theme="dark", base_profile="audit")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("idle_mintues = 5", "idle_mintues"),
        ("[table]\nx = 1", "table"),
        ("idle_minutes = 0", "idle_minutes"),
        ("idle_minutes = 61", "idle_minutes"),
        ("idle_minutes = true", "idle_minutes"),
        ("idle_minutes = 5.0", "idle_minutes"),
        ('clipboard_seconds = "15"', "clipboard_seconds"),
        ('theme = "solarized"', "theme"),
        ("theme = 1", "theme"),
        ("role = []", "role"),
        ('role = "a\\u001bb"', "role"),
        (f'base_profile = "{"x" * 200}"', "base_profile"),
        ("idle_minutes", "TOML"),
        (b"\xff\xfe", "UTF-8"),
        ("# " + "x" * 70_000, "64 KiB"),
        ("x = " + "[" * 5000 + "]" * 5000, "TOML"),
    ],
)
def test_what_is_not_understood_is_refused_and_named(tmp_path, text, named):
    with pytest.raises(WrongUsage, match=named):
        _load(tmp_path, text)


def test_a_folder_in_its_place_is_wrong_usage(tmp_path):
    with pytest.raises(WrongUsage, match="settings"):
        load(tmp_path)
