"""The list of requirements is complete, and what it points to is there."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIST = ROOT / "docs" / "requirements.md"
NUMBER = re.compile(r"\bR-[A-Z]+-\d+\b")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in LIST.read_text(encoding="utf-8").splitlines()
    if line.startswith("| R-")
]
READ = ("*.py", "*.md", "*.toml", "*.html", "*.po")


def cited() -> dict[str, str]:
    """Every number that the tree cites, with a file that does."""
    found = {}
    for folder in ("src", "docs", "tests", "benchmarks", "tools"):
        for pattern in READ:
            for path in (ROOT / folder).rglob(pattern):
                for number in NUMBER.findall(path.read_text(encoding="utf-8")):
                    found.setdefault(number, str(path.relative_to(ROOT)))
    return found


def test_every_number_that_is_cited_is_listed_once() -> None:
    """No document, module or test cites a number that nobody can look up."""
    listed = [row[0] for row in ROWS]
    assert len(listed) == len(set(listed))
    assert {number: file for number, file in cited().items() if number not in listed} == {}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_where_it_is_met(row: list[str]) -> None:
    """What is met names a module, a test and a document, and all of them exist."""
    number, sentence, state, where = row
    assert sentence.endswith(".")
    assert state in {"met", "part", "not yet"}
    modules = re.findall(r"`(rejent[.\w]*)`", where)
    tests = re.findall(r"`(tests/[\w/]+\.py)`", where)
    links = re.findall(r"\]\(([\w/.-]+)\)", where)
    assert all(importlib.util.find_spec(name) for name in modules), number
    assert all((ROOT / name).exists() for name in tests), number
    assert all((LIST.parent / name).exists() for name in links), number
    if state != "not yet":
        assert modules, number
        assert tests, number
        assert links, number
