"""A call that is passed on is found by everybody who took part in it, and names nobody of them once it is destroyed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.kernel.clock import ManualClock
from rejent.office.regulation.vocabulary import CopyColumn
from rejent.registers import queries as registers
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.models import Call, CallRecord, TurnNumber
from rejent.streams.calls.catalog.phone_numbers import LONGEST, canonical_number
from rejent.streams.calls.catalog.services.completeness import compare_hour
from rejent.streams.calls.catalog.services.pbx import note_records
from rejent.streams.calls.catalog.turns import PartyTurn, read_turns, write_turns
from rejent.streams.calls.catalog.views import CallQuestion, NamedParties, NotedRecord
from rejent.streams.calls.retention.copying import COPIES
from tests.unit.catalog.conftest import START
from tests.unit.streams_calls_catalog.checked import codes

DAY = date(2026, 11, 21)
CALL, OTHER = "ab" * 16, "cd" * 16
GUEST = "+48745550188"
RESIDENT, CLERK, SECOND, THIRD = "+48225550123", "+48745550100", "+48745550177", "2103"
LEFT, CAME, CAME_LAST = (START + timedelta(minutes=minutes) for minutes in (3, 4, 9))
TURNS = (
    PartyTurn("called", "", LEFT),
    PartyTurn("called", SECOND, CAME),
    PartyTurn("joined", GUEST, CAME_LAST),
    PartyTurn("called", THIRD, CAME_LAST),
)
CALLED_TURNS = tuple(one for one in TURNS if one.side == "called")


@pytest.fixture(autouse=True)
def passed_on(source: str, clock: ManualClock) -> None:
    """A call of ten minutes that was passed on twice, and one of the first clerk that was not."""
    for call in (CALL, OTHER):
        begun = call_services.BegunCall(call, source, DAY, START, "incoming", RESIDENT, CLERK)
        call_services.begin_call(begun, clock=clock)
    call_services.name_parties(NamedParties(CALL, RESIDENT, CLERK, "incoming", TURNS), clock=clock)
    for call in (CALL, OTHER):
        call_services.end_call(call, START + timedelta(minutes=10), "bye", clock=clock)


def found(source: str, **known: Any) -> list[str]:
    """The calls that are found by what is known."""
    facts = {"caller": "", "called": "", "day": None, "about": None, "direction": "", **known}
    return [
        call.id
        for call in call_queries.find_calls(CallQuestion(source_ids=frozenset({source}), **facts)).calls
    ]


@pytest.mark.parametrize(
    ("known", "calls"),
    [
        ({"called": SECOND}, [CALL]),
        ({"called": "74 555 01 77"}, [CALL]),
        ({"called": "0177"}, [CALL]),
        ({"called": THIRD}, [CALL]),
        ({"called": "103"}, []),
        ({"caller": SECOND}, [CALL]),
        ({"called": GUEST}, [CALL]),
        ({"called": CLERK, "caller": GUEST}, [CALL]),
        ({"called": "0188", "day": DAY}, [CALL]),
        ({"caller": CLERK}, []),
        ({"called": CLERK}, [CALL, OTHER]),
        ({"called": SECOND, "caller": "0123"}, [CALL]),
        ({"called": SECOND, "caller": CLERK}, []),
        ({"called": "0177", "day": DAY}, [CALL]),
        ({"called": "0177", "day": DAY - timedelta(days=2)}, []),
    ],
)
def test_whoever_took_part_is_found(source: str, known: dict[str, Any], calls: list[str]) -> None:
    """Whole, by an ending, with a party of the beginning and with a date; who came later by either number, who was there at first by their own."""
    assert sorted(found(source, **known)) == calls


def test_an_employee_finds_the_calls_that_were_passed_on_to_them() -> None:
    """Among the own calls of whoever has the number, whichever side it held."""
    assert [call.id for call in call_queries.calls_of("74 555 01 77", DAY, limit=5)] == [CALL]


def test_who_held_a_side_is_told_with_instants() -> None:
    """In turn, from the beginning on; nothing of it stands in the ledger."""
    call = call_queries.call(CALL)
    assert call.turns("called") == (PartyTurn("called", CLERK, START), *CALLED_TURNS)
    assert call.later == TURNS
    assert call.turns("caller") == (PartyTurn("caller", RESIDENT, START),)
    (act,) = registers.entered(["call.named"])
    assert act.facts is not None
    assert act.facts["facts"] == "later"
    assert "5550" not in str(act.facts)


def test_label_and_register_name_all_of_them() -> None:
    """A copy's details have the numbers in turn, each with since when."""
    details = COPIES.details(CALL)
    assert details[CopyColumn.CALLED_NUMBER.value] == (
        "+48 74 555 01 00; 13:03:00 → –; 13:04:00 → +48 74 555 01 77; 13:09:00 → 2103; 13:09:00 + +48 74 555 01 88"
    )
    assert details[CopyColumn.CALLER_NUMBER.value] == "+48 22 555 01 23"


