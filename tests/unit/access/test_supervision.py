"""What supervision is told of viewings, samples, authorisations and refused attempts; every figure counted independently."""

from base64 import b64encode
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.access import services
from rejent.access.errors import AccessRefusedError, NoSuchViewingError, ReviewRefusedError
from rejent.access.models import Draw, LiveWatch, Review, SampledViewing, SeenInterval, Viewing, WeeklyReport
from rejent.access.services import supervision as supervising
from rejent.access.supervision import checks as review_checks
from rejent.access.supervision import queries as supervision
from rejent.access.supervision import reviews
from rejent.access.supervision.samples import CLOSES_AFTER, Outcome, drawn, seed
from rejent.access.supervision.weeks import Week
from rejent.access.views import ViewingView
from rejent.kernel.clock import ManualClock
from rejent.kernel.intervals import Interval, merged
from rejent.ledger.commitment import commitment_of
from rejent.ledger.location import LedgerLocation
from rejent.office import services as office
from rejent.registers import queries as registers
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.repetition import WINDOW, enter_counts
from rejent.registers.signing.checkpoints import checkpoint
from rejent.registers.signing.states import closing_state
from tests.unit.access.conftest import NOON, Issue, People, add_camera
from tests.unit.access.test_viewings import open_viewing

WEEK = Week.at(NOON)
MINUTE = timedelta(minutes=1)

Views = Callable[[int], list[ViewingView]]
Close = Callable[[], None]


@pytest.fixture
def views(person: People, issue: Issue, source: str, clock: ManualClock) -> Views:
    """Opens so many viewings, each by a person of their own."""

    def opened(count: int) -> list[ViewingView]:
        made = []
        for _ in range(count):
            viewer = person("viewer")
            issue(viewer)
            made.append(open_viewing(viewer, source, clock))
        return made

    return opened


@pytest.fixture
def close_week(source: str, clock: ManualClock, tmp_path: Path) -> Close:  # noqa: ARG001 - after the office is set up
    """Goes on to the instant at which the week is closed, lets something be entered, and signs the ledger."""
    place = LedgerLocation(folder=tmp_path / "ledger", key=tmp_path / "key", origin="rejent/test")

    def go_on() -> None:
        clock.advance(Week.at(clock.now()).interval.end + CLOSES_AFTER - clock.now())
        services.close_ended_viewings(clock=clock)
        add_camera(f"Added {clock.now()}", clock)
        checkpoint(place, clock=clock)

    return go_on


def entered(name: str) -> list[Any]:
    """The records of the acts of a name, newest first."""
    return [act.facts for act in registers.acts(names=[name]).acts]


def test_a_sample_is_drawn_once_and_by_the_state_that_closed_the_week(
    views: Views, close_week: Close, clock: ManualClock
) -> None:
    """Nothing is drawn before the week is closed and signed; then the lots of the signed state decide, and stay decided."""
    numbers = [view.number for view in views(6)]
    assert supervising.draw_samples(clock=clock) == 0
    close_week()
    assert supervising.draw_samples(clock=clock) == 1
    state = closing_state(WEEK.interval.end + CLOSES_AFTER)
    assert state is not None
    (record,) = entered("supervision.drawn")
    assert record["numbers"] == drawn(numbers, seed(WEEK, state.size, state.root), 3)
    assert (record["population"], record["percent"], record["least"], record["count"]) == (6, 5, 3, 3)
    sample = reviews.sample(WEEK)
    assert sample is not None
    assert [one.number for one in sample.viewings] == record["numbers"]
    assert supervising.draw_samples(clock=clock) == 0
    assert Draw.objects.count() == 1


def test_viewings_of_other_weeks_are_not_drawn(views: Views, close_week: Close, clock: ManualClock) -> None:
    """Each viewing belongs to the week that it was opened in; a week without viewings is drawn too, and holds none."""
    (early,) = views(1)
    close_week()
    (late,) = views(1)
    supervising.draw_samples(clock=clock)
    close_week()
    close_week()
    assert supervising.draw_samples(clock=clock) == 2
    by_week = {draw.week: [one.number for one in draw.sampled.all()] for draw in Draw.objects.all()}
    assert by_week == {
        str(WEEK): [early.number],
        str(WEEK.after()): [late.number],
        str(WEEK.after(2)): [],
    }


def test_the_regulation_in_force_says_how_many(views: Views, close_week: Close, clock: ManualClock) -> None:
    """A larger share in the regulation draws more."""
    from rejent.office.regulation.loading import example

    text = example("elblag").replace('supervisors = ["iod"]', 'review_percent = 100\nsupervisors = ["iod"]')
    office.activate_regulation(text, in_force_from=date(2026, 11, 21), clock=clock, actor="")
    views(5)
    close_week()
    supervising.draw_samples(clock=clock)
    assert SampledViewing.objects.count() == 5


def test_a_review_is_entered_without_its_words(
    views: Views, close_week: Close, person: People, clock: ManualClock
) -> None:
    """Who reviewed what with which outcome stands in the ledger; the note only as a commitment that its salt opens."""
    (view,) = views(1)
    close_week()
    supervising.draw_samples(clock=clock)
    officer = person("iod")
    (waiting,) = reviews.waiting_reviews(10)
    assert (waiting.number, waiting.outcome) == (view.number, None)
    supervising.review_viewing(
        view.number, reviewer=officer, outcome="question", note="  Which\ncase is this? ", clock=clock
    )
    (record,) = entered("supervision.reviewed")
    row = SampledViewing.objects.get().reviews.get()
    assert record == {
        "number": view.number,
        "week": str(WEEK),
        "outcome": "question",
        "commitment": commitment_of(bytes(row.salt), "Which case is this?").hex(),
    }
    assert reviews.count_waiting() == 1
    supervising.review_viewing(
        view.number, reviewer=officer, outcome="in-order", note="Answered.", clock=clock
    )
    assert reviews.count_waiting() == 0
    assert [one.outcome for one in reviews.sampled(view.number).reviews] == [
        Outcome.QUESTION,
        Outcome.IN_ORDER,
    ]


