"""What fsck finds of calls: rows that differ from the ledger, that were planted or taken away, and numbers kept too long."""

from datetime import date, timedelta
from typing import Any

import pytest

from rejent.catalog import services
from rejent.catalog.models import Segment
from rejent.kernel.clock import ManualClock
from rejent.registers.models import Entry
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.call_checks import calls_against_ledger
from rejent.streams.calls.catalog.models import Call
from tests.unit.catalog.conftest import START, finished

DAY = date(2026, 11, 21)
ENDED, RUNNING = "ab" * 16, "cd" * 16


@pytest.fixture(autouse=True)
def two_calls(source: str, clock: ManualClock) -> None:
    """One that is over, one that runs."""
    for call in (ENDED, RUNNING):
        begun = call_services.BegunCall(
            call, source, DAY, START, "incoming", "22 555 01 23", "745550100", "siprec"
        )
        call_services.begin_call(begun, clock=clock)
    call_services.end_call(ENDED, START + timedelta(minutes=2), "bye", clock=clock)


def codes() -> list[str]:
    """The kinds of what is found."""
    return [found.code for found in calls_against_ledger()]


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
        (ENDED, {"ended_by": "vanished"}),
        (ENDED, {"profile": "other"}),
        (ENDED, {"caller": "+48105550199"}),
        (ENDED, {"caller": "+48745550100", "called": "+48225550123"}),
        (RUNNING, {"called": ""}),
        (RUNNING, {"salt": "00"}),
        (RUNNING, {"end": START + timedelta(hours=1), "ended_by": "bye"}),
    ],
)
def test_a_row_that_was_edited_is_found(call: str, changed: dict[str, Any]) -> None:
    """Whatever the ledger tells of a call, the row must hold; of one that runs also that it runs."""
    Call.objects.filter(pk=call).update(**changed)
    assert set(codes()) == {"catalog.differs-from-ledger"}


def test_a_planted_row_is_found(source: str) -> None:
    """Between the entries and behind them."""
    for number, entry in enumerate((0, 10_000)):
        Call.objects.create(
            id=f"{number:032x}", source_id=source, day=DAY, start=START, direction="incoming", entry=entry
        )
    assert codes() == ["catalog.not-in-ledger"] * 2


@pytest.mark.parametrize("call", [ENDED, RUNNING])
def test_a_row_that_was_taken_away_is_found(call: str) -> None:
    """The ledger tells that there was a call."""
    Call.objects.filter(pk=call).delete()
    assert codes() == ["catalog.row-missing"]


def test_numbers_that_outlive_the_recording_are_found(source: str, clock: ManualClock) -> None:
    """And a call that names nobody while it can still be heard."""
    segment = finished(source, 0, 60, run=ENDED)
    services.book_segments([segment], clock)
    Call.objects.filter(pk=ENDED).update(caller="", called="", salt="", destroyed=True)
    assert codes() == ["catalog.call-nameless"]
    Call.objects.filter(pk=ENDED).update(caller="101", destroyed=False)
    Segment.objects.update(state="destroyed")
    assert codes() == ["catalog.differs-from-ledger", "catalog.numbers-kept"]
    Segment.objects.update(state="sealed")
    services.mark_destroyed(source, DAY, segment.recipient)
    assert codes() == []


def test_the_ledger_does_not_hold_the_numbers() -> None:
    """What is entered of a call binds its numbers and spells neither of them."""
    facts = [entry.facts for entry in Entry.objects.filter(act="call.begun")]
    assert all('"numbers_commitment"' in each and "55501" not in each for each in facts)
    assert facts[0] != facts[1]
