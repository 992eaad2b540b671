"""RTP reception (RFC 3550 §5): header checks, loss detection, payloads passed to the assembly.

The hot loop of the recorder. A 4 Mbit/s camera sends some 370 packets a second, nearly all of them fragments of one
size in the middle of a unit, with headers that differ in the sequence number alone: `take_frames` compares such a
header with the expected one, as a few integers, and leaves everything else to `take_packet`.
"""

import struct
from functools import lru_cache

from rejent.formats.rtp.packet import HEADER, payload_bounds
from rejent.formats.rtp.rtcp import ReceptionBlock, SenderReport
from rejent.streams.cameras.errors import ProtocolError
from rejent.streams.cameras.rtp.assembly import Assembly
from rejent.streams.cameras.rtsp.message import INTERLEAVED

OTHER_SSRC_BEFORE_SWITCH = 32
"""Packets in a row with another SSRC, or from far behind, after which the stream counts as restarted."""
SILENT_BEFORE_SWITCH = 1.0
"""Seconds without a packet of the selected SSRC after which another one is selected at once."""
MAX_MALFORMED = 256
"""Packets that are no RTP, between two whole pictures, after which the camera is given up."""
_MAX_DROPOUT = 3_000
_PLAIN = 0x80
_FRAME_HEAD = struct.Struct(">BBHBBHII")
_SHORTEST_FRAME = _FRAME_HEAD.size + 4


@lru_cache(maxsize=4096)
def _repeated(size: int, begin: int) -> struct.Struct:
    """Return a frame's layout: up to its sequence number as one integer, then what all fragments of a unit share."""
    return struct.Struct(f">Q{begin - 8}s{size - begin}x")


