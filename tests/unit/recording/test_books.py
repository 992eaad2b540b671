"""What a recorder finishes is entered from any thread, in order, also when the database was away for a while."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection

from rejent.catalog import queries
from rejent.formats.fragment_index import FragmentPlace
from rejent.kernel.clock import ManualClock, civil_date
from rejent.kernel.errors import RejentError
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.contract import (
    FinishedSegment,
    GeneralCause,
    SegmentEnding,
    SegmentOpening,
    SourceStatus,
    State,
)
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.recorder.process import CameraClocks
from tests.waiting import CEILING_S

from .conftest import NOON

Finish = Callable[..., FinishedSegment]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def books(clock: ManualClock) -> CatalogueBooks:
    """The catalogue as a sink sees it."""
    return CatalogueBooks(clock, CameraClocks(clock).measured)


@pytest.fixture
def finish(source: str) -> Finish:
    """Makes finished segments of the camera, one minute each."""

    def made(minute: int, source_id: str = source) -> FinishedSegment:
        start = NOON + minute * MINUTE
        traits = {"codec": "avc1.640028", "width": 1920, "height": 1080}
        return FinishedSegment(
            opening=SegmentOpening(source_id, civil_date(start), start, b"init", "video/mp4", 90_000, "run", traits=traits),
            ending=SegmentEnding(start, start + MINUTE, 1500, 0.25),
            object_name=f"{source_id}/2026-11-21/120000000000-{uuid4().hex}.age",
            recipient="age1day", size=6000, sha256="0" * 64, head="1" * 64,
            fragments=(FragmentPlace(0, 90_000, 25, True, 4, 100),),
        )  # fmt: skip

    return made


class Away:
    """A database that does not answer as long as it is away."""

    def __init__(self) -> None:
        self.away = True

    def __call__(self, execute: Callable[..., object], *given: object) -> object:
        """Refuse while away."""
        if self.away:
            raise OperationalError("server closed the connection")
        return execute(*given)


def booked(source: str) -> list[object]:
    """The starts of booked segments."""
    return [segment.start for segment in queries.segments(source, NOON - MINUTE, NOON + 60 * MINUTE)]


def test_a_segment_is_booked_with_what_the_recorder_knows(
    books: CatalogueBooks, finish: Finish, source: str
) -> None:
    """Every fact of the finished segment stands in the catalogue under the identifier of its object."""
    finished = finish(0)
    books.segments([finished])
    (segment,) = queries.segments(source, NOON, NOON + MINUTE)
    assert segment.id.hex in segment.object_name
    assert (segment.units, *(segment.traits[name] for name in ("codec", "width", "clock_offset_s"))) == (
        1500,
        "avc1.640028",
        1920,
        0.25,
    )
    assert (segment.bytes, segment.run, segment.recovered) == (6000, "run", False)


def test_what_waits_for_the_database_is_entered_in_order_later(
    books: CatalogueBooks, finish: Finish, source: str
) -> None:
    """While the database is away nothing is lost; when it answers, everything is entered as it happened."""
    away = Away()
    with connection.execute_wrapper(away):
        books.segments([finish(0)])
        books.gap(source, NOON + MINUTE, None, CameraCause.STALLED)
        books.gap(source, NOON + MINUTE, NOON + 2 * MINUTE, CameraCause.STALLED)
        books.segments([finish(2)])
        assert books.waiting == 4
        away.away = False
        books.report([], {})
    assert books.waiting == 0
    assert booked(source) == [NOON, NOON + 2 * MINUTE]
    (gap,) = queries.gaps(source, NOON, NOON + 3 * MINUTE)
    assert (gap.start, gap.end, gap.cause) == (NOON + MINUTE, NOON + 2 * MINUTE, "stalled")


def test_states_do_not_pile_up_while_the_database_is_away(books: CatalogueBooks, source: str) -> None:
    """A state is told again soon, so that it need not wait."""
    with connection.execute_wrapper(Away()):
        for _ in range(5):
            books.status(SourceStatus(source, State.STOPPED, CameraCause.UNREACHABLE, NOON))
    assert books.waiting == 0


def test_what_the_catalogue_refuses_does_not_hold_up_the_rest(
    books: CatalogueBooks, finish: Finish, source: str
) -> None:
    """A segment of a source that is unknown is logged and left; the next one is booked."""
    books.segments([finish(0, "f" * 32)])
    books.segments([finish(1)])
    assert (books.waiting, booked(source)) == (0, [NOON + MINUTE])


@pytest.mark.parametrize("error", [DataError, IntegrityError])
def test_what_the_database_refuses_for_good_does_not_hold_up_the_rest(
    books: CatalogueBooks, finish: Finish, source: str, error: type[DatabaseError]
) -> None:
    """A value that no column takes is no outage: it is left, and the next segment is booked."""

    def refused() -> None:
        raise error("cannot contain NUL")

    books.enter(refused)
    books.segments([finish(1)])
    assert (books.waiting, booked(source)) == (0, [NOON + MINUTE])


def test_states_are_reported_with_what_was_last_known(
    books: CatalogueBooks, finish: Finish, source: str
) -> None:
    """State, cause and clock as the recorder says; codec, size and rate from the last segment."""
    books.segments([finish(0)])
    known = {each.id: each for each in queries.recorder_sources(stream="video")}
    books.report([SourceStatus(source, State.RECORDING, GeneralCause.NONE, NOON, clock_offset=0.5)], known)
    health = queries.source(source).health
    assert (health.state, health.cause, health.clock_offset_s, health.clock_method) == (
        "recording",
        "",
        0.5,
        "rtcp",
    )
    assert (health.traits["codec"], health.bytes_per_second) == ("avc1.640028", 100.0)
    books.report([SourceStatus("f" * 32, State.STOPPED, CameraCause.STALLED, NOON)], known)
    books.status(SourceStatus(source, State.STOPPED, CameraCause.REFUSED_PASSWORD, NOON))
    health = queries.source(source).health
    assert (health.state, health.cause, health.last_picture_at) == (
        "stopped",
        "refused-password",
        NOON + MINUTE,
    )
    assert health.clock_method == ""


def test_a_step_of_the_clock_is_remembered(books: CatalogueBooks) -> None:
    """The recorder's process learns that it goes on in the old time."""
    assert not books.stepped
    books.clock_stepped(3600.0, NOON)
    assert books.stepped


