"""Calls at the command line: found by what is known, entered without numbers, listed without them."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import SystemClock, civil_date
from tests.browser.calls_office import CALLS
from tests.installation import HERE, Office, environment


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