class RtpReceiver:
    """Receives one RTP stream into an assembly."""

    def __init__(self, assembly: Assembly, payload_type: int) -> None:
        self.assembly = assembly
        self.ssrc = -1
        self.last_report: tuple[SenderReport, float] | None = None
        """The newest sender report and its arrival."""
        self._payload_type = payload_type
        self._expected = -1
        """Extended sequence number of the next packet; -1 before the first."""
        self._first = 0
        self._lost = 0
        self._reported_at = (0, 0)
        self._received_at = 0.0
        self._other_ssrc = 0
        self._at_other_ssrc = -1
        self._behind = 0
        self._at_behind = -1
        self._malformed = 0
        self._good_at_malformed = 0
        fragment_size = assembly.format.fragment_size
        self._reset_mask = assembly.format.type_mask
        self._content_at = _FRAME_HEAD.size + fragment_size

    def take_frames(self, view: memoryview, position: int, end: int, channel: int, arrival: float) -> int:
        """Take consecutive interleaved frames of one channel; return the position of the first byte not taken."""
        assembly, payload_type, before = self.assembly, self._payload_type, self._expected
        while position + _SHORTEST_FRAME <= end:
            sign, on, size, flags, kind, sequence, timestamp, ssrc = _FRAME_HEAD.unpack_from(view, position)
            stop = position + 4 + size
            if sign != INTERLEAVED or on != channel or stop > end:
                break
            if (
                flags == _PLAIN
                and ssrc == self.ssrc
                and sequence == self._expected & 0xFFFF
                and kind & 0x7F == payload_type
                and size > HEADER
            ):
                self._expected += 1
                if timestamp != assembly.timestamp:
                    assembly.change_timestamp(timestamp, arrival)
                assembly.payload(view, position + 16, stop, arrival, kind > 0x7F)
                if assembly.fragment_at >= 0 and kind <= 0x7F:
                    stop = self._take_like_last(view, position, stop, end)
            else:
                self.take_packet(view, position + 4, stop, arrival)
            position = stop
        if self._expected != before:
            self._received_at = arrival
        return position

    def _take_like_last(self, view: memoryview, last: int, position: int, end: int) -> int:
        """Take the frames that continue the fragment at `last` and differ from it in the sequence number alone."""
        size, begin = position - last, self._content_at
        most = (end - position) // size
        if not most or size <= begin:
            return position
        follows = bytes(view[last + 8 : last + begin - 1]) + bytes(
            (view[last + begin - 1] & self._reset_mask,)
        )
        number = int.from_bytes(view[last : last + 8], "big")
        add, content = self.assembly.pieces.append, position + begin
        heads = _repeated(size, begin).iter_unpack(view[position : position + most * size])
        for number, (found, same) in enumerate(heads, number + 1):  # noqa: B020 - the count goes on from the last
            if found != number or same != follows:
                break
            position += size
            add(view[content:position])
            content += size
        taken = (position - last) // size - 1
        if taken:
            self._expected += taken
            self.assembly.fragment_grew(taken * (size - begin))
        return position

    def take_packet(self, view: memoryview, start: int, stop: int, arrival: float) -> None:
        """Take one packet of any form; ProtocolError once too many packets are no RTP."""
        bounds = payload_bounds(view, start, stop)
        if bounds is None:
            self._count_malformed(arrival)
            return
        kind, sequence, timestamp, ssrc = struct.unpack_from(">xBHII", view, start)
        if kind & 0x7F != self._payload_type or not self._is_selected_ssrc(ssrc, arrival):
            return
        if not self._advance_sequence(sequence, arrival):
            return
        begin, end = bounds
        if begin == end:
            if self.assembly.fragment_at >= 0:
                self.assembly.packet_lost(arrival)
            return
        if timestamp != self.assembly.timestamp:
            self.assembly.change_timestamp(timestamp, arrival)
        self.assembly.payload(view, begin, end, arrival, kind > 0x7F)

    def _count_malformed(self, arrival: float) -> None:
        if self.assembly.good != self._good_at_malformed:
            self._malformed, self._good_at_malformed = 0, self.assembly.good
        self._malformed += 1
        self.assembly.packet_lost(arrival)
        if self._malformed > MAX_MALFORMED:
            raise ProtocolError("The camera sends packets that are no RTP.")

    def _is_selected_ssrc(self, ssrc: int, arrival: float) -> bool:
        """Tell if the packet has the selected SSRC: of a camera that mixes two streams, one is read."""
        if ssrc == self.ssrc:
            self._other_ssrc = 0
            self._received_at = arrival
            return True
        self._other_ssrc = self._other_ssrc + 1 if self._expected == self._at_other_ssrc else 1
        self._at_other_ssrc = self._expected
        first = self.ssrc < 0
        if (
            not first
            and self._other_ssrc < OTHER_SSRC_BEFORE_SWITCH
            and arrival - self._received_at < SILENT_BEFORE_SWITCH
        ):
            return False
        self.ssrc, self._other_ssrc, self._received_at = ssrc, 0, arrival
        self._expected, self._lost, self.last_report = -1, 0, None
        if not first:
            self.assembly.restart(arrival)
        return True

    def _advance_sequence(self, sequence: int, arrival: float) -> bool:
        """Count the packet; return False for a duplicate or a late one."""
        if self._expected < 0:
            self._expected = self._first = sequence
        ahead = (sequence - self._expected) & 0xFFFF
        if ahead >= 0x8000:
            self._behind = self._behind + 1 if self._expected == self._at_behind else 1
            self._at_behind = self._expected
            if self._behind < OTHER_SSRC_BEFORE_SWITCH:
                return False
        if ahead:
            self._lost += ahead if ahead < _MAX_DROPOUT else 0
            self._expected += ahead
            self.assembly.packet_lost(arrival)
        self._expected += 1
        return True

    def report(self, arrival: float) -> ReceptionBlock | None:
        """Return the reception report block (RFC 3550 §6.4.1) since the last call."""
        if self._expected < 0:
            return None
        highest = self._expected - 1
        expected = highest - self._first + 1
        expected_since, lost_since = expected - self._reported_at[0], self._lost - self._reported_at[1]
        self._reported_at = (expected, self._lost)
        fraction = min(255, max(0, lost_since) * 256 // expected_since) if expected_since > 0 else 0
        middle, delay = 0, 0
        if self.last_report is not None:
            report, when = self.last_report
            middle, delay = report.middle, min(int(max(0.0, arrival - when) * 65536), 0xFFFFFFFF)
        return ReceptionBlock(self.ssrc, fraction, self._lost, highest, 0, middle, delay)
