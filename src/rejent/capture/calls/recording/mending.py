"""What a killed recorder left of a call, made a whole object again: by a keeper, who can open it."""

from dataclasses import dataclass

from rejent.capture.calls.recording import manifest, pieces
from rejent.capture.calls.recording.container import TICK, cluster
from rejent.capture.calls.recording.errors import NoCallError
from rejent.capture.calls.recording.manifest import LegManifest, Span
from rejent.capture.calls.recording.reader import CallReader
from rejent.capture.calls.rtp.outside import Outside


@dataclass(frozen=True, slots=True)
class Mended:
    """What to seal anew.

    Attributes:
        content: up to the last whole cluster, and a manifest that was counted anew.
        start: ns since 1970.
        end: the arrival of its last packet, ns since 1970; ``start`` where it has none.
        packets: in it.
        lost: bytes behind the last whole cluster.
    """

    content: bytes
    start: int
    end: int
    packets: int
    lost: int


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
    closing = b""
    if reader.manifest is None:
        legs = [LegManifest(leg.account(end), Outside(), None) for _, leg in sorted(reader.counted().items())]
        span = Span(reader.call, reader.number, reader.start, end, final=False, recovered=True)
        told = pieces.MANIFEST + manifest.encoded(span, legs)
        closing = cluster((end - reader.start) // TICK, reader.start, [], [], [told])
    return Mended(content[:whole] + closing, reader.start, end, len(arrivals), len(content) - whole)