def test_entries_from_several_threads_are_all_taken_once(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two threads that enter at once neither lose an entry nor enter one twice."""
    taken: list[int] = []
    turn = threading.Barrier(2, timeout=CEILING_S)
    books = CatalogueBooks(clock, CameraClocks(clock).measured)

    def take(segments: list[object], _clock: object) -> None:
        taken.append(segments[0].start.minute)
        if len(taken) % 7 == 0:
            raise RejentError("no")

    monkeypatch.setattr("rejent.recording.catalogue_books.services.book_segments", take)

    def enter(offset: int) -> None:
        turn.wait()
        for number in range(25):
            start = NOON + (2 * number + offset) * MINUTE
            opening = SegmentOpening("s", civil_date(start), start, b"", "", 1, "run")
            ending = SegmentEnding(start, start + MINUTE, 1)
            name = f"s/d/x-{uuid4().hex}.age"
            books.segments([FinishedSegment(opening, ending, name, "", 1, 1, "", "", ())])

    threads = [threading.Thread(target=enter, args=[offset]) for offset in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(50))
    assert [minute for minute in taken if minute % 2] == sorted(minute for minute in taken if minute % 2)


def test_a_source_whose_segments_are_not_booked_is_not_said_to_be_kept(
    books: CatalogueBooks, finish: Finish, source: str, clock: ManualClock
) -> None:
    """Where booking falls behind, the last picture is the last that was booked; with the next segment all is well again."""
    known = {each.id: each for each in queries.recorder_sources(stream="video")}
    recording = SourceStatus(source, State.RECORDING, GeneralCause.NONE, NOON)
    books.segments([finish(0)])
    seen = []
    for seconds, booked_minute in ((120, None), (120, None), (0, 3)):
        clock.advance(timedelta(seconds=seconds))
        if booked_minute is not None:
            books.segments([finish(booked_minute)])
        books.report([recording], known)
        health = queries.source(source).health
        assert health is not None
        seen.append(health.last_picture_at)
    assert seen == [NOON + 2 * MINUTE, NOON + MINUTE, NOON + 4 * MINUTE]
