"""A demo can follow the rules of each of the five offices, under a name that is none of theirs."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rejent.access.rules.question import provisions_of
from rejent.kernel.errors import NotFoundError
from rejent.office.regulation.loading import load
from rejent.ops.demo.command import PEOPLE, parts_of
from rejent.ops.demo.regulations import OWN, authorised, demo_regulation, with_parts
from rejent.streams.calls.practice.simulated.history import DAYS, WHO_ASKS
from tests.installation import HERE, CommandServer, Office, environment, rejent
from tests.waiting import CEILING_S

BOTH = ["live", "recordings"]
AUTHORISED = {
    OWN: {"straz": ["live"], "podglad": BOTH, "burmistrz": ["live"]},
    "elblag": {"straz": ["live"], "nadzor": ["live"], "podglad": ["recordings"]},
    "pleszew": {"podglad": ["recordings"]},
    "miedziana-gora": {"burmistrz": BOTH, "zastepca": BOTH, "sekretarz": BOTH, "asi": BOTH},
    "boleslawiec": {"podglad": ["recordings"]},
    "walbrzych-mops": {"podglad": ["recordings"]},
}
"""Who sees what in each, by hand."""
MAIL = """
import json, sys
from datetime import date
from pathlib import Path
from rejent.cli.command_setup import open_installation
folder = Path(sys.argv[1])
open_installation(folder)
from rejent.catalog import queries as catalog
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.records import counts, openings, readings, role_keys
(source,) = catalog.sources("mail")
told = json.loads((folder / "demo-mail-keys.json").read_text())
passphrases = {each["role"]: each["passphrase"] for each in told}
keys = dict(role_keys.open_role_key(each.id, passphrases[each.role]) for each in role_keys.role_keys())
agreed = list(reversed(openings.openings_agreed()))
print(json.dumps({
    "opened": len(keys),
    "ended": [one.ended_at is not None for one in agreed],
    "people": [one.asked_by != one.agreed_by for one in agreed],
    "readings": [len(readings.readings_of(one)) for one in agreed],
    "copied": [sum(copy.messages for copy in readings.copied_in(one.case)) for one in agreed],
    "days": [[each.private, each.exempt, each.missing] for each in counts.days(source.id, date.min)],
}))
"""
MAKE = "import sys; from rejent.ops.demo.command import make; make(sys.argv[1], minutes=1, regulation=sys.argv[2])"


@pytest.mark.parametrize("name", AUTHORISED)
def test_accounts_are_authorised_for_what_the_rules_let_them_be(name: str) -> None:
    """Guards and their supervisors, one holder of an authorisation, or the closed list of four; one account is left for the hand."""
    regulation = load(demo_regulation(name))
    stream = "video" if regulation.stream("video") else "calls"
    provisions = provisions_of(regulation, stream)
    found = {
        username: acts
        for username, _, _, roles in PEOPLE
        if (acts := authorised(name, username, roles, stream, provisions))
    }
    assert found == AUTHORISED[name]
    assert "Przykładowo" in regulation.name


def test_two_people_are_authorised_for_mail_where_a_demo_keeps_it() -> None:
    """One of them is the stream's own, for two open messages together, and sees nothing of other streams."""
    regulation = load(with_parts(demo_regulation("elblag"), parts_of("elblag").values()))
    provisions = provisions_of(regulation, "mail")
    people = [*PEOPLE, *parts_of("elblag")["mail"].people]
    found = [name for name, _, _, roles in people if authorised("elblag", name, roles, "mail", provisions)]
    assert found == ["podglad", "wglad"]
    assert regulation.stream("mail").retention.reason


def test_no_demo_bears_the_name_of_an_office() -> None:
    """Neither name nor controller nor contact of a real one is left in the text."""
    for name in AUTHORISED:
        lines = [
            line
            for line in demo_regulation(name).splitlines()
            if line.startswith(("name", "controller", "contact"))
        ]
        assert lines
        assert all("przykładow" in line.casefold() or "przykladowo.example" in line for line in lines), name


def test_an_unknown_example_is_told_before_anything_is_made(tmp_path: Path) -> None:
    """One line names those there are, and no folder is left."""
    assert "elblag" in rejent("demo", tmp_path / "demo", "--regulation", "nowhere").line()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotFoundError):
        demo_regulation("nowhere")


def test_a_demo_of_an_office_that_records_calls_has_people_a_line_and_cases(tmp_path: Path) -> None:
    """It is made, is sound, has a line and no camera, since none may be added under such rules, and copies of a call of the days before."""
    made = [sys.executable, "-c", MAKE, str(tmp_path / "demo"), "boleslawiec"]
    subprocess.run(made, env=environment(), cwd=HERE, check=True, timeout=CEILING_S)
    command = CommandServer(Office(tmp_path / "demo"))
    assert command("fsck", "--json").json["clean"]
    assert command("notices differences", "--json").json == []
    assert [source["stream"] for source in command("source list", "--json").json] == ["calls"]
    assert len(command("person list", "--json").json) == len(PEOPLE)
    with sqlite3.connect(tmp_path / "demo" / "catalog" / "catalog.db") as base:
        callers = base.execute("SELECT caller FROM calls_call WHERE caller > ''").fetchall()
        copies = base.execute("SELECT count(*), count(DISTINCT state) FROM copies_copy").fetchall()
        waiting = base.execute("SELECT count(*) FROM cases_case WHERE state = 'waiting'").fetchall()
    assert set(callers) == {(f"+48{WHO_ASKS}",)}
    assert len(callers) >= len(DAYS) - 2, "all but the one that was erased, and today's where it is early"
    assert (copies, waiting) == ([(3, 3)], [(2,)])


def test_a_demo_of_an_office_that_keeps_mail_has_two_closed_cases_and_an_open_one(tmp_path: Path) -> None:
    """Besides its cameras: asked for and agreed to by two people, read and copied; the passphrases it tells open the keys."""
    made = [sys.executable, "-c", MAKE, str(tmp_path / "demo"), "elblag"]
    subprocess.run(made, env=environment(), cwd=HERE, check=True, timeout=CEILING_S)
    office = Office(tmp_path / "demo")
    command = CommandServer(office)
    assert command("fsck", "--json").json["clean"]
    assert (
        sorted(source["stream"] for source in command("source list", "--json").json)
        == ["mail"] + ["video"] * 4
    )
    assert len(command("person list", "--json").json) == len(PEOPLE) + 1
    told = subprocess.run(
        [sys.executable, "-c", MAIL, office.directory],
        env=environment(), cwd=HERE, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(told.stdout) == {
        "opened": 2,
        "ended": [True, True, False],
        "people": [True] * 3,
        "readings": [1, 1, 0],
        "copied": [0, 1, 0],
        "days": [[1, 2, 0]] * 4,
    }
    assert (office.directory / "demo-mail-keys.json").stat().st_mode & 0o077 == 0
