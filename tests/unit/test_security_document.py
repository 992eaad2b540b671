"""The threat model names a test beside every row that can have one, and every test that it names is there."""

import ast
import re
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "security.md"
NAMED = re.compile(r"`([a-z_/]+\.py)::(test_\w+)`")
LINES = DOCUMENT.read_text(encoding="utf-8").splitlines()
TABLES = [
    [[cell.strip() for cell in line[1:].removesuffix("|").split("|")] for line in lines]
    for in_table, lines in groupby(LINES, key=lambda line: line.startswith("|"))
    if in_table
]
THREATS = [table for table in TABLES if "test" in table[0]]
ROWS = [row for table in THREATS for row in table[2:]]


@cache
def functions(file: str) -> set[str]:
    """The functions of a test file."""
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_tables_are_read() -> None:
    """Each of the four tables of threats has rows, every row has each of the four cells, and none is empty."""
    assert len(THREATS) == 4
    assert len(ROWS) > 50
    assert {len(row) for table in THREATS for row in table} == {4}
    assert {len({len(row) for row in table}) for table in TABLES} == {1}
    assert all(all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_a_threat_has_a_test_or_a_reason(row: list[str]) -> None:
    """Its test exists by file and function, or the row says why there can be none."""
    _, _, test, _ = row
    named = NAMED.findall(test)
    assert named or test.startswith("none: "), row
    for file, function in named:
        assert function in functions(file), f"{file}::{function}"


def test_nothing_is_named_that_is_not_read() -> None:
    """What stands in backticks with two colons is always a test of this form."""
    text = DOCUMENT.read_text(encoding="utf-8").replace("`file::function`", "")
    assert text.count("::") == len(NAMED.findall(text))
