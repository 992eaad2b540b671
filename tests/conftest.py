"""What tests of every kind share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import tests.examples  # noqa: F401 - registers the profiles
from tests import durations, forks
from tests.durations import pytest_runtest_logreport, pytest_runtest_teardown, pytest_terminal_summary
from tests.forks import pytest_runtestloop
from tests.guarded_rows import emptied_tables
from tests.installation import CommandServer, Office, another_office, templates
from tests.passphrases import stretch_quickly
from tests.people import quick_passwords
from tests.tables import _copied_tables, django_db_setup

__all__ = [
    "_copied_tables",
    "django_db_setup",
    "emptied_tables",
    "pytest_runtest_logreport",
    "pytest_runtest_teardown",
    "pytest_runtestloop",
    "pytest_terminal_summary",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of runs in several processes, and of noting how long files take."""
    forks.add_options(parser)
    durations.add_options(parser)


settings.load_profile("ordinary")
templates()


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """An office of twelve people is made for most tests of pages."""
    with quick_passwords():
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_passphrases() -> Iterator[None]:
    """Packages, role keys and copies of keys are sealed to passphrases in many tests of other things."""
    with pytest.MonkeyPatch.context() as patched:
        stretch_quickly(patched)
        yield


@pytest.fixture(scope="session", autouse=True)
def _remembered_rows() -> Iterator[None]:
    """Let verified rows be remembered as in a running program, though a test itself runs in a transaction."""
    from django.db import connection

    from rejent.registers.guard import memory

    def within_a_transaction_of_its_own() -> bool:
        return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(memory, "may_be_undone", within_a_transaction_of_its_own)
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered_of_another_test() -> Iterator[None]:
    """Forget what was read of rows: a test may edit them behind the program's back, and another begins with the very same ledger."""
    from rejent.registers.guard import memory

    yield
    memory._tail._last = None


@pytest.fixture(scope="session", autouse=True)
def _files_looked_for_once() -> Iterator[None]:
    """Look once in a process for the scripts and styles that pages name, not once for each browser of each test."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, found = WhiteNoiseMiddleware.add_files_from_finders, dict[str, object]()

    def look_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            look(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield


@pytest.fixture
def as_after_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read and verify every row when it is asked for, as a process does that has just begun: for rows edited behind the program's back."""
    from rejent.registers.guard import memory

    monkeypatch.setattr(memory, "may_be_undone", lambda: True)


@pytest.fixture
def newest_places(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The file of the newest entries that an installation has; this process remembers nothing besides."""
    from rejent.registers.guard.places import NewestPlaces
    from rejent.registers.guard.rollback import rollback_guard

    monkeypatch.setattr(rollback_guard, "_newest", {})
    settings.NEWEST_PLACES = NewestPlaces(tmp_path / "newest-entries")
    return settings.NEWEST_PLACES


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A test installation with one camera that nobody records; tests share it and may add to it, never take away."""
    office = another_office(tmp_path_factory.mktemp("office") / "dir")
    office.add_camera("Hol", "rtsp://viewer:Sekret-7@192.0.2.7:554/hol")
    return office


@pytest.fixture(scope="session")
def command(office: Office) -> CommandServer:
    """Runs commands on the shared office quickly."""
    return CommandServer(office)
