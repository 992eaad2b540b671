"""Tests run by several processes that one process forks once it has collected them: nothing is imported or collected twice.

``pytest --forks 5`` lets five take one share after another, those first that took longest when that was last noted (`tests.durations`).
A share is a file, or files of a folder whose tests start servers or a browser for all of them (`SERVERS`); one process runs it to its end.
"""

import gc
import multiprocessing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import pairwise
from multiprocessing.connection import Connection, wait
from typing import Any
from warnings import WarningMessage

import pytest
from django.conf import settings

from tests.durations import read_noted_seconds

_context = multiprocessing.get_context("fork")


def add_options(parser: pytest.Parser) -> None:
    """Add the option that says how many processes there are."""
    parser.addoption(
        "--forks", type=int, default=0, help="run the tests of each file in one of so many forked processes"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> object:
    """Run the tests in forks, if the option asks for them."""
    count = session.config.getoption("forks")
    if not count or session.config.option.collectonly or session.testsfailed:
        return None
    files: dict[str, list[pytest.Item]] = {}
    for item in session.items:
        files.setdefault(item.location[0], []).append(item)
    shared = [
        [item for path in share for item in files[path]] for share in shares(files, read_noted_seconds())
    ]
    ended, stop = 0, _context.Event()
    with _forks(session, shared, min(count, len(shared)), stop) as reading:
        for name, facts in _received(session, reading):
            ended += name == "pytest_runtest_logreport" and facts["when"] == "teardown"
            _repeat(session.config, name, facts)
            if session.shouldfail:
                stop.set()
    if ended < len(session.items) and not session.shouldfail:
        session.shouldfail = f"{len(session.items) - ended} tests did not end"
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    return True


SERVERS = {"tests/browser": 2, "tests/contract/databases": 1, "tests/contract/stores": 1, "tests/identity": 1}
"""Folders whose tests need what takes long to start, and how many processes start it."""


def shares(paths: Iterable[str], noted: Mapping[str, int]) -> list[list[str]]:
    """Return files as they are shared out, the longest share first: one that begins late would run on alone.

    Args:
        paths: of the files, from the root of the tree, in the order of the collection.
        noted: seconds of those that take long.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(paths, key=lambda each: -noted.get(each, 0)):
        folder = path.rpartition("/")[0]
        parts = [f"{folder} {number}" for number in range(SERVERS.get(folder, 0))] or [path]
        least = min(parts, key=lambda part: _length(found.get(part, ()), noted))
        found.setdefault(least, []).append(path)
    return sorted(found.values(), key=lambda share: -_length(share, noted))


def _length(share: Iterable[str], noted: Mapping[str, int]) -> int:
    return sum(noted.get(path, 1) for path in share)


def _received(
    session: pytest.Session, reading: dict[Connection, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what forks hand on, until all have ended; one that dies fails the run."""
    begun: dict[object, str] = {}
    while reading:
        for connection in wait(list(reading)):
            assert isinstance(connection, Connection)
            try:
                name, facts = connection.recv()
            except EOFError:
                process = reading.pop(connection)
                process.join()
                if process.exitcode:
                    last = begun.get(connection, "nothing")
                    session.shouldfail = f"a process ended with {process.exitcode} after {last} had begun"
                continue
            if name == "pytest_runtest_logstart":
                begun[connection] = facts["nodeid"]
            yield name, facts


def _repeat(config: pytest.Config, name: str, facts: dict[str, Any]) -> None:
    """Let the plugins of the first process know what a fork has seen."""
    if name == "pytest_warning_recorded":
        config.hook.pytest_warning_recorded.call_historic(kwargs=facts)
        return
    if name == "pytest_runtest_logreport":
        facts = {"report": config.hook.pytest_report_from_serializable(config=config, data=facts)}
    getattr(config.hook, name)(**facts)


@contextmanager
def _forks(
    session: pytest.Session, files: list[list[pytest.Item]], count: int, stop: Any
) -> Iterator[dict[Connection, Any]]:
    """Start the forks; wherever the block ends, each ends with the test that it runs.

    Yields:
        The connection that each fork reports on, with its process.
    """
    if count > 1:
        import_module(settings.ROOT_URLCONF)  # else each would load every page for its first request
    gc.freeze()
    following = _context.Value("i", 0)
    reading: dict[Connection, Any] = {}
    for number in range(count):
        ours, theirs = _context.Pipe(duplex=False)
        process = _context.Process(
            target=_run, args=(session, files, following, stop, theirs), name=f"fork-{number}"
        )
        process.start()
        theirs.close()
        reading[ours] = process
    try:
        yield reading
    finally:
        stop.set()
        for connection, process in reading.items():
            with suppress(EOFError):
                while True:
                    connection.recv()
            process.join()


class _Reporter:
    """Hands on what the plugins of a fork are told."""

    def __init__(self, config: pytest.Config, connection: Connection) -> None:
        self._config, self._connection = config, connection

    def pytest_runtest_logstart(self, nodeid: str, location: object) -> None:
        """Hand on that a test begins."""
        self._connection.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hand on how a phase of a test ended."""
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._connection.send(("pytest_runtest_logreport", data))

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: object) -> None:
        """Hand on a warning of a test, without the object that it is about."""
        if when == "runtest":
            bare = {
                name: getattr(warning_message, name) for name in ("message", "category", "filename", "lineno")
            }
            facts = {
                "warning_message": WarningMessage(**bare),
                "when": when,
                "nodeid": nodeid,
                "location": location,
            }
            self._connection.send(("pytest_warning_recorded", facts))


def _run(
    session: pytest.Session,
    files: list[list[pytest.Item]],
    following: Any,
    stop: Any,
    theirs: Connection,
) -> None:
    """Be a fork: take files until none is left."""
    config = session.config
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    config.pluginmanager.unregister(name="terminalreporter")
    factory = config._tmp_path_factory
    factory._basetemp = factory.getbasetemp() / multiprocessing.current_process().name
    factory._basetemp.mkdir(mode=0o700)
    config.pluginmanager.register(_Reporter(config, theirs))
    try:
        while not stop.is_set():
            with following:
                number, following.value = following.value, following.value + 1
            if number >= len(files):
                break
            for item, after in pairwise([*files[number], session]):
                if stop.is_set():
                    break
                config.hook.pytest_runtest_protocol(item=item, nextitem=after)
    finally:
        session._setupstate.teardown_exact(None)
