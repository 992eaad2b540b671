"""A call is found by what a person knows of it: numbers in any spelling or by their ending, date, hour, direction, line."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rejent.catalog import services
from rejent.kernel.clock import ManualClock, civil_date
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.errors import NoSuchCallError
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.phone_numbers import NumberSuffix, search_term
from rejent.streams.calls.catalog.queries.calls import MOST
from rejent.streams.calls.catalog.views import CallQuestion, FoundCalls
from tests.unit.catalog.conftest import START, finished

RESIDENT, OFFICE = "+48225550123", "+48745550100"
Begin = Callable[..., str]


@pytest.fixture
def begin(source: str, clock: ManualClock) -> Begin:
    """Enters calls, so many minutes after noon; gives their identifiers."""
    numbers = iter(range(1, 1000))

    def begun(minutes: float = 0, caller: str = RESIDENT, called: str = OFFICE, **told: Any) -> str:
        start: datetime = START + timedelta(minutes=minutes)
        facts = {"source_id": source, "direction": "incoming", **told}
        call = call_services.BegunCall(
            f"{next(numbers):032x}", day=civil_date(start), start=start, caller=caller, called=called, **facts
        )
        call_services.begin_call(call, clock=clock)
        call_services.end_call(call.id, start + timedelta(minutes=2), "bye", clock=clock)
        return call.id

    return begun


def find(source: str, before: str = "", after: str = "", **known: Any) -> FoundCalls:
    """What is found by what is known; of another page, where one is named."""
    facts = {"caller": "", "called": "", "day": None, "about": None, "direction": "", **known}
    return call_queries.find_calls(
        CallQuestion(source_ids=frozenset({source}), **facts), before=before, after=after
    )


def found(source: str, **known: Any) -> list[str]:
    """The identifiers of what is found."""
    return [call.id for call in find(source, **known).calls]


@pytest.mark.parametrize(
    "written", ["22 555 01 23", "+48 22 555-01-23", "0048225550123", "022 555 01 23", "sip:225550123@pbx"]
)
def test_a_number_is_found_in_any_spelling(begin: Begin, source: str, written: str) -> None:
    """However it is written; the same number as the other party of a call is not meant."""
    wanted = begin()
    begin(caller=OFFICE, called=RESIDENT, direction="outgoing")
    assert found(source, caller=written) == [wanted]


@pytest.mark.parametrize("ending", ["0123", "50123", "5550123", "555 01 23"])
def test_an_ending_of_four_digits_is_enough(begin: Begin, source: str, ending: str) -> None:
    """Who remembers how a number ends finds it; another ending of the same last four digits does not fit."""
    wanted = begin()
    begin(caller="+48229990199")
    assert found(source, caller=ending) == [wanted]
    assert found(source, caller=f"7{ending}") == []


def test_extensions_and_names_are_found_whole(begin: Begin, source: str) -> None:
    """An extension is no ending of another, and an account is found by its name."""
    extension, longer, named = begin(called="101"), begin(called="2101"), begin(called="sekretariat")
    assert found(source, called="101") == [extension]
    assert found(source, called="2101") == [longer]
    assert found(source, called="Sekretariat") == [named]
    assert found(source, called="tariat") == []


def test_a_withheld_number_can_be_looked_for(begin: Begin, source: str) -> None:
    """Who called without a number is found by the word for it, not by leaving the field empty."""
    hidden, _ = begin(caller="anonymous"), begin()
    assert found(source, caller="zastrzeżony") == [hidden]
    assert len(found(source, called=OFFICE)) == 2


def test_both_numbers_must_fit(begin: Begin, source: str) -> None:
    """A call of the one with somebody else is no hit."""
    wanted = begin()
    begin(called="+48745550111")
    begin(caller="+48225550999")
    assert found(source, caller=RESIDENT, called="0100") == [wanted]


def test_hits_stand_in_order_of_time(begin: Begin, source: str) -> None:
    """Of a date the earliest first, with an hour or without; where no date is known, the newest."""
    late, near, early = begin(90), begin(-10), begin(-200)
    day = civil_date(START)
    assert found(source, caller=RESIDENT, day=day, about=START) == [early, near, late]
    assert found(source, caller=RESIDENT, day=day) == [early, near, late]
    assert found(source, caller=RESIDENT, called=OFFICE) == [late, near, early]


def test_a_date_bounds_what_is_found_and_an_hour_near_midnight_reaches_beyond(
    begin: Begin, source: str
) -> None:
    """Two hours over midnight belong to an hour near it, as memory goes; other dates do not."""
    evening = begin(10 * 60 + 30)
    night = begin(11 * 60 + 30)
    day = date(2026, 11, 21)
    assert found(source, caller=RESIDENT, day=day) == [evening]
    assert found(source, caller=RESIDENT, day=day, about=START + timedelta(hours=10, minutes=50)) == [
        evening,
        night,
    ]
    assert found(source, caller=RESIDENT, day=date(2026, 11, 19)) == []


def test_there_are_pages_and_a_true_count(begin: Begin, source: str) -> None:
    """Twenty a page: the nearest to the hour first, then those before and after, each once, and back again."""
    every = [begin(minute) for minute in range(3 * MOST)]
    known = {"caller": RESIDENT, "day": civil_date(START)}
    first = find(source, **known, about=START + timedelta(minutes=30, seconds=-1))
    assert [call.id for call in first.calls] == every[MOST : 2 * MOST]
    assert (first.count, first.more) == (3 * MOST, True)
    before = find(source, **known, before=first.earlier)
    assert [call.id for call in before.calls] == every[:MOST]
    assert (before.earlier, before.count) == ("", 3 * MOST)
    after = find(source, **known, after=first.later)
    assert [call.id for call in after.calls] == every[2 * MOST :]
    assert after.later == ""
    assert [call.id for call in find(source, **known, after=before.later).calls] == every[MOST : 2 * MOST]


def test_pages_of_the_newest_lead_to_older_ones(begin: Begin, source: str) -> None:
    """Without a date the newest come first on every page; what names no call is the first page."""
    every = [begin(minute) for minute in range(MOST + 5)][::-1]
    newest = find(source, caller=RESIDENT)
    assert [call.id for call in newest.calls] == every[:MOST]
    assert newest.later == ""
    older = find(source, caller=RESIDENT, before=newest.earlier)
    assert [call.id for call in older.calls] == every[MOST:]
    assert (older.earlier, older.count) == ("", MOST + 5)
    assert find(source, caller=RESIDENT, before="no call") == newest
    assert not find(source, caller=RESIDENT, direction="outgoing").more


def test_only_the_lines_asked_for_are_looked_through(
    begin: Begin, source: str, add_line: Callable[..., str]
) -> None:
    """A call of another line is not found, nor is one the other way."""
    other = add_line("Other")
    elsewhere = begin(source_id=other)
    wanted = begin()
    assert found(source, caller=RESIDENT) == [wanted]
    assert found(other, caller=RESIDENT) == [elsewhere]
    assert found(source, caller=RESIDENT, direction="outgoing") == []


def test_a_destroyed_call_is_not_found(begin: Begin, source: str, clock: ManualClock) -> None:
    """Neither by its numbers nor by its date; its row is there, without them."""
    gone = begin()
    segment = finished(source, 0, 60, run=gone)
    services.book_segments([segment], clock)
    (held,) = call_queries.segments_of(source, gone, START)
    assert held.id == segment.id
    services.mark_destroyed(source, segment.day, segment.recipient)
    assert found(source, day=segment.day) == []
    assert call_queries.call(gone).destroyed
    assert call_queries.segments_of(source, gone, START) == []


@pytest.mark.django_db
def test_an_unknown_call_is_told() -> None:
    """There is no guessing."""
    with pytest.raises(NoSuchCallError):
        call_queries.call("ab" * 16)


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("column", "indexes"), [("caller", {"call_by_caller", "call_by_both"}), ("called", {"call_by_called"})]
)
def test_an_ending_is_found_by_its_index(begin: Begin, column: str, indexes: set[str]) -> None:
    """The expression that is asked for is the one that is indexed, on either database."""
    begin()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
    rows = Call.objects.alias(ending=NumberSuffix(column)).filter(ending="0123").order_by("-start")
    assert any(index in rows.explain() for index in indexes)


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the other database chooses by how many rows there are"
)
@pytest.mark.parametrize("side", ["caller", "called"])
def test_calls_of_a_number_are_counted_by_its_index_alone(begin: Begin, source: str, side: str) -> None:
    """However many the office's own number has: what decides which fit stands in the index, so that no row is read to count them."""
    begin()
    with CaptureQueriesContext(connection) as asked:
        assert find(source, **{side: RESIDENT if side == "caller" else OFFICE}).count == 1
    (counting,) = [each["sql"] for each in asked if "COUNT(*)" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {counting}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert f"USING COVERING INDEX call_by_{side}" in plan


def test_what_is_looked_for_is_the_whole_or_an_ending() -> None:
    """Four to eight digits may be an ending; nine are a number of this country; three an extension."""
    assert [search_term(written) for written in ("555 01 23", "225550123", "101", "ZUS")] == [
        ("5550123", True),
        (RESIDENT, False),
        ("101", False),
        ("zus", False),
    ]


def test_a_question_names_its_facts_and_never_the_numbers() -> None:
    """What is entered and what a log could show of it holds no number."""
    question = CallQuestion(RESIDENT, " ", date(2026, 11, 21), START, "", frozenset())
    assert question.facts == ("caller", "date", "hour")
    assert "555" not in repr(question)
