"""Vectors that others published. They lie beside the repository, in ../shared/vectors, and are not copied
into it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "vectors"


def published(name: str) -> Any:
    """The JSON document `name`; where the folder is not there, the test is skipped and says so."""
    if not FOLDER.is_dir():
        pytest.skip("the published vectors are not there: ../shared/vectors beside the repository")
    return json.loads((FOLDER / name).read_text())


def cases(name: str, group_type: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each (group, test) of a Wycheproof file, of which there must be some."""
    groups = [group for group in published(f"wycheproof/{name}")["testGroups"] if group["type"] == group_type]
    found = [(group, test) for group in groups for test in group["tests"]]
    assert found
    return found
