"""Object format of every stream of records: cut at single records by their instants, mended to the last whole packet."""

from collections.abc import Sequence
from functools import partial

from rejent.catalog.views import SegmentView
from rejent.formats.errors import ContentError
from rejent.formats.record_index import Coverage, RecordIndex
from rejent.formats.records import (
    LASTS,
    Record,
    instant,
    packet,
    places_of,
    records_of,
    tick_of,
    whole_packets,
)
from rejent.kernel.intervals import Interval, merged
from rejent.retention.stream_parts import ObjectFormat, Part, Whole
from rejent.vault.age import SealedReader, SealWriter


def _parts_of(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[Part]:
    """Return the held records, a part for each held interval; none where one of those is without a record, or holds all."""
    content = reader.read()
    packets = whole_packets(content)
    if sum(map(len, packets)) != len(content):
        raise ContentError("The recording holds what is no record.")
    known = [records_of(each) for each in packets]
    parts = []
    for span in merged(held):
        kept = [some for each in known if (some := [one for one in each if span.start <= one.at < span.end])]
        ticks = tick_of(segment.start, span.start), tick_of(segment.start, span.end)
        parts.append(Part(ticks, span, sum(map(len, kept)), partial(_written, kept, span)))
    count = sum(map(len, known))
    return parts if all(0 < part.units < count for part in parts) else []


def _written(kept: Sequence[Sequence[Record]], span: Interval, seal: SealWriter) -> RecordIndex:
    packets = [(b"".join(packet(each, span.start).parts), each) for each in kept]
    for content, _ in packets:
        seal.write(content)
    return RecordIndex(places_of(packets, span.start), Coverage.of(one for each in kept for one in each))


def _mended(_segment: SegmentView, sound: bytes) -> Whole:
    packets = [(each, records_of(each)) for each in whole_packets(sound)]
    records = [one for _, each in packets for one in each]
    if not records:
        raise ContentError("The recording holds no whole record.")
    start, last = min(each.at for each in records), max(each.at for each in records)
    kept = b"".join(content for content, _ in packets)
    index = RecordIndex(places_of(packets, start), Coverage.of(records))
    lost = len(sound) - len(kept)
    return Whole(iter([kept]), instant(last, LASTS), index, len(records), lost, {}, start=start)


FORMAT = ObjectFormat(parts_of=_parts_of, mended=_mended)
