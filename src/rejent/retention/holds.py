"""Placing and ending holds. Whoever places one and whoever destroys wait for each other at the source's row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from rejent.catalog import queries as catalog
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.kernel.plain_text import is_plain
from rejent.registers.services import enter, take_number
from rejent.retention.acts import HOLD_ENDED, HOLD_PLACED
from rejent.retention.errors import AlreadyDestroyedError, HoldEndedError, HoldRefusedError, NoSuchHoldError
from rejent.retention.models import Destruction, DestructionStage, Hold
from rejent.retention.rules import Cover

SERIES = "holds"


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold.

    Attributes:
        number: its number in the book of holds.
        review_on: the civil date on which it is looked at again.
        ended_at: when it ended, if it has.
        gone: parts of the interval that had been destroyed before it was placed; told only when placing it.
    """

    number: str
    source_id: str
    start: datetime
    end: datetime
    case: str
    basis: str
    review_on: date
    placed_at: datetime
    placed_by: str
    ended_at: datetime | None
    ended_by: str
    end_reason: str
    gone: tuple[Interval, ...] = ()

    @property
    def interval(self) -> Interval:
        """What it covers."""
        return Interval(self.start, self.end)


def place_hold(
    *,
    source_id: str,
    start: datetime,
    end: datetime,
    case: str,
    basis: str,
    review_on: date,
    clock: Clock,
    actor: str,
) -> HoldView:
    """Keep a source's interval until the hold is ended; it may reach into what is yet to be recorded.

    Raises:
        HoldRefusedError: the interval is empty, or the case, its basis or a review to come is missing.
        AlreadyDestroyedError: nothing of the interval is left; the error says since when and by which destruction.
        NoSuchSourceError: there is no such source.
    """
    now = clock.now()
    case, basis = case.strip(), basis.strip()
    if end <= start:
        raise HoldRefusedError("A hold ends after it starts.", advice="Correct the times.")
    if not case or not basis:
        raise HoldRefusedError("A hold needs a case and a legal basis.", advice="Give both.")
    if not is_plain(case):
        raise HoldRefusedError("A case may hold no signs that cannot be seen.", advice="Type it anew.")
    if review_on < civil_date(now):
        raise HoldRefusedError("The review of a hold lies in the past.", advice="Choose a day to come.")
    with transaction.atomic():
        locked_source(source_id)
        gone = _gone(source_id, Interval(start, end), now)
        number = f"Z-{civil_date(now).year}-{take_number(SERIES, civil_date(now).year)}"
        row = Hold.objects.create(
            number=number,
            source_id=source_id,
            start=start,
            end=end,
            case=case[:120],
            basis=basis,
            review_on=review_on,
            placed_at=now,
            placed_by=actor,
        )
        record = {
            "number": number,
            "source": source_id,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "case": case,
            "basis": basis,
            "review_on": review_on.isoformat(),
        }
        enter(HOLD_PLACED, actor=actor, subject=f"source:{source_id}", record=record, at=now)
    return hold_view(row, gone)


def end_hold(number: str, *, reason: str, clock: Clock, actor: str) -> HoldView:
    """End a hold; what no other keeps and whose term has passed is destroyed in the next round.

    Raises:
        NoSuchHoldError: there is none of that number.
        HoldEndedError: it has ended before.
        HoldRefusedError: no reason is given.
    """
    reason = reason.strip()
    if not reason:
        raise HoldRefusedError("A hold is ended with a reason.", advice="Give the reason.")
    now = clock.now()
    with transaction.atomic():
        row = Hold.objects.select_for_update().filter(number=number).first()
        if row is None:
            raise NoSuchHoldError("There is no hold {number}.", number=number)
        if row.ended_at is not None:
            raise HoldEndedError("Hold {number} has ended already.", number=number)
        row.ended_at, row.ended_by, row.end_reason = now, actor, reason
        row.save(update_fields=["ended_at", "ended_by", "end_reason"])
        record = {"number": number, "source": row.source_id, "reason": reason}
        enter(HOLD_ENDED, actor=actor, subject=f"source:{row.source_id}", record=record, at=now)
    return hold_view(row)


def active_over(source_id: str, whole: Interval) -> QuerySet[Hold]:
    """The rows of holds in force that reach into an interval."""
    return Hold.objects.filter(
        source=source_id, ended_at__isnull=True, start__lt=whole.end, end__gt=whole.start
    )


def sources_held() -> set[str]:
    """The sources that holds in force reach."""
    return set(Hold.objects.filter(ended_at__isnull=True).values_list("source_id", flat=True))


def cover_of(source_id: str, whole: Interval) -> Cover:
    """What holds keep of an interval."""
    return Cover(
        Interval(start, end) for start, end in active_over(source_id, whole).values_list("start", "end")
    )


def hold_view(row: Hold, gone: Iterable[Interval] = ()) -> HoldView:
    """The row as it is handed out."""
    return HoldView(
        row.number,
        row.source_id,
        row.start,
        row.end,
        row.case,
        row.basis,
        row.review_on,
        row.placed_at,
        row.placed_by,
        row.ended_at,
        row.ended_by,
        row.end_reason,
        tuple(gone),
    )


def _gone(source_id: str, wanted: Interval, now: datetime) -> list[Interval]:
    """The parts that are destroyed or past the point of no return; refuses a hold over nothing else."""
    beyond = Q(stage__in=[DestructionStage.KEY_DYING, DestructionStage.KEY_DEAD, DestructionStage.DONE])
    days = (civil_date(wanted.start), civil_date(wanted.end))
    ended = list(
        Destruction.objects.filter(beyond, source=source_id, day__gte=days[0], day__lte=days[1]).order_by(
            "pk"
        )
    )
    if not ended:
        return []
    dead = {row.recipient for row in ended}
    found = catalog.segments(source_id, wanted.start, wanted.end, destroyed=True)
    living = [row.interval for row in found if row.state != "destroyed" and row.recipient not in dead]
    lost = [row for row in found if row.state == "destroyed" or row.recipient in dead]
    gone = [
        part
        for piece in merged(row.interval for row in lost)
        if (common := piece.common(wanted)) is not None
        for part in uncovered(common, living)
    ]
    if gone and not living and wanted.end <= now:
        last = max(ended, key=lambda row: row.decided_at)
        raise AlreadyDestroyedError(
            "Nothing of this interval is left: its term ended on {day} and destruction {number} followed.",
            day=civil_date(last.due_at).isoformat(),
            number=last.number,
        )
    return gone
