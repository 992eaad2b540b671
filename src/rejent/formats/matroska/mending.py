"""What a killed recorder left of a call, made a whole object again: by a keeper, who can open it."""

from dataclasses import dataclass

from rejent.formats.fragment import FragmentPlace
from rejent.formats.matroska import manifest, pieces
from rejent.formats.matroska.container import TICK, cluster
from rejent.formats.matroska.errors import NoCallError
from rejent.formats.matroska.manifest import LegManifest, Span
from rejent.formats.matroska.reader import CallReader
from rejent.formats.matroska.tracks import codec_names, tracks_of
from rejent.formats.rtp.account import ReceiverCounts


@dataclass(frozen=True, slots=True)
class Mended:
    """What to seal anew.

    Attributes:
        content: up to the last whole cluster, and a manifest that was counted anew.
        start: ns since 1970.
        end: the arrival of its last packet, ns since 1970; ``start`` where it has none.
        packets: in it.
        lost: bytes behind the last whole cluster.
        call: names the call it belongs to.
        codecs: what was negotiated, as a row of the catalogue has it.
        places: where its clusters lie.
    """

    content: bytes
    start: int
    end: int
    packets: int
    lost: int
    call: str
    codecs: str
    places: tuple[FragmentPlace, ...]


def mended(content: bytes) -> Mended:
    """Make an object of what was whole of it. One that has its manifest comes back as it is, but for what lies behind it.

    Raises:
        NoCallError: it is no object of a call, or holds no whole cluster.
    """
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
        told = pieces.MANIFEST + manifest.encoded(span, legs)
        closing = cluster(closed_at, reader.start, [], [], [told])
    anew = content[:whole] + closing
    places = tuple(CallReader(anew).places(closed_at + 1))
    codecs = codec_names(tracks_of([leg.negotiated for leg in counted]))
    return Mended(anew, reader.start, end, len(arrivals), len(content) - whole, reader.call, codecs, places)
