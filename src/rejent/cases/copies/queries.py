"""Questions about copies; the evidence package reads them here, too."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.db.models import F, Q, QuerySet

from rejent.cases.copies.acts import COMMISSION_APPOINTED, COPY_MADE, HAND_OVER_PREPARED
from rejent.cases.copies.errors import NoSuchCommissionError, NoSuchCopyError
from rejent.cases.copies.models import Commission, Copy, CopyPart, HandOver, Writing
from rejent.cases.copies.views import (
    Absence,
    CommissionState,
    CommissionView,
    CopyView,
    DeliveryView,
    DeliveryWay,
    HandOverState,
    HandOverView,
    Medium,
    Missing,
    PartView,
    Renewal,
    Signing,
    State,
    WritingView,
)
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval
from rejent.kernel.views import view_of
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.books.numbers import is_number
from rejent.registers.guard.rows import first_verified, matching, verified, verified_many

BOOK = "copies-"
"""Before a stream's name: its register of copies, of which closed years are kept."""
LIVING = (State.KEPT.value, State.HANDED.value)
"""States in which a copy's content is there."""


def copy(number: str) -> CopyView:
    """Return a copy as it was entered. Raises NoSuchCopyError: there is none; LedgerMismatchError: its row was planted or altered."""
    return copy_view(verified(copy_row(number)))


def copy_row(number: str) -> Copy:
    """Return the row of a copy, not verified. Raises NoSuchCopyError: there is none."""
    row = _rows().filter(number=number).first()
    if row is None:
        raise NoSuchCopyError("There is no copy {number}.", number=number)
    return row


def register(stream: str = "", state: str = "") -> "NumberedRows[Copy]":
    """Return the register of copies, of one stream or in one state where given: those that have a number."""
    rows = _rows().exclude(number="")
    if stream and copied_streams() != {stream}:
        rows = rows.filter(source__in=_sources(stream))
    if state in set(State):
        rows = rows.filter(state=state)
    return NumberedRows(
        rows=rows.all,
        views=_copy_views,
        at="made_at",
        begun=(COPY_MADE,),
        order="made_entry",
        series="copies",
        search=_with_words,
        sorts=("due_on",),
    )


def copied_streams() -> set[str]:
    """Return the streams of which there are copies."""
    streams = set(catalog.streams(removed=True).values())
    return {each for each in streams if Copy.objects.filter(source__in=_sources(each)).exists()}


def _sources(stream: str) -> list[str]:
    return [one for one, its in catalog.streams(removed=True).items() if its == stream]


def _with_words(rows: "QuerySet[Copy]", words: str) -> "QuerySet[Copy]":
    if is_number(words):
        exact = rows.filter(number=words)
        return exact if exact.exists() else rows.filter(case__number=words)
    named = [one.id for one in catalog.sources(removed=True) if words.casefold() in one.name.casefold()]
    numbers = ("number", "case__number") if any(map(str.isdigit, words)) else ()
    found = Q(source__in=named)
    written = Writing.objects.filter(Q(sign__icontains=words) | Q(bag__icontains=words))
    found |= Q(pk__in=written.values("copy"))
    for part in numbers:
        found |= Q(**{f"{part}__icontains": words})
    return rows.filter(found)


def of_case(number: str) -> list[CopyView]:
    """Return the copies made under a case, or being made, oldest first."""
    rows = _rows().filter(case__number=number).exclude(state=State.ABANDONED)
    return [copy_view(row) for row in rows.order_by("begun_at", "pk")]


def under_way(copy_id: UUID) -> CopyView:
    """Return a copy that may not have a number yet. Raises NoSuchCopyError: there is none; LedgerMismatchError: it was altered."""
    absent = NoSuchCopyError("There is no copy {number}.", number=str(copy_id))
    return copy_view(first_verified(_rows().filter(pk=copy_id), absent))


def derived_from(number: str) -> list[CopyView]:
    """Return the copies that were derived from one, or are being derived, oldest first."""
    rows = _rows().filter(origin__number=number).exclude(state=State.ABANDONED)
    return [copy_view(row) for row in rows.order_by("begun_at", "pk")]


def kept_of(sources: Iterable[str]) -> list[CopyView]:
    """Return the copies of these sources that wait to be handed over or destroyed, oldest first."""
    rows = _rows().filter(source__in=set(sources), state=State.KEPT.value).order_by("begun_at")
    return _copy_views(matching(rows))


def living_under(number: str) -> list[CopyView]:
    """Return the copies that are not destroyed and were made, handed over or let live longer under a case, oldest first.

    Raises `LedgerMismatchError` if a copy or a hand-over, of whichever case, is not as it was entered: it may be one of these.
    """
    handed = {row.copy_id for row in verified_many(_find_standing()) if row.case_id == number}
    found = list[Copy]()
    rows = Copy.objects.order_by("begun_at", "pk").iterator(Copy.guard_piece)
    while piece := list(islice(rows, Copy.guard_piece)):
        found += [
            row
            for row in verified_many(piece)
            if row.state not in {State.ABANDONED, State.DESTROYED}
            and (row.pk in handed or number in {row.case_id, *(renewal[0] for renewal in row.renewals)})
        ]
    return list(map(copy_view, found))


