"""The samples of viewings and what reviewing them came to, for supervision; nothing here changes anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from rejent.access import queries
from rejent.access.errors import AccessRefusedError, NoSuchViewingError
from rejent.access.models import Draw, Review, SampledViewing, Viewing, WeeklyReport
from rejent.access.rules.decision import Decision, Rule
from rejent.access.supervision.samples import Outcome
from rejent.access.supervision.weeks import Week
from rejent.access.views import ViewingView
from rejent.office.people.duplicate_persons import shared
from rejent.office.views import PersonView

NOT_THEIR_OWN = Decision(
    False, Rule.OWN, "Nobody reviews a viewing of their own.", advice="Another supervisor reviews it."
)


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A supervisor's finding about a drawn viewing; of its ``note`` only the salted commitment stands in the ledger."""

    at: datetime
    by: str
    outcome: Outcome
    note: str


@dataclass(frozen=True, slots=True)
class SampledView:
    """A drawn viewing; ``viewing``: what it was, nothing where its row is gone, which ``fsck`` reports."""

    number: str
    week: Week
    drawn_at: datetime
    viewing: ViewingView | None
    reviews: tuple[ReviewView, ...]

    @property
    def outcome(self) -> Outcome | None:
        """Return the last finding, or None."""
        return self.reviews[-1].outcome if self.reviews else None

    @property
    def waits(self) -> bool:
        """Return whether somebody still has to look at it: nobody has, or a question is open."""
        return self.outcome in {None, Outcome.QUESTION}


@dataclass(frozen=True, slots=True)
class SampleView:
    """The sample of a week; ``size``: how many entries the state of the ledger has that it was drawn by."""

    week: Week
    size: int
    population: int
    percent: int
    least: int
    at: datetime
    viewings: tuple[SampledView, ...]


def sample(week: Week) -> SampleView | None:
    """Return the sample of a week; nothing while it is not drawn."""
    draw = Draw.objects.filter(week=str(week)).first()
    if draw is None:
        return None
    rows = SampledViewing.objects.filter(draw=draw).order_by("pk")
    return SampleView(
        week, draw.size, draw.population, draw.percent, draw.least, draw.at, tuple(_views(rows))
    )


def sampled(number: str) -> SampledView:
    """Return a drawn viewing by its number. Raises `NoSuchViewingError` if no viewing of this number was drawn."""
    found = _views(SampledViewing.objects.filter(number=number))
    if not found:
        raise NoSuchViewingError("No viewing of this number was drawn for review.")
    return found[0]


def waiting_reviews(most: int) -> list[SampledView]:
    """Drawn viewings that wait for a supervisor, the longest waiting first."""
    return _views(_waiting().order_by("pk")[:most])


def count_waiting() -> int:
    """Return the number of drawn viewings that wait for a supervisor."""
    return _waiting().count()


def refusal_of_own(sampled: SampledView, reviewer: PersonView) -> AccessRefusedError | None:
    """Return the refusal for who would review what they saw themselves, by whichever account; nothing for all others."""
    viewing = sampled.viewing
    saw = {viewing.person_id, viewing.second_id} - {None} if viewing else set()
    own = any(person is not None and shared(person, reviewer.id) for person in saw)
    return AccessRefusedError(NOT_THEIR_OWN) if own else None


def _waiting() -> QuerySet[SampledViewing]:
    newest = Review.objects.filter(sampled=OuterRef("pk")).order_by("-at", "-pk")
    rows = SampledViewing.objects.annotate(last=Subquery(newest.values("outcome")[:1]))
    return rows.filter(Q(last__isnull=True) | Q(last=Outcome.QUESTION.value))


def _views(rows: Iterable[SampledViewing]) -> list[SampledView]:
    drawn = list(rows)
    draws = Draw.objects.in_bulk({row.draw_id for row in drawn})
    viewings = {row.number: row for row in Viewing.objects.filter(number__in=[row.number for row in drawn])}
    reviews: dict[int, list[ReviewView]] = {}
    for found in Review.objects.filter(sampled__in=drawn).order_by("at", "pk"):
        view = ReviewView(found.at, found.by, Outcome(found.outcome), found.note)
        reviews.setdefault(found.sampled_id, []).append(view)
    return [
        SampledView(
            row.number,
            Week.read(draws[row.draw_id].week),
            draws[row.draw_id].at,
            queries.counted_view(viewings[row.number]) if row.number in viewings else None,
            tuple(reviews.get(row.pk, ())),
        )
        for row in drawn
    ]


def kept_report(week: Week) -> bytes | None:
    """Return a week's report as the keeper made it; nothing where it made none, or it was destroyed."""
    content = WeeklyReport.objects.filter(week=str(week)).values_list("content", flat=True).first()
    return None if content is None else bytes(content)
