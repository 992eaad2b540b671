"""Files made of a call's object: a part cut at cluster boundaries, and what is whole of a truncated one.

A keeper makes them, since it can decrypt the object.
"""

from dataclasses import dataclass, replace

from rejent.formats.errors import NoCallError
from rejent.formats.fragment_index import FragmentPlace
from rejent.formats.matroska import manifest, metadata_track
from rejent.formats.matroska.container import TICK, cluster
from rejent.formats.matroska.manifest import LegManifest, Span
from rejent.formats.matroska.reader import CallReader
from rejent.formats.matroska.tracks import codec_names, tracks_of
from rejent.formats.rtp.account import ReceiverCounts


@dataclass(frozen=True, slots=True)
class Part:
    """A cut part: a complete file of head, earlier events, clusters, and their manifest; times in ns since 1970.

    ``places`` are those of its clusters (earlier events belong to the head); it ``opens`` or ``closes`` with the whole.
    """

    content: bytes
    start: int
    end: int
    packets: int
    places: tuple[FragmentPlace, ...]
    opens: bool
    closes: bool


def cut(content: bytes, start: int, end: int, whole_end: int) -> Part | None:
    """Return the clusters of an object that overlap an interval, in ns since 1970; None where that is all or none.

    The part keeps the start time of the whole, which ends at ``whole_end``; what precedes its first cluster plays as silence.
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
        made += cluster(first.time, reader.start, [], [], reader.events_before(first.offset))
    shift = len(made) - first.offset
    made += content[first.offset : last.offset + last.length]
    begun, over = reader.start + first.time * TICK, reader.start + (last.time + last.duration) * TICK
    part = CallReader(made)
    piece = metadata_track.MANIFEST + manifest.encoded(
        Span(part.call, part.number, begun, over, final=False), _legs(reader, part, over)
    )
    ends = last.time + last.duration
    closing = cluster(ends, reader.start, [], [], [piece])
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
    legs = (whole.manifest or {}).get("legs", [])
    named = {number: leg.get("party", "") for number, leg in enumerate(legs)}
    return [
        LegManifest(leg.account(end), ReceiverCounts(), None, named.get(number, ""))
        for number, leg in sorted(part.counted().items())
    ]


@dataclass(frozen=True, slots=True)
class RecoveredCall:
    """The recovered object, up to its last complete cluster, with a recounted manifest; times in ns since 1970.

    ``end`` is the arrival of its last packet (``start`` without packets), ``lost`` counts the bytes cut off.
    """

    content: bytes
    start: int
    end: int
    packets: int
    lost: int
    call: str
    codecs: str
    places: tuple[FragmentPlace, ...]


def recover(content: bytes) -> RecoveredCall:
    """Return the recovered object; one with a manifest is only trimmed after it. Raises NoCallError: no cluster is complete."""
    reader = CallReader(content)
    whole = reader.whole_length
    if not whole:
        raise NoCallError
    arrivals = [packet.arrival for packet in reader.packets()]
    end = max([reader.start, *arrivals])
    counted = [leg for _, leg in sorted(reader.counted().items())]
    closing, closed_at = b"", max((end - reader.start) // TICK, reader.last_tick + 1)
    if reader.manifest is None:
        legs = [LegManifest(leg.account(end), ReceiverCounts(), None) for leg in counted]
        span = Span(reader.call, reader.number, reader.start, end, final=False, recovered=True)
        piece = metadata_track.MANIFEST + manifest.encoded(span, legs)
        closing = cluster(closed_at, reader.start, [], [], [piece])
    anew = content[:whole] + closing
    places = tuple(CallReader(anew).places(closed_at + 1))
    codecs = codec_names(tracks_of([leg.negotiated for leg in counted]))
    return RecoveredCall(
        anew, reader.start, end, len(arrivals), len(content) - whole, reader.call, codecs, places
    )
