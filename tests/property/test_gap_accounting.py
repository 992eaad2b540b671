"""Whatever recorders, crashes and late bookings do, every instant is recorded or missing with a cause, and never both."""

import itertools
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rejent.catalog import queries, services
from rejent.catalog.coverage import SEAM, SETTLING
from rejent.kernel.clock import ManualClock, civil_date
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.office import services as office
from rejent.office.regulation.loading import example
from tests.examples import examples

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CAUSES = st.sampled_from(["unreachable", "stalled", "storage-full", "recorder-stopped"])
STEPS = st.integers(min_value=1, max_value=600).map(lambda tenths: timedelta(seconds=tenths / 2))


class NoBox:
    """For a camera that needs no password."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Nothing."""
        return f"{source_id}{user}{password}".encode()[:0]


class Accounting(RuleBasedStateMachine):
    """A recorder of one camera that records, pauses, dies, books late; and a keeper that sweeps."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(START)
        self.source = ""
        self.late: list[services.FinishedSegment] = []
        self.booked: list[Interval] = []
        self.cut: list[tuple[UUID, datetime, datetime]] = []
        self.position = START

    @initialize()
    def an_office_with_a_camera(self) -> None:
        """Everything is accounted for from the camera's first sign of life."""
        office.activate_regulation(
            example("pleszew"), in_force_from=date(2026, 1, 1), clock=self.clock, actor=""
        )
        self.source = services.add_source(
            stream="video", name=f"Camera {uuid4()}", address="rtsp://192.0.2.1/", building="Town hall", place="Door",
            kind="entrance", clock=self.clock, actor="", credentials_box=NoBox(),
        )  # fmt: skip
        services.open_gap(self.source, START, "starting", clock=self.clock)

    def segment(self, start: datetime, end: datetime, *, recovered: bool = False) -> services.FinishedSegment:
        """A segment of the recorder's run."""
        identifier = uuid4()
        return services.FinishedSegment(
            id=identifier,
            source_id=self.source,
            day=civil_date(start),
            start=start,
            end=end,
            run="run",
            object_name=f"{identifier}.age",
            bytes=1000,
            sha256=sha256(identifier.bytes).hexdigest(),
            recipient="age1day",
            units=1,
            index=b"",
            recovered=recovered,
            traits={"codec": "avc1", "width": 1, "height": 1},
        )

    def book(self, segment: services.FinishedSegment) -> None:
        """Book one segment and remember it."""
        services.book_segments([segment], self.clock)
        self.booked.append(segment.interval)

    @rule(step=STEPS)
    def record(self, step: timedelta) -> None:
        """The recorder records a segment and books it at once."""
        start = max(self.position, self.clock.now())
        self.clock.advance(min(step, timedelta(seconds=60)))
        if self.clock.now() > start:
            self.book(self.segment(start, self.clock.now()))
            self.position = self.clock.now()

    @rule(step=STEPS)
    def record_into_the_spool(self, step: timedelta) -> None:
        """The recorder records, but the database does not answer."""
        start = max(self.position, self.clock.now())
        self.clock.advance(min(step, timedelta(seconds=60)))
        if self.clock.now() > start:
            self.late.append(self.segment(start, self.clock.now()))
            self.position = self.clock.now()

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def book_late(self, data: st.DataObject) -> None:
        """Something of the spool is booked, in any order, perhaps twice."""
        segment = data.draw(st.sampled_from(self.late))
        self.book(segment)
        if data.draw(st.booleans()):
            self.late.remove(segment)

    @rule(step=STEPS, cause=CAUSES, told_end=st.booleans())
    def pause(self, step: timedelta, cause: str, told_end: bool) -> None:
        """The recorder says that nothing is recorded, and perhaps that this has ended."""
        services.open_gap(self.source, self.clock.now(), cause, clock=self.clock)
        self.clock.advance(step)
        if told_end:
            services.close_gap(self.source, self.clock.now(), clock=self.clock)

    @rule(step=STEPS, left=STEPS)
    def die_and_leave_something_to_mend(self, step: timedelta, left: timedelta) -> None:
        """The recorder is killed; what it left is booked as cut short, and will turn out to be longer."""
        start = max(self.position, self.clock.now())
        self.clock.advance(step)
        if self.clock.now() - start > timedelta(seconds=1):
            segment = self.segment(start, start + timedelta(milliseconds=1), recovered=True)
            self.book(segment)
            self.cut.append((segment.id, start, min(start + left, self.clock.now())))
            self.position = self.clock.now()

    @precondition(lambda self: self.cut)
    @rule()
    def mend(self) -> None:
        """The keeper finishes the oldest segment that was cut short."""
        identifier, start, end = self.cut.pop(0)
        services.note_mended(
            identifier,
            end=end,
            bytes=900,
            sha256="0" * 64,
            head="",
            units=1,
            index=b"",
            clock=self.clock,
        )
        self.booked.append(Interval(start, end))

    @rule(step=STEPS, restarted=st.booleans())
    def vanish(self, step: timedelta, restarted: bool) -> None:
        """Nothing happens for a while; perhaps the recorder starts again and books the time since its last segment."""
        self.clock.advance(step * 4)
        covered_until = queries.covered_until(self.source)
        if restarted and covered_until is not None:
            services.open_gap(self.source, covered_until, "recorder-stopped", clock=self.clock)

    @rule(off=STEPS)
    def switch_off_and_on(self, off: timedelta) -> None:
        """Somebody switches the camera off and on again."""
        services.switch_source(self.source, on=False, clock=self.clock, actor="")
        self.clock.advance(off)
        services.switch_source(self.source, on=True, clock=self.clock, actor="")

    @rule()
    def sweep(self) -> None:
        """The keeper's round: afterwards nothing that is settled is unaccounted for."""
        services.sweep_gaps(self.clock)
        self.whole_is_covered(self.clock.now() - SETTLING)

    def whole_is_covered(self, until: datetime) -> None:
        """Segments and gaps together reach from the first start to ``until``."""
        started = queries.source(self.source).started_at
        assert started is not None
        if until > started:
            missing = [
                Interval(gap.start, gap.end or until)
                for gap in queries.gaps(self.source, started, until)
                if gap.start < (gap.end or until)
            ]
            left = uncovered(Interval(started, until), [*self.booked, *missing])
            assert all(hole.length <= SEAM for hole in left), left
            short = sum((hole.length.total_seconds() for hole in left if hole.end < until), 0.0)
            assert short <= queries.totals(self.source).short.seams_s + 0.001 * (len(left) + 1)

    @invariant()
    def nothing_is_both(self) -> None:
        """No instant is recorded and missing, no gap overlaps another, one at most is open, totals agree."""
        if not self.source:
            return
        end = self.clock.now() + timedelta(days=1)
        gaps = queries.gaps(self.source, START - timedelta(days=1), end)
        missing = [Interval(gap.start, gap.end or end) for gap in gaps]
        recorded = merged(self.booked)
        # an open gap says nothing of what will be recorded after now
        overlap = [part for gap in missing for one in recorded if (part := gap.intersection(one))]
        assert overlap == []
        assert all(not a.overlaps(b) for a, b in itertools.pairwise(missing))
        assert [gap.end is None for gap in gaps].count(True) <= 1
        length = sum((part.length for part in recorded), timedelta())
        assert abs(queries.totals(self.source).recorded_s - length.total_seconds()) < 0.001 * (
            len(self.booked) + 1
        )


@pytest.mark.django_db
class TestAccounting(TestCase, Accounting.TestCase):
    """Runs the machine, each example in a transaction of its own."""

    settings = settings(
        max_examples=examples(25, least=12),
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.django_db
def test_a_short_pause_before_a_silence_stands_somewhere() -> None:
    """Half a second switched off, then pictures that stall without an end, then a sweep: all of it is accounted for."""
    accounting = Accounting()
    accounting.an_office_with_a_camera()
    accounting.switch_off_and_on(timedelta(seconds=0.5))
    accounting.pause(timedelta(seconds=182), "stalled", told_end=False)
    accounting.sweep()
    accounting.nothing_is_both()


@pytest.mark.django_db
def test_a_seam_of_exactly_its_length_between_a_gap_and_a_segment_is_counted() -> None:
    """Half a second switched off after a gap, then a segment: the hole is counted with the segment."""
    accounting = Accounting()
    accounting.an_office_with_a_camera()
    accounting.vanish(timedelta(seconds=190), restarted=False)
    accounting.switch_off_and_on(timedelta(seconds=0.5))
    accounting.record(timedelta(seconds=0.5))
    accounting.vanish(timedelta(seconds=206.5), restarted=False)
    accounting.sweep()
    accounting.nothing_is_both()
