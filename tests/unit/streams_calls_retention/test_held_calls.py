"""What a hold keeps of calls: whole ones as they are, parts of them cut at clusters, and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from rejent.catalog import queries as catalog
from rejent.catalog import services as booked
from rejent.catalog.checks import findings
from rejent.catalog.models import Segment
from rejent.formats.matroska.reader import CallReader
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval
from rejent.registers.guard.checks import guarded_rows
from rejent.retention import queries, services
from rejent.retention.errors import AlreadyDestroyedError, HoldRefusedError
from rejent.retention.models import Hold
from rejent.retention.stream_parts import OBJECTS, Part
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.errors import NoSuchCallError
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.views import REFUSED
from rejent.streams.calls.retention.objects import FORMAT
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.sealed_reader import SealedReader
from tests.spoken_call import finished, recorded
from tests.unit.retention.office import RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
LASTS = 20
CALLS = {
    "ab" * 16: NOON,
    "cd" * 16: NOON + timedelta(minutes=5),
    "ef" * 16: NOON + timedelta(minutes=5, seconds=3),
}
"""The last two at one time, on one line."""
PAST_TERM = local_midnight(date(2026, 4, 2))


@pytest.fixture
def office(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office that records calls for at most 30 days, with three calls of twenty seconds."""
    office = RecordingOffice.open(tmp_path, NOON, "walbrzych-mops")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 555",))
    line = call_services.add_line(name="Switchboard", stated=stated, clock=office.clock, actor="")
    office.sources["line"] = line
    day = NOON.date()
    recipient = office.keys.make_keys(line, [day])[day].text
    booked.store_day_keys(line, {day: recipient}, clock=office.clock)
    for call, start in CALLS.items():
        begun = call_services.BegunCall(
            call, line, day, start, "incoming", "105550123", "745550100", "siprec"
        )
        call_services.begin_call(begun, clock=office.clock)
        for kept in recorded(call, start, LASTS):
            sealed = office.sealed(kept.content, recipient)
            segment = finished(line, kept, sealed, recipient)
            with office.store.create(segment.object_name) as writer:
                writer.write(sealed)
                writer.commit()
            booked.book_segments([segment], office.clock)
        call_services.end_call(call, start + timedelta(seconds=LASTS), "bye", clock=office.clock)
    return office


def hold(office: RecordingOffice, start: datetime, end: datetime, call: str = "") -> str:
    """Somebody needs what the line recorded between two instants, or one call; the hold's number."""
    held = services.place_hold(
        source_id=office.sources["line"], start=start, end=end, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli", item=call,
    )  # fmt: skip
    return held.number


def left(office: RecordingOffice) -> list[CallReader]:
    """What is left of both calls, opened."""
    living = office.living(office.sources["line"], NOON, NOON + timedelta(hours=1))
    assert {stored.name for stored in office.store.objects()} == {segment.object_name for segment in living}
    return [CallReader(office.content(segment)) for segment in living]


def test_a_part_of_a_call_outlives_its_term_alone(office: RecordingOffice) -> None:
    """Of a call that a hold covers for four seconds those are kept, with half a second before and behind at most; every packet is as it came.

    The other calls are gone with their numbers, the held one still names its parties, and nothing is found wrong.
    """
    whole = list(recorded("ab" * 16, NOON, LASTS)[0].reader.packets())
    wanted = (NOON + timedelta(seconds=10), NOON + timedelta(seconds=14))
    hold(office, *wanted)
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    (part,) = left(office)
    kept = list(part.packets())
    assert kept == [one for one in whole if kept[0].arrival <= one.arrival <= kept[-1].arrival]
    seconds = [(one.arrival - part.start) / 1e9 for one in (kept[0], kept[-1])]
    assert 9.4 <= seconds[0] <= 10.01
    assert 13.97 <= seconds[1] <= 14.51
    assert part.manifest is not None
    assert part.manifest["legs"][0]["packets"]["speech"] == sum(one.leg == 0 for one in kept)
    assert part.manifest["legs"][0]["party"] == "caller"
    assert {row.pk for row in Call.objects.exclude(caller="")} == {"ab" * 16}
    assert list(findings(office.store, office.clock)) == []


def test_a_call_that_is_held_whole_stays_byte_by_byte(office: RecordingOffice) -> None:
    """Only its head is another one; what is in it is what the recorder sealed."""
    hold(office, NOON - timedelta(seconds=1), NOON + timedelta(minutes=1))
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    (segment,) = office.living(office.sources["line"], NOON, NOON + timedelta(hours=1))
    (kept,) = recorded("ab" * 16, NOON, LASTS)
    assert sha256(office.content(segment)).digest() == sha256(kept.content).digest()


