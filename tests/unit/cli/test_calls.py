"""Calls at the command line: found by what is known, entered without numbers, listed without them."""

import shlex
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import SystemClock, civil_date
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from tests.browser.calls_office import CALLS
from tests.installation import HERE, Office, environment, rejent


@pytest.fixture(scope="module")
def calls_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with two calls of yesterday afternoon."""
    directory: Path = tmp_path_factory.mktemp("calls") / "office"
    making = [sys.executable, "-m", "tests.browser.calls_office", str(directory)]
    subprocess.run(making, env=environment(), cwd=HERE, check=True)
    return Office(directory)


def yesterday() -> str:
    """The date of the calls."""
    return (civil_date(SystemClock().now()) - timedelta(days=1)).isoformat()


def test_a_call_is_found_by_the_facts_that_are_known(calls_office: Office) -> None:
    """By an ending and about the hour, by both numbers; the nearest first; what fits no call is told as that."""
    told = calls_office.json("calls find", "--caller", "0123", "--on", yesterday(), "--about", "14:30")
    assert ([call["id"] for call in told["calls"]], told["more"]) == ([CALLS[0]], False)
    both = calls_office.json("calls find", "--caller", "745550100", "--called", "22 555 01 23")
    assert [(call["id"], call["direction"]) for call in both["calls"]] == [(CALLS[1], "outgoing")]
    none = calls_office.run("calls find", "--caller", "999999999", "--on", yesterday())
    assert none.out.strip() == "No recorded call fits."


def test_a_number_may_be_asked_for(calls_office: Office) -> None:
    """What is typed at the question stands in no command line; a refusal asks where no number is given."""
    arguments = ("--caller", "-", "--called", "-", "--json")
    found = rejent("calls", "find", calls_office.directory, *arguments, stdin="745550100\n22 555 01 23\n")
    assert [call["id"] for call in found.json["calls"]] == [CALLS[1]]
    assert found.err == "Caller: Called: "
    added = rejent("calls", "refusals", "add", calls_office.directory, stdin="+48 10 777 02 77\n")
    assert (added.status, added.out, added.err) == (0, "1\n", "Number: ")
    assert calls_office.json("calls refusals list")[0]["number"].endswith("107770277")
    assert "A number is missing." in rejent("calls", "refusals", "add", calls_office.directory).line()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--caller", "0123"], "two facts"),
        (["--caller", "0123", "--about", "14:05"], "--on"),
        (["--caller", "0123", "--on", "yesterday"], "--on is not a date"),
    ],
)
def test_too_little_is_refused_in_one_line(calls_office: Office, arguments: list[str], says: str) -> None:
    """And the line tells what to give."""
    done = calls_office.run("calls find", *arguments)
    assert done.status == 1
    assert says in done.err


def test_the_calls_of_a_date_are_listed_without_numbers(calls_office: Office) -> None:
    """When, how long, which way; neither party."""
    rows = calls_office.json("calls list", "--on", yesterday())
    assert [row["id"] for row in rows] == list(CALLS)
    assert "555" not in calls_office.run("calls list", "--on", yesterday()).out
    assert calls_office.json("calls list", "--on", "2020-01-01") == []


def test_numbers_are_listed_for_who_asks_and_that_is_entered(calls_office: Office) -> None:
    """Beside them how each call ended; the ledger tells that the numbers of a date were shown, and none of them."""
    rows = calls_office.json("calls list", "--on", yesterday(), "--numbers")
    assert all("555" in row["caller"] + row["called"] for row in rows)
    assert {row["ended_by"] for row in rows} <= {"bye", "recorder-stopped"}
    with closing(sqlite3.connect(calls_office.directory / "catalog" / "catalog.db")) as database:
        told = database.execute("SELECT facts FROM registers_entry WHERE act = 'calls.searched'").fetchall()
    assert '"facts":"date"' in told[-1][0].replace(" ", "")
    numbers = {row[side] for row in rows for side in ("caller", "called")}
    assert [number for number in numbers if number[-7:] in told[-1][0]] == []


def test_where_no_exchange_tells_of_calls_nothing_is_said_to_be_complete(calls_office: Office) -> None:
    """Nobody takes the silence of an exchange that tells nothing for the word that no call is missing."""
    done = calls_office.run("calls import-report")
    assert (done.status, done.out) == (0, "No exchange told of calls or left files on that date.\n")


def test_objects_and_holds_of_a_line_name_their_call(calls_office: Office) -> None:
    """Whoever opens an object must know of which call it is, and whether a hold keeps the whole line or one call."""
    line = calls_office.json("source list")[0]["name"]
    whole = ("--from", f"{yesterday()}T00:00:00Z", "--to", f"{yesterday()}T23:59:00Z")
    rows = calls_office.json("objects", "--source", line, *whole)
    assert {row["call"] for row in rows} <= {*CALLS}
    assert rows
    review = (civil_date(SystemClock().now()) + timedelta(days=30)).isoformat()
    case = ("--case", "OR.1", "--basis", "evidence", "--review", review)
    assert calls_office.run("hold add", "--source", line, *whole, *case).status == 0
    assert [row["item"] for row in calls_office.json("hold list")] == [""]


def test_a_line_is_changed_by_the_options_of_lines(calls_office: Office) -> None:
    """Who gives the options of a camera is told where those of lines are listed."""
    line = calls_office.json("source list")[0]["name"]
    done = calls_office.run("source change", "--name", line, "--transport", "udp")
    assert done.status == 1
    assert "rejent source change --help" in done.line()


def test_what_has_the_options_of_a_line_is_one(calls_office: Office) -> None:
    """Whoever adds a line need not say that it is for calls."""
    options = ("--folder", "/srv/pbx", "--format", "csv", "--numbers", "+48 10 555")
    assert calls_office.run("source add", "--name", "Second", *options).status == 0
    added = [each["stream"] for each in calls_office.json("source list") if each["name"] == "Second"]
    assert added == ["calls"]


def test_the_folder_of_an_exchange_is_not_our_own(calls_office: Office) -> None:
    """Neither the installation's folder, nor one within or around it, nor one that leads there."""
    link = calls_office.directory.parent / "link"
    link.symlink_to(calls_office.directory)
    options = ("source add", "--name", "Own", "--format", "csv", "--numbers", "+48 10 555", "--folder")
    ours = (calls_office.directory, calls_office.directory / "vault", calls_office.directory.parent, link)
    for folder in ours:
        done = calls_office.run(*options, str(folder))
        assert (done.status, "folder of the installation" in done.err) == (1, True)
    done = calls_office.run("source change", "--name", "Second", "--folder", str(calls_office.directory))
    assert (done.status, "folder of the installation" in done.err) == (1, True)


