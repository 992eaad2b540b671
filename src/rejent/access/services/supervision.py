"""Drawing each week's sample, entering what reviewing a viewing came to, keeping each week's report (R-ACC-8)."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from rejent.access.acts import (
    REPORT_DESTROYED,
    REPORT_MADE,
    REPORT_TAKEN,
    SAMPLE_DRAWN,
    VIEWING_OPENED,
    VIEWING_REVIEWED,
)
from rejent.access.errors import ReviewRefusedError
from rejent.access.models import Draw, Review, SampledViewing, WeeklyReport
from rejent.access.supervision import reviews
from rejent.access.supervision.samples import (
    CLOSES_AFTER,
    USUAL_LEAST,
    USUAL_PERCENT,
    Outcome,
    drawn,
    sample_size,
    seed,
)
from rejent.access.supervision.weeks import Week
from rejent.kernel.clock import Clock
from rejent.kernel.plain_text import is_plain
from rejent.ledger.commitment import commitment_of, new_salts
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.office.views import PersonView
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import matching
from rejent.registers.services import enter
from rejent.registers.signing.states import SignedState, acts_within, closing_state

LONGEST_NOTE = 4000

REPORTS_KEPT = timedelta(days=731)
"""Time a week's report is kept: as long as the ledger's own records that name people."""


def draw_samples(*, clock: Clock) -> int:
    """Draw the sample of every week that has closed since the last one that was drawn; return how many weeks.

    The first week of all is the one that ended last when this is first asked; from then on none is left out, whatever was planted.
    """
    last = _last_drawn.get("", lambda: max((row.week for row in matching(Draw.objects.all())), default=""))
    week = Week.read(last).after() if last else Week.at(clock.now()).after(-1)
    weeks = 0
    while (closes := week.interval.end + CLOSES_AFTER) <= clock.now():
        state = closing_state(closes)
        if state is None:
            break
        _draw(week, state, clock)
        week, weeks = week.after(), weeks + 1
    return weeks


_last_drawn = VerifiedOnce[str](Draw)


def _draw(week: Week, state: SignedState, clock: Clock) -> None:
    percent, least = _shares(week)
    numbers = population(week, state.size)
    count = sample_size(len(numbers), percent, least)
    chosen = drawn(numbers, seed(week, state.size, state.root), count)
    facts = {"size": state.size, "population": len(numbers), "percent": percent, "least": least}
    with transaction.atomic():
        row, is_new = Draw.objects.get_or_create(week=str(week), defaults={**facts, "at": clock.now()})
        if not is_new:
            return
        SampledViewing.objects.bulk_create(SampledViewing(draw=row, number=number) for number in chosen)
        row.state_parts(numbers=list(chosen))
        root = b64encode(state.root).decode()
        record = {**facts, "week": str(week), "root": root, "count": count, "numbers": chosen}
        enter(SAMPLE_DRAWN, actor="", subject=f"week:{week}", record=record, at=row.at, row=row)


def population(week: Week, size: int) -> list[str]:
    """Return the numbers of the viewings that the ledger, at a size, holds of a week, as they were entered."""
    span = week.interval
    opened = acts_within((VIEWING_OPENED.name,), span.start, span.end, size=size)
    return [str(act.facts["number"]) for act in opened if act.facts and "number" in act.facts]


def _shares(week: Week) -> tuple[int, int]:
    """Return percentage and least number of drawn viewings by the regulation at the week's end."""
    try:
        regulation = office.verified_regulation(week.last)
    except NoRegulationError:
        return USUAL_PERCENT, USUAL_LEAST
    return regulation.review_percent, regulation.review_least


def review_viewing(number: str, *, reviewer: PersonView, outcome: str, note: str, clock: Clock) -> None:
    """Enter what a supervisor found of a drawn viewing; its note stays beside the ledger, bound by a salted commitment.

    Raises NoSuchViewingError, AccessRefusedError, ReviewRefusedError.
    """
    sampled, note = reviews.sampled(number), " ".join(note.split())
    own = reviews.refusal_of_own(sampled, reviewer)
    if own is not None:
        raise own
    _require_finding(outcome, note)
    (salt,) = new_salts(1)
    record = {
        "number": number,
        "week": str(sampled.week),
        "outcome": outcome,
        "commitment": commitment_of(salt, note).hex(),
    }
    subject = f"source:{sampled.viewing.source_id}" if sampled.viewing else f"week:{sampled.week}"
    with transaction.atomic():
        row = SampledViewing.objects.select_for_update(no_key=True).get(number=number)
        facts = {"outcome": outcome, "note": note, "salt": salt}
        at, actor = clock.now(), str(reviewer.id)
        review = Review.objects.create(sampled=row, at=at, by=actor, **facts)
        enter(VIEWING_REVIEWED, actor=actor, subject=subject, record=record, at=at, row=review)


def _require_finding(outcome: str, note: str) -> None:
    if outcome not in set(Outcome):
        raise ReviewRefusedError("Choose what the review came to.")
    if not note:
        raise ReviewRefusedError("A review says in a few words what was looked at.", advice="Write a note.")
    if len(note) > LONGEST_NOTE:
        raise ReviewRefusedError("A note has {most} characters at most.", most=LONGEST_NOTE)
    if not is_plain(note):
        raise ReviewRefusedError("A note may hold no invisible characters.", advice="Type it anew.")


def keep_weekly_reports(make: Callable[[Week], bytes], *, clock: Clock) -> int:
    """Make and keep the report of every week whose sample is drawn and that has none; return how many were made.

    Reports older than `REPORTS_KEPT` are destroyed; their digests stay.
    """
    kept = WeeklyReport.objects.values_list("week", flat=True)
    weeks = list(Draw.objects.exclude(week__in=kept).order_by("week").values_list("week", flat=True))
    for week in weeks:
        _keep_report(week, make(Week.read(week)), clock)
    past = WeeklyReport.objects.filter(made_at__lt=clock.now() - REPORTS_KEPT, content__isnull=False)
    for row in matching(past):
        with transaction.atomic():
            record, subject = {"week": row.week, "sha256": row.sha256}, f"week:{row.week}"
            if WeeklyReport.objects.filter(pk=row.pk, content__isnull=False).update(content=None):
                row.content = None
                enter(REPORT_DESTROYED, actor="", subject=subject, record=record, at=clock.now(), row=row)
    return len(weeks)


def _keep_report(week: str, content: bytes, clock: Clock) -> None:
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        made = {"made_at": clock.now(), "sha256": digest, "content": content}
        row, is_new = WeeklyReport.objects.get_or_create(week=week, defaults=made)
        if is_new:
            record = {"week": week, "sha256": digest, "bytes": len(content)}
            enter(REPORT_MADE, actor="", subject=f"week:{week}", record=record, at=row.made_at, row=row)


def enter_report_taken(week: Week, content: bytes, *, clock: Clock, actor: str) -> int:
    """Enter that a week's report leaves the program; gives the entry. Called before it is handed out."""
    record = {
        "week": str(week),
        "sha256": hashlib.sha256(content).hexdigest(),
        "kept": reviews.kept_report(week) == content,
    }
    with transaction.atomic():
        return enter(REPORT_TAKEN, actor=actor, subject=f"week:{week}", record=record, at=clock.now())
