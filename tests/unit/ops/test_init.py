"""Making an installation: whole, or not at all."""

import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.office.installation import read_installation
from rejent.ops.settings import database_settings
from tests.installation import Office, new_office, rejent


def test_a_new_installation_is_clean_and_complete(office: Office) -> None:
    """Every file is its owner's alone to reach, fsck finds nothing, and the ledger begins with the regulation."""
    assert stat.S_IMODE(office.directory.stat().st_mode) == 0o700
    assert office.json("fsck") == {"clean": True, "findings": []}
    assert read_installation(office.directory).test


def test_without_test_no_gate_is_open(tmp_path: Path) -> None:
    """An ordinary installation counts nothing as done: the stream waits for each fact."""
    made = new_office(tmp_path / "office", test=False)
    done = made.run("gate list", "--json")
    assert done.status == 1
    states = {each["gate"]: each["state"] for each in done.json}
    assert states["staff-told"] == states["places-marked"] == "missing"
    refused = made.run("gate enter", "--kind", "staff-told", "--on", "2999-01-01")
    assert "has not come yet" in refused.line()
    today = datetime.now(UTC).date().isoformat()
    assert made.run("gate enter", "--kind", "staff-told", "--on", today).status == 0
    assert {each["gate"]: each["state"] for each in made.run("gate list", "--json").json}[
        "staff-told"
    ] == "waiting"


def test_an_unmarked_place_is_missing_when_every_other_condition_is_met(tmp_path: Path) -> None:
    """The source is named with what to do, by the list of conditions and by the status; the list ends with 1 as for any other."""
    made = new_office(tmp_path / "office", test=False)
    long_ago = (datetime.now(UTC).date() - timedelta(days=30)).isoformat()
    for kind in ("staff-told", "places-marked"):
        made.run("gate enter", "--kind", kind, "--on", long_ago)
    assert made.run("gate list").status == 0
    camera = ("--name", "Hol", "--url", "rtsp://127.0.0.1:9/hol", "--building", "Ratusz")
    made.run("source add", "--stream", "video", *camera, "--place", "hol", "--kind", "hall")
    done = made.run("gate list", "--json")
    assert done.status == 1
    lacking = [each for each in done.json if each["state"] != "met"]
    assert [(each["gate"], each["source"]) for each in lacking] == [("place-marked", "Hol")]
    assert "/notices/plates/new" in lacking[0]["do"]
    told = made.run("status").out
    assert "no plate marks the place of Hol: hang the plate" in told
    assert "rejent gate list DIR --stream video" in told


def test_the_only_stream_of_an_office_is_meant_where_none_is_named(tmp_path: Path) -> None:
    """Who records calls and nothing else reads what calls wait for, and enters it, without naming them."""
    made = new_office(tmp_path / "office", test=False, regulation="walbrzych-mops")
    day = datetime.now(UTC).date().isoformat()
    assert made.run("gate enter", "--kind", "legal-basis", "--on", day).status == 0
    states = {each["gate"]: each["state"] for each in made.run("gate list", "--json").json}
    assert (states["legal-basis"], states["announcement-ready"]) == ("met", "missing")
    assert "Nobody signs in" in made.run("authorise", "--person", "nobody", "--act", "recordings").line()


def test_a_test_installation_says_so(tmp_path: Path) -> None:
    """Whoever makes one is told that its gates count as passed."""
    done = rejent("init", tmp_path / "office", "--regulation", "elblag", "--test")
    assert "TEST installation" in done.out
    assert done.err == ""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--regulation", "nowhere"], "There is no regulation nowhere"),
        (["--regulation", "elblag", "--database", "mysql://x/y"], "unknown kind: mysql"),
        (["--regulation", "elblag", "--storage", "s3://bucket"], "storage address cannot be read"),
        (
            ["--regulation", "elblag", "--database", "postgresql://u:Sekret-7@127.0.0.1:1/x"],
            "database cannot be used",
        ),
    ],
)
def test_what_cannot_be_made_leaves_nothing(tmp_path: Path, options: list[str], says: str) -> None:
    """A wrong name, database or storage is one line without secrets, and no folder is left behind."""
    done = rejent("init", tmp_path / "office", *options)
    assert done.status != 0
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert "Sekret-7" not in done.err
    assert not (tmp_path / "office").exists()


def test_an_empty_folder_is_taken_and_kept_empty_on_failure(tmp_path: Path) -> None:
    """A folder made beforehand is used; after a failure it is there, empty."""
    assert rejent("init", tmp_path, "--regulation", "elblag", "--storage", "s3://x").status != 0
    assert list(tmp_path.iterdir()) == []
    assert rejent("init", tmp_path, "--regulation", "elblag", "--test").status == 0


def test_a_folder_with_anything_in_it_is_refused(tmp_path: Path, office: Office) -> None:
    """Neither a file of somebody's nor an installation is touched."""
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    for directory in (tmp_path, office.directory):
        assert "is not empty" in rejent("init", directory, "--regulation", "elblag").line()
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


def test_a_file_or_a_missing_parent_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """Where no folder can be, the system's reason is the line."""
    (tmp_path / "file").touch()
    for directory in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/office")):
        done = rejent("init", directory, "--regulation", "elblag")
        assert done.status == 70
        assert done.err.splitlines()[0].startswith(("Not a directory", "No such file"))
        assert len(done.err.splitlines()) == 1


def test_a_broken_regulation_makes_nothing(tmp_path: Path) -> None:
    """The findings are named and no folder is made."""
    (tmp_path / "bad.toml").write_text("name = 3\n", encoding="utf-8")
    done = rejent("init", tmp_path / "office", "--regulation", tmp_path / "bad.toml")
    assert done.status == 1
    assert not (tmp_path / "office").exists()


def test_the_database_survives_a_power_cut_by_its_settings(office: Office) -> None:
    """SQLite keeps a write-ahead log, syncs fully and overwrites what is deleted."""
    options = database_settings("", office.directory / "catalog" / "catalog.db")["OPTIONS"]
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(options["init_command"])
        asked = ("synchronous", "secure_delete", "foreign_keys", "recursive_triggers", "temp_store")
        assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked] == [2, 1, 1, 1, 2]
    connection.close()
    stored = sqlite3.connect(office.directory / "catalog" / "catalog.db")
    assert stored.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    stored.close()


def test_a_postgresql_address_is_taken_apart() -> None:
    """User, password, host, port and name come from the address, percent signs undone; a socket folder from its query."""
    found = database_settings("postgresql://us%40er:p%2Fw@db.example:5433/offi%20ce", Path("unused"))
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "us@er", "p/w", "db.example", "5433", "offi ce",
    )  # fmt: skip
    socket = database_settings("postgresql://me@/rejent?host=/run/pg", Path("unused"))
    assert (socket["HOST"], socket["PORT"]) == ("/run/pg", "")
