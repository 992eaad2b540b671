"""A recording is held against the length that the exchange tells, not only against whether there is one."""

from datetime import date, timedelta

import pytest

from rejent.catalog import services
from rejent.kernel.clock import ManualClock
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.models import CallRecord
from rejent.streams.calls.catalog.queries.lengths import LengthDifference, length_differences
from rejent.streams.calls.catalog.services.pbx import link_records, note_records
from rejent.streams.calls.catalog.views import NotedRecord
from tests.unit.catalog.conftest import START, finished

DAY = date(2026, 11, 21)
CALL, OTHER = "ab" * 16, "cd" * 16


def recorded(source: str, clock: ManualClock, *parts: tuple[float, float], call: str = CALL) -> None:
    """A call of which these parts were recorded, in seconds after noon."""
    begun = call_services.BegunCall(call, source, DAY, START, "incoming", "+48225550123", "+48745550100")
    call_services.begin_call(begun, clock=clock)
    for first, last in parts:
        services.book_segments([finished(source, first, last, run=call)], clock)
    call_services.end_call(call, START + timedelta(seconds=700), "bye", clock=clock)


def told(
    source: str, clock: ManualClock, *legs: tuple[float, float | None], calls: tuple[str, ...] = (CALL,)
) -> None:
    """The exchange tells of these legs: seconds after noon and how long."""
    noted = [
        NotedRecord(
            mark=f"{begin} {length}",
            day=DAY,
            state="expected",
            start=START + timedelta(seconds=begin),
            seconds=length,
        )
        for begin, length in legs
    ]
    note_records(source, noted, clock=clock)
    for call in calls:
        link_records(call, list(CallRecord.objects.values_list("pk", flat=True)))


def differences() -> list[LengthDifference]:
    """What differs that day."""
    return length_differences(DAY)


@pytest.mark.parametrize(
    ("seconds", "length", "differs"),
    [
        (600.0, 6, True),
        (600.0, 0, True),
        (60.0, 1, True),
        (600.0, 541, False),
        (600.0, 539, True),
        (60.0, 31, False),
        (60.0, 29, True),
        (20.0, 1, False),
        (60.0, 179, False),
        (60.0, 181, True),
        (6.0, 600, True),
        (3600.0, 3955, False),
        (3600.0, 3965, True),
        (None, 600, False),
    ],
)
def test_lengths_differ_beyond_the_tolerance(
    source: str, clock: ManualClock, seconds: float | None, length: float, differs: bool
) -> None:
    """Shorter by more than ringing lasts before a call is forwarded, longer by more than it lasts at all, or a tenth of a long call."""
    recorded(source, clock, *([(0, length)] if length else []))
    told(source, clock, (0, seconds))
    found = differences()
    assert bool(found) == differs
    if found:
        assert (found[0].told, found[0].recorded) == (
            timedelta(seconds=seconds or 0),
            timedelta(seconds=length),
        )
        assert (found[0].calls, found[0].source_id, found[0].is_shorter) == (
            (CALL,),
            source,
            length < (seconds or 0),
        )


def test_objects_of_a_call_count_together(source: str, clock: ManualClock) -> None:
    """What is recorded is what its objects hold: a hole between them is none of it."""
    recorded(source, clock, (0, 300), (300, 420), (500, 600))
    told(source, clock, (0, 600.0))
    assert [one.recorded for one in differences()] == [timedelta(seconds=520)]


def test_legs_of_a_call_count_together(source: str, clock: ManualClock) -> None:
    """Legs one after another make up the call, legs beside one another are told of twice."""
    recorded(source, clock, (0, 600))
    told(source, clock, (0, 200.0), (200, 400.0), (0, 600.0))
    assert differences() == []


def test_recordings_that_share_a_record_count_together(source: str, clock: ManualClock) -> None:
    """An exchange that writes a file for each leg tells of the whole."""
    recorded(source, clock, (0, 300))
    recorded(source, clock, (300, 600), call=OTHER)
    told(source, clock, (0, 600.0), calls=(CALL, OTHER))
    assert differences() == []


def test_a_call_that_goes_on_is_not_compared(source: str, clock: ManualClock) -> None:
    """Nor is one of another date."""
    begun = call_services.BegunCall(CALL, source, DAY, START, "incoming", "", "")
    call_services.begin_call(begun, clock=clock)
    told(source, clock, (0, 600.0))
    assert differences() == []
    call_services.end_call(CALL, START + timedelta(seconds=6), "bye", clock=clock)
    assert len(differences()) == 1
    assert length_differences(DAY + timedelta(days=1)) == []
