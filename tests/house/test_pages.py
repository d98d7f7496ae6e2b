"""The pages people read: what they point to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
PAGES = [*TREE.glob("*.md"), *(TREE / "docs").rglob("*.md")]


def _anchors(page: Path) -> set[str]:
    """The anchors that headings make: lower case, punctuation dropped, spaces turned into hyphens."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_pages_leads_somewhere(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (anchor and linked.suffix == ".md" and anchor not in _anchors(linked)):
            broken.append(target)
    assert broken == []


def test_every_page_is_reached_from_the_readme():
    seen: set[Path] = set()
    waiting = [TREE / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen:
            seen.add(page)
            targets = re.findall(r"\]\(([^)\s#]+\.md)", page.read_text())
            waiting += [(page.parent / t).resolve() for t in targets if not t.startswith("http")]
    assert {page.name for page in PAGES if page.resolve() not in seen} == set()


def test_the_readme_opens_with_a_sentence_a_picture_and_two_commands():
    opening = (TREE / "README.md").read_text().split("## ")[0]
    title, sentence, picture, commands = re.split(r"\n\n(?=\S)", opening.strip())[:4]
    assert title.startswith("# ")
    assert sentence.count(". ") == 0
    assert picture.startswith("![")
    assert [line.split("  ")[0] for line in commands.strip("`\n").splitlines()] == ["make run", "make test"]


