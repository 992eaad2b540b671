"""Place, review and end holds. Whoever places one and whoever destroys wait for each other at the source's row.

What was done to a hold is signed with the ledger's head at once, so that an older database put back later is noticed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from rejent.catalog import queries as catalog
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.kernel.plain_text import is_plain
from rejent.kernel.terms import end_of_day
from rejent.kernel.views import view_of
from rejent.ledger.location import LedgerLocation
from rejent.office import queries as office
from rejent.office.people import standing
from rejent.office.regulation.provisions import Extension
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter, take_number
from rejent.registers.signing.checkpoints import checkpoint
from rejent.retention.acts import HOLD_ENDED, HOLD_PLACED, HOLD_REVIEWED
from rejent.retention.errors import (
    AlreadyDestroyedError,
    HoldEndedError,
    HoldProvisionalError,
    HoldRefusedError,
    NoSuchHoldError,
)
from rejent.retention.holds.standing import standing_holds, standing_numbers, standing_over
from rejent.retention.models import Destruction, DestructionStage, Hold
from rejent.retention.stream_parts import WHOLE_ITEM
from rejent.retention.terms.rules import Cover

SERIES = "holds"
LONGEST_CASE = 120
"""Signs of a case's sign."""
LONGEST_UNREVIEWED = timedelta(days=366)
"""Nothing is held for longer than a year without a look, unless the regulation sets a longer rhythm of reviews."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold.

    Attributes:
        item: the one item, such as a call, that it keeps; empty where it keeps all that the source recorded.
        gone: parts of the interval that had been destroyed before it was placed; only when placing it.
        signed: whether the ledger's head was signed with the act; only of an act just done.
        provisional: whether it waits for the decision on an application.
        restricted: whether nobody opens what it keeps.
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
    signed: bool = True
    item: str = ""
    provisional: bool = False
    restricted: bool = False

    @property
    def interval(self) -> Interval:
        """Return the interval that it covers."""
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
    ledger: LedgerLocation | None,
    actor: str,
    item: str = "",
    provisional: bool = False,
) -> HoldView:
    """Keep a source's interval until the hold is ended; it may reach into what is yet to be recorded.

    It ends not after the day of its review, which is at most as far ahead as the regulation says; ``case`` has at most `LONGEST_CASE`
    characters. Of an ``item``, such as a call, the whole is kept, and nothing else of the same time; a ``provisional`` one stands until
    the decision on the application of which ``case`` is the number. The ledger's head is signed at once, or left to the keeper.

    Raises:
        NoSuchCallError: there is no such item.
        HoldRefusedError: the item is another source's or not of this interval, the interval is empty or reaches past the review, the
            case or its basis is missing, the case is too long, the review lies in the past or too far ahead.
        AlreadyDestroyedError: nothing of the interval or the item is left; of an interval the error says since when and by which destruction.
        NoSuchSourceError: there is no such source.
    """
    now = clock.now()
    case, basis = case.strip(), basis.strip()
    if item:
        whole = _of_item(item, source_id, Interval(start, end))
        start, end = whole.start, whole.end
    if end <= start:
        raise HoldRefusedError("A hold ends after it starts.", advice="Correct the times.")
    _require_grounds(case, basis)
    require_review(source_id, review_on, civil_date(now))
    _require_end_before_review(end, review_on)
    row = Hold(
        source_id=source_id, item=item, start=start, end=end, case=case, basis=basis, review_on=review_on,
        provisional=provisional, placed_at=now, placed_by=actor,
    )  # fmt: skip
    with transaction.atomic():
        locked_source(source_id)
        gone = _gone(source_id, Interval(start, end), now, item)
        _enter_placed(row)
    return hold_view(row, gone=gone, signed=sign_at_once(ledger, clock))


def _enter_placed(row: Hold) -> None:
    """Give a hold its number, store it and enter it."""
    year = civil_date(row.placed_at).year
    row.number = written_number("Z", year, take_number(SERIES, year))
    row.save(force_insert=True)
    record: dict[str, object] = {
        "number": row.number,
        "source": row.source_id,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
        "case": row.case,
        "basis": row.basis,
        "review_on": row.review_on.isoformat(),
    }
    if row.item:
        record["item"] = row.item
    if row.provisional:
        record["provisional"] = True
    subject = f"source:{row.source_id}"
    enter(HOLD_PLACED, actor=row.placed_by, subject=subject, record=record, at=row.placed_at, row=row)


def review_hold(
    number: str, *, review_on: date, reason: str, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> HoldView:
    """Enter that a hold was looked at and goes on, and when it is looked at again.

    Raises:
        NoSuchHoldError: there is none of that number.
        HoldEndedError: it has ended.
        HoldProvisionalError: it waits for a decision.
        HoldRefusedError: no reason is given, or the next review lies in the past or too far ahead.
    """
    reason = reason.strip()
    if not reason:
        raise HoldRefusedError("A hold goes on with a reason.", advice="Give the reason.")
    with transaction.atomic():
        row = standing_row(number)
        _require_decided(row)
        enter_reviewed(row, review_on, {"reason": reason}, clock=clock, actor=actor)
    return hold_view(row, standing=True, signed=sign_at_once(ledger, clock))


def end_hold(
    number: str, *, reason: str, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> HoldView:
    """End a hold; what no other keeps and whose term has passed is destroyed in the next round.

    Raises:
        NoSuchHoldError: there is none of that number.
        HoldEndedError: it has ended before.
        HoldProvisionalError: it waits for a decision.
        HoldRefusedError: no reason is given.
    """
    reason = reason.strip()
    if not reason:
        raise HoldRefusedError("A hold is ended with a reason.", advice="Give the reason.")
    with transaction.atomic():
        row = standing_row(number)
        _require_decided(row)
        enter_ended(row, reason, {}, clock=clock, actor=actor)
    return hold_view(row, signed=sign_at_once(ledger, clock))


def enter_reviewed(
    row: Hold,
    review_on: date,
    facts: Mapping[str, object],
    *,
    clock: Clock,
    actor: str,
    act: Act = HOLD_REVIEWED,
) -> None:
    """Let a hold that stands go on until its next review and enter it, with further facts of the record.

    Raises HoldRefusedError: the review lies in the past or too far ahead.
    """
    now = clock.now()
    require_review(row.source_id, review_on, civil_date(now))
    row.review_on = review_on
    row.save(update_fields=["review_on", "provisional", "restricted"])
    record = {"number": row.number, "source": row.source_id, "review_on": review_on.isoformat(), **facts}
    enter(act, actor=actor, subject=f"source:{row.source_id}", record=record, at=now, row=row)


def enter_ended(row: Hold, reason: str, facts: Mapping[str, object], *, clock: Clock, actor: str) -> None:
    """End a hold that stands and enter it, with further facts of the record."""
    row.ended_at, row.ended_by, row.end_reason = clock.now(), actor, reason
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    place = standing.place_taken(actor, clock=clock)
    record = {"number": row.number, "source": row.source_id, "reason": reason, **facts, **place}
    subject = f"source:{row.source_id}"
    enter(HOLD_ENDED, actor=actor, subject=subject, record=record, at=row.ended_at, row=row)


def require_left(source_id: str, wanted: Interval, item: str, now: datetime) -> Interval:
    """Return the time of a recording of which something is left: as stated, or of the whole item.

    Raises:
        AlreadyDestroyedError: nothing is left.
        HoldRefusedError: the item is another source's or not of this time.
    """
    whole = _of_item(item, source_id, wanted) if item else wanted
    _gone(source_id, whole, now, item)
    return whole


def usual_review(stream: str, today: date) -> date:
    """Return the day on which the regulation's rhythm has a hold of a stream's recordings reviewed next."""
    rules = office.verified_streams(today).get(stream)
    extension = rules.extension if rules is not None else Extension()
    return today + timedelta(days=extension.review_days)


def last_review(stream: str, today: date) -> date:
    """Return the latest day on which a hold of a stream's recordings, placed or reviewed today, may be reviewed again."""
    return max(today + LONGEST_UNREVIEWED, usual_review(stream, today))


