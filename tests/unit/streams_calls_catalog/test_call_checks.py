"""What fsck finds of calls: rows that differ from the ledger, that were planted or taken away, and numbers kept too long."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rejent.catalog import services
from rejent.catalog.models import Segment
from rejent.kernel.clock import ManualClock
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.models import Entry
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.views import CallQuestion
from tests.unit.catalog.conftest import START, finished
from tests.unit.streams_calls_catalog.checked import codes

DAY = date(2026, 11, 21)
ENDED, RUNNING = "ab" * 16, "cd" * 16


def begun(call: str, source: str) -> call_services.BegunCall:
    """Return what is entered when a call begins."""
    return call_services.BegunCall(
        call, source, DAY, START, "incoming", "22 555 01 23", "745550100", "siprec"
    )


@pytest.fixture(autouse=True)
def two_calls(source: str, clock: ManualClock) -> None:
    """One that is over, one that runs."""
    for call in (ENDED, RUNNING):
        call_services.begin_call(begun(call, source), clock=clock)
    call_services.end_call(ENDED, START + timedelta(minutes=2), "bye", clock=clock)


def test_a_sound_catalogue_has_no_finding() -> None:
    """Neither the call that is over nor the one that runs."""
    assert codes() == []


@pytest.mark.parametrize(
    ("call", "changed"),
    [
        (ENDED, {"direction": "outgoing"}),
        (ENDED, {"day": DAY - timedelta(days=1)}),
        (ENDED, {"start": START - timedelta(hours=1)}),
        (ENDED, {"end": START + timedelta(hours=1)}),
        (ENDED, {"end": None}),
        (ENDED, {"end": None, "ended_by": ""}),
        (ENDED, {"ended_by": "vanished"}),
        (ENDED, {"profile": "other"}),
        (ENDED, {"caller": "+48105550199"}),
        (ENDED, {"caller": "+48745550100", "called": "+48225550123"}),
        (ENDED, {"commitment": "0" * 64}),
        (RUNNING, {"called": ""}),
        (RUNNING, {"salt": "00"}),
        (RUNNING, {"end": START + timedelta(hours=1), "ended_by": "bye"}),
    ],
)
def test_a_row_that_was_edited_is_found(call: str, changed: dict[str, Any]) -> None:
    """Whatever the ledger tells of a call, the row must hold; of one that runs also that it runs."""
    Call.objects.filter(pk=call).update(**changed)
    assert set(codes()) == {"calls.differs-from-ledger"}


def test_numbers_that_were_exchanged_are_found(source: str, clock: ManualClock) -> None:
    """Each call has its own under its own salt, whatever goes along with them."""
    told = ("caller", "called", "salt", "commitment")
    call_services.begin_call(replace(begun("ef" * 16, source), caller="101"), clock=clock)
    one, other = (Call.objects.filter(pk=pk).values(*told).get() for pk in (ENDED, "ef" * 16))
    Call.objects.filter(pk=ENDED).update(**other)
    Call.objects.filter(pk="ef" * 16).update(**one)
    assert codes() == ["calls.differs-from-ledger"] * 2


def test_a_planted_row_is_found(source: str) -> None:
    """No entry tells of it, whatever it says."""
    Call.objects.create(
        id="0" * 32, source_id=source, day=DAY, start=START, direction="incoming", salt="00" * 32
    )
    assert codes() == ["calls.not-in-ledger"]


def test_a_copy_of_a_row_under_another_name_is_found() -> None:
    """The entry is of the call that it names."""
    row = Call.objects.get(pk=ENDED)
    row.pk = "0" * 32
    row.save(force_insert=True)
    assert codes() == ["calls.not-in-ledger"]


@pytest.mark.parametrize("call", [ENDED, RUNNING])
def test_a_row_that_was_taken_away_is_found(call: str) -> None:
    """The ledger tells that there was a call."""
    Call.objects.filter(pk=call).delete()
    assert codes() == ["calls.row-missing"]


def test_numbers_that_outlive_the_recording_are_found(source: str, clock: ManualClock) -> None:
    """And a call that names nobody while it can still be heard."""
    segment = finished(source, 0, 60, run=ENDED)
    services.book_segments([segment], clock)
    Call.objects.filter(pk=ENDED).update(caller="", called="", salt="", destroyed=True)
    assert codes() == ["catalog.call-nameless"]
    Call.objects.filter(pk=ENDED).update(caller="101", salt="00" * 32, destroyed=False)
    Segment.objects.update(state="destroyed")
    assert codes() == ["calls.differs-from-ledger", "catalog.numbers-kept"]
    Segment.objects.update(state="sealed")
    services.mark_destroyed(source, DAY, segment.recipient)
    assert codes() == []


def test_a_call_that_names_nobody_before_its_time_is_found() -> None:
    """Its row verifies without its numbers, so that they can go: while it can be heard they may not."""
    Call.objects.filter(pk=ENDED).update(**Call.blanked())
    assert codes() == ["catalog.call-nameless"]
    Call.objects.filter(pk=ENDED).update(commitment="0" * 64)
    assert codes() == ["calls.differs-from-ledger", "catalog.call-nameless"]


def test_the_ledger_does_not_hold_the_numbers() -> None:
    """Nothing that is entered of a call spells them, and nothing that is left of the row finds them."""
    facts = [entry.facts for entry in Entry.objects.filter(act="call.begun")]
    assert len(facts) == 2
    assert not any("55501" in each for each in facts)
    one, other = Call.objects.values_list("commitment", flat=True)
    assert one != other


def test_a_call_whose_row_was_altered_is_not_found_or_opened(source: str, clock: ManualClock) -> None:
    """Who looks for the numbers that were put in gets nothing, and it is not ended anew."""
    question = CallQuestion("48105550199", "", DAY, None, "", frozenset({source}))
    Call.objects.filter(pk=RUNNING).update(caller="+48105550199")
    assert call_queries.find_calls(question).calls == ()
    with pytest.raises(LedgerMismatchError):
        call_queries.verified_call(RUNNING)
    call_services.end_call(RUNNING, START + timedelta(minutes=1), "bye", clock=clock)
    assert Call.objects.get(pk=RUNNING).end is None
