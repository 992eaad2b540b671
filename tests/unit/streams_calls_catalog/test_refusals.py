"""Numbers that are never recorded, and calls whose recording was refused."""

from datetime import date, timedelta

import pytest

from rejent.catalog import queries as catalog_queries
from rejent.catalog import services
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.models import Entry
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.errors import NumberRefusedError
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.models import Call, RefusedNumber
from rejent.streams.calls.catalog.views import REFUSED
from tests.unit.catalog.conftest import START, finished
from tests.unit.streams_calls_catalog.checked import codes

NUMBER = "10 555 01 23"
CALL = "ab" * 16


@pytest.fixture
def line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line whose numbers begin with 75 734."""
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 75 734",))
    return call_services.add_line(name="Switchboard", stated=stated, clock=clock, actor="")


@pytest.mark.usefixtures("line")
def test_a_refused_number_stands_once_however_it_is_spelt(clock: ManualClock) -> None:
    """A second word for the same number gives the same refusal, and the list holds one spelling."""
    first = call_services.refuse_number(NUMBER, clock=clock, actor="")
    assert call_services.refuse_number("+48105550123", clock=clock, actor="") == first
    assert call_queries.refused_numbers() == {"+48105550123"}
    assert codes() == []


@pytest.mark.usefixtures("line")
def test_a_refusal_that_is_taken_back_names_nobody(clock: ManualClock) -> None:
    """The number and its salt are gone, the number may be entered anew, and the ledger agrees."""
    first = call_services.refuse_number(NUMBER, clock=clock, actor="")
    call_services.allow_number(first, clock=clock, actor="")
    assert call_queries.refusals() == []
    assert RefusedNumber.objects.get().salt == ""
    assert call_services.refuse_number(NUMBER, clock=clock, actor="") != first
    assert codes() == []
    with pytest.raises(NumberRefusedError):
        call_services.allow_number(first, clock=clock, actor="")


@pytest.mark.parametrize("number", ["75 734 55 00", "+48757340000", "101", "anonymous", "", "x" * 60])
@pytest.mark.usefixtures("line")
def test_what_would_silence_the_office_is_no_refusal(clock: ManualClock, number: str) -> None:
    """A number of the office, an extension, a name or nothing is refused, and nothing is entered."""
    with pytest.raises(NumberRefusedError):
        call_services.refuse_number(number, clock=clock, actor="")
    assert not RefusedNumber.objects.exists()


@pytest.mark.usefixtures("line")
def test_the_ledger_does_not_spell_the_number(clock: ManualClock) -> None:
    """Neither when it is entered nor when it is taken back."""
    call_services.allow_number(
        call_services.refuse_number(NUMBER, clock=clock, actor=""), clock=clock, actor=""
    )
    told = " ".join(
        f"{each.subject} {each.facts}" for each in Entry.objects.filter(act__startswith="call.number")
    )
    assert "5550123" not in told
    assert "refusal" in told


@pytest.mark.usefixtures("line")
def test_a_planted_or_exchanged_number_is_found(clock: ManualClock) -> None:
    """Whoever writes the table past the ledger silences no line; the check tells both ways of trying it."""
    call_services.refuse_number(NUMBER, clock=clock, actor="")
    RefusedNumber.objects.update(number="+48105550124")
    assert codes() == ["calls.differs-from-ledger"]
    RefusedNumber.objects.create(number="+48105550125", salt="00" * 32, since=clock.now(), entry=0)
    assert codes() == ["calls.differs-from-ledger", "calls.not-in-ledger"]
    assert call_queries.refused_numbers() == frozenset()


@pytest.mark.usefixtures("line")
def test_a_refusal_that_was_taken_back_does_not_stand_again(clock: ManualClock) -> None:
    """Put back to what it once was, its number is recorded all the same; taken away, a standing one is found missing."""
    first = call_services.refuse_number(NUMBER, clock=clock, actor="")
    stood = RefusedNumber.objects.filter(pk=first).values().get()
    call_services.allow_number(first, clock=clock, actor="")
    RefusedNumber.objects.filter(pk=first).update(**stood)
    assert call_queries.refused_numbers() == frozenset()
    assert codes() == ["calls.differs-from-ledger"]
    RefusedNumber.objects.all().delete()
    assert codes() == ["calls.row-missing"]


def begun(source: str, clock: ManualClock) -> None:
    """A call is recorded."""
    call = call_services.BegunCall(
        CALL, source, START.date(), START, "incoming", NUMBER, "757345500", "siprec"
    )
    call_services.begin_call(call, clock=clock)


def test_a_refused_call_of_which_nothing_was_booked_names_nobody(source: str, clock: ManualClock) -> None:
    """Its numbers go with its end, and the act tells how and when it was refused."""
    begun(source, clock)
    call_services.refuse_call(source, CALL, "key", 4.25, clock=clock)
    call_services.end_call(CALL, START + timedelta(seconds=5), REFUSED, clock=clock)
    row = Call.objects.get()
    assert (row.destroyed, row.caller, row.called, row.salt) == (True, "", "", "")
    assert call_queries.refused_calls() == []
    facts = Entry.objects.get(act="call.refused").facts
    assert '"after_ms":4250' in facts
    assert '"how":"key"' in facts


def test_what_was_booked_of_a_refused_call_waits_for_the_keeper(line: str, clock: ManualClock) -> None:
    """An earlier object keeps the call on the list until it is withdrawn; then ledger and rows agree."""
    begun(line, clock)
    booked = finished(line, 0, 60, run=CALL)
    services.book_segments([booked], clock)
    call_services.refuse_call(line, CALL, "key", 70, clock=clock)
    call_services.end_call(CALL, START + timedelta(seconds=70), REFUSED, clock=clock)
    assert call_queries.refused_calls() == [(line, CALL)]
    call_services.withdraw_call(CALL, catalog_queries.objects_of_item(line, CALL), clock=clock)
    assert call_queries.refused_calls() == []
    assert catalog_queries.objects_of_item(line, CALL) == []
    assert [found.code for found in guarded_rows("catalog")] == []
