"""A part of a call's object as an object of its own, at whole clusters, their bytes untouched."""

from dataclasses import dataclass, replace

from rejent.formats.fragment import FragmentPlace
from rejent.formats.matroska import manifest, pieces
from rejent.formats.matroska.container import TICK, cluster
from rejent.formats.matroska.manifest import LegManifest, Span
from rejent.formats.matroska.reader import CallReader
from rejent.formats.rtp.account import ReceiverCounts


@dataclass(frozen=True, slots=True)
class Part:
    """What was cut out.

    Attributes:
        content: a file of its own: the head of the whole, what signalling had settled before, the clusters, a manifest of them.
        start, end: what the clusters reach over, ns since 1970.
        packets: in it.
        places: where its clusters lie; what was settled before belongs to the head.
        opens: whether the whole begins with it.
        closes: whether the whole ends with it.
    """

    content: bytes
    start: int
    end: int
    packets: int
    places: tuple[FragmentPlace, ...]
    opens: bool
    closes: bool


def cut(content: bytes, start: int, end: int, whole_end: int) -> Part | None:
    """The clusters that reach into an interval; nothing where that is all of them, or none.

    The file keeps the beginning that the whole had, so that every instant in it stays what it was; what lies before the
    first cluster is told as silence.

    Args:
        content: an object of a call.
        start: of the interval, ns since 1970.
        end: likewise.
        whole_end: where the object ends, ns since 1970.

    Raises:
        NoCallError: it is no object of a call.
    """
    reader = CallReader(content)
    places = list(reader.places(max((whole_end - reader.start) // TICK, reader.last_tick + 1)))
    wanted = [
        place
        for place in places
        if reader.start + place.time * TICK < end
        and reader.start + (place.time + place.duration) * TICK > start
    ]
    if not wanted or len(wanted) == len(places):
        return None
    first, last = wanted[0], wanted[-1]
    made = content[: places[0].offset]
    if first is not places[0]:
        made += cluster(first.time, reader.start, [], [], reader.settled_before(first.time))
    shift = len(made) - first.offset
    made += content[first.offset : last.offset + last.length]
    begun, over = reader.start + first.time * TICK, reader.start + (last.time + last.duration) * TICK
    part = CallReader(made)
    told = pieces.MANIFEST + manifest.encoded(
        Span(part.call, part.number, begun, over, final=False), _legs(reader, part, over)
    )
    ends = last.time + last.duration
    closing = cluster(ends, reader.start, [], [], [told])
    kept = [replace(place, offset=place.offset + shift) for place in wanted]
    kept.append(FragmentPlace(ends, 1, 0, key=True, offset=len(made), length=len(closing)))
    return Part(
        made + closing,
        begun,
        over,
        sum(place.units for place in wanted),
        tuple(kept),
        opens=first is places[0],
        closes=last is places[-1],
    )


def _legs(whole: CallReader, part: CallReader, end: int) -> list[LegManifest]:
    """The legs counted in the part, each named as in the whole."""
    told = (whole.manifest or {}).get("legs", [])
    named = {number: leg.get("party", "") for number, leg in enumerate(told)}
    return [
        LegManifest(leg.account(end), ReceiverCounts(), None, named.get(number, ""))
        for number, leg in sorted(part.counted().items())
    ]
