"""A database of last week, or of an older version of the program, under the office as it is now."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import HERE, Office, another_office, environment

BACKWARD = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", *sys.argv[1:], verbosity=0)
"""


@pytest.fixture
def put_back(tmp_path: Path) -> Office:
    """An office under which a database from before its last acts was put back."""
    made = another_office(tmp_path / "office")
    shutil.copytree(made.directory / "catalog", tmp_path / "kept")
    made.add_camera("Hol", "rtsp://192.0.2.7/hol")
    assert made.run("ledger checkpoint").status == 0
    shutil.rmtree(made.directory / "catalog")
    shutil.copytree(tmp_path / "kept", made.directory / "catalog")
    return made


def findings(office: Office) -> set[str]:
    """What fsck finds, by code."""
    return {finding["code"] for finding in office.run("fsck", "--json").json["findings"]}


def test_work_goes_on_over_an_older_database_and_nothing_is_destroyed_until_it_is_accepted(
    put_back: Office,
) -> None:
    """An act entered before anybody noticed does not fork the ledger; keepers say what waits, and a person accepts it."""
    office = put_back
    assert "registers.shortened" in findings(office)
    office.add_camera("Hol", "rtsp://192.0.2.7/hol")
    assert findings(office) == {"registers.older-database", "catalog.entry-hidden"}, (
        "its source was lost, too"
    )
    waiting = office.run("keep", "--once", "--json")
    assert waiting.status != 0
    assert "destruction: The database was older" in str(waiting.json["failed"]), waiting
    accepted = office.run("restored", "--reason", "awaria dysku")
    assert (accepted.status, accepted.out) == (
        0,
        "Accepted. Entries taken back without their records: 10.\n",
    ), accepted
    assert findings(office) == set()
    assert office.run("keep", "--once", "--json").json["failed"] == []


def test_tables_of_an_older_version_are_brought_up_by_whatever_comes_first(tmp_path: Path) -> None:
    """A round of keepers over tables that lack a newer one upgrades them and fails in nothing."""
    office = another_office(tmp_path / "office")
    settings = {
        "REJENT_DIR": str(office.directory), "DJANGO_SETTINGS_MODULE": "rejent.ops.settings",
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-c", BACKWARD, "mfa", "0002"], env=environment(**settings), cwd=HERE, check=True
    )  # fmt: skip
    assert office.run("keep", "--once", "--json").json["failed"] == []
    assert findings(office) == set()
