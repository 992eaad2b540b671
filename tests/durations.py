"""The table of how long the tests of each folder took, printed at the end of a run; `tests.conftest` hooks it in."""

import os
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
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
    if report.when == "teardown":
        times.cpu += sum(value for name, value in report.user_properties if name == _CPU)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the folders, the longest first; processes that run tests beside each other make the sums exceed the run."""
    if not FOLDERS:
        return
    terminalreporter.section("seconds by folder")
    terminalreporter.write_line(f"{'folder':32} {'tests':>6} {'setup':>8} {'call':>8} {'sum':>8} {'cpu':>8}")
    for name, times in sorted(FOLDERS.items(), key=lambda each: -sum(each[1].phases.values())):
        setup = times.phases["setup"] + times.phases["teardown"]
        call = times.phases["call"]
        terminalreporter.write_line(
            f"{name:32} {len(times.tests):6} {setup:8.1f} {call:8.1f} {setup + call:8.1f} {times.cpu:8.1f}"
        )
