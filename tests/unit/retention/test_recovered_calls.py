"""Whose a recording is that a killed recorder left is known once it was mended: holds and refusals of one call go by that."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog import queries as catalog
from rejent.catalog import services as booked
from rejent.catalog.lines import StatedLine
from rejent.catalog.models import Call, Segment
from rejent.catalog.views import REFUSED
from rejent.kernel.clock import local_midnight
from rejent.retention import services
from tests.spoken_call import finished, recorded
from tests.unit.retention.office import RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
HELD, BESIDE = "cd" * 16, "ef" * 16
"""Two calls at one time, on one line."""
PAST_TERM = local_midnight(date(2026, 4, 2))


@pytest.fixture(params=[0.001, 5])
def office(request: pytest.FixtureRequest, db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office whose recorder was killed during two calls; what it left was booked, as so long, and mended."""
    office = RecordingOffice.open(tmp_path, NOON, "walbrzych-mops")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 555",))
    line = booked.add_line(name="Switchboard", stated=stated, clock=office.clock, actor="")
    office.sources["line"] = line
    recipient = office.keys.make_keys(line, [NOON.date()])[NOON.date()].text
    booked.store_day_keys(line, {NOON.date(): recipient})
    for call in (HELD, BESIDE):
        begun = booked.BegunCall(
            call, line, NOON.date(), NOON, "incoming", "105550123", "745550100", "siprec"
        )
        booked.begin_call(begun, clock=office.clock)
        (kept,) = recorded(call, NOON, 20)
        sealed = office.sealed(kept.content[: len(kept.content) * 2 // 3], recipient)
        segment = finished(line, kept, sealed, recipient)
        taken_for = NOON + timedelta(seconds=request.param)
        with office.store.create(segment.object_name) as writer:
            writer.write(sealed)
            writer.commit()
        booked.book_segments(
            [replace(segment, run="", end=taken_for, frames=0, codec="", recovered=True)], office.clock
        )
    assert services.keep_once(office.keeping).mended == 2
    return office


def test_a_hold_keeps_its_own_call_alone(office: RecordingOffice) -> None:
    """Of two that were cut short at one time the one that nobody holds goes with its term."""
    for call in (HELD, BESIDE):
        booked.end_call(call, NOON + timedelta(seconds=14), "recorder", clock=office.clock)
    line = office.sources["line"]
    services.place_hold(
        source_id=line, start=NOON, end=NOON + timedelta(minutes=1), case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli", call=HELD,
    )  # fmt: skip
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    (kept,) = office.living(line, NOON, NOON + timedelta(hours=1))
    assert kept.run == HELD
    assert len(list(office.store.objects())) == 1
    assert {row.pk for row in Call.objects.filter(destroyed=False)} == {HELD}


def test_what_a_refused_call_left_goes(office: RecordingOffice) -> None:
    """Whoever refused before the recorder was killed is not kept until the term for that."""
    line = office.sources["line"]
    booked.refuse_call(line, BESIDE, "key", 12, clock=office.clock)
    booked.end_call(BESIDE, NOON + timedelta(seconds=14), REFUSED, clock=office.clock)
    assert services.keep_once(office.keeping).withdrawn == 1
    (kept,) = office.living(line, NOON, NOON + timedelta(hours=1))
    assert kept.run == HELD
    assert len(list(office.store.objects())) == 1


def test_the_mended_word_is_the_ledgers(office: RecordingOffice) -> None:
    """A row that says otherwise counts for nothing."""
    line = office.sources["line"]
    (segment,) = Segment.objects.filter(run=HELD)
    Segment.objects.filter(pk=segment.pk).update(run=BESIDE)
    assert catalog.sworn_run(line, segment.pk, segment.entry) == HELD
    assert len(catalog.objects_of_call(line, BESIDE)) == 1