def test_nobody_reviews_their_own_viewing(
    issue: Issue, person: People, close_week: Close, source: str, clock: ManualClock
) -> None:
    """A supervisor who may see recordings is no supervisor of what they saw, opening it or agreeing to it."""
    secretary = person("secretary", "viewer")
    issue(secretary)
    own = open_viewing(secretary, source, clock)
    close_week()
    supervising.draw_samples(clock=clock)
    with pytest.raises(AccessRefusedError, match="own"):
        supervising.review_viewing(
            own.number, reviewer=secretary, outcome="in-order", note="Fine.", clock=clock
        )
    officer = person("iod")
    Viewing.objects.update(person_id=person("viewer").id, second_id=officer.id)
    with pytest.raises(AccessRefusedError, match="own"):
        supervising.review_viewing(
            own.number, reviewer=officer, outcome="in-order", note="Fine.", clock=clock
        )
    assert entered("supervision.reviewed") == []


def test_an_unreadable_review_is_refused(
    views: Views, close_week: Close, person: People, clock: ManualClock
) -> None:
    """An unknown outcome, no note, signs nobody sees, a note without end: nothing is entered."""
    (view,), officer = views(1), person("iod")
    close_week()
    supervising.draw_samples(clock=clock)
    for outcome, note in (
        ("fine", "Looked."),
        ("in-order", " \n"),
        ("in-order", "a\u202eb"),
        ("in-order", "a" * 4001),
    ):
        with pytest.raises(ReviewRefusedError):
            supervising.review_viewing(view.number, reviewer=officer, outcome=outcome, note=note, clock=clock)
    assert reviews.count_waiting() == 1


def test_only_what_was_drawn_is_reviewed(views: Views, person: People, clock: ManualClock) -> None:
    """A viewing that no lot chose has no review."""
    (view,) = views(1)
    with pytest.raises(NoSuchViewingError):
        supervising.review_viewing(
            view.number, reviewer=person("iod"), outcome="in-order", note="x", clock=clock
        )


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


def test_a_drawn_viewing_whose_row_is_gone_stays_drawn(
    views: Views, close_week: Close, clock: ManualClock
) -> None:
    """Taking a viewing out of the database takes it out of no sample."""
    (view,) = views(1)
    close_week()
    supervising.draw_samples(clock=clock)
    Viewing.objects.filter(pk=view.id).update(number="O-2026-99")
    assert reviews.sampled(view.number).viewing is None
    assert [one.number for one in reviews.waiting_reviews(5)] == [view.number]


def test_fsck_draws_again_and_reads_every_note(
    views: Views, close_week: Close, clock: ManualClock, person: People
) -> None:
    """What services wrote has no finding; a sample, an outcome, a note or a report changed behind the ledger's back has."""
    views(5)
    close_week()
    supervising.draw_samples(clock=clock)
    number = SampledViewing.objects.order_by("pk").values_list("number", flat=True)[0]
    supervising.review_viewing(number, reviewer=person("iod"), outcome="in-order", note="Fine.", clock=clock)
    supervising.keep_weekly_reports(lambda week: str(week).encode(), clock=clock)

    def codes() -> list[tuple[str, object]]:
        return sorted((one.code, one.facts.get("thing")) for one in guarded_rows("access"))

    assert codes() == []
    Review.objects.update(note="Breach!")
    WeeklyReport.objects.update(content=b"another")
    SampledViewing.objects.exclude(number=number).first().delete()  # type: ignore[union-attr]  # there are three
    assert codes() == [
        ("access.differs-from-ledger", f"draw:{Draw.objects.get().pk}"),
        ("access.differs-from-ledger", f"review:{Review.objects.get().pk}"),
        ("access.differs-from-ledger", f"weeklyreport:{WeeklyReport.objects.get().pk}"),
    ]


def test_fsck_finds_a_sample_that_was_chosen(views: Views, close_week: Close, clock: ManualClock) -> None:
    """Numbers entered as drawn that the signed state does not draw are found, although rows and ledger agree."""
    from django.db import transaction

    from rejent.access.acts import SAMPLE_DRAWN
    from rejent.registers.services import enter

    numbers = [view.number for view in views(5)]
    close_week()
    state = closing_state(WEEK.interval.end + CLOSES_AFTER)
    assert state is not None
    lots = drawn(numbers, seed(WEEK, state.size, state.root), 5)
    facts = {"size": state.size, "population": 5, "percent": 5, "least": 3}
    with transaction.atomic():
        row = Draw.objects.create(week=str(WEEK), at=clock.now(), **facts)
        SampledViewing.objects.bulk_create(SampledViewing(draw=row, number=number) for number in lots[2:])
        row.state_parts(numbers=lots[2:])
        root = b64encode(state.root).decode()
        record = {**facts, "week": str(WEEK), "root": root, "count": 3, "numbers": lots[2:]}
        enter(SAMPLE_DRAWN, actor="", subject=f"week:{WEEK}", record=record, at=clock.now(), row=row)
    assert [one.code for one in review_checks.sample_findings()] == ["access.sample-not-by-lot"]
