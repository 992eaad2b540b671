"""Cut a part of a call's object at cluster boundaries, clusters unchanged."""

from dataclasses import dataclass, replace

from rejent.formats.fragment_index import FragmentPlace
from rejent.formats.matroska import manifest, metadata_track
from rejent.formats.matroska.container import TICK, cluster
from rejent.formats.matroska.manifest import LegManifest, Span
from rejent.formats.matroska.reader import CallReader
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
    """Return the legs counted in the part, with the parties of the whole."""
    legs = (whole.manifest or {}).get("legs", [])
    named = {number: leg.get("party", "") for number, leg in enumerate(legs)}
    return [
        LegManifest(leg.account(end), ReceiverCounts(), None, named.get(number, ""))
        for number, leg in sorted(part.counted().items())
    ]
