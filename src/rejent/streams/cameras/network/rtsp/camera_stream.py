"""Parser of all that one camera sends on one connection: RTSP messages, RTCP, pictures. No input or output.

After PLAY the connection carries interleaved frames and messages in any order, and real cameras add noise: frames of
wrong length, unknown channels, bodies longer than announced. Noise is skipped and counted; a camera that sends little
else is given up.
"""

import secrets

from rejent.formats.rtp.rtcp import key_frame_request, read_compound, receiver_report
from rejent.streams.cameras.errors import NotACameraError, ProtocolError
from rejent.streams.cameras.network.rtsp.address import Camera, Transport
from rejent.streams.cameras.network.rtsp.assembly import Assembly, StreamItem
from rejent.streams.cameras.network.rtsp.message import (
    INTERLEAVED,
    MAX_BODY,
    MAX_HEAD,
    Message,
    parse_message,
    skip_false_start,
    skip_noise,
)
from rejent.streams.cameras.network.rtsp.receiver import RtpReceiver
from rejent.streams.cameras.network.rtsp.session import RtspSession

QUIET = 2.0
"""Seconds without data after which a body shorter than announced counts as complete."""
MAX_NOISE = 256 * 1024
"""Bytes of noise between two whole pictures after which the camera is given up."""
REPORT_EVERY = 5.0
"""Seconds between receiver reports (RFC 3550 §6.2)."""
_MAX_MESSAGE = MAX_HEAD + MAX_BODY
_MAX_HEAD_SEEN = MAX_HEAD + 4
"""Bytes that suffice to recognise the start of a message."""


