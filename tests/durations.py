"""How long tests took: by folder, printed at the end of a run, and by file, kept so that the longest begin first; `tests.conftest` hooks it in.

``pytest --forks 5 --note-seconds`` notes the files that took long in ``tests/seconds.txt``; the others that ran are taken out of it.
"""

import os
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pytest


@dataclass(slots=True)
class FolderTimes:
    """What the tests of one folder took, in seconds of the wall.

    Attributes:
        tests: names of the tests.
        phases: seconds by phase; ``setup`` is what fixtures made.
        cpu: seconds of processor time, of the tests' own process and of programs that ended meanwhile.
    """

    tests: set[str] = field(default_factory=set)
    phases: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cpu: float = 0.0


_CPU = "cpu seconds"
_seen = [0.0]
FOLDERS: dict[str, FolderTimes] = defaultdict(FolderTimes)
FILES: dict[str, float] = defaultdict(float)
"""Seconds of each file that ran."""
NOTED = Path(__file__).with_name("seconds.txt")
_LONG_S = 4
"""Seconds from which a file is noted: the others fill what is left at the end of a run."""


def add_options(parser: pytest.Parser) -> None:
    """Add the option that notes how long files took."""
    parser.addoption(
        "--note-seconds", action="store_true", help=f"note in {NOTED.name} which files took long"
    )


def read_noted_seconds(noted: Path = NOTED) -> dict[str, int]:
    """Return the seconds of each file that took long when that was last noted."""
    lines = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []
    return {path: int(seconds) for seconds, path in map(str.split, lines)}


def note_seconds(ran: dict[str, float], noted: Path = NOTED) -> None:
    """Note the files that took long, the longest first; what is noted of files that did not run, and are still there, stays."""
    root = Path(__file__).parent.parent
    known = {path: taken for path, taken in read_noted_seconds(noted).items() if (root / path).exists()}
    taken = known | {path: round(seconds) for path, seconds in ran.items()}
    long = sorted(((-seconds, path) for path, seconds in taken.items() if seconds >= _LONG_S))
    noted.write_text("".join(f"{-seconds:5} {path}\n" for seconds, path in long), encoding="utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Note what a test has used of the processors, for the process that prints the table."""
    result = yield
    spent = sum(os.times()[:4])
    item.user_properties.append((_CPU, spent - _seen[0]))
    _seen[0] = spent
    return result


def pytest_runtest_logreport(report: Any) -> None:
    """Add one phase of one test."""
    times = FOLDERS[str(PurePosixPath(report.location[0]).parent)]
    times.tests.add(report.nodeid)
    times.phases[report.when] += report.duration
    FILES[report.location[0]] += report.duration
    if report.when == "teardown":
        times.cpu += sum(value for name, value in report.user_properties if name == _CPU)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the folders, the longest first; processes that run tests beside each other make the sums exceed the run."""
    if not FOLDERS:
        return
    if config.getoption("note_seconds"):
        note_seconds(FILES)
    terminalreporter.section("seconds by folder")
    terminalreporter.write_line(f"{'folder':32} {'tests':>6} {'setup':>8} {'call':>8} {'sum':>8} {'cpu':>8}")
    for name, times in sorted(FOLDERS.items(), key=lambda each: -sum(each[1].phases.values())):
        setup = times.phases["setup"] + times.phases["teardown"]
        call = times.phases["call"]
        terminalreporter.write_line(
            f"{name:32} {len(times.tests):6} {setup:8.1f} {call:8.1f} {setup + call:8.1f} {times.cpu:8.1f}"
        )
