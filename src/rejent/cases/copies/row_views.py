"""Rows of copies, their parts, hand-overs and commissions as views: plain values that others read."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from rejent.cases.copies.models import Commission, Copy, CopyPart, Delivery, HandOver
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


def copy_view(row: Copy, source: SourceView | None = None) -> CopyView:
    """Return the row as a view; ``source`` is its source, where that is known."""
    source = source or catalog.source(row.source_id)
    return CopyView(
        id=row.pk,
        number=row.number,
        case=row.case_id,
        state=State(row.state),
        source_id=row.source_id,
        source_label=source.name,
        source_kind=source.stream,
        item=row.item,
        interval=Interval(row.start, row.end),
        version=row.version,
        details=dict(row.details),
        medium=Medium(row.medium),
        carrier=row.carrier,
        bag=row.bag,
        kept_in=row.kept_in,
        begun_at=row.begun_at,
        made_at=row.made_at,
        made_by=row.begun_by,
        recorded_on=row.recorded_on,
        due_on=row.due_on,
        finding=row.finding,
        capped=row.capped,
        missing=tuple(missing_view(each) for each in row.missing),
        renewals=tuple(_renewal(each) for each in row.renewals),
        parts=tuple(part_view(row, part) for part in row.parts_in_order()),
        digest=row.digest,
        made_entry=row.made_entry,
        commission=row.commission_id or "",
        destroyed_at=row.destroyed_at,
        origin=_origin_number(row),
        plan=row.plan,
        progress=row.progress,
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
    return PartView(
        copy_id=UUID(str(row.pk)),
        place=part.place,
        segment=part.segment,
        from_sha256=part.from_sha256,
        interval=Interval(part.start, part.end),
        units=part.units,
        whole=part.whole,
        sha256=part.sha256,
        bytes=part.bytes,
        media_type=part.media_type,
        object_name=part.object_name,
        recipient=row.recipient,
        head=part.head,
        sealed_sha256=part.sealed_sha256,
        sealed_bytes=part.sealed_bytes,
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
    return HandOverView(
        number=row.number,
        copy=row.copy.number,
        case=row.case_id,
        recipient=receiver.name if receiver else "",
        post=receiver.post if receiver else "",
        body=receiver.body if receiver else "",
        documents=tuple(row.documents),
        declared=row.declared,
        at=row.at,
        by=row.by,
        remarks=row.remarks,
        deliveries=tuple(map(_delivery_view, sorted(row.deliveries.all(), key=lambda each: each.pk))),
    )


def _delivery_view(row: Delivery) -> DeliveryView:
    return DeliveryView(
        way=DeliveryWay(row.way),
        reference=row.reference,
        sent_at=row.sent_at,
        received_at=row.received_at,
        at=row.at,
        by=row.by,
    )


def commission_view(row: Commission) -> CommissionView:
    """Return the row as a view."""
    items = sorted(row.items.all(), key=lambda each: each.pk)
    return CommissionView(
        number=row.number,
        state=CommissionState(row.state),
        appointed_at=row.appointed_at,
        appointed_by=row.appointed_by,
        in_place_of=row.in_place_of,
        members=tuple(row.members),
        copies={each.copy.number: each.note for each in items},
        confirmed={each.person: each.at for each in row.confirmations.all()},
        done_at=row.done_at,
        reason=row.reason,
    )