class CameraStream:
    """One connection to a camera, from the first request on."""

    def __init__(self, camera: Camera, now: float, client_ports: tuple[int, int] | None = None) -> None:
        self.session = RtspSession(camera, now, client_ports)
        self.reception: RtpReceiver | None = None
        self.sender_report_times: list[tuple[float, float]] = []
        """Times of unread sender reports: the camera's wall clock, and the monotonic reading at arrival."""
        self._own_ssrc = secrets.randbits(32)
        self._channel, self._control_channel = 0, 1
        self._noise = 0
        self._after_packet = False
        self._good_at_noise = 0
        self._received_at = now
        self._reported = now
        self._frames = bytearray()

    def take(self, view: memoryview, end: int, now: float) -> int:
        """Parse the bytes up to `end`; return those consumed, the rest is passed again. SourceError: the connection is unusable."""
        position = 0
        while position < end:
            if view[position] == INTERLEAVED:
                used = self._take_frame(view, position, end, now)
            else:
                used = self._take_message(view, position, end, now)
            if used == position:
                break
            position = used
        self._received_at = now
        if self.reception is not None:
            self.reception.assembly.settle()
        return position

    def take_datagram(self, view: memoryview, start: int, stop: int, now: float) -> None:
        """Take one RTP packet received over UDP."""
        if self.reception is not None:
            self.reception.take_packet(view, start, stop, now)

    @property
    def ssrc(self) -> int:
        """Return the SSRC of the stream that is read; -1 before its first packet."""
        return self.reception.ssrc if self.reception is not None else -1

    def settle(self) -> None:
        """Copy incomplete data before the receive buffer is used again (UDP)."""
        if self.reception is not None:
            self.reception.assembly.settle()

    def pictures(self) -> list[StreamItem]:
        """Return the pictures and discontinuities since the last call."""
        return self.reception.assembly.taken() if self.reception is not None else []

    def tick(self, rest: bytes, now: float) -> bytes:
        """Send due keep-alives and reports; accept a body shorter than announced; return the unconsumed rest. SourceError: it is over."""
        if rest and not self.session.playing and now - self._received_at >= QUIET and rest[0] != INTERLEAVED:
            message, used = parse_message(rest, quiet=True)
            if message is not None:
                self._message(message, now)
                rest = rest[used:]
        self.session.tick(now)
        if self.session.playing and now - self._reported >= REPORT_EVERY:
            self._reported = now
            self._send_control(
                receiver_report(self._own_ssrc, self.reception.report(now) if self.reception else None)
            )
        return rest

    def request_key_frame(self) -> None:
        """Request a key frame, if the camera declared support (RFC 4585 PLI)."""
        track, reception = self.session.track, self.reception
        if self.session.playing and track is not None and track.accepts_pli and reception is not None:
            report = receiver_report(self._own_ssrc, None)
            self._send_control(report + key_frame_request(self._own_ssrc, max(reception.ssrc, 0)))

    def outgoing(self) -> bytes:
        """Return the bytes to send on the RTSP connection now."""
        return self.session.outgoing() + self._taken_frames()

    def control_datagrams(self) -> bytes:
        """Return the RTCP packet to send over UDP; empty if there is none."""
        return self._taken_frames()

    def control(self, packet: bytes | memoryview, now: float) -> None:
        """Take an RTCP packet."""
        report, _leaving = read_compound(packet)
        if report is None or self.reception is None:
            return
        self.reception.last_report = (report, now)
        if len(self.sender_report_times) < 16:
            self.sender_report_times.append((report.wall, now))

    # Frames

    def _take_frame(self, view: memoryview, position: int, end: int, now: float) -> int:
        if end - position < 5:
            return position
        channel = view[position + 1]
        stop = position + 4 + (view[position + 2] << 8 | view[position + 3])
        if self.reception is None or not self._is_plausible(view, position, channel, stop):
            return self._pass_over_frame(view, position, stop, end)
        if stop > end:
            return position
        self._after_packet = channel == self._channel
        if channel == self._channel:
            used = self.reception.take_frames(view, position, end, channel, now)
            if used > position:
                return used
            self.reception.take_packet(view, position + 4, stop, now)
        elif channel == self._control_channel:
            self.control(view[position + 4 : stop], now)
        elif self.reception.ssrc < 0:
            self._channel = channel
            return position
        return stop

    def _is_plausible(self, view: memoryview, position: int, channel: int, stop: int) -> bool:
        """Return whether a dollar sign begins an interleaved frame and is no stray one: RTP and RTCP begin with version 2."""
        if stop - position < 12 or view[position + 4] >> 6 != 2:
            return False
        return channel in {self._channel, self._control_channel} or channel < 64

    def _pass_over_frame(self, view: memoryview, position: int, stop: int, end: int) -> int:
        aligned = stop == end or (stop < end and view[stop] in {INTERLEAVED, 0x52})
        if self.reception is None and stop > end:
            return position
        if self.reception is not None and not aligned:
            stop = position + 1
        self._count_noise(stop - position)
        return stop

    # Messages

    def _take_message(self, view: memoryview, position: int, end: int, now: float) -> int:
        window = _MAX_HEAD_SEEN if self._described() else _MAX_MESSAGE
        received = bytes(view[position : min(end, position + window)])
        if self._described():
            lead = skip_noise(received)
            if lead:
                self._count_noise(lead)
                return position + lead
        try:
            message, used = parse_message(received)
            if message is None and len(received) == _MAX_HEAD_SEEN:
                received = bytes(view[position : min(end, position + _MAX_MESSAGE)])
                message, used = parse_message(received)
        except (ProtocolError, NotACameraError):
            if not self._described():
                raise
            false = skip_false_start(received)
            self._count_noise(false)
            return position + false
        if message is None:
            if len(received) >= _MAX_MESSAGE:
                raise ProtocolError("A message of the camera never ends.")
            return position
        self._after_packet = False
        self._message(message, now)
        return position + used

    def _message(self, message: Message, now: float) -> None:
        session = self.session
        session.receive(message, now)
        if self.reception is None and session.track is not None:
            track = session.track
            assembly = Assembly(track.codec, track.clock_rate, donl=track.donl)
            self.reception = RtpReceiver(assembly, track.payload_type)
        self._channel, self._control_channel = session.channels

    def _described(self) -> bool:
        return self.session.track is not None

    def _count_noise(self, size: int) -> None:
        """Count skipped bytes; directly behind a packet they make its picture suspect."""
        if self.reception is None:
            return
        assembly = self.reception.assembly
        if self._after_packet:
            self._after_packet = False
            assembly.damage_last()
        if assembly.good != self._good_at_noise:
            self._noise, self._good_at_noise = 0, assembly.good
        self._noise += size
        if self._noise > MAX_NOISE:
            raise ProtocolError("Most of what the camera sends cannot be understood.")

    def _send_control(self, packet: bytes) -> None:
        if self.session.transport is Transport.TCP:
            self._frames += bytes((INTERLEAVED, self._control_channel)) + len(packet).to_bytes(2, "big")
        self._frames += packet

    def _taken_frames(self) -> bytes:
        frames = bytes(self._frames)
        self._frames.clear()
        return frames
