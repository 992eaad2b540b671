"""Calls are entered, end once, and name nobody when the last of them is destroyed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rejent.catalog import services
from rejent.catalog.errors import NoSuchSourceError
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.models import Call
from tests.unit.catalog.conftest import START, finished

DAY = date(2026, 11, 21)
CALL = "ab" * 16


@pytest.fixture
def begun(source: str, clock: ManualClock) -> call_services.BegunCall:
    """A call that is being recorded."""
    call = call_services.BegunCall(
        CALL, source, DAY, START, "incoming", "sip:10 555 01 23@pbx", "tel:+48105550199", "siprec"
    )
    call_services.begin_call(call, clock=clock)
    return call


def entered() -> list[str]:
    """The acts that tell of calls, with their facts as text."""
    acts = registers.entered(["call.begun", "call.ended"])
    return [f"{act.act} {act.facts}" for act in acts]


@pytest.mark.usefixtures("begun")
def test_a_call_is_kept_with_its_numbers_in_one_spelling() -> None:
    """The catalogue holds whom it is found by; the ledger tells of the call and names neither number."""
    row = Call.objects.get()
    assert (row.caller, row.called, row.direction, row.end) == (
        "+48105550123",
        "+48105550199",
        "incoming",
        None,
    )
    (told,) = entered()
    assert told.startswith("call.begun")
    assert CALL in told
    assert "55501" not in told


def test_a_call_begins_and_ends_once(begun: call_services.BegunCall, clock: ManualClock) -> None:
    """What is entered again changes nothing; an end before the beginning is the beginning."""
    call_services.begin_call(begun, clock=clock)
    call_services.end_call(CALL, START - timedelta(hours=1), "bye", clock=clock)
    call_services.end_call(CALL, START + timedelta(hours=1), "vanished", clock=clock)
    call_services.end_call("cd" * 16, START, "bye", clock=clock)
    row = Call.objects.get()
    assert (row.end, row.ended_by) == (START, "bye")
    assert [told.partition(" ")[0] for told in entered()] == ["call.begun", "call.ended"]


def test_a_number_that_no_database_can_keep_is_kept_without_it(source: str, clock: ManualClock) -> None:
    """An address may spell a NUL, which PostgreSQL takes in no text: the call is entered and found all the same."""
    call = call_services.BegunCall(CALL, source, DAY, START, "incoming", "sip:a%00b@x", "sip:%001%0001@pbx")
    call_services.begin_call(call, clock=clock)
    row = Call.objects.get()
    assert (row.caller, row.called) == ("ab", "101")


def test_a_call_of_no_line_is_refused(source: str, clock: ManualClock) -> None:
    """Nothing is entered for a source that is not there."""
    assert source
    stray = call_services.BegunCall(CALL, "ef" * 16, DAY, START, "incoming", "", "")
    with pytest.raises(NoSuchSourceError):
        call_services.begin_call(stray, clock=clock)
    assert entered() == []


def test_its_numbers_go_with_the_last_of_its_segments(
    begun: call_services.BegunCall, add_line: Callable[..., str], clock: ManualClock
) -> None:
    """While one object of it is left it is found; afterwards nobody is named, as in a call of which nothing was stored."""
    source = begun.source_id
    today = finished(source, 0, 60, run=CALL)
    tomorrow = finished(source, 60, 120, run=CALL, day=DAY + timedelta(days=1))
    services.book_segments([today, tomorrow], clock)
    other = call_services.BegunCall("cd" * 16, add_line("Other"), DAY, START, "outgoing", "101", "102")
    call_services.begin_call(other, clock=clock)
    unrecorded = replace(begun, id="ef" * 16)
    call_services.begin_call(unrecorded, clock=clock)
    call_services.end_call(unrecorded.id, START, "bye", clock=clock)
    services.mark_destroyed(source, DAY, today.recipient)
    assert Call.objects.get(pk=CALL).caller == "+48105550123"
    assert Call.objects.get(pk=unrecorded.id).destroyed
    services.mark_destroyed(source, tomorrow.day, tomorrow.recipient)
    row = Call.objects.get(pk=CALL)
    assert (row.caller, row.called, row.destroyed) == ("", "", True)
    assert Call.objects.get(pk=other.id).caller == "101"
