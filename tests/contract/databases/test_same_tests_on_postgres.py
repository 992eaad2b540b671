"""The same tests pass on PostgreSQL: parts of the suite run again, against a real server."""

import os
import subprocess
import sys

import pytest

from tests import postgres
from tests.contract.databases.conftest import ROOT

IMPORTED = (
    "importing",
    "importing_mishaps",
    "letting_files_go",
    "records_past_term",
    "taken_records",
    "told_calls",
)
PARTS = {
    "first": [
        f"tests/unit/{name}"
        for name in ("registers", "office_services", "notices_published", "catalog", "cases")
    ],
    "more": [
        *(
            f"tests/unit/{name}"
            for name in (
                "access",
                "retention",
                "copies",
                "attachments",
                "streams_calls_catalog",
                "streams_calls_retention",
            )
        ),
        *(f"tests/unit/streams_calls_imported/test_{name}.py" for name in IMPORTED),
    ],
    "at-random": [
        *(
            f"tests/property/test_{name}.py"
            for name in (
                "access_office",
                "cases_office",
                "copies_office",
                "entered_before_effect",
                "retention_office",
            )
        ),
        "tests/unit/access/test_protocols_at_random.py",
        "tests/unit/office_services/test_duties_at_random.py",
    ],
}
"""Run together, for each run makes its tables first."""

SAME_ANYWHERE = ("test_decision", "test_every_column", "test_reference")
"""Modules that ask no database, or look at what Python makes of its rows."""


@pytest.mark.postgres
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "part", ["first", *(pytest.param(part, marks=pytest.mark.soak) for part in ("more", "at-random"))]
)
def test_part_passes_on_postgres(part, postgres_server):
    """What holds on SQLite holds on PostgreSQL."""
    environment = os.environ | {"REJENT_DATABASE_URL": postgres.new_database(postgres_server, part)}
    passed_over = [f"--ignore-glob=*/{name}.py" for name in SAME_ANYWHERE]
    passed_over += [f"--deselect={module}" for module in PARTS["at-random"] if part != "at-random"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PARTS[part]]
    ran = subprocess.run(
        [*command, *passed_over], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-4000:]