def test_a_row_that_says_that_a_call_began_earlier_keeps_no_keeper_busy(office: RecordingOffice) -> None:
    """What is held of a time in which nothing was recorded is not sought for ever; the beginning is kept, and the round ends."""
    Segment.objects.filter(run="ab" * 16).update(start=NOON - timedelta(seconds=10))
    hold(office, NOON - timedelta(seconds=10), NOON + timedelta(seconds=4))
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    (part,) = left(office)
    seconds = [(one.arrival - part.start) / 1e9 for one in part.packets()]
    assert min(seconds) < 0.1
    assert 3.97 <= max(seconds) <= 4.51


def test_a_part_that_cannot_be_kept_stops_its_own_key_alone(
    office: RecordingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried, what a hold keeps does not become less: that is told, its key lives on, and another's dies."""
    stated = StatedLine(siprec="127.0.0.1:5062", numbers=("+48 74 556",))
    other = call_services.add_line(name="Other", stated=stated, clock=office.clock, actor="")
    office.record(other, NOON, b"other")
    hold(office, NOON + timedelta(seconds=10), NOON + timedelta(seconds=14))

    def too_little(*told: Any) -> list[Part]:
        parts = FORMAT.parts_of(*told)
        ends = [part.interval.start + timedelta(milliseconds=1) for part in parts]
        return [
            replace(part, interval=Interval(part.interval.start, end))
            for part, end in zip(parts, ends, strict=True)
        ]

    monkeypatch.setattr(OBJECTS, "_loaded", {"calls": replace(FORMAT, parts_of=too_little)})
    office.go_to(PAST_TERM)
    (failed,) = services.keep_once(office.keeping).failed
    assert "could not be sealed anew" in failed
    living = {segment.source_id for segment in office.living(other, NOON, PAST_TERM)}
    assert living == set()
    assert len(office.living(office.sources["line"], NOON, NOON + timedelta(hours=1))) == len(CALLS)


def test_two_parts_of_one_call_become_two_objects(office: RecordingOffice) -> None:
    """What lies between two holds goes; both parts can be read, and the second knows what was negotiated in the first seconds."""
    for first in (2, 16):
        hold(office, NOON + timedelta(seconds=first), NOON + timedelta(seconds=first + 2))
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    parts = left(office)
    reached = [[(one.arrival - part.start) / 1e9 for one in part.packets()] for part in parts]
    assert [
        1.4 < min(reached[0]) < max(reached[0]) < 4.6,
        15.4 < min(reached[1]) < max(reached[1]) < 18.6,
    ] == [True] * 2
    assert [sorted(part.counted()) for part in parts] == [[0, 1], [0, 1]]
    assert {call.id for call in call_queries.calls_on(NOON.date()) if not call.destroyed} == {"ab" * 16}


def test_one_call_is_held_and_none_of_those_beside_it(office: RecordingOffice) -> None:
    """Of two calls at one time on one line only the held one outlives its term, whole; once its hold is lifted it goes, too.

    What was stated of the time only had to meet the call.
    """
    number = hold(office, NOON + timedelta(minutes=5, seconds=4), NOON + timedelta(minutes=6), "cd" * 16)
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    (kept,) = left(office)
    assert (kept.call, kept.manifest["final"] if kept.manifest else None) == ("cd" * 16, True)
    assert {row.pk for row in Call.objects.exclude(caller="")} == {"cd" * 16}
    assert list(findings(office.store, office.clock)) == []
    assert list(guarded_rows("retention")) == []
    start, end = CALLS["cd" * 16], CALLS["cd" * 16] + timedelta(seconds=LASTS)
    line, day = office.sources["line"], NOON.date()
    assert queries.readable(line, day, start, end, office.clock, run="cd" * 16) == [Interval(start, end)]
    assert queries.readable(line, day, start, end, office.clock, run="ef" * 16) == []
    services.end_hold(number, reason="over", clock=office.clock, ledger=None, actor="cli")
    assert services.keep_once(office.keeping).failed == []
    assert left(office) == []


@pytest.mark.parametrize(("call", "minutes"), [("ab" * 16, 5), ("00" * 16, 0)])
def test_a_call_of_another_time_or_none_is_not_held(office: RecordingOffice, call: str, minutes: int) -> None:
    """Whoever mistypes one of the two is told so, and nothing is held."""
    start = NOON + timedelta(minutes=minutes)
    with pytest.raises((HoldRefusedError, NoSuchCallError)):
        hold(office, start, start + timedelta(seconds=30), call)
    assert queries.holds() == []


def test_a_hold_of_one_call_that_is_widened_in_the_database_is_found(office: RecordingOffice) -> None:
    """A row that says less of what a hold keeps lifts nothing, one that says more is believed, and both are told."""
    hold(office, NOON, NOON + timedelta(seconds=30), "ab" * 16)
    Hold.objects.update(item="")
    assert [found.code for found in guarded_rows("retention")] == ["retention.differs-from-ledger"]


def test_an_edited_row_takes_no_object_from_the_hold_of_its_call(office: RecordingOffice) -> None:
    """Whoever says in the database that an object is another call's loses nothing of the held one, and is found."""
    hold(office, NOON, NOON + timedelta(seconds=30), "ab" * 16)
    Segment.objects.filter(run="ab" * 16).update(run="00" * 16)
    assert "catalog.differs-from-ledger" in {found.code for found in findings(office.store, office.clock)}
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    assert [part.call for part in left(office)] == ["ab" * 16]


def test_a_call_is_held_when_it_was_whatever_its_row_says(office: RecordingOffice) -> None:
    """Whoever moves a call in the database before it is held does not take it from the hold."""
    Call.objects.filter(pk="ab" * 16).update(start=NOON + timedelta(hours=3), end=NOON + timedelta(hours=4))
    hold(office, NOON + timedelta(hours=3), NOON + timedelta(hours=4), "ab" * 16)
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    assert [part.call for part in left(office)] == ["ab" * 16]


def test_a_call_that_was_withdrawn_is_not_held(office: RecordingOffice) -> None:
    """Nobody is told that a recording is safe of which nothing is left."""
    line = office.sources["line"]
    call_services.refuse_call(line, "ab" * 16, "key", 12, clock=office.clock)
    Call.objects.filter(pk="ab" * 16).update(ended_by=REFUSED)
    assert services.keep_once(office.keeping).withdrawn == 1
    with pytest.raises(AlreadyDestroyedError):
        hold(office, NOON, NOON + timedelta(seconds=30), "ab" * 16)
    assert queries.holds() == []


def test_a_hold_after_midnight_keeps_what_began_before(db: None, tmp_path: Path) -> None:  # noqa: ARG001 - asked for its effect
    """A file of a PBX that lasts over midnight belongs to the date it began on; a hold of its second part keeps it all the same."""
    office = RecordingOffice.open(tmp_path, NOON, "walbrzych-mops")
    stated = StatedLine(folder="/srv/pbx", numbers=("+48 74 555",), form="csv")
    line = call_services.add_line(name="Folder", stated=stated, clock=office.clock, actor="")
    midnight = local_midnight(date(2026, 3, 2))
    start, end = midnight - timedelta(hours=1), midnight + timedelta(hours=2)
    (kept,) = recorded("ab" * 16, start, LASTS)
    recipient = office.keys.make_keys(line, [NOON.date()])[NOON.date()].text
    booked.store_day_keys(line, {NOON.date(): recipient}, clock=office.clock)
    sealed = office.sealed(kept.content, recipient)
    segment = replace(finished(line, kept, sealed, recipient), end=end)
    with office.store.create(segment.object_name) as writer:
        writer.write(sealed)
        writer.commit()
    booked.book_segments([segment], office.clock)
    office.sources["line"] = line
    hold(office, midnight + timedelta(minutes=30), midnight + timedelta(minutes=50))
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    assert [each.state for each in office.living(line, start, end)] == ["held"]
    assert len(list(office.store.objects())) == 1


class CountingSource(MemorySource):
    """Knows how much was read of it."""

    asked = 0

    def read_at(self, offset: int, length: int) -> bytes:
        """As any source, and counted."""
        self.asked += min(length, self.size - offset)
        return super().read_at(offset, length)


def test_a_file_of_hours_is_kept_whole_without_being_read(db: None, tmp_path: Path) -> None:  # noqa: ARG001 - asked for its effect
    """What a PBX recorded may be larger than memory; that it cannot be cut is told by how it begins."""
    office = RecordingOffice.open(tmp_path, NOON, "walbrzych-mops")
    stated = StatedLine(folder="/srv/pbx", numbers=("+48 74 555",), form="csv")
    line = call_services.add_line(name="Folder", stated=stated, clock=office.clock, actor="")
    (kept,) = recorded("ab" * 16, NOON, LASTS)
    recipient = office.keys.make_keys(line, [NOON.date()])[NOON.date()].text
    booked.store_day_keys(line, {NOON.date(): recipient}, clock=office.clock)
    file = b"RIFF" + bytes(1_000_000)
    sealed = office.sealed(file, recipient)
    booked.book_segments([finished(line, kept, sealed, recipient)], office.clock)
    (segment,) = catalog.segments(line, NOON, NOON + timedelta(seconds=LASTS))
    whole = CountingSource(sealed)
    reader = SealedReader(whole, [office.keys.identity_by_recipient(recipient)])
    assert FORMAT.parts_of(reader, segment, [Interval(NOON, NOON + timedelta(seconds=LASTS / 2))]) == []
    assert whole.asked < len(file) / 2
