"""Rows of copies, their parts, hand-overs and commissions as views: plain values that others read."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from rejent.cases.copies.models import Commission, Copy, CopyPart, HandOver
from rejent.cases.copies.views import (
    Absence,
    CommissionState,
    CommissionView,
    CopyView,
    DeliveryView,
    DeliveryWay,
    HandOverView,
    Medium,
    Missing,
    PartView,
    Renewal,
    State,
)
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.intervals import Interval
from rejent.kernel.same_names import of_same_names


def copy_view(row: Copy, source: SourceView | None = None) -> CopyView:
    """Return the row as a view; ``source`` is its source, where that is known."""
    source = source or catalog.source(row.source_id)
    return of_same_names(
        CopyView,
        row,
        case=row.case_id,
        state=State(row.state),
        source_label=source.name,
        source_kind=source.stream,
        interval=Interval(row.start, row.end),
        medium=Medium(row.medium),
        made_by=row.begun_by,
        missing=tuple(missing_view(each) for each in row.missing),
        renewals=tuple(_renewal(each) for each in row.renewals),
        parts=tuple(part_view(row, part) for part in row.parts_in_order()),
        commission=row.commission_id or "",
        origin=_origin_number(row),
        chosen=len(row.chosen),
    )


def _origin_number(row: Copy) -> str:
    """Return the number of the copy that a row was derived from; queries over many rows read it with them."""
    if not row.origin_id:
        return ""
    read = vars(row).get("origin_number")
    return read or Copy.objects.values_list("number", flat=True).get(pk=row.origin_id)


def part_view(row: Copy, part: CopyPart) -> PartView:
    """Return a part as a view."""
    interval = Interval(part.start, part.end)
    return of_same_names(
        PartView, part, copy_id=UUID(str(row.pk)), interval=interval, recipient=row.recipient
    )


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
    return of_same_names(
        HandOverView,
        row,
        copy=row.copy.number,
        case=row.case_id,
        recipient=receiver.name if receiver else "",
        post=receiver.post if receiver else "",
        body=receiver.body if receiver else "",
        documents=tuple(row.documents),
        deliveries=tuple(
            of_same_names(DeliveryView, each, way=DeliveryWay(each.way))
            for each in sorted(row.deliveries.all(), key=lambda each: each.pk)
        ),
    )


def commission_view(row: Commission) -> CommissionView:
    """Return the row as a view."""
    items = sorted(row.items.all(), key=lambda each: each.pk)
    return of_same_names(
        CommissionView,
        row,
        state=CommissionState(row.state),
        members=tuple(row.members),
        copies={each.copy.number: each.note for each in items},
        confirmed={each.person: each.at for each in row.confirmations.all()},
    )
