"""Rows that hold what cannot be read, put into the database past the program: fsck names them, and goes on."""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.installation import Office, another_office, rejent

SUBJECTS = ["office", "access", "catalog", "retention", "registers", "calls"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a camera and a viewer."""
    office = another_office(tmp_path_factory.mktemp("planted") / "office")
    office.add_camera("Hol", "rtsp://127.0.0.1:1/hol")
    person = ("--name", "Osoba", "--username", "osoba", "--role", "viewer", "--password-stdin")
    assert rejent("person", "add", office.directory, *person, stdin="a long and quiet river\n").status == 0
    return office


def planted(database: Path, subject: str) -> set[str]:
    """Put a row of nonsense into each table of a subject, and make a viewer the head; the tables that took it."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE office_personrole SET role = 'head' WHERE role = 'viewer'")
        named = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ?", [f"{subject}_%"]
        )
        took: set[str] = set()
        tables = {name for (name,) in named.fetchall()}
        for table in tables:
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            values = [977 if key and kind.lower() == "integer" else "x" for _, _, kind, _, _, key in columns]
            marks = ", ".join("?" * len(values))
            with suppress(sqlite3.IntegrityError):  # a trigger of the registers guards some tables
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - names of the database's own
                took.add(table)
    return took


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_row_of_nonsense_in_every_table_silences_nothing(
    sound: Office, tmp_path: Path, subject: str
) -> None:
    """A role changed by hand is told all the same, each such row is named, and nothing ends in an unexpected error."""
    office = Office(tmp_path / "office")
    shutil.copytree(sound.directory, office.directory, ignore=shutil.ignore_patterns("*.sock"))
    tables = planted(office.directory / "catalog" / "catalog.db", subject)
    done = office.run("fsck", "--json")
    assert (done.status, done.err) == (1, "")
    told = [(each["code"], each["finding"]) for each in done.json["findings"]]
    assert [said for code, said in told if code == "office.differs-from-ledger" and "person:" in said] != []
    unreadable = " ".join(said for code, said in told if code == f"{subject}.row-unreadable")
    unnamed = {table for table in tables if f" {table.removeprefix(f'{subject}_')}:" not in unreadable}
    of_texts_alone = {"office_building", "office_account_groups", "office_account_user_permissions"}
    of_texts_alone |= {"calls_announcer", "calls_callrecord_calls", "calls_turnnumber"}
    assert unnamed <= of_texts_alone
    assert "calls_turnnumber" not in tables or "catalog.numbers-kept" in {code for code, _ in told}
