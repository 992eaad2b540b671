"""A demo can follow the rules of each of the five offices, under a name that is none of theirs."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rejent.access.rules.question import provisions_of
from rejent.kernel.errors import NotFoundError
from rejent.office.regulation.loading import load
from rejent.ops.demo.command import PEOPLE, parts_of
from rejent.ops.demo.notices import WITHOUT_STATEMENT
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
MAKE = "import sys; from rejent.ops.demo.command import make; make(sys.argv[1], minutes=1, regulation=sys.argv[2])"

ACTS_OF = "SELECT act FROM registers_entry WHERE replace(actor, '-', '') = (SELECT person_id FROM office_account WHERE username = ?)"


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
        (not_admitted,) = WITHOUT_STATEMENT
        acts = base.execute(ACTS_OF, [not_admitted]).fetchall()
    assert set(callers) == {(f"+48{WHO_ASKS}",)}
    assert len(callers) >= len(DAYS) - 2, "all but the one that was erased, and today's where it is early"
    assert (copies, waiting) == ([(3, 3)], [(2,)])
    assert acts == [("person.password-set",)], "who is admitted nowhere before a statement acts in no past"
