"""How much of recordings one person is given, and where that ends."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.access import queries, services
from rejent.access.errors import AccessRefusedError
from rejent.access.models import HandedOut
from rejent.access.rules.decision import Rule
from rejent.access.viewings import volume
from rejent.access.views import ViewingView
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.access.conftest import NOON, Issue, People, add_camera
from tests.unit.access.test_viewings import open_viewing

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
CLAUSE = 'clause = "ust. 1 pkt 6–7"'


def office_that_gives(an_hour: int, a_day: int) -> str:
    """A regulation with these limits, whose viewings leave no protocol."""
    limits = f'most_hours_an_hour = {an_hour}\nmost_hours_a_day = {a_day}\nplayback_record = "entry"\n'
    return example("elblag").replace(CLAUSE, limits + CLAUSE, 1)


@pytest.fixture
def narrow(source: str, clock: ManualClock) -> str:
    """A camera of an office that gives two hours an hour and three a day."""
    office.activate_regulation(office_that_gives(2, 3), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return source


@pytest.fixture
def viewer(narrow: str, person: People, issue: Issue) -> PersonView:  # noqa: ARG001 - after the regulation
    """Somebody who may see recordings."""
    somebody = person("viewer")
    issue(somebody)
    return somebody


def day_of(viewer: PersonView, source: str, clock: ManualClock) -> ViewingView:
    """Open the whole day before."""
    return open_viewing(viewer, source, clock, start=NOON - 2 * DAY, end=NOON - DAY)


def take(viewing: ViewingView, first: timedelta, length: timedelta, clock: ManualClock) -> bool:
    """Ask for a piece as the media pages do; whether it was handed out."""
    try:
        volume.require_room(viewing, clock=clock)
    except AccessRefusedError:
        return False
    services.note_seen(viewing.id, viewing.start + first, viewing.start + first + length, "clip", clock=clock)
    return True


def test_what_is_over_the_hours_measure_is_refused_and_entered_once(
    viewer: PersonView, narrow: str, clock: ManualClock
) -> None:
    """The piece that reaches it still comes, the next does not; ten attempts are one entry, and supervision is told."""
    viewing = day_of(viewer, narrow, clock)
    assert take(viewing, timedelta(), HOUR, clock)
    assert take(viewing, HOUR, HOUR, clock)
    assert not any(take(viewing, 2 * HOUR, 8 * SECOND, clock) for _ in range(10))
    with pytest.raises(AccessRefusedError) as refused:
        volume.require_room(viewing, clock=clock)
    assert refused.value.decision.rule is Rule.VOLUME_EXCEEDED
    assert "2 h of recordings an hour and 3 h a day" in str(refused.value)
    (attempt,) = registers.acts(names=["access.refused"]).acts
    assert attempt.facts is not None
    assert attempt.facts["rule"] == "volume-exceeded"
    assert [one.person_id for one in volume.exceeded(clock=clock)] == [viewer.id]
    assert queries.open_viewing_for(viewing.id, viewer, "session", clock=clock).closed_at is None


def test_after_an_hour_there_is_room_again_until_the_days_measure(
    viewer: PersonView, narrow: str, clock: ManualClock
) -> None:
    """The hour rolls, the day does not: what is left of it is given, and from local midnight on everything anew."""
    viewing = day_of(viewer, narrow, clock)
    assert take(viewing, timedelta(), 2 * HOUR, clock)
    clock.advance(HOUR + volume.STEP)
    assert take(viewing, 2 * HOUR, HOUR, clock)
    clock.advance(HOUR + volume.STEP)
    viewing = day_of(viewer, narrow, clock)
    assert not take(viewing, 3 * HOUR, SECOND, clock)
    clock.advance(local_midnight(civil_date(clock.now()) + DAY) - clock.now())
    assert take(day_of(viewer, narrow, clock), 3 * HOUR, SECOND, clock)


def test_several_viewings_and_cameras_count_together(
    viewer: PersonView, narrow: str, clock: ManualClock
) -> None:
    """Nobody gets more by opening another camera, another day or another window."""
    other = add_camera("Back door", clock)
    viewings = [day_of(viewer, camera, clock) for camera in (narrow, other)]
    assert all(take(viewing, timedelta(), HOUR, clock) for viewing in viewings)
    assert not any(take(viewing, HOUR, SECOND, clock) for viewing in viewings)
    assert not take(day_of(viewer, other, clock), timedelta(), SECOND, clock)


def test_others_are_not_kept_from_theirs(
    viewer: PersonView, narrow: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """Each person has their own measure."""
    other = person("viewer")
    issue(other)
    assert take(day_of(viewer, narrow, clock), timedelta(), 3 * HOUR, clock)
    assert take(day_of(other, narrow, clock), timedelta(), HOUR, clock)


def test_what_was_seen_in_a_viewing_counts_once(viewer: PersonView, narrow: str, clock: ManualClock) -> None:
    """Looking at the same minutes again and again, overlapping pieces and stills of them do not use the measure up."""
    viewing = day_of(viewer, narrow, clock)
    for _ in range(50):
        assert take(viewing, timedelta(), HOUR / 2, clock)
        assert take(viewing, HOUR / 4, HOUR / 2, clock)
    services.note_seen(viewing.id, viewing.start, viewing.start + SECOND, "still", clock=clock)
    services.note_seen(viewing.id, viewing.start, viewing.start, "still", clock=clock)
    assert volume.handed(viewer.id, clock=clock).hour_s == 2700
    services.note_seen(
        viewing.id, viewing.start + 2 * HOUR, viewing.start + 2 * HOUR + SECOND, "still", clock=clock
    )
    assert volume.handed(viewer.id, clock=clock).hour_s == 2701


def test_the_hour_never_holds_more_than_its_measure(
    viewer: PersonView, narrow: str, clock: ManualClock
) -> None:
    """Whenever within the steps of ten minutes pieces are asked for, no hour gives more than two hours and a piece."""
    office.activate_regulation(
        office_that_gives(2, 100), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )
    piece, given, viewing = timedelta(minutes=9), list[datetime](), day_of(viewer, narrow, clock)
    for number in range(80):
        clock.advance(timedelta(minutes=3, seconds=7))
        if clock.now() >= viewing.expires_at:
            viewing = day_of(viewer, narrow, clock)
        if take(viewing, number * piece, piece, clock):
            given.append(clock.now())
    most = max(sum(start <= at <= start + HOUR for at in given) for start in given)
    assert (most - 1) * piece < 2 * HOUR
    assert len(given) > 40


def test_old_counts_are_forgotten(viewer: PersonView, narrow: str, clock: ManualClock) -> None:
    """How much somebody watched is not kept for longer than supervision is told of it."""
    take(day_of(viewer, narrow, clock), timedelta(), HOUR, clock)
    clock.advance(volume.KEPT + DAY)
    take(day_of(viewer, narrow, clock), HOUR, HOUR, clock)
    assert HandedOut.objects.count() == 1


def test_playing_at_the_highest_speed_never_reaches_the_usual_measure(
    source: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """Eight hours at eight times the speed, with a jump every twenty seconds that lets go of what was fetched ahead."""
    text = example("elblag").replace(CLAUSE, f'playback_record = "entry"\n{CLAUSE}', 1)
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    viewer = person("viewer")
    issue(viewer)
    clock.advance(datetime(2026, 11, 23, 7, 0, tzinfo=UTC) - clock.now())
    limit = volume.limit_of("video", clock=clock)
    assert limit is not None
    speed, jump_every_s, fetched_ahead_s = 8, 20, 8 * 12
    fetched = timedelta(minutes=10) / jump_every_s * (speed * jump_every_s + fetched_ahead_s)
    for _ in range(8 * 6):
        viewing = open_viewing(viewer, source, clock, start=NOON - 20 * DAY, end=NOON - 2 * DAY)
        volume.require_room(viewing, clock=clock)
        services.note_seen(viewing.id, viewing.start, viewing.start + fetched, "clip", clock=clock)
        assert not volume.handed(viewer.id, clock=clock).exceeds(limit)
        clock.advance(timedelta(minutes=10))


def test_what_is_entered_as_seen_is_counted_also_between_small_pieces(
    viewer: PersonView, narrow: str, clock: ManualClock
) -> None:
    """Grains of a second, so close that they are entered as one, use up what lies between them: else it came for nothing."""
    viewing = day_of(viewer, narrow, clock)
    for grain in range(31):
        assert take(viewing, 2 * grain * SECOND, SECOND / 100, clock)
    (seen,) = queries.seen_stretches(viewing.id)
    assert volume.handed(viewer.id, clock=clock).hour_s == pytest.approx(seen.length.total_seconds())