def sources_held() -> set[str]:
    """Return the sources that standing holds reach."""
    return {each.source_id for each in standing_holds()}


def cover_of(source_id: str, whole: Interval, run: str) -> Cover:
    """Return what standing holds keep of one run of a source within an interval; where runs are items, the run is the item."""
    return Cover(each.time_of(run) for each in standing_over(source_id, whole, run))


def hold_view(
    row: Hold, *, standing: bool = False, gone: Iterable[Interval] = (), signed: bool = True
) -> HoldView:
    """Return a hold to be shown; of a ``standing`` one no end, whatever its row has."""
    ending: dict[str, object] = {"ended_at": None, "ended_by": "", "end_reason": ""} if standing else {}
    return view_of(HoldView, row, gone=tuple(gone), signed=signed, **ending)


def standing_row(number: str) -> Hold:
    """Return the row of a hold that stands, locked and verified; NoSuchHoldError, HoldEndedError."""
    row = Hold.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NoSuchHoldError("There is no hold {number}.", number=number)
    if row.ended_at is not None and number not in standing_numbers():
        raise HoldEndedError("Hold {number} has ended already.", number=number)
    return verified(row)


def _require_decided(row: Hold) -> None:
    if row.provisional:
        raise HoldProvisionalError(
            "Hold {number} is provisional: the decision on application {case} confirms or lifts it.",
            number=row.number,
            case=row.case,
            advice="Decide on the application.",
        )