@pytest.mark.parametrize(
    "changed",
    [
        {"later": ""},
        {"later": write_turns([*TURNS, PartyTurn("caller", "2104", CAME)])},
        {"later": write_turns([PartyTurn("called", THIRD, CAME)])},
    ],
)
def test_a_turn_that_was_edited_is_found(changed: dict[str, str]) -> None:
    """Taken away, planted or altered: the row is bound with all numbers."""
    Call.objects.filter(pk=CALL).update(**changed)
    assert codes() == ["calls.differs-from-ledger", "catalog.turns-misindexed"]


def test_an_index_that_says_something_else_is_found(source: str) -> None:
    """A number planted into it, taken from it, or left in it once nothing of the call is."""
    TurnNumber.objects.filter(call=CALL, number=SECOND).delete()
    assert codes() == ["catalog.turns-misindexed"]
    TurnNumber.objects.create(call_id=CALL, number=SECOND)
    assert codes() == []
    TurnNumber.objects.create(call_id=OTHER, number=SECOND)
    assert codes() == ["catalog.turns-misindexed"]
    assert found(source, called=SECOND) == [CALL]
    call_services.forget_destroyed_calls(source, DAY)
    assert not TurnNumber.objects.exists()
    TurnNumber.objects.create(call_id=OTHER, number=SECOND)
    assert codes() == ["catalog.numbers-kept"]


def test_a_line_that_is_no_turn_breaks_no_page() -> None:
    """A row that somebody altered is still read."""
    Call.objects.filter(pk=CALL).update(later="\nnonsense\ncalled +48 yesterday")
    assert call_queries.call(CALL).turns("called") == (PartyTurn("called", CLERK, START),)


def test_all_numbers_go_with_the_recording(source: str) -> None:
    """Once nothing of the call is left it names nobody, is found by nobody, and the ledger still confirms the row."""
    assert call_services.forget_destroyed_calls(source, DAY) == 2
    row = Call.objects.get(pk=CALL)
    assert (row.caller, row.called, row.later, row.salt) == ("", "", "", "")
    assert found(source, called=SECOND) == []
    assert codes() == []
    assert COPIES.details(CALL) == {}


def test_the_record_of_a_later_leg_is_no_missing_call(source: str, clock: ManualClock) -> None:
    """An exchange that tells of each leg apart tells of the clerk to whom the call was passed on, minutes after its beginning."""
    noted = NotedRecord(
        mark="m",
        day=DAY,
        state="expected",
        start=CAME_LAST,
        seconds=60.0,
        caller=RESIDENT,
        called=THIRD,
        raw="row",
    )
    note_records(source, [noted], clock=clock)
    clock.advance(timedelta(hours=3))
    assert compare_hour(clock=clock) == 0
    assert CallRecord.objects.get().state == "recorded"
    assert CallRecord.objects.get().calls.get().pk == CALL


def test_a_leg_that_shares_the_identifier_is_recorded_with_the_call(source: str, clock: ManualClock) -> None:
    """Whatever its numbers are: the exchange says that it belongs to a call that is there."""
    facts = {"day": DAY, "state": "expected", "seconds": 240.0, "linked_id": "g", "raw": "row"}
    first = NotedRecord(mark="a", start=START, caller=RESIDENT, called=CLERK, **facts)
    later = NotedRecord(mark="b", start=CAME, caller="+48225550999", called="+48225550998", **facts)
    note_records(source, [first, later], clock=clock)
    clock.advance(timedelta(hours=3))
    assert compare_hour(clock=clock) == 0
    assert {record.state for record in CallRecord.objects.all()} == {"recorded"}


NUMBERS = st.one_of(st.just(""), st.text(max_size=LONGEST).map(canonical_number))
INSTANTS = st.datetimes(
    timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)
)


@given(
    st.lists(
        st.builds(PartyTurn, st.sampled_from(["caller", "called", "joined"]), NUMBERS, INSTANTS), max_size=6
    )
)
def test_turns_are_read_as_they_were_written(turns: list[PartyTurn]) -> None:
    """Whatever an account is called."""
    assert read_turns(write_turns(turns)) == tuple(turns)
