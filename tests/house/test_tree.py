"""What must not stand in any file that is kept: where somebody's machine keeps things, and what hides an idea."""

from __future__ import annotations

import os
import re
from pathlib import Path

TREE = Path(__file__).parents[2]

_MADE_HERE = {".git", "__pycache__", ".hypothesis", "dist", "build"}


def kept_files() -> list[Path]:
    """Every file of the tree but those that tools make; git need not be there."""
    found = []
    for folder, below, names in os.walk(TREE):
        if "pyvenv.cfg" in names:
            below[:] = []
            continue
        below[:] = [name for name in below if name not in _MADE_HERE and not name.endswith("_cache")]
        found += [Path(folder) / name for name in names if name != ".coverage"]
    return found


def test_no_file_names_a_place_on_somebodys_machine():
    own = str(TREE.parent) if TREE.parent not in (Path("/"), Path("/tmp")) else str(TREE)
    marks = re.compile(rf"(?:/home/|/Users/|/root/)[a-z]|{re.escape(own)}/[a-z]".encode())
    invented = re.compile(rb"/(?:home|Users)/(?:anna?|ben|chloe|dev|you|me)\b")
    offenders = []
    for path in kept_files():
        offenders += [
            f"{path.relative_to(TREE)}: {line[:80]!r}"
            for line in path.read_bytes().splitlines()
            if marks.search(invented.sub(b"", line)) and path != Path(__file__)
        ]
    assert offenders == []


def test_no_file_names_an_address_that_packages_come_from():
    hosts = re.compile(rb"(?:pypi|pythonhosted|npmjs|deb\.debian|crates)\.(?:org|com|io)|index-url\s*=|find-links\s*=")
    offenders = [str(path.relative_to(TREE)) for path in kept_files() if path != Path(__file__) and hosts.search(path.read_bytes())]
    assert offenders == []


def test_every_file_is_named_for_its_idea():
    vague = re.compile(r"^_?(utils?|helpers?|common|misc|manager|stuff)$")
    assert [str(path) for path in kept_files() if path.suffix == ".py" and vague.match(path.stem)] == []


def test_no_module_has_grown_into_several():
    """Past 400 lines a module is worth a second look; past 500 it is two."""
    long = {
        str(path.relative_to(TREE)): lines
        for path in kept_files()
        if path.suffix == ".py" and path.relative_to(TREE).parts[0] in ("custodian", "screens", "vault")
        if (lines := len(path.read_text().splitlines())) > 500
    }
    assert long == {}


def test_every_module_opens_by_saying_what_it_is():
    silent = [
        str(path.relative_to(TREE))
        for path in kept_files()
        if path.suffix == ".py" and not path.name.startswith("test_")
        if (text := path.read_text()) and not text.startswith(('"""', 'r"""'))
    ]
    assert silent == []
