"""Read what a viewing opened of a stream of records: each that its term and holds leave, once, however often it was told."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.opening import open_in_order
from rejent.formats.fragment_index import FragmentPlace
from rejent.formats.record_index import RecordIndex
from rejent.formats.records import Record, instant, records_of
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval
from rejent.retention import queries as retention


class PacketPlace(NamedTuple):
    """A packet of records: its segment, where it lies in it, and the interval of its records."""

    segment: SegmentView
    place: FragmentPlace
    span: Interval


def readable_parts(viewing: ViewingView, clock: Clock) -> Callable[[SegmentView], list[Interval]]:
    """Return a function from a segment to what of it may still be opened; each civil date of a source is asked once."""
    known: dict[tuple[str, date], list[Interval]] = {}

    def of(segment: SegmentView) -> list[Interval]:
        asked = segment.source_id, segment.day
        if asked not in known:
            whole = min(viewing.start, segment.start), max(viewing.end, segment.end)
            known[asked] = retention.readable(*asked, *whole, clock)
        return known[asked]

    return of


def packet_places(
    viewing: ViewingView, clock: Clock, segments: Iterable[SegmentView]
) -> Iterator[PacketPlace]:
    """Yield where packets of these segments lie that have records of a viewing's interval which may still be opened; nothing of them is opened."""
    whole, readable = Interval(viewing.start, viewing.end), readable_parts(viewing, clock)
    for segment in segments:
        parts = readable(segment)
        for place in RecordIndex.decode(segment.index).places if segment.index else ():
            first, end = (instant(segment.start, tick) for tick in (place.time, place.time + place.duration))
            span = Interval(first, end)
            if span.overlaps(whole) and any(span.overlaps(each) for each in parts):
                yield PacketPlace(segment, place, span)


def read_records(viewing: ViewingView, clock: Clock) -> list[Record]:
    """Return the records of a viewing's interval that may still be opened, by their instants.

    Raises NotAsEnteredError, AccessRefusedError, ContentError.
    """
    readable, found = readable_parts(viewing, clock), dict[object, Record]()
    packets: dict[UUID, list[PacketPlace]] = {}
    found_in = (catalog.segments(each, viewing.start, viewing.end) for each in viewing.source_ids)
    for each in packet_places(viewing, clock, chain.from_iterable(found_in)):
        packets.setdefault(each.segment.id, []).append(each)
    for segment, content in open_in_order(viewing, [places[0].segment for places in packets.values()]):
        parts = readable(segment)
        for _, place, _ in packets[segment.id]:
            for record in records_of(content.read(place.offset, place.length)):
                own = (segment.source_id, record.origin, record.sequence) if record.origin else object()
                if viewing.start <= record.at < viewing.end and any(
                    each.start <= record.at < each.end for each in parts
                ):
                    found.setdefault(own, record)
    return sorted(found.values(), key=lambda each: each.at)
