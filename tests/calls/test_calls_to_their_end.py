"""From a call to the proof that it is gone, in an office of Bolesławiec's kind and one of Wałbrzych's: by the command and stock programs alone."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import OFFICE_ZONE, local_midnight
from tests.calls.exchange import NAME, Exchange, free_ports, heard, until
from tests.calls.pbx import CLOCK, HOST
from tests.installation import CommandServer, Done, another_office, rejent, running

pytestmark = pytest.mark.sipp

OURS, ALSO_OURS, ANOTHERS, HELD = "+48748410001", "+48748410002", "+48105550123", "+48105550199"


def recorded(folder: Path, regulation: str, calls: list[tuple[str, str]]) -> tuple[Exchange, list[int]]:
    """An office whose recorder took these calls, one after the other, and has stopped; what each was answered."""
    office = another_office(folder / "office", regulation=regulation)
    first = free_ports(42)
    with (office.directory / "rejent.toml").open("a") as file:
        file.write(f"\n[calls]\nrtp_ports = [{first + 2}, {first + 41}]\n")
    command = CommandServer(office)
    line = ["--name", NAME, "--siprec", f"{HOST}:{first}", "--numbers", "+48 74 841"]
    assert command("source add", "--stream", "calls", *line).status == 0
    assert command("keep", "--once").status == 0
    with running(office, "--role", "recorder") as program:
        exchange = Exchange(office, program, command, first, folder)
        program.until("calls.listening")
        until(lambda: exchange.state() == ("recording", ""))
        answers = [exchange.call(*each, lasts=400).carried_out() for each in calls]
        exchange.ended(answers.count(200))
    return exchange, answers


def found(exchange: Exchange, at: datetime, caller: str) -> Done:
    """What a search by the four facts of Wałbrzych § 7 (5) finds."""
    begun = CLOCK.now().astimezone(OFFICE_ZONE)
    facts = ["--caller", caller, "--called", OURS, "--on", f"{begun:%Y-%m-%d}", "--about", f"{begun:%H:%M}"]
    return exchange.office.at(at, "calls find", *facts, "--json")


@pytest.mark.parametrize(
    ("regulation", "answers", "months"),
    [
        pytest.param("walbrzych-mops", [200, 200, 603, 603], 1, marks=pytest.mark.soak),
        ("boleslawiec", [200, 200, 200, 200], 3),
    ],
)
def test_a_call_is_found_held_and_gone_with_proof(
    tmp_path: Path, regulation: str, answers: list[int], months: int
) -> None:
    """Incoming calls everywhere, outgoing and internal ones where the regulation names them; one is held past its term, the others are proven gone.

    The held call still opens with the stock program; of the others neither number nor object nor key is left.
    """
    calls = [(ANOTHERS, OURS), (HELD, OURS), (OURS, ANOTHERS), (OURS, ALSO_OURS)]
    exchange, told = recorded(tmp_path, regulation, calls)
    assert told == answers
    office, today = exchange.office, CLOCK.now()
    (hit,) = found(exchange, today, HELD).json["calls"]
    interval = [
        "--from",
        hit["start"],
        "--to",
        hit["end"],
        "--review",
        f"{today + timedelta(days=150):%Y-%m-%d}",
    ]
    held = office.at(
        today,
        "hold add",
        "--source",
        NAME,
        *interval,
        "--case",
        "OR.1",
        "--basis",
        "court",
        "--call",
        hit["id"],
    )
    assert held.status == 0, held
    term = local_midnight((today + timedelta(days=31 * months + 1)).date())
    before = local_midnight(today.date() + timedelta(days=29 * months - 1))
    assert office.at(before, "keep", "--once").status == 0
    assert len(found(exchange, before, ANOTHERS).json["calls"]) == 1
    assert office.at(term, "keep", "--once").status == 0
    assert found(exchange, term, ANOTHERS).json["calls"] == []
    assert [each["id"] for each in found(exchange, term, HELD).json["calls"]] == [hit["id"]]
    assert numbers(exchange) == {(HELD, OURS)}
    (left,) = (path for path in (office.directory / "vault").rglob("*.age"))
    assert opened(exchange, left, term) > 0
    proven(exchange, term)
    assert office.at(term, "fsck").out == "Clean.\n"


def numbers(exchange: Exchange) -> set[tuple[str, str]]:
    """Whom the catalogue still names."""
    return set(exchange.rows("SELECT caller, called FROM calls_call WHERE caller <> '' OR called <> ''"))


def opened(exchange: Exchange, file: Path, at: datetime) -> int:
    """How many packets of the first party a stock program finds in an object."""
    day = file.parent.name
    told = exchange.office.at(at, "keys disclose", "--source", NAME, "--date", day, "--purpose", "a test")
    assert told.status == 0, told
    key = exchange.folder / "key"
    key.write_text(told.out)
    return len(heard(exchange.opened(str(file), key), 0))


def proven(exchange: Exchange, at: datetime) -> None:
    """The destruction stands in the ledger under a signed checkpoint, by files alone."""
    office, folder = exchange.office, exchange.folder
    (folder / "checkpoint").write_text(office.at(at, "ledger checkpoint").out)
    done = exchange.rows("SELECT \"index\" FROM registers_entry WHERE act = 'destruction.done' ORDER BY 1")
    (index,) = done[0]
    (folder / "proof").write_text(exchange.office.at(at, "ledger prove", str(index)).out)
    verified = rejent("ledger", "verify", "--checkpoint", folder / "checkpoint", "--proof", folder / "proof")
    assert verified.status == 0, verified
    assert "destruction.done" in verified.out
