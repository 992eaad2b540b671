"""What supervision is told of viewings, authorisations and refused attempts; every figure counted independently."""

from datetime import date, timedelta

import pytest

from rejent.access import services
from rejent.access.errors import AccessRefusedError
from rejent.access.models import Draw, LiveWatch, SeenInterval, Viewing, WeeklyReport
from rejent.access.services import supervision as supervising
from rejent.access.supervision import queries as supervision
from rejent.access.supervision import reviews
from rejent.access.supervision.weeks import Week
from rejent.kernel.clock import ManualClock
from rejent.kernel.intervals import Interval, merged
from rejent.office import services as office
from rejent.registers import queries as registers
from rejent.registers.repetition import WINDOW, enter_counts
from tests.unit.access.conftest import NOON, Issue, People, add_camera
from tests.unit.access.supervised import MINUTE, WEEK, Close, Views, close_week, entered, views
from tests.unit.access.test_viewings import open_viewing

__all__ = ["close_week", "views"]


def test_uses_count_viewings_and_each_instant_once(views: Views, source: str) -> None:
    """Seconds are those of the union of what was handed out in each viewing; still pictures and other weeks count for none."""
    first, second = views(2)
    for start, end in ((0, 10), (5, 12), (6, 7), (20, 21), (21, 22), (40, 40)):
        SeenInterval.objects.create(
            viewing_id=first.id, start=first.start + start * MINUTE, end=first.start + end * MINUTE, at=NOON
        )
    SeenInterval.objects.create(
        viewing_id=second.id, start=second.start, end=second.start + timedelta(seconds=1.5), at=NOON
    )
    found = {use.person_id: use for use in supervision.uses(WEEK.interval)}
    rows = SeenInterval.objects.filter(viewing=first.id, end__gt=first.start).exclude(kind="still")
    union = merged(Interval(row.start, row.end) for row in rows if row.end > row.start)
    expected = sum((part.length for part in union), timedelta()).total_seconds()
    assert found[first.person_id].seen_s == pytest.approx(expected, abs=0.01)
    assert found[second.person_id].seen_s == pytest.approx(1.5, abs=0.01)
    assert {(use.source_id, use.viewings) for use in found.values()} == {(source, 1)}
    assert supervision.uses(WEEK.after().interval) == []
    told = supervision.cases(WEEK.interval, 1)
    assert set(told) == {first.person_id, second.person_id}
    assert told[first.person_id] == supervision.Cases(("OR.1431.7.2026",), 1)


def test_a_persons_cases_are_named_in_order_and_counted_once(views: Views) -> None:
    """However many viewings a case has, it counts once; of many cases the first in order are named."""
    opened = views(3)
    for one, case in zip(opened, ("OR.2", "OR.1", "OR.2"), strict=True):
        Viewing.objects.filter(pk=one.id).update(case=case, person_id=opened[0].person_id)
    told = supervision.cases(WEEK.interval, 1)
    assert told == {opened[0].person_id: supervision.Cases(("OR.1",), 2)}
    assert supervision.cases(WEEK.interval, 9)[opened[0].person_id].named == ("OR.1", "OR.2")


def test_live_watching_is_cut_at_the_week(person: People, source: str) -> None:
    """Of a watching that reaches over midnight of Sunday each week counts its part; one that goes on is counted up to now."""
    guard = person("guard")
    end = WEEK.interval.end
    LiveWatch.objects.create(
        person_id=guard.id, sources=[source], started_at=end - MINUTE, stopped_at=end + 2 * MINUTE
    )
    LiveWatch.objects.create(person_id=guard.id, sources=[source], started_at=end - MINUTE)
    (watching,) = supervision.watchings(WEEK.interval, end - MINUTE / 2)
    assert (watching.watches, watching.watched_s, watching.source_ids) == (2, 90, {source})
    (following,) = supervision.watchings(WEEK.after().interval, end + MINUTE)
    assert (following.watches, following.watched_s) == (2, 180)


