"""Every command that a page shows is one that the program takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from custodian.cli.program import program
from custodian.config import Config, load
from custodian.exit_codes import ExitCode

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "format.md")]
"""`format.md` speaks of bytes."""


def _commands():
    for page in PAGES:
        text = page.read_text()
        blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", text)
        for line in lines:
            words = re.sub(r"^(\.venv/bin/|\$ )", "", line.strip())
            if re.match(r"breakglass [a-z]", words) and not re.search(r"[…·]|[A-Z]{4,}", words.partition("#")[0].split('"')[0]):
                yield page.name, words


COMMANDS = sorted(set(_commands()))


def _parse(words: list[str]) -> None:
    """Take the words as the program would; a name that stands alone is only spoken of."""
    command: click.Command = program
    parent = None
    while words and isinstance(command, click.Group):
        parent = command.make_context(command.name, [], parent=parent, resilient_parsing=True)
        found = command.get_command(parent, words[0])
        assert found is not None, f"no command {words[0]}"
        command, words = found, words[1:]
    if words:
        command.make_context(command.name, words, parent=parent)


def test_the_pages_show_commands():
    assert len(COMMANDS) > 40


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_command_that_a_page_shows_is_taken(page, line):
    _parse(shlex.split(line, comments=True)[1:])


def test_the_page_for_custodians_lists_every_exit_code():
    listed = re.findall(r"^\| (\d+) \|", (ROOT / "docs/custodian.md").read_text(), re.MULTILINE)
    assert [int(code) for code in listed] == sorted(ExitCode)


def test_the_page_on_setting_up_gives_the_settings_and_their_defaults(tmp_path):
    rows = re.findall(r"^\| `([a-z_]+)` \| `([^`]*)` \|", (ROOT / "docs/setup.md").read_text(), re.MULTILINE)
    settings = tmp_path / "config.toml"
    settings.write_text("".join(f"{key} = {value}\n" for key, value in rows))
    assert load(settings) == Config()
    assert {key for key, _ in rows} == set(Config.__dataclass_fields__)