def due(today: date) -> list[CopyView]:
    """Return the copies whose last day is over or has come, and that no commission is about to destroy; the oldest first.

    Raises LedgerMismatchError: a commission is not as it was entered.
    """
    rows = matching(_rows().filter(state__in=LIVING, due_on__lte=today).order_by("due_on", "number"))
    appointed = in_commission() if rows else set()
    return _copy_views([row for row in rows if row.pk not in appointed])


def due_subjects(today: date) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the copies whose last day has come and that are still there, for the keeper's alarm."""
    rows = Copy.objects.filter(state__in=LIVING, due_on__lte=today).order_by("due_on", "number")
    for number, due_on in rows.values_list("number", "due_on"):
        yield number, {"number": number, "due_on": due_on.isoformat() if due_on else ""}


def key_ends() -> dict[str, datetime]:
    """Return from when on the keys of living copies may be destroyed, by their public halves: the midnight that begins the last day."""
    rows = matching(Copy.objects.filter(state__in=LIVING).order_by("pk"))
    return {row.recipient: local_midnight(row.due_on) for row in rows if row.due_on is not None}


def in_commission() -> set[UUID]:
    """Return the keys of the copies that a commission at work was appointed for.

    Raises LedgerMismatchError: a commission is not as it was entered, so that nobody says of which copies it is.
    """
    every = verified_many(Commission.objects.order_by("pk"))
    at_work = (row for row in every if row.state in {CommissionState.APPOINTED, CommissionState.CONFIRMED})
    return {item.copy_id for row in at_work for item in row.items.all()}


def hand_over(copy_number: str) -> HandOverView | None:
    """Return the hand-over of a copy that is prepared, signed or done; None where there is none, or it was withdrawn."""
    row = _find_standing().filter(copy__number=copy_number).first()
    return hand_over_view(verified(row)) if row else None


def find_withdrawn(copy_number: str) -> list[HandOverView]:
    """Return the hand-overs of a copy that were withdrawn, oldest first; verified."""
    rows = _handed().filter(copy__number=copy_number, state=HandOverState.WITHDRAWN.value).order_by("pk")
    return [hand_over_view(row) for row in verified_many(rows)]


def hand_overs_of(keys: Iterable[UUID]) -> dict[UUID, HandOverView]:
    """Return the hand-overs of copies that stand, by the copies' keys; of those that have none nothing.

    Raises LedgerMismatchError: a row was planted or altered.
    """
    rows = _find_standing().filter(copy__in=list(keys))
    return {row.copy_id: hand_over_view(row) for row in verified_many(rows)}


def find_hand_overs(*states: HandOverState) -> list[HandOverView]:
    """Return the hand-overs in these states that are as they were entered, oldest first."""
    rows = _handed().filter(state__in=[each.value for each in states]).order_by("pk")
    return [hand_over_view(row) for row in matching(rows)]


def hand_overs_under(case: str) -> list[HandOverView]:
    """Return the hand-overs under a case, or of copies made under it, in whatever state, oldest first; verified."""
    rows = _handed().filter(Q(case__number=case) | Q(copy__case__number=case)).order_by("pk")
    return [hand_over_view(row) for row in verified_many(rows)]


def handed_of(source_id: str, whole: Interval, item: str) -> list[HandOverView]:
    """Return the hand-overs that were done of copies that reach into an interval of a source, or are of one item; verified."""
    done = _handed().filter(state=HandOverState.HANDED.value)
    rows = done.filter(copy__source=source_id, copy__start__lt=whole.end, copy__end__gt=whole.start)
    rows = rows.filter(copy__item__in={"", item}) if item else rows
    return [hand_over_view(row) for row in verified_many(rows.order_by("pk"))]


def _handed() -> "QuerySet[HandOver]":
    return HandOver.objects.select_related("receiver", "copy")


def _find_standing() -> "QuerySet[HandOver]":
    return _handed().exclude(state=HandOverState.WITHDRAWN.value)


def _handed_with(rows: "QuerySet[HandOver]", words: str) -> "QuerySet[HandOver]":
    found = Q(number__icontains=words) | Q(case__number__icontains=words) | Q(copy__number__icontains=words)
    return rows.filter(found | Q(receiver__name__icontains=words) | Q(receiver__body__icontains=words))


HAND_OVERS: NumberedRows[HandOver] = NumberedRows(
    rows=_handed,
    views=lambda rows: [hand_over_view(row) for row in rows],
    at="at",
    begun=(HAND_OVER_PREPARED,),
    series="hand-overs",
    search=_handed_with,
)
"""The register of disclosed recordings."""


def copy_of(hand_over: str) -> str:
    """Return the number of the copy that a hand-over is of; empty for no such hand-over."""
    return HandOver.objects.filter(number=hand_over).values_list("copy__number", flat=True).first() or ""


def handed(number: str) -> HandOverView | None:
    """Return the hand-over of a number; None for no such one. Raises LedgerMismatchError: its row was planted or altered."""
    row = _handed().filter(number=number).first()
    return hand_over_view(verified(row)) if row else None


