"""What was erased is gone from the files of the database, too."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.installation import CommandServer, another_office

NUMBER = "+48105559876"


def in_files(catalog: Path) -> list[str]:
    """The files beside the database, itself among them, in which the number can be read."""
    return sorted(file.name for file in catalog.iterdir() if NUMBER.encode() in file.read_bytes())


def test_a_number_leaves_the_write_ahead_log_with_the_next_round(tmp_path: Path) -> None:
    """While somebody else has the database open its log stays; a round of the keeper folds it in and truncates it."""
    office = another_office(tmp_path / "office", regulation="walbrzych-mops")
    catalog = office.directory / "catalog"
    with closing(sqlite3.connect(catalog / "catalog.db")) as beside:
        command = CommandServer(office)
        assert beside.execute("SELECT COUNT(*) FROM registers_entry").fetchone()[0]
        assert command("calls refusals add", "--number", NUMBER).status == 0
        ((row),) = command("calls refusals list", "--json").json
        assert row["number"] == NUMBER
        assert command("calls refusals end", "--refusal", str(row["refusal"])).status == 0
        assert in_files(catalog) == ["catalog.db-wal"]
        assert command("keep --once").status == 0
        assert in_files(catalog) == []
