"""The month of a source: which days have recordings, and how they fare."""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import translation

from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.retention import queries as retained
from rejent.retention import services as retention
from rejent.web.player.month import Month, MonthDay, month_of
from tests.unit.web.conftest import Browser, NoBox

Span = tuple[datetime, datetime]


def _day(month: Month, number: int) -> MonthDay:
    return next(one for week in month.weeks for one in week if one and one.day.day == number)


def test_weeks_begin_on_monday(source: str, clock: ManualClock) -> None:
    """November 2026 begins on a Sunday: six places are empty before it, and every week has seven."""
    month = month_of(source, "2026-11", clock=clock)
    assert [one.day.day if one else 0 for one in month.weeks[0]] == [0, 0, 0, 0, 0, 0, 1]
    assert {len(week) for week in month.weeks} == {7}
    assert (month.before, month.after, month.later) == ("2026-10", "2026-12", False)


def test_what_cannot_be_read_is_the_month_of_the_day_asked_for(source: str, clock: ManualClock) -> None:
    """Neither nonsense nor an empty word is refused; without a day it is the present month."""
    assert month_of(source, "x", clock=clock).first == date(2026, 11, 1)
    assert month_of(source, "", clock=clock, near=date(2026, 9, 12)).first == date(2026, 9, 1)


def test_a_day_says_its_recordings_and_holds(source: str, recording: Span, clock: ManualClock) -> None:
    """The day with a recording opens and says how long it is; a hold is said beside it; other days have nothing."""
    start, end = recording
    with translation.override("pl"):
        assert _day(month_of(source, "", clock=clock), 21).words.startswith(
            "sobota, 21 listopada 2026 r.: nagranie 2\u00a0min"
        )
    retention.place_hold(
        source_id=source, start=start, end=end, case="OR.1", basis="art. 22", review_on=date(2026, 12, 1), clock=clock,
        ledger=None, actor="",
    )  # fmt: skip
    month = month_of(source, "", clock=clock)
    assert _day(month, 21).held
    assert _day(month, 21).opens
    assert not _day(month, 20).opens
    with translation.override("pl"):
        assert "zabezpieczone" in _day(month, 21).words
        assert _day(month, 20).words.endswith("brak nagrania")


def test_the_last_day_of_a_term_is_marked(source: str, recording: Span, clock: ManualClock) -> None:
    """On the last day on which its recordings can be used, a day says so; the day before it does not."""
    term = retained.term(source, civil_date(recording[0]), clock)
    assert term is not None
    clock.advance(local_midnight(term.last_usable_day) - clock.now() - timedelta(minutes=1))
    assert not _day(month_of(source, "2026-11", clock=clock), 21).due
    clock.advance(timedelta(minutes=2))
    day = _day(month_of(source, "2026-11", clock=clock), 21)
    assert day.due
    with translation.override("pl"):
        assert "istnieje do północy" in day.words


def test_the_calendar_shows_what_the_person_may_see(browser: Browser, source: str, recording: Span) -> None:
    """A camera asked for by its address shows its days to who may see its recordings, and to nobody else."""
    other = catalog.add_source(
        stream="video", name="Parking", address="rtsp://192.0.2.8/p", building="Ratusz", place="parking", kind="hall",
        clock=ManualClock(recording[0]), actor="", credentials_box=NoBox(),
    )  # fmt: skip
    address = f"{reverse('find')}?source="
    assert 'data-day="21.11.2026"' in browser("viewer").get(address + source).content.decode()
    assert "data-day=" not in browser("viewer").get(address + other).content.decode()
    for role in ("guard", "clerk"):
        assert "nagranie 2" not in browser(role).get(address + source).content.decode()
    assert "Wybierz kamerę, a tu" in browser("viewer").get(f"{address}nobody").content.decode()


def test_a_day_to_come_is_not_said_to_lack_recordings(source: str, clock: ManualClock) -> None:
    """Only of what has been can a recording be missing."""
    month = month_of(source, "", clock=clock)
    with translation.override("en"):
        said = [_day(month, number).words.rpartition(": ")[2] for number in (20, 22, 30)]
    assert said == ["no recording", "still to come", "still to come"]
