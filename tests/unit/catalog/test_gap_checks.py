"""Gaps that are talked away: each that the ledger says must stand is missed once its row is gone."""

from datetime import timedelta

import pytest
from django.db import transaction

from rejent.catalog import services
from rejent.catalog.coverage import Missing
from rejent.catalog.gap_checks import gaps_against_ledger
from rejent.catalog.models import Gap
from rejent.catalog.services.gaps import book_gaps
from rejent.kernel.clock import ManualClock
from rejent.registers.services import erase
from tests.unit.catalog.conftest import START, finished

SECOND = timedelta(seconds=1)


@pytest.fixture
def line(source: str, clock: ManualClock) -> str:
    """A line with a gap that is over, one that a late recording cut in two, and one that goes on."""
    booked = [(100, 200, "recorder-stopped"), (300, 400, "no-recording")]
    with transaction.atomic():
        book_gaps(
            (
                (source, Missing(START + first * SECOND, START + last * SECOND, cause))
                for first, last, cause in booked
            ),
            clock,
        )
    services.open_gap(source, START + 500 * SECOND, "stalled", clock=clock)
    services.close_gap(source, START + 600 * SECOND, clock=clock)
    services.open_gap(source, START + 700 * SECOND, "stalled", clock=clock)
    services.open_gap(source, START + 800 * SECOND, "unreachable", clock=clock)
    services.book_segments([finished(source, 330, 350, recovered=True)], clock)
    return source


def found() -> list[tuple[str, str]]:
    """What is found of gaps, and of which."""
    return [(each.code, str(each.facts["thing"])) for each in gaps_against_ledger()]


def test_gaps_that_were_opened_closed_and_cut_are_as_the_ledger_says(line: str, clock: ManualClock) -> None:
    """Whatever becomes of a gap, the last word is what must stand; one that a recording covers whole is not missed."""
    assert Gap.objects.filter(source=line).count() == 6
    assert found() == []
    services.book_segments([finished(line, 99, 201, recovered=True), finished(line, 790, 810)], clock)
    assert Gap.objects.filter(source=line, start__lt=START + 201 * SECOND).count() == 0
    assert found() == []


@pytest.mark.parametrize("gone", range(6))
def test_a_gap_whose_row_is_gone_is_found(line: str, gone: int) -> None:
    """Also of a line, of which nobody expects a recording all the time."""
    row = Gap.objects.order_by("start")[gone]
    thing = f"gap:{line}/{row.start.isoformat()}"
    row.delete()
    assert found() == [("catalog.row-missing", thing)]


def test_every_gap_is_missed_where_none_is_left(line: str) -> None:
    """One finding each."""
    things = [f"gap:{line}/{row.start.isoformat()}" for row in Gap.objects.order_by("entry", "start")]
    Gap.objects.all().delete()
    assert found() == [("catalog.row-missing", thing) for thing in things]


def test_a_row_that_goes_by_an_earlier_word_is_found(line: str) -> None:
    """What an act says that a later one took back is not what must stand."""
    closed = Gap.objects.get(start=START + 500 * SECOND)
    opened = closed.entry - 1 if closed.entry else None
    Gap.objects.filter(end__isnull=True).delete()
    Gap.objects.filter(pk=closed.pk).update(entry=opened, end=None)
    assert ("catalog.row-missing", f"gap:{line}/{closed.start.isoformat()}") in found()


def test_a_gap_that_is_there_twice_is_found(line: str) -> None:
    """A second row under one act has no piece of it."""
    row = Gap.objects.filter(source=line).order_by("start")[0]
    row.pk = None
    row.save(force_insert=True)
    assert found() == [("catalog.differs-from-ledger", f"gap:{row.pk}")]


def test_an_erased_act_excuses_the_gap_it_may_have_ended(line: str) -> None:
    """What it left itself is not known any more; a correction may have ended another, and a second that is gone is found."""
    first, second, third, fourth, *_ = Gap.objects.order_by("start")
    for row in (first, second):
        assert row.entry is not None
        with transaction.atomic():
            erase(row.entry, actor="", reason="test", at=START)
    Gap.objects.filter(pk__in=[first.pk, second.pk, third.pk]).delete()
    assert found() == []
    fourth.delete()
    assert found() == [
        ("catalog.row-missing", f"gap:{line}/{(START + start * SECOND).isoformat()}") for start in (300, 500)
    ]


def test_an_open_gap_whose_end_was_erased_is_not_missed(line: str) -> None:
    """It may be the one that was closed; one that began later is missed."""
    closed, _, open_one = Gap.objects.filter(start__gte=START + 500 * SECOND).order_by("start")
    assert closed.entry is not None
    with transaction.atomic():
        erase(closed.entry, actor="", reason="test", at=START)
    closed.delete()
    assert found() == []
    open_one.delete()
    assert found() == [("catalog.row-missing", f"gap:{line}/{(START + 800 * SECOND).isoformat()}")]
