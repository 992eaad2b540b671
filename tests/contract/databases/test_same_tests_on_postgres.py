"""The same tests pass on PostgreSQL: parts of the suite run again, against a real server."""

import os
import subprocess
import sys

import pytest

from tests import postgres
from tests.contract.databases.conftest import ROOT

FOLDERS = [
    *(f"tests/unit/{name}" for name in ("registers", "office_services", "catalog", "access", "retention")),
    "tests/property/test_access_office.py",
    "tests/property/test_entered_before_effect.py",
]


@pytest.mark.postgres
@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_passes_on_postgres(folder, postgres_server):
    """What holds on SQLite holds on PostgreSQL."""
    environment = os.environ | {
        "REJENT_DATABASE_URL": postgres.new_database(postgres_server, folder.replace("/", "-"))
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", folder]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-4000:]