def test_authorisations_that_were_never_used(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Told are those by which nothing was ever seen, for whichever act they name."""
    other = add_camera("Back door", clock)
    viewer, idle, guard, named = person("viewer"), person("viewer"), person("guard"), person("viewer")
    issue(viewer, valid_until=date(2026, 12, 21))
    unused = issue(idle, valid_until=date(2026, 12, 22))
    watched = issue(guard, acts=["live"], valid_until=None)
    elsewhere = issue(named, source_ids=[other])
    issue(named, source_ids=[source])
    open_viewing(viewer, source, clock)
    open_viewing(named, source, clock)
    services.watch_live(guard, [source], "session", clock=clock)
    today = date(2026, 11, 21)
    assert [one.number for one in supervision.unused_authorisations(today)] == [
        unused.number,
        elsewhere.number,
    ]
    assert watched.number not in {one.number for one in supervision.unused_authorisations(today)}


def test_who_took_part_as_the_second_person_used_their_authorisation(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """Beside the authorisation of who opened, that of the second person is used, for this source and no other."""
    other = add_camera("Back door", clock)
    viewer, beside = person("viewer"), person("viewer")
    for one in (viewer, beside):
        issue(one, source_ids=[source])
    elsewhere = issue(beside, source_ids=[other])
    opened = open_viewing(viewer, source, clock)
    Viewing.objects.filter(pk=opened.id).update(second_id=beside.id)
    assert [one.number for one in supervision.unused_authorisations(date(2026, 11, 21))] == [elsewhere.number]


def test_refused_attempts_are_counted_with_their_repetitions(
    person: People, source: str, clock: ManualClock
) -> None:
    """What was refused again and again within ten minutes is entered once and counted in full."""
    guard = person("guard")
    for _ in range(5):
        with pytest.raises(AccessRefusedError):
            open_viewing(guard, source, clock)
    clock.advance(WINDOW)
    enter_counts(clock=clock)
    found = supervision.refusals(WEEK.interval)
    assert found.by_rule == (("role-excluded", str(guard.id), 5),)
    assert (found.count, found.left_out, found.sign_ins) == (5, 0, ())
    assert supervision.refusals(WEEK.after().interval).count == 0


def test_refused_sign_ins_are_told_by_account(person: People, clock: ManualClock) -> None:
    """Failures at an account are its person's, repetitions included; what names no account stands by itself."""
    clerk = person("clerk")
    for _ in range(3):
        office.note_sign_in_refused(clerk.username, clock=clock)
    office.note_sign_in_refused("what somebody typed", clock=clock)
    clock.advance(WINDOW)
    enter_counts(clock=clock)
    assert supervision.refusals(WEEK.interval).sign_ins == ((str(clerk.id), 3), ("", 1))
    told = [act.sentence() for act in registers.acts(names=["session.refused"]).acts]
    assert [str(clerk.id) in sentence for sentence in told] == [True, False, True]
    assert told[0].endswith(" 2")


def test_who_the_regulation_names_oversees_too(source: str, clock: ManualClock) -> None:  # noqa: ARG001 - its office
    """Data protection officer and secretary always; the head looks on; another role only where the regulation names it."""
    from rejent.office.regulation.loading import example

    def may(role: str, act: str) -> bool:
        return supervision.may_oversee({role}, act, clock=clock)

    assert may("iod", "review-viewing")
    assert may("secretary", "review-viewing")
    assert may("head", "see-supervision")
    assert not may("head", "review-viewing")
    assert not may("guard-supervisor", "see-supervision")
    text = example("elblag").replace('supervisors = ["iod"]', 'supervisors = ["guard-supervisor"]')
    office.activate_regulation(text, in_force_from=date(2026, 11, 21), clock=clock, actor="")
    assert may("guard-supervisor", "review-viewing")
    assert not may("guard-supervisor", "see-ledger")
    assert may("iod", "review-viewing")


def test_a_planted_sample_of_a_week_to_come_stops_no_draw(
    views: Views, close_week: Close, clock: ManualClock
) -> None:
    """The last week that was drawn is the last of those that were entered."""
    views(1)
    close_week()
    Draw.objects.create(week="2030-W01", size=1, population=0, percent=5, least=1, at=clock.now())
    assert supervising.draw_samples(clock=clock) == 1
    assert Draw.objects.filter(week=str(WEEK)).exists()


def test_reports_are_made_once_kept_and_destroyed_in_time(
    views: Views, close_week: Close, clock: ManualClock
) -> None:
    """Each closed week has one report; two years later only its digest is left, and both are entered."""
    views(1)
    close_week()
    supervising.draw_samples(clock=clock)
    made: list[Week] = []

    def make(week: Week) -> bytes:
        made.append(week)
        return str(week).encode()

    assert supervising.keep_weekly_reports(make, clock=clock) == 1
    assert supervising.keep_weekly_reports(make, clock=clock) == 0
    assert made == [WEEK]
    assert reviews.kept_report(WEEK) == b"2026-W47"
    clock.advance(supervising.REPORTS_KEPT + MINUTE)
    supervising.keep_weekly_reports(make, clock=clock)
    assert reviews.kept_report(WEEK) is None
    (destroyed,) = entered("supervision.report-destroyed")
    assert destroyed == {"week": "2026-W47", "sha256": WeeklyReport.objects.get().sha256}
