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
from rejent.streams.cameras.network.rtsp.assembly import Assembly
from rejent.streams.cameras.network.rtsp.message import INTERLEAVED

PROBATION = 32
"""Packets in a row with another SSRC, or from far behind, after which the stream counts as restarted with the first of
them (RFC 3550 §A.1, which asks for two)."""
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
        self._probation: list[tuple[bytes, float]] = []
        """Packets of what may be a restarted stream, each with its arrival."""
        self._probation_of = (-1, -1)
        """The SSRC of those, and the packet expected meanwhile of the selected one."""
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
                    assembly.change_timestamp(timestamp)
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
            self._count_malformed()
            return
        kind, sequence, timestamp, ssrc = struct.unpack_from(">xBHII", view, start)
        if kind & 0x7F != self._payload_type:
            self._pass_over(ssrc, sequence)
            return
        if ssrc != self.ssrc or (self._expected - sequence - 1) & 0xFFFF < 0x8000:
            self._put_on_probation(view, start, stop, ssrc, arrival)
            return
        self._received_at = arrival
        self._advance_sequence(sequence)
        begin, end = bounds
        if begin == end:
            if self.assembly.fragment_at >= 0:
                self.assembly.packet_lost()
            return
        if timestamp != self.assembly.timestamp:
            self.assembly.change_timestamp(timestamp)
        self.assembly.payload(view, begin, end, arrival, kind > 0x7F)

    def _pass_over(self, ssrc: int, sequence: int) -> None:
        """Count a packet of another payload type: it has its number among those of its SSRC (RFC 3550 §5.1), and nothing to record."""
        if ssrc == self.ssrc and (sequence - self._expected) & 0xFFFF < 0x8000:
            self._advance_sequence(sequence)

    def _count_malformed(self) -> None:
        if self.assembly.good != self._good_at_malformed:
            self._malformed, self._good_at_malformed = 0, self.assembly.good
        self._malformed += 1
        self.assembly.packet_lost()
        if self._malformed > MAX_MALFORMED:
            raise ProtocolError("The camera sends packets that are no RTP.")

    def _put_on_probation(self, view: memoryview, start: int, stop: int, ssrc: int, arrival: float) -> None:
        """Keep a packet that is none of the selected stream, until it proves to be of a restarted one.

        Packets of the selected one end the probation: of a camera that mixes two streams one is read, and late packets prove nothing.
        """
        if self._probation_of != (ssrc, self._expected):
            self._probation_of = (ssrc, self._expected)
            self._probation.clear()
        self._probation.append((bytes(view[start:stop]), arrival))
        first = self.ssrc < 0
        silent = ssrc != self.ssrc and arrival - self._received_at >= SILENT_BEFORE_SWITCH
        if not first and not silent and len(self._probation) < PROBATION:
            return
        packets, self._probation = self._probation, []
        self.ssrc, self._received_at = ssrc, arrival
        self._lost, self._reported_at, self.last_report = 0, (0, 0), None
        self._expected = self._first = int.from_bytes(packets[0][0][2:4], "big")
        if not first:
            self.assembly.restart()
        for packet, arrived in packets:
            self.take_packet(memoryview(packet), 0, len(packet), arrived)

    def _advance_sequence(self, sequence: int) -> None:
        ahead = (sequence - self._expected) & 0xFFFF
        if ahead:
            self._lost += ahead if ahead < _MAX_DROPOUT else 0
            self._expected += ahead
            self.assembly.packet_lost()
        self._expected += 1

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
