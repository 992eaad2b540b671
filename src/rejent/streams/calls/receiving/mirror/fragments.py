"""Bounded reassembly of IP fragments (RFC 791 §3.2, RFC 8200 §4.5, RFC 5722); long INVITEs are fragmented."""

from dataclasses import dataclass, field

from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.receiving.mirror.frames import Packet

REASSEMBLY_TIMEOUT = 15 * SECOND
"""Reassembly timeout (RFC 791 §3.2)."""
MAX_PACKETS = 512
"""Incomplete packets tracked; the oldest is dropped first."""
MAX_FRAGMENTS = 64
"""Fragments per packet: 64 KiB over links of 1 280 bytes."""
MAX_PACKET = 65_535


@dataclass(slots=True)
class _Unfinished:
    since: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    """By offset."""
    total: int = -1


class Reassembly:
    """Reassembles packets; ``lost`` counts those that stayed incomplete or were inconsistent."""

    def __init__(self) -> None:
        self._unfinished: dict[bytes, _Unfinished] = {}
        self.lost = 0

    def take(self, packet: Packet, now: int) -> Packet | None:
        """Take a fragment; return the packet once complete."""
        piece = packet.piece
        if piece is None:
            return packet
        self._forget(now)
        known = self._unfinished.get(piece.of)
        if known is None:
            if len(self._unfinished) >= MAX_PACKETS:
                self._drop(next(iter(self._unfinished)))
            known = self._unfinished[piece.of] = _Unfinished(now)
        end = piece.offset + len(packet.payload)
        if not self._fits(known, piece.offset, packet.payload, last=not piece.more):
            self._drop(piece.of)
            return None
        known.pieces[piece.offset] = packet.payload
        if not piece.more:
            known.total = end
        if known.total < 0 or sum(map(len, known.pieces.values())) < known.total:
            return None
        del self._unfinished[piece.of]
        content = b"".join(content for _, content in sorted(known.pieces.items()))
        first = Packet(packet.source, packet.destination, packet.protocol, content)
        return first if len(content) == known.total else None

    @staticmethod
    def _fits(known: _Unfinished, offset: int, content: bytes, *, last: bool) -> bool:
        """Return True unless a fragment overlaps another (RFC 5722) or exceeds the end; an exact copy fits."""
        end = offset + len(content)
        if not content or end > MAX_PACKET or (not last and len(content) % 8):
            return False
        if known.pieces.get(offset) == content:
            return not last or known.total in {-1, end}
        if len(known.pieces) >= MAX_FRAGMENTS or (known.total >= 0 and (last or end > known.total)):
            return False
        if last and any(begin + len(other) > end for begin, other in known.pieces.items()):
            return False
        return not any(begin < end and offset < begin + len(other) for begin, other in known.pieces.items())

    def _forget(self, now: int) -> None:
        while self._unfinished:
            oldest = next(iter(self._unfinished))
            if now - self._unfinished[oldest].since < REASSEMBLY_TIMEOUT:
                return
            self._drop(oldest)

    def _drop(self, of: bytes) -> None:
        del self._unfinished[of]
        self.lost += 1