def commission(number: str) -> CommissionView:
    """Return a commission as it was entered.

    Raises NoSuchCommissionError: there is none; LedgerMismatchError: its row was planted or altered.
    """
    absent = NoSuchCommissionError("There is no commission {number}.", number=number)
    return commission_view(first_verified(Commission.objects.filter(number=number), absent))


def commissions() -> list[CommissionView]:
    """Return every commission that is as it was entered, the newest first."""
    return [commission_view(row) for row in matching(_commissions().order_by("-appointed_at", "-pk"))]


def _commissions() -> "QuerySet[Commission]":
    return Commission.objects.prefetch_related("items__copy", "confirmations")


COMMISSIONS: NumberedRows[Commission] = NumberedRows(
    rows=_commissions,
    views=lambda rows: [commission_view(row) for row in rows],
    at="appointed_at",
    begun=(COMMISSION_APPOINTED,),
    series="commissions",
    search=lambda rows, words: rows.filter(
        Q(number__icontains=words) | Q(items__copy__number=words)
    ).distinct(),
)
"""The register of commissions, which destroy copies."""


def awaiting(person: str) -> list[CommissionView]:
    """Return the commissions in which a person has not confirmed yet."""
    at_work = (each for each in commissions() if each.state is CommissionState.APPOINTED)
    return [each for each in at_work if person in each.members and person not in each.confirmed]


def _copy_views(rows: Sequence[Copy]) -> list[CopyView]:
    sources = {one.id: one for one in catalog.sources(removed=True)}
    return [copy_view(row, sources.get(row.source_id)) for row in rows]


def _rows() -> "QuerySet[Copy]":
    return Copy.objects.annotate(origin_number=F("origin__number"))


def copy_view(row: Copy, source: SourceView | None = None) -> CopyView:
    """Return the row as a view; ``source`` is its source, where that is known."""
    source = source or catalog.source(row.source_id)
    return view_of(
        CopyView,
        row,
        case=row.case_id,
        state=State(row.state),
        source_label=source.name,
        source_kind=source.stream,
        interval=Interval(row.start, row.end),
        made_by=row.begun_by,
        missing=tuple(missing_view(each) for each in row.missing),
        renewals=tuple(_renewal(each) for each in row.renewals),
        parts=tuple(part_view(row, part) for part in row.parts_in_order()),
        commission=row.commission_id or "",
        origin=_origin_number(row),
        chosen=count_chosen(row),
        accompanying=len(row.chosen) - count_chosen(row),
        writings=tuple(
            view_of(WritingView, each, key=each.pk, medium=Medium(each.medium))
            for each in row.writings_in_order()
        ),
    )


def count_chosen(row: Copy) -> int:
    """Return how many contents a viewing chose for a copy, without what accompanies them."""
    return sum(not accompanying for *_, accompanying in row.chosen)


def _origin_number(row: Copy) -> str:
    """Return the number of the copy that a row was derived from; queries over many rows read it with them."""
    if not row.origin_id:
        return ""
    read = vars(row).get("origin_number")
    return read or Copy.objects.values_list("number", flat=True).get(pk=row.origin_id)


def part_view(row: Copy, part: CopyPart) -> PartView:
    """Return a part as a view."""
    interval = Interval(part.start, part.end)
    return view_of(PartView, part, copy_id=UUID(str(row.pk)), interval=interval, recipient=row.recipient)


def missing_rows(missing: Iterable[Missing]) -> list[list[str]]:
    """Return what is missing as it is kept."""
    return [
        [each.interval.start.isoformat(), each.interval.end.isoformat(), each.why.value, each.cause]
        for each in missing
    ]


def missing_view(kept: list[str]) -> Missing:
    """Return something missing as a view, from how it is kept."""
    start, end, why, cause = kept
    return Missing(Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)), Absence(why), cause)


def _renewal(kept: list[str]) -> Renewal:
    case, before, due_on, at, by = kept
    return Renewal(
        case, date.fromisoformat(before), date.fromisoformat(due_on), datetime.fromisoformat(at), by
    )


def hand_over_view(row: HandOver) -> HandOverView:
    """Return the row as a view."""
    receiver = getattr(row, "receiver", None)
    return view_of(
        HandOverView,
        row,
        copy=row.copy.number,
        case=row.case_id,
        recipient=receiver.name if receiver else "",
        post=receiver.post if receiver else "",
        body=receiver.body if receiver else "",
        documents=tuple(row.documents),
        state=HandOverState(row.state),
        signing=Signing(row.signing) if row.signing else None,
        deliveries=tuple(
            view_of(DeliveryView, each, way=DeliveryWay(each.way))
            for each in sorted(row.deliveries.all(), key=lambda each: each.pk)
        ),
    )


def commission_view(row: Commission) -> CommissionView:
    """Return the row as a view."""
    items = sorted(row.items.all(), key=lambda each: each.pk)
    return view_of(
        CommissionView,
        row,
        state=CommissionState(row.state),
        members=tuple(row.members),
        copies={each.copy.number: each.note for each in items},
        confirmed={each.person: each.at for each in row.confirmations.all()},
    )
