"""Objects of calls: cut at whole clusters, mended up to the last whole packet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.formats.fragment_index import FragmentIndex
from rejent.formats.matroska import cutting
from rejent.formats.matroska.cutting import recover
from rejent.formats.matroska.manifest import instant, nanoseconds
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, merged
from rejent.retention.errors import AlreadyDestroyedError, HoldRefusedError
from rejent.retention.stream_parts import ObjectFormat, Part, Whole
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.queries.calls import LONGEST_CALL
from rejent.streams.calls.catalog.views import BegunCall
from rejent.vault.age import SealedReader, SealWriter

_PIECE = 4 << 20
_CLUSTERS = timedelta(seconds=2)
"""Twice and more what a cluster of a call holds, and a little."""
_CALL = b"\x1aE\xdf\xa3"
"""First bytes of an object of ours (EBML, RFC 8794 §11.2.1); a file of a PBX may be too large to be read for nothing."""


def _parts_of(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[Part]:
    """Return what is to be cut out; nothing where the whole is needed. A file that a PBX made is kept whole, for nothing in it can be cut without coding it anew.

    The first and the last cluster reach to the ends of the segment, which its clusters give less exactly than its row.
    """
    if list(held) == [segment.interval] or reader.read(0, len(_CALL)) != _CALL:
        return []
    content, whole_end = reader.read(), nanoseconds(segment.end)
    parts: list[Part] = []
    for part in merged(held, _CLUSTERS):
        found = cutting.cut(content, nanoseconds(part.start), nanoseconds(part.end), whole_end)
        if found is None:
            return []
        reaches = Interval(
            segment.start if found.opens else max(instant(found.start), segment.start),
            segment.end if found.closes else min(instant(found.end), segment.end),
        )
        parts.append(Part((found.start, found.end), reaches, found.packets, partial(_written_call, found)))
    return parts


def part_shown(reader: SealedReader, segment: SegmentView, wanted: Interval) -> Part | None:
    """Return the part of an object that a copy of a stretch of it holds: its clusters, or the whole of what is not cut; None of all of it."""
    if wanted == segment.interval:
        return None
    for part in _parts_of(reader, segment, [wanted]):
        return part
    return Part((0, reader.size), segment.interval, segment.units, partial(_write_whole, reader))


def _write_whole(reader: SealedReader, seal: SealWriter) -> FragmentIndex:
    for offset in range(0, reader.size, _PIECE):
        seal.write(reader.read(offset, _PIECE))
    return FragmentIndex(())


def _written_call(part: cutting.Part, seal: SealWriter) -> FragmentIndex:
    seal.write(part.content)
    return FragmentIndex(part.places)


def _mended(segment: SegmentView, sound: bytes) -> Whole:
    """Return an object of a call; it ends with its last packet, and says whose it is."""
    found = recover(sound)
    lasts = timedelta(microseconds=(found.end - found.start) // 1000)
    end = segment.start + max(lasts, timedelta(milliseconds=1))
    return Whole(
        iter([found.content]),
        end,
        FragmentIndex(found.places),
        found.packets,
        found.lost,
        {"codec": found.codecs},
        item=found.call,
        enter_item=partial(_enter_call, segment, found.call, end),
    )


def _enter_call(segment: SegmentView, call: str, end: datetime, clock: Clock) -> None:
    """Enter the call of an object, whose recorder was killed before it knew more of it; one that is entered stays as it is, but for an end before this one's.

    Where the line wants nothing of undecided calls, it is left out: what there is of it goes in the same round.
    """
    source_id, day = segment.source_id, segment.day
    begun = BegunCall(call, source_id, day, segment.start, "undecided", "", "")
    if call_queries.keeps_undecided(source_id) or call_queries.may_be_entered(call):
        call_services.begin_call(begun, clock=clock)
        call_services.reach_to(call, end, clock=clock)
    else:
        call_services.leave_out_call(begun, end, clock=clock)


FORMAT = ObjectFormat(parts_of=_parts_of, mended=_mended)


def whole_call(call: str, source_id: str, stated: Interval) -> Interval:
    """Return the whole of a call that lies in the stated time: as its row and its objects say, a day more where the row was altered."""
    found = call_queries.call(call)
    objects = [each.interval for each in catalog.objects_of_item(source_id, call)]
    times = (found.interval, *objects)
    whole = Interval(min(each.start for each in times), max(each.end for each in times))
    if not call_queries.is_as_entered(call):
        whole = Interval(whole.start - LONGEST_CALL, whole.end + LONGEST_CALL)
    if found.source_id != source_id or not stated.overlaps(whole):
        raise HoldRefusedError(
            "This call is another line's, or not of this time.", advice="Hold the call from its own page."
        )
    if found.destroyed and not call_queries.segments_of(found.source_id, found.id, found.start):
        raise AlreadyDestroyedError("Nothing of this call is left.", advice="Its retention period has ended.")
    return whole
