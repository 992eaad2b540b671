"""Recover a truncated object of a call; done by a keeper, who can decrypt it."""

from dataclasses import dataclass

from rejent.formats.errors import NoCallError
from rejent.formats.fragment_index import FragmentPlace
from rejent.formats.matroska import manifest, metadata_track
from rejent.formats.matroska.container import TICK, cluster
from rejent.formats.matroska.manifest import LegManifest, Span
from rejent.formats.matroska.reader import CallReader
from rejent.formats.matroska.tracks import codec_names, tracks_of
from rejent.formats.rtp.account import ReceiverCounts


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
