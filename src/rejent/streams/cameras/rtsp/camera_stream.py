"""Everything one camera sends on one connection, taken apart: RTSP messages, RTCP, pictures. No input or output.

After PLAY the connection carries interleaved frames and messages in any order, and real cameras add noise: frames of a
length that is not true, channels nobody agreed on, the rest of a body longer than announced. What cannot be understood
is passed over and counted; a camera that sends little else is given up.
"""

import secrets

from rejent.formats.rtp.rtcp import key_frame_request, read_compound, receiver_report
from rejent.streams.cameras.errors import NotACameraError, ProtocolError
from rejent.streams.cameras.rtp.assembly import Assembly, Yield
from rejent.streams.cameras.rtp.receiver import Reception
from rejent.streams.cameras.rtsp.address import Camera, Transport
from rejent.streams.cameras.rtsp.message import (
    INTERLEAVED,
    MAX_BODY,
    MAX_HEAD,
    Message,
    skip_false_start,
    skip_noise,
    take_message,
)
from rejent.streams.cameras.rtsp.session import RtspSession

QUIET = 2.0
"""Seconds after which a body that is shorter than announced counts as complete."""
MAX_NOISE = 256 * 1024
"""Bytes of nonsense between two whole pictures after which the camera is given up."""
REPORT_EVERY = 5.0
"""Seconds between receiver reports (RFC 3550 §6.2)."""
_MAX_MESSAGE = MAX_HEAD + MAX_BODY
_MAX_HEAD_SEEN = MAX_HEAD + 4
"""Bytes that tell whether a message begins; no more are looked at for each piece of noise."""


class CameraStream:
    """One connection to a camera, from the first request on."""

    def __init__(self, camera: Camera, now: float, client_ports: tuple[int, int] | None = None) -> None:
        self.session = RtspSession(camera, now, client_ports)
        self.reception: Reception | None = None
        self.wall_reports: list[tuple[float, float]] = []
        """Sender reports not yet looked at: the camera's wall clock, and the monotonic reading at arrival."""
        self._own_ssrc = secrets.randbits(32)
        self._channel, self._control_channel = 0, 1
        self._noise = 0
        self._after_packet = False
        self._good_at_noise = 0
        self._heard = now
        self._reported = now
        self._frames = bytearray()

    def take(self, view: memoryview, end: int, now: float) -> int:
        """Take what was received, from the beginning of `view` up to `end`.

        Returns:
            how many bytes were used; the rest comes again with more behind it.

        Raises:
            SourceError: the connection is of no further use.
        """
        position = 0
        while position < end:
            if view[position] == INTERLEAVED:
                used = self._take_frame(view, position, end, now)
            else:
                used = self._take_message(view, position, end, now)
            if used == position:
                break
            position = used
        self._heard = now
        if self.reception is not None:
            self.reception.assembly.settle()
        return position

    def take_datagram(self, view: memoryview, start: int, stop: int, now: float) -> None:
        """Take one RTP packet that came by itself (UDP)."""
        if self.reception is not None:
            self.reception.take_packet(view, start, stop, now)

    def settle(self) -> None:
        """The receive buffer will be used again (UDP)."""
        if self.reception is not None:
            self.reception.assembly.settle()

    def pictures(self) -> list[Yield]:
        """Pictures and breaks since the last call."""
        return self.reception.assembly.taken() if self.reception is not None else []

    def tick(self, rest: bytes, now: float) -> bytes:
        """Do what is due: keep-alive, receiver report; take a body that stays shorter than announced.

        Returns:
            what remains of `rest`, the bytes received but not used.

        Raises:
            SourceError: the camera does not answer, or what it sent cannot be taken.
        """
        if rest and not self.session.playing and now - self._heard >= QUIET and rest[0] != INTERLEAVED:
            message, used = take_message(rest, quiet=True)
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

    def ask_for_key_frame(self) -> None:
        """Ask for a key frame now, if the camera said that it may be asked."""
        track, reception = self.session.track, self.reception
        if self.session.playing and track is not None and track.asks_allowed and reception is not None:
            report = receiver_report(self._own_ssrc, None)
            self._send_control(report + key_frame_request(self._own_ssrc, max(reception.ssrc, 0)))

    def outgoing(self) -> bytes:
        """What to send on the RTSP connection now."""
        return self.session.outgoing() + self._taken_frames()

    def control_datagrams(self) -> bytes:
        """The RTCP packet to send by itself (UDP), if there is one."""
        return self._taken_frames()

    def control(self, packet: bytes | memoryview, now: float) -> None:
        """Take an RTCP packet."""
        report, _leaving = read_compound(packet)
        if report is None or self.reception is None:
            return
        self.reception.last_report = (report, now)
        if len(self.wall_reports) < 16:
            self.wall_reports.append((report.wall, now))

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
        """Whether this is a frame, or a stray dollar sign: RTP and RTCP begin with version 2."""
        if stop - position < 12 or view[position + 4] >> 6 != 2:
            return False
        return channel in {self._channel, self._control_channel} or channel < 64

    def _pass_over_frame(self, view: memoryview, position: int, stop: int, end: int) -> int:
        """Pass over a frame that holds nothing of use, or over the dollar sign if it was no frame."""
        aligned = stop == end or (stop < end and view[stop] in {INTERLEAVED, 0x52})
        if self.reception is None and stop > end:
            return position
        if self.reception is not None and not aligned:
            stop = position + 1
        self._count_noise(stop - position)
        return stop

    # Messages

    def _take_message(self, view: memoryview, position: int, end: int, now: float) -> int:
        window = _MAX_HEAD_SEEN if self._heard_something() else _MAX_MESSAGE
        received = bytes(view[position : min(end, position + window)])
        if self._heard_something():
            lead = skip_noise(received)
            if lead:
                self._count_noise(lead)
                return position + lead
        try:
            message, used = take_message(received)
            if message is None and len(received) == _MAX_HEAD_SEEN:
                received = bytes(view[position : min(end, position + _MAX_MESSAGE)])
                message, used = take_message(received)
        except (ProtocolError, NotACameraError):
            if not self._heard_something():
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
            assembly = Assembly(track.codec, track.clock_rate, order_numbers=track.donl)
            self.reception = Reception(assembly, track.payload_type)
        self._channel, self._control_channel = session.channels

    def _heard_something(self) -> bool:
        """Whether the other side has proved to be a camera."""
        return self.session.track is not None

    def _count_noise(self, size: int) -> None:
        """Pass over bytes that are nothing; right behind a packet they cast doubt on its picture."""
        if self.reception is None:
            return
        assembly = self.reception.assembly
        if self._after_packet:
            self._after_packet = False
            assembly.doubt(self._heard)
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
