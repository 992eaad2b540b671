"""No text from outside becomes a number past ``rejent.kernel.numbers``, as far as types and expressions show."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mypy import api

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "src" / "rejent"
DIGITS = r"\((?:\?P<\w+>)?(?:\\d|\[0-9\]|\[\\d\])"
UNBOUNDED = re.compile(DIGITS + r"(?:[+*]|\{\d*,\})")
"""A group of digits without a limit of their number."""
ANY_SCRIPT = re.compile(DIGITS.replace(r"|\[0-9\]", ""))
EXPRESSIONS = {"compile", "search", "match", "fullmatch", "finditer", "findall"}
SNIPPET = """
import re
def read(text: str, raw: bytes, found: re.Match[str], many: list[str], fraction: float) -> None:
    int(text)
    int(raw)
    int(text[:3])
    int(many[0])
    int(found[1] if found else text)
    float(text)
    int(text, 16)
    int(found[1])
    int(found["a"] or found["b"] or "0")
    int(fraction)
    float("inf")
"""


def reads_groups(tree: ast.AST) -> bool:
    """Return whether a module makes a number of something that it takes out by index or name."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"int", "float"}
        and any(isinstance(each, ast.Subscript) for argument in node.args for each in ast.walk(argument))
        for node in ast.walk(tree)
    )


def loose_expressions(tree: ast.AST) -> Iterator[int]:
    """Yield the line of each expression whose digits have no limit or are of any script."""
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in EXPRESSIONS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.args
        ):
            continue
        pattern = node.args[0]
        parts = [each.value for each in ast.walk(pattern) if isinstance(each, ast.Constant)]
        flags = {
            each.attr for rest in node.args[1:] for each in ast.walk(rest) if isinstance(each, ast.Attribute)
        }
        for part in parts:
            written = part.decode("latin-1") if isinstance(part, bytes) else str(part)
            any_script = isinstance(part, str) and ANY_SCRIPT.search(written) and "ASCII" not in flags
            if any_script or UNBOUNDED.search(written):
                yield node.lineno


def test_a_group_that_becomes_a_number_is_of_ascii_digits_and_bounded():
    """Where a module reads numbers out of matches, its expressions say how many ASCII digits these have."""
    loose = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if reads_groups(tree):
            loose += [f"{path.relative_to(PACKAGE)}:{line}" for line in loose_expressions(tree)]
    assert not loose


def test_an_expression_with_digits_of_any_script_or_number_is_found():
    """Four are loose; one with ASCII digits and a limit is not, nor are bytes, whose digits are ASCII."""
    source = (
        'import re\nre.compile(r"(\\d{1,3})")\nre.match(r"([0-9]+)", "")\nre.search(rb"(\\d*)", b"")\n'
        're.compile(r"(?P<n>[0-9]{2,})")\nre.compile(r"(\\d{1,3})", re.ASCII)\nre.compile(rb"(\\d{1,3})")\nint(found[1])\n'
    )
    tree = ast.parse(source)
    assert reads_groups(tree)
    assert sorted(loose_expressions(tree)) == [2, 3, 4, 5]


def test_the_type_checker_finds_text_that_reaches_a_number_unbounded(tmp_path):
    """Text, bytes, parts of them and hexadecimal digits are found; bounded groups, numbers and constants are not."""
    config = tmp_path / "mypy.ini"
    config.write_text(
        f"[mypy]\nplugins = {PROJECT / 'tools' / 'mypy_numbers.py'}\ncache_dir = {tmp_path}\n",
        encoding="ascii",
    )
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET, encoding="utf-8")
    said, trouble, status = api.run(
        ["--config-file", str(config), "--python-executable", sys.executable, str(snippet)]
    )
    found = [int(line.split(":")[1]) for line in said.splitlines() if "[outside-number]" in line]
    assert (found, trouble, status) == ([4, 5, 6, 7, 8, 9, 10], "", 1)