def _of_item(item: str, source_id: str, stated: Interval) -> Interval:
    """Return the whole of an item that lies in the stated time."""
    stream = catalog.stream_of(source_id)
    if stream not in WHOLE_ITEM:
        raise HoldRefusedError("A hold of this source keeps a time.", advice="Leave the call out.")
    return WHOLE_ITEM.of(stream)(item, source_id, stated)


def _require_grounds(case: str, basis: str) -> None:
    if not case or not basis:
        raise HoldRefusedError("A hold needs a case and a legal basis.", advice="Give both.")
    if basis.casefold() == case.casefold():
        raise HoldRefusedError(
            "The grounds repeat the sign of the case.", advice="State the provision, or who asked and why."
        )
    if len(case) > LONGEST_CASE:
        raise HoldRefusedError(
            "The sign of a case is at most {most} characters long; this one is {length}.",
            most=LONGEST_CASE,
            length=len(case),
            advice="Give the sign alone; the rest belongs to the grounds.",
        )
    if not is_plain(case):
        raise HoldRefusedError("A case may hold no invisible characters.", advice="Type it anew.")


def _require_end_before_review(end: datetime, review_on: date) -> None:
    if end > end_of_day(review_on):
        raise HoldRefusedError(
            "The hold would reach to {end}, past its review on {day}.",
            end=civil_date(end).isoformat(),
            day=review_on.isoformat(),
            advice="Hold up to the day of the review at the latest; the review may be followed by another hold.",
        )


def require_review(source_id: str, review_on: date, today: date) -> None:
    """Raise HoldRefusedError for a review that lies in the past or too far ahead."""
    if review_on < today:
        raise HoldRefusedError("The review of a hold lies in the past.", advice="Choose a day to come.")
    latest = last_review(catalog.source(source_id).stream, today)
    if review_on > latest:
        raise HoldRefusedError(
            "A hold is reviewed at least every {days} days: here on {day} at the latest.",
            days=(latest - today).days,
            day=latest.isoformat(),
            advice="Choose an earlier day. Only the office's regulation can set a longer rhythm (extension.review_days).",
        )


def sign_at_once(ledger: LedgerLocation | None, clock: Clock) -> bool:
    """Sign the ledger's head; what was done stands even where that fails, and the keeper tries again."""
    if ledger is None:
        return True
    try:
        checkpoint(ledger, clock=clock)
    except (RejentError, OSError):
        _log.exception("hold.not-signed")
        return False
    return True


def _gone(source_id: str, wanted: Interval, now: datetime, item: str) -> list[Interval]:
    """Return the parts that are destroyed, withdrawn or past the point of no return; refuse a hold over nothing else."""
    beyond = Q(stage__in=[DestructionStage.KEY_DYING, DestructionStage.KEY_DEAD, DestructionStage.DONE])
    days = (civil_date(wanted.start - catalog.longest_of(source_id)), civil_date(wanted.end))
    rows = Destruction.objects.filter(beyond, source=source_id, day__gte=days[0], day__lte=days[1])
    ended = matching(rows.order_by("pk"))
    withdrawn = catalog.withdrawn_digests(source_id)
    if not ended and not withdrawn:
        return []
    dead = {row.recipient for row in ended}
    found = [
        row
        for row in catalog.segments(source_id, wanted.start, wanted.end, destroyed=True)
        if not item or row.run == item
    ]
    lost = [
        row for row in found if row.state == "destroyed" or row.recipient in dead or row.sha256 in withdrawn
    ]
    living = [row.interval for row in found if row not in lost]
    gone = [
        part
        for piece in merged(row.interval for row in lost)
        if (common := piece.intersection(wanted)) is not None
        for part in uncovered(common, living)
    ]
    if gone and not living and wanted.end <= now:
        if not ended:
            raise AlreadyDestroyedError(
                "Nothing of this interval is left: it was removed before its term, since a party refused or somebody recorded asked for it.",
                advice="What is gone cannot be held.",
            )
        last = max(ended, key=lambda row: row.decided_at)
        raise AlreadyDestroyedError(
            "Nothing of this interval is left: its term ended on {day} and destruction {number} followed.",
            day=civil_date(last.due_at).isoformat(),
            number=last.number,
        )
    return gone