def test_a_dialplan_is_written_for_what_is_announced_alone(calls_office: Office, tmp_path: Path) -> None:
    """Before, the line has nothing to be exported, and the command says what to do first; then it names folder and line."""
    line = calls_office.json("source list")[0]["name"]
    done = calls_office.run("calls dialplan", "--line", line)
    assert (done.status, "announcement say" in done.line()) == (1, True)
    (tmp_path / "said.wav").write_bytes(plain_wav(bytes(16000)))
    said = ("--file", str(tmp_path / "said.wav"), "--text", "Said.")
    assert calls_office.run("calls announcement set", "--line", line, "--kind", "incoming", *said).status == 0
    done = calls_office.run("calls dialplan", "--line", line)
    assert done.status == 0
    assert f"export {calls_office.directory} --line {shlex.quote(line)} --kind incoming" in done.out


def test_an_old_line_that_is_not_understood_fails_no_run_for_ever(
    calls_office: Office, tmp_path: Path
) -> None:
    """It is named each time; the command fails only while the newest line is not understood."""
    line = calls_office.json("source list")[0]["name"]
    told = tmp_path / "told.csv"
    good = f'"{int(time.time()) - 60}.25","107770200","kind=incoming;seconds=12;completed=1"\n'
    told.write_text(f"{good}rubbish\n")
    first = calls_office.run("calls heard", str(told), "--line", line)
    assert (first.status, first.out) == (1, "taken over: 1, calls found: 0, lines not understood: 1\n")
    told.write_text(f"{good}rubbish\n{good.replace('7770200', '7770201')}")
    second = calls_office.run("calls heard", str(told), "--line", line)
    assert (second.status, second.out) == (0, "taken over: 1, calls found: 0, lines not understood: 1\n")
    assert second.err == "line 2 is not understood\n"


def test_what_took_no_time_was_not_heard(calls_office: Office, tmp_path: Path) -> None:
    """A dialplan that tells of a file it could not play as heard is not believed."""
    line = calls_office.json("source list")[0]["name"]
    told = tmp_path / "told.csv"
    told.write_text(f'"{int(time.time()) - 60}.25","107770205","kind=incoming;seconds=0;completed=1"\n')
    assert calls_office.run("calls heard", str(told), "--line", line).status == 0
    with closing(sqlite3.connect(calls_office.directory / "catalog" / "catalog.db")) as database:
        (row,) = database.execute(
            "SELECT completed, outcome FROM calls_callnotice WHERE caller = '+48107770205'"
        )
    assert row == (0, "")
