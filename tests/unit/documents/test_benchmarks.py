"""The page of benchmarks names each one with its command, and `make bench` and `make soak` run what it says they run."""

import ast
import re
from pathlib import Path

from benchmarks.__main__ import BENCHMARKS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "ref" / "benchmarks.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"python -m benchmarks\.(\w+)")


def runnable() -> set[str]:
    """Every module of the benchmarks that is a program of its own."""
    found = set()
    for path in (ROOT / "benchmarks").glob("[!_]*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(part, ast.If) and "__main__" in ast.unparse(part.test) for part in tree.body):
            found.add(path.stem)
    return found


def soaks() -> set[str]:
    """Those that the target `soak` runs."""
    rule = re.search(
        r"^soak:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rule is not None
    return set(COMMAND.findall(rule[1]))


def test_bench_and_soak_run_every_benchmark() -> None:
    """None is left out, and none is run that is not there."""
    assert set(BENCHMARKS) | soaks() == runnable()


def test_every_benchmark_has_a_row() -> None:
    """Whoever adds a benchmark writes down what it showed."""
    assert set(COMMAND.findall(PAGE)) == runnable()


def test_documents_name_benchmarks_that_are_there() -> None:
    """A command beside a figure can be run."""
    for document in (ROOT / "docs").rglob("*.md"):
        assert set(COMMAND.findall(document.read_text(encoding="utf-8"))) <= runnable(), document
