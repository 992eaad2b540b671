"""Samples drawn by the state that closed a week, and what is noted of each viewing drawn."""

from base64 import b64encode
from datetime import date

import pytest

from rejent.access import checks as review_checks
from rejent.access.errors import AccessRefusedError, NoSuchViewingError, ReviewRefusedError
from rejent.access.models import Draw, Review, SampledViewing, Viewing, WeeklyReport
from rejent.access.services import supervision as supervising
from rejent.access.supervision import reviews
from rejent.access.supervision.samples import CLOSES_AFTER, Outcome, drawn, seed
from rejent.kernel.clock import ManualClock
from rejent.ledger.commitment import commitment_of
from rejent.office import services as office
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.signing.states import closing_state
from tests.unit.access.conftest import Issue, People
from tests.unit.access.supervised import WEEK, Close, Views, close_week, entered, views
from tests.unit.access.test_viewings import open_viewing

__all__ = ["close_week", "views"]


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
