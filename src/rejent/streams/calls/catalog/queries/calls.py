"""Calls, found by what a person knows of one: never a list of all, and few hits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from operator import attrgetter

from django.db.models import Q, QuerySet

from rejent.catalog.models import Segment, SegmentState
from rejent.catalog.queries.recordings import SEGMENT_COLUMNS, segment_view
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import local_midnight
from rejent.registers.guard.rows import in_ledger, matching, verified
from rejent.registers.queries import entered_on
from rejent.streams.calls.catalog.acts import CALL_LEFT_OUT, CALL_REFUSED
from rejent.streams.calls.catalog.errors import NoSuchCallError
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.phone_numbers import (
    SIGNS,
    NumberSuffix,
    SearchTerm,
    canonical_number,
    search_term,
)
from rejent.streams.calls.catalog.turns import CALLED, CALLER
from rejent.streams.calls.catalog.views import REFUSED, CallQuestion, CallView, FoundCalls

MOST = 20
NEAR = timedelta(hours=2)
"""Time beyond the midnights of its date within which a call searched for near one may begin."""
LONGEST_CALL = timedelta(days=1)
"""No recording session lasts longer (`rejent.streams.calls.receiving.siprec.core.Settings.longest`)."""
_COLUMNS = (
    "id", "source_id", "day", "start", "end", "direction", "caller", "called", "destroyed",
    "ended_by", "faults", "later",
)  # fmt: skip


def find_calls(question: CallQuestion, *, before: str = "", after: str = "") -> FoundCalls:
    """Return a page of the calls that fit in order of time, at most `MOST`; where no date is known, the newest first.

    The first page is the nearest to the hour, where one is given; another ends right ``before`` a call, or begins right
    ``after`` it. Calls of which nothing is left are not among them, nor any whose row is not as it was entered.
    """
    rows = _fitting(question)
    found = sorted(_page(rows, question, before, after), key=lambda row: (row.start, row.pk))
    calls = [call_view(row) for row in matching(found)]
    return FoundCalls(
        tuple(reversed(calls)) if question.day is None else tuple(calls),
        count=rows.count(),
        earlier=found[0].pk if found and _beyond(rows, found[0], "lt").exists() else "",
        later=found[-1].pk if found and _beyond(rows, found[-1], "gt").exists() else "",
    )


def _page(rows: QuerySet[Call], question: CallQuestion, before: str, after: str) -> list[Call]:
    edge = Call.objects.filter(pk=before or after).first() if before or after else None
    if edge is not None:
        beyond = _beyond(rows, edge, "lt" if before else "gt")
        return list(beyond.order_by(*(("-start", "-pk") if before else ("start", "pk")))[:MOST])
    if (about := question.about) is not None:
        earlier = rows.filter(start__lt=about).order_by("-start", "-pk")[:MOST]
        later = rows.filter(start__gte=about).order_by("start", "pk")[:MOST]
        return sorted([*earlier, *later], key=lambda row: abs(row.start - about))[:MOST]
    return list(rows.order_by(*(("-start", "-pk") if question.day is None else ("start", "pk")))[:MOST])


def _beyond(rows: QuerySet[Call], row: Call, side: str) -> QuerySet[Call]:
    further = Q(**{f"start__{side}": row.start}) | Q(**{f"pk__{side}": row.pk})
    return rows.filter(**{f"start__{side}e": row.start}).filter(further)


def calls_of(number: str, since: date, *, limit: int) -> list[CallView]:
    """Return the calls, not destroyed, in which a number took part since a civil date, the newest first."""
    known = SearchTerm(canonical_number(number), ending=False)
    either = _held(known, CALLER) | _held(known, CALLED)
    rows = _with_endings().filter(either, destroyed=False, day__gte=since)
    return [
        call_view(row) for row in matching(rows.exclude(ended_by=REFUSED).order_by("-start", "-pk")[:limit])
    ]


def call(call_id: str) -> CallView:
    """Return a call by its identifier, destroyed or not; NoSuchCallError: there is none."""
    row = Call.objects.filter(pk=call_id).values_list(*_COLUMNS).first()
    if row is None:
        raise NoSuchCallError("There is no such call.", advice="Find it anew.")
    return CallView(*row)


def verified_call(call_id: str) -> CallView:
    """Return a call as it was entered; NoSuchCallError or LedgerMismatchError (planted or altered) where it was not."""
    row = Call.objects.filter(pk=call_id).first()
    if row is None:
        raise NoSuchCallError("There is no such call.", advice="Find it anew.")
    return call_view(verified(row))


def is_as_entered(call_id: str) -> bool:
    """Return whether the row of a call is as the ledger says."""
    return bool(matching(Call.objects.filter(pk=call_id)))


def may_be_entered(call_id: str) -> bool:
    """Return whether a call was entered, whatever became of its row or of the record of the act."""
    return Call.objects.filter(pk=call_id).exists() or in_ledger(Call, call_id)


def calls_known(ids: Iterable[str]) -> dict[str, CallView]:
    """Return those of these calls that there are, destroyed or not, by their identifiers."""
    rows = Call.objects.filter(pk__in={each for each in ids if each})
    return {row[0]: CallView(*row) for row in rows.values_list(*_COLUMNS)}


def last_call(source_id: str) -> datetime | None:
    """Return when the newest call of a line began, whatever is left of it; nothing before the first."""
    starts = Call.objects.filter(source=source_id).order_by("-start").values_list("start", flat=True)
    return starts.first()


def misdescribed(since: datetime, source_id: str = "") -> int:
    """Return how many calls since an instant had metadata that could not be read, of a line or of all."""
    rows = Call.objects.filter(start__gte=since).exclude(faults="")
    return (rows.filter(source=source_id) if source_id else rows).count()


def calls_on(day: date) -> list[CallView]:
    """Return the calls that begin on a civil date, destroyed or not, in order."""
    rows = Call.objects.filter(
        day=day, start__range=(local_midnight(day), local_midnight(day + timedelta(days=1)))
    )
    return [CallView(*row) for row in rows.order_by("start", "pk").values_list(*_COLUMNS)]


def segments_of(source_id: str, call_id: str, about: datetime) -> list[SegmentView]:
    """Return what is left of the objects of a call that was at an instant, in order."""
    when = (about - LONGEST_CALL, about + LONGEST_CALL)
    rows = Segment.objects.filter(source=source_id, run=call_id, start__range=when)
    rows = rows.exclude(state=SegmentState.DESTROYED)
    segments = [segment_view(row) for row in rows.values_list(*SEGMENT_COLUMNS)]
    return sorted(segments, key=attrgetter("start"))


def object_number(segment: SegmentView) -> int:
    """Return which object of its call a segment is, from 1, whatever became of the others."""
    earlier = Segment.objects.filter(source=segment.source_id, run=segment.run, start__lt=segment.start)
    return earlier.filter(start__gt=segment.start - LONGEST_CALL).count() + 1


def was_refused(call_id: str) -> bool:
    """Return whether an act of the ledger says that a party refused the recording of a call, or that its line left it out."""
    names = [CALL_REFUSED.name, CALL_LEFT_OUT.name]
    acts = entered_on(f"call:{call_id}", names, committed_only=True)
    return any(act.facts is not None and act.facts.get("call") == call_id for act in acts)


def refused_calls() -> list[tuple[str, str]]:
    """Return line and identifier of each call that a party refused and of which something is left."""
    rows = Call.objects.filter(ended_by=REFUSED, destroyed=False).order_by("start", "pk")
    return [(source, call) for source, call in rows.values_list("source_id", "pk") if was_refused(call)]


def source_of_call(call_id: str) -> str:
    """Return the line of a call; NoSuchCallError: there is none."""
    return call(call_id).source_id


def call_view(row: Call) -> CallView:
    """Return a call as it is handed out."""
    return CallView(*(getattr(row, name) for name in _COLUMNS))


def _fitting(question: CallQuestion) -> QuerySet[Call]:
    rows = _with_endings().filter(destroyed=False, source__in=question.source_ids).exclude(ended_by=REFUSED)
    for side, written in ((CALLER, question.caller), (CALLED, question.called)):
        if written.strip():
            rows = rows.filter(_held(search_term(written), side))
    if question.direction:
        rows = rows.filter(direction=question.direction)
    return rows if question.day is None else rows.filter(_within(question.day, question.about))


def _with_endings() -> QuerySet[Call]:
    """Return all calls, with what the indexes hold of their numbers."""
    return Call.objects.alias(caller_ending=NumberSuffix("caller"), called_ending=NumberSuffix("called"))


def _held(number: SearchTerm, side: str) -> Q:
    """Return the calls in which somebody of a number held a side at the beginning, or took part later, on whichever side."""
    # An equality would let SQLite reckon the ending of the value instead of looking into the index.
    whole = ("endswith", number.number) if number.ending else ("range", (number.number, number.number))
    at_first = Q(**{f"{side}_ending": number.number[-SIGNS:], f"{side}__{whole[0]}": whole[1]})
    later = Q(later__names_number=(number.number, number.ending))
    # A choice of two would keep databases from the index of both parties, and few calls are passed on.
    return at_first | later if Call.objects.filter(later).exists() else at_first


def _within(day: date, about: datetime | None) -> Q:
    start, end = local_midnight(day), local_midnight(day + timedelta(days=1))
    if about is not None:
        start, end = min(start, about - NEAR), max(end, about + NEAR)
    return Q(start__gte=start, start__lt=end)
