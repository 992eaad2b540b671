"""Whose a recording is that a killed recorder left is known once it was mended: holds and refusals of one call go by that."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog import queries as catalog
from rejent.catalog import services as booked
from rejent.catalog.models import Segment
from rejent.kernel.clock import local_midnight
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.models import Entry
from rejent.retention import services
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.checks import numbers_of_calls
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.views import REFUSED
from rejent.streams.calls.recorder.call_books import CallBooks
from tests.spoken_call import finished, recorded
from tests.unit.retention.office import RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
HELD, BESIDE = "cd" * 16, "ef" * 16
"""Two calls at one time, on one line."""
PAST_TERM = local_midnight(date(2026, 4, 2))


@pytest.fixture
def line(db: None, tmp_path: Path) -> tuple[RecordingOffice, str]:  # noqa: ARG001 - asked for its effect
    """An office that records calls on one line."""
    office = RecordingOffice.open(tmp_path, NOON, "walbrzych-mops")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 555",))
    line = call_services.add_line(name="Switchboard", stated=stated, clock=office.clock, actor="")
    office.sources["line"] = line
    day = NOON.date()
    booked.store_day_keys(line, {day: office.keys.make_keys(line, [day])[day].text}, clock=office.clock)
    return office, line


def begun(office: RecordingOffice, call: str) -> None:
    """A call was entered."""
    line = office.sources["line"]
    told = call_services.BegunCall(
        call, line, NOON.date(), NOON, "incoming", "105550123", "745550100", "siprec"
    )
    call_services.begin_call(told, clock=office.clock)


def torn(office: RecordingOffice, call: str, taken_for_s: float = 0.001, *, lasts: float = 20) -> None:
    """What its recorder left when it was killed two thirds of the way through was booked, as so long."""
    line, day = office.sources["line"], NOON.date()
    recipient = catalog.recipient(line, day)
    assert recipient is not None
    (kept,) = recorded(call, NOON, lasts)
    sealed = office.sealed(kept.content[: len(kept.content) * 2 // 3], recipient)
    segment = finished(line, kept, sealed, recipient)
    taken_for = NOON + timedelta(seconds=taken_for_s)
    with office.store.create(segment.object_name) as writer:
        writer.write(sealed)
        writer.commit()
    booked.book_segments(
        [replace(segment, run="", end=taken_for, units=0, recovered=True, traits={})], office.clock
    )


def given_up(office: RecordingOffice) -> None:
    """The recorder that came after it ended what was left of an earlier run, and did not wait for the keeper any more."""
    books = CallBooks(office.clock)
    books.end_abandoned([office.sources["line"]])
    office.clock.advance(timedelta(minutes=6))
    books.end_abandoned([office.sources["line"]])


@pytest.fixture(params=[0.001, 5])
def office(request: pytest.FixtureRequest, line: tuple[RecordingOffice, str]) -> RecordingOffice:
    """An office whose recorder was killed during two calls; what it left was booked, as so long, and mended."""
    office, _ = line
    for call in (HELD, BESIDE):
        begun(office, call)
        torn(office, call, request.param)
    assert services.keep_once(office.keeping).mended == 2
    return office


def test_a_hold_keeps_its_own_call_alone(office: RecordingOffice) -> None:
    """Of two that were cut short at one time the one that nobody holds goes with its term."""
    for call in (HELD, BESIDE):
        call_services.end_call(call, NOON + timedelta(seconds=14), "recorder", clock=office.clock)
    line = office.sources["line"]
    services.place_hold(
        source_id=line, start=NOON, end=NOON + timedelta(minutes=1), case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli", item=HELD,
    )  # fmt: skip
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    (kept,) = office.living(line, NOON, NOON + timedelta(hours=1))
    assert kept.run == HELD
    assert len(list(office.store.objects())) == 1
    assert {row.pk for row in Call.objects.filter(destroyed=False)} == {HELD}


@pytest.mark.parametrize("placed_when_mended", [True, False])
def test_a_hold_of_a_call_keeps_what_a_late_keeper_mends(
    line: tuple[RecordingOffice, str], placed_when_mended: bool
) -> None:
    """However long nobody mended what a killed recorder left, and whatever end the call was given by then: all of it is kept, and goes when the hold ends."""
    office, source = line
    for call in (HELD, BESIDE):
        begun(office, call)
        torn(office, call, lasts=30)
    given_up(office)
    if placed_when_mended:
        assert services.keep_once(office.keeping).mended == 2
    hold = services.place_hold(
        source_id=source, start=NOON, end=NOON + timedelta(seconds=1), case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli", item=HELD,
    )  # fmt: skip
    assert services.keep_once(office.keeping).failed == []
    (whole,) = [each for each in office.living(source, NOON, NOON + timedelta(hours=1)) if each.run == HELD]
    assert whole.end > NOON + timedelta(seconds=15)
    assert Call.objects.get(pk=HELD).end == whole.end
    assert not [*guarded_rows("catalog"), *guarded_rows("calls"), *numbers_of_calls()]
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    (kept,) = office.living(source, NOON, NOON + timedelta(hours=1))
    assert (kept.run, kept.start, kept.end) == (HELD, whole.start, whole.end)
    services.end_hold(hold.number, reason="over", clock=office.clock, ledger=None, actor="cli")
    assert services.keep_once(office.keeping).failed == []
    assert list(office.store.objects()) == []


def test_what_a_refused_call_left_goes(office: RecordingOffice) -> None:
    """Whoever refused before the recorder was killed is not kept until the term for that."""
    line = office.sources["line"]
    call_services.refuse_call(line, BESIDE, "key", 12, clock=office.clock)
    call_services.end_call(BESIDE, NOON + timedelta(seconds=14), REFUSED, clock=office.clock)
    assert services.keep_once(office.keeping).withdrawn == 1
    (kept,) = office.living(line, NOON, NOON + timedelta(hours=1))
    assert kept.run == HELD
    assert len(list(office.store.objects())) == 1


def test_what_a_refused_call_left_goes_however_late_it_is_mended(line: tuple[RecordingOffice, str]) -> None:
    """A recorder was killed between the refusal and the end of the object, and the call had been given up when a keeper came."""
    office, source = line
    begun(office, BESIDE)
    call_services.refuse_call(source, BESIDE, "key", 12, clock=office.clock)
    torn(office, BESIDE)
    given_up(office)
    assert Call.objects.get().ended_by == REFUSED
    done = services.keep_once(office.keeping)
    assert (done.mended, done.withdrawn) == (1, 1)
    assert list(office.store.objects()) == []
    assert Call.objects.get().destroyed
    assert not [*guarded_rows("catalog"), *guarded_rows("calls"), *numbers_of_calls()]


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("keeper_comes_at", [timedelta(days=2), timedelta(days=60)])
def test_a_call_that_nobody_ends_names_nobody_after_its_term(
    line: tuple[RecordingOffice, str], keeper_comes_at: timedelta, *, refused: bool
) -> None:
    """A recorder was killed, and the line was struck off: keepers end the call once it is over for sure, whenever they come."""
    office, source = line
    begun(office, HELD)
    if refused:
        call_services.refuse_call(source, HELD, "key", 12, clock=office.clock)
        torn(office, HELD)
    booked.remove_source(source, clock=office.clock, actor="")
    office.go_to(NOON + timedelta(hours=24))
    services.keep_once(office.keeping)
    assert Call.objects.get().end is None
    office.go_to(NOON + keeper_comes_at)
    assert services.keep_once(office.keeping).failed == []
    row = Call.objects.get()
    assert row.ended_by == (REFUSED if refused else call_services.STOPPED)
    if refused:
        assert list(office.store.objects()) == []
    office.go_to(max(office.clock.now(), PAST_TERM))
    assert services.keep_once(office.keeping).failed == []
    row = Call.objects.get()
    assert (row.caller, row.called, row.salt, row.destroyed) == ("", "", "", True)
    assert not [*guarded_rows("catalog"), *guarded_rows("calls"), *numbers_of_calls()]


@pytest.mark.parametrize(
    ("undecided", "entered", "left"),
    [("refuse", False, 0), ("record", False, 1), ("refuse", True, 1), ("refuse", None, 1)],
)
def test_what_nobody_decided_is_kept_where_the_line_says_so(
    line: tuple[RecordingOffice, str], undecided: str, *, entered: bool | None, left: int
) -> None:
    """A recorder was killed before it knew of its call; one that had entered it had decided, and that its act was erased makes no recording go."""
    office, source = line
    call_services.change_line(source, stated=StatedLine(undecided=undecided), clock=office.clock, actor="")
    if entered is not False:
        begun(office, HELD)
    if entered is None:
        Call.objects.all().delete()
        Entry.objects.filter(act="call.begun").update(facts=None, salt=None)
    torn(office, HELD)
    done = services.keep_once(office.keeping)
    assert (done.failed, done.mended, done.withdrawn) == ([], 1, 1 - left)
    assert len(list(office.store.objects())) == left
    if entered is not None:
        assert not [*guarded_rows("catalog"), *guarded_rows("calls"), *numbers_of_calls()]


def test_what_nobody_decided_stays_while_it_is_held(line: tuple[RecordingOffice, str]) -> None:
    """A hold of that time comes first, and it goes when the hold ends."""
    office, source = line
    call_services.change_line(source, stated=StatedLine(undecided="refuse"), clock=office.clock, actor="")
    torn(office, HELD)
    hold = services.place_hold(
        source_id=source, start=NOON, end=NOON + timedelta(minutes=1), case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    )  # fmt: skip
    assert services.keep_once(office.keeping).withdrawn == 0
    assert len(list(office.store.objects())) == 1
    services.end_hold(hold.number, reason="over", clock=office.clock, ledger=None, actor="cli")
    assert services.keep_once(office.keeping).withdrawn == 1
    assert list(office.store.objects()) == []


def test_the_mended_word_is_the_ledgers(office: RecordingOffice) -> None:
    """A row that says otherwise counts for nothing: whose the object is is not known then."""
    line = office.sources["line"]
    (segment,) = Segment.objects.filter(run=HELD)
    Segment.objects.filter(pk=segment.pk).update(run=BESIDE)
    assert catalog.verified_run(segment.pk) is None
    assert len(catalog.objects_of_item(line, BESIDE)) == 1
