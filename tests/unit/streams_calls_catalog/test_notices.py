"""What shows that callers heard what they must finds its call, and goes as it came."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from rejent.catalog import services
from rejent.kernel.clock import ManualClock, civil_date
from rejent.registers import queries as registers
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import DRILLED, StatedLine
from rejent.streams.calls.catalog.models import Call, CallNotice
from tests.unit.catalog.conftest import START, finished
from tests.unit.streams_calls_catalog.announced import announce, heard, marked


def test_what_was_heard_finds_its_call(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """The nearest call of the same caller; then it is entered, and the numbers beside it are gone."""
    far, near = announced_call(1, START - timedelta(minutes=2)), announced_call(2, START)
    announced_call(3, START, caller="sip:107770299@pbx")
    assert call_services.note_heard(heard(announced_line), clock=clock)
    assert not call_services.note_heard(heard(announced_line), clock=clock)
    assert call_services.match_heard(clock=clock) == 1
    assert (marked(near), marked(far)) == ("service", "no")
    row = CallNotice.objects.get()
    assert (row.call_id, row.caller, row.called) == (near, "", "")
    (act,) = registers.entered(["call.announced"])
    assert (act.facts or {})["heard_ms"] == 12000
    assert "10777" not in str(act)
    assert not call_services.note_heard(heard(announced_line), clock=clock)


def test_what_was_heard_by_nobody_is_forgotten_with_its_number(
    announced_line: str, clock: ManualClock
) -> None:
    """A caller who never reached the line leaves nothing after a day."""
    call_services.note_heard(heard(announced_line), clock=clock)
    assert call_services.match_heard(clock=clock) == 0
    assert CallNotice.objects.get().caller == "+48107770201"
    clock.advance(timedelta(seconds=2 * 86400))
    call_services.match_heard(clock=clock)
    assert not CallNotice.objects.exists()


def test_a_withheld_number_finds_its_call_only_where_there_is_one(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """Of two callers without a number at once nobody can tell who heard it."""
    first = announced_call(1, caller="anonymous")
    call_services.note_heard(replace(heard(announced_line), caller="anonymous"), clock=clock)
    call_services.match_heard(clock=clock)
    assert marked(first) == "service"
    second = announced_call(2, START + timedelta(minutes=1), caller="anonymous")
    call_services.note_heard(replace(heard(announced_line, start=START), caller="anonymous"), clock=clock)
    call_services.match_heard(clock=clock)
    assert marked(second) == "no"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"completed": False}, "no"),
        ({"completed": False, "outcome": "hung-up"}, "service"),
        ({"kind": "clause"}, "no"),
        ({"known_by": "found", "score": 0.9}, "found"),
    ],
)
def test_only_what_was_heard_to_its_end_or_hung_up_on_counts(
    announced_line: str,
    announced_call: Callable[..., str],
    clock: ManualClock,
    changed: dict[str, object],
    says: str,
) -> None:
    """A part of it, or the clause alone, leaves the call marked."""
    name = announced_call()
    call_services.record_notices(name, [heard(announced_line, **changed).notice], clock=clock)
    assert marked(name) == says
    assert call_queries.unannounced(START, START + timedelta(hours=1)) == (says == "no")


def test_only_directions_that_are_announced_are_marked(announced_call: Callable[..., str]) -> None:
    """Internal calls of this office owe nothing, outgoing ones do."""
    ways = {
        way: announced_call(number, direction=way)
        for number, way in enumerate(("internal", "outgoing", "undecided"))
    }
    assert [marked(name) for name in ways.values()] == ["", "no", ""]


def test_calls_of_a_drill_are_none_of_the_office(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """What a drill placed is not counted among the calls that nothing shows to have been announced, though its line is gone."""
    announced_call()
    stated = StatedLine(numbers=(DRILLED,), siprec="127.0.0.1:5082")
    drill = call_services.add_line(name="Drill", stated=stated, clock=clock, actor="", drill=True)
    Call.objects.update(source=drill)
    services.remove_source(drill, clock=clock, actor="")
    assert call_queries.drill_lines() == {drill}
    assert call_queries.unannounced(START, START + timedelta(hours=1)) == 0
    Call.objects.update(source=announced_line)
    assert call_queries.unannounced(START, START + timedelta(hours=1)) == 1


def test_calls_are_searched_once_and_only_where_something_is_announced(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """Not before a minute after their end, not those of which it is known, not a second time."""
    known, unknown = announced_call(1), announced_call(2)
    clock.advance(timedelta(seconds=90))
    assert call_queries.calls_to_search(clock.now(), 10) == []
    announce(announced_line, clock, valid_from=START - timedelta(hours=1))
    call_services.record_notices(known, [heard(announced_line).notice], clock=clock)
    (sought,) = call_queries.calls_to_search(clock.now() + timedelta(minutes=2), 10)
    assert (sought.id, [one.version for one in sought.versions]) == (unknown, [1])
    assert (marked(known), marked(unknown)) == ("service", "not-yet")
    call_services.note_searched(unknown, [heard(announced_line, known_by="found").notice], clock=clock)
    call_services.note_searched(unknown, [heard(announced_line, known_by="found").notice], clock=clock)
    assert call_queries.calls_to_search(clock.now() + timedelta(minutes=2), 10) == []
    assert [one.known_by for one in call_queries.notices([unknown])[unknown]] == ["found"]


def test_who_confirmed_goes_with_the_call(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """When the last of a call is destroyed its evidence names nobody, and stays."""
    name = announced_call(1, direction="outgoing")
    segment = finished(announced_line, 0, 60, run=name)
    services.book_segments([segment], clock)
    call_services.confirm_read(name, "person-1", clock=clock)
    services.mark_destroyed(announced_line, civil_date(START), segment.recipient)
    row = CallNotice.objects.get()
    assert (row.by, row.known_by) == ("", "employee")
    assert marked(name) == "employee"
