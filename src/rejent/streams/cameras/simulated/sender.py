"""Sending one camera's pictures on one connection, in real time."""

import asyncio
import secrets
import socket
import struct
from collections.abc import Callable

from rejent.formats.mp4.parameters import set_kind
from rejent.formats.mp4.picture import TICKS_PER_SECOND, Codec
from rejent.kernel.clock import Clock
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import CodedPicture

PAYLOAD = 1_400


def payloads(
    codec: Codec, units: tuple[bytes, ...], size: int = PAYLOAD, *, aggregate: bool = False
) -> list[bytes]:
    """Return the payloads of one picture (RFC 6184, RFC 7798); with `aggregate`, small neighbours share one."""
    made: list[bytes] = []
    small: list[bytes] = []
    for unit in units:
        if aggregate and len(unit) + 2 + sum(len(other) + 2 for other in small) <= size - 2:
            small.append(unit)
            continue
        made += _aggregated(codec, small)
        small = []
        made += [unit] if len(unit) <= size else _fragments(codec, unit, size)
    return made + _aggregated(codec, small)


def _aggregated(codec: Codec, units: list[bytes]) -> list[bytes]:
    if len(units) < 2:
        return units
    head = bytes((max(unit[0] & 0x60 for unit in units) | 24,)) if codec is Codec.H264 else b"\x60\x01"
    return [head + b"".join(struct.pack(">H", len(unit)) + unit for unit in units)]


def _fragments(codec: Codec, unit: bytes, size: int) -> list[bytes]:
    if codec is Codec.H264:
        head, kind, skip = bytes((unit[0] & 0xE0 | 28,)), unit[0] & 0x1F, 1
    else:
        head, kind, skip = bytes((unit[0] & 0x81 | 49 << 1, unit[1])), unit[0] >> 1 & 0x3F, 2
    room = size - len(head) - 1
    pieces = [unit[at : at + room] for at in range(skip, len(unit), room)]
    last = len(pieces) - 1
    return [
        head + bytes((kind | (0x80 if number == 0 else 0) | (0x40 if number == last else 0),)) + piece
        for number, piece in enumerate(pieces)
    ]


def packet(kind: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, *, marker: bool) -> bytes:
    """Build one RTP packet."""
    mark = 0x80 if marker else 0
    return struct.pack(">BBHII", 0x80, mark | kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


def interleaved(channel: int, content: bytes) -> bytes:
    """Frame a packet for the RTSP connection."""
    return struct.pack(">BBH", 0x24, channel, len(content)) + content


def sender_report(ssrc: int, wall: float, timestamp: int, packets: int, octets: int) -> bytes:
    """Build an RTCP sender report with a source description."""
    seconds = int(wall) + 2_208_988_800
    report = struct.pack(
        ">BBHIIIIII", 0x80, 200, 6, ssrc, seconds & 0xFFFFFFFF, int(wall % 1 * 2**32), timestamp & 0xFFFFFFFF,
        packets & 0xFFFFFFFF, octets & 0xFFFFFFFF,
    )  # fmt: skip
    return report + struct.pack(">BBHIBB", 0x81, 202, 2, ssrc, 1, 1) + b"c\0"


REPORT_EVERY = 5.0
"""Seconds between sender reports; the first goes out with the first picture."""
_PAYLOAD_TYPE = 96


class Sender:
    """Sends from PLAY on. The position in the loop follows the clock, so that a reconnection starts amid a group."""

    def __init__(
        self,
        camera: SimulatedCamera,
        clock: Clock,
        transport: asyncio.Transport,
        control: Callable[[bytes], None],
    ) -> None:
        self._camera = camera
        self._clock = clock
        self._transport = transport
        self._control = control
        self._channels = camera.behaviour.channels or (0, 1)
        self._scene = camera.live() if camera.live is not None else None
        self._sequence = secrets.randbits(16)
        self._ssrc = secrets.randbits(31)
        self._first_timestamp = secrets.randbits(32)
        self._added = 0
        self._number = 0
        self._packets = self._octets = 0
        self._begun = 0.0
        self._place = 0
        self._clip = camera.clip
        self._reported = -REPORT_EVERY
        self._handle: asyncio.TimerHandle | None = None
        self._sockets: tuple[socket.socket, socket.socket] | None = None
        self._to: tuple[tuple[str, int], tuple[str, int]] | None = None

    def use_udp(self, host: str, media: int, control: int) -> tuple[int, int]:
        """Send to these ports; return our own."""
        pair = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        )
        for one in pair:
            one.bind(("127.0.0.1", 0))
            one.setblocking(False)
        self._sockets = pair
        self._to = ((host, media), (host, control))
        asyncio.get_running_loop().add_reader(pair[1], lambda: self._control(pair[1].recv(2048)))
        return pair[0].getsockname()[1], pair[1].getsockname()[1]

    def begin(self, early: int) -> None:
        """Start the clock, and send some pictures at once."""
        clip = self._camera.clip
        self._begun = self._clock.monotonic()
        self._place = int(self._begun * clip.rate) % len(clip.pictures)
        for _ in range(early):
            self._send_next()

    def run(self) -> None:
        """Send the rest as time goes by."""
        for _ in range(self._camera.behaviour.bursts):
            self._send_next()
        for request in self._camera.behaviour.asks:
            self._transport.write(request)
        self._later()

    def stop(self) -> None:
        """Stop sending."""
        if self._handle is not None:
            self._handle.cancel()
        if self._sockets is not None:
            asyncio.get_running_loop().remove_reader(self._sockets[1])
            for one in self._sockets:
                one.close()
            self._sockets = None

    def _later(self) -> None:
        loop = asyncio.get_running_loop()
        ahead = self._number - self._camera.behaviour.bursts - self._camera.behaviour.early
        due = self._begun + ahead / self._camera.clip.rate
        self._handle = loop.call_later(max(0.0, due - self._clock.monotonic()), self._due)

    def _due(self) -> None:
        if self._transport.is_closing():
            return
        if self._number == self._camera.behaviour.close_at:
            self._transport.close()
            return
        self._send_next()
        self._later()

    def _send_next(self) -> None:
        camera, number = self._camera, self._number
        behaviour, clip = camera.behaviour, camera.clip
        if clip is not self._clip:
            self._clip, self._place = clip, -number
        self._number += 1
        if any(begin <= number < end for begin, end in behaviour.silent):
            return
        if number in behaviour.new_ssrc_at:
            self._ssrc, self._sequence = secrets.randbits(31), secrets.randbits(16)
        self._added += behaviour.timestamp_jumps.get(number, 0)
        if self._scene is not None:
            picture = self._scene.picture(self._clock.now())
        else:
            picture = clip.pictures[(self._place + number) % len(clip.pictures)]
        if not behaviour.keys and picture.key:
            return
        if camera.keep_sent:
            camera.sent.append(picture)
        ticks = number * TICKS_PER_SECOND // clip.rate + picture.shift + self._added
        timestamp = self._first_timestamp + ticks * behaviour.clock_rate // TICKS_PER_SECOND
        self._send_report(number, timestamp)
        content = b"".join(
            self._framed(one) for one in behaviour.packets(number, self._packed(picture, timestamp))
        )
        if content:
            self._transport.write(behaviour.stream(number, content))

    def _packed(self, picture: CodedPicture, timestamp: int) -> list[bytes]:
        behaviour, codec = self._camera.behaviour, self._camera.clip.codec
        units = picture.units
        if not behaviour.sets and not behaviour.keys:
            units = tuple(unit for unit in units if set_kind(codec, unit) is None)
        carried = payloads(codec, units, behaviour.size, aggregate=behaviour.aggregate)
        ends = {len(carried) - 1} if behaviour.marker == "last" else set()
        if behaviour.marker == "units":
            ends = {
                len(payloads(codec, units[: count + 1], behaviour.size)) - 1 for count in range(len(units))
            }
        made = []
        for place, payload in enumerate(carried):
            made.append(
                packet(_PAYLOAD_TYPE, self._sequence, timestamp, self._ssrc, payload, marker=place in ends)
            )
            self._sequence += 1
            self._octets += len(payload)
        self._packets += len(made)
        return made

    def _framed(self, content: bytes) -> bytes:
        if self._sockets is None or self._to is None:
            return interleaved(self._channels[0], content)
        self._sockets[0].sendto(content, self._to[0])
        return b""

    def _send_report(self, number: int, timestamp: int) -> None:
        behaviour = self._camera.behaviour
        at = number / self._camera.clip.rate
        if not behaviour.reports or at - self._reported < REPORT_EVERY:
            return
        self._reported = at
        wall = self._clock.now().timestamp() + behaviour.clock_offset
        report = sender_report(self._ssrc, wall, timestamp, self._packets, self._octets)
        if self._sockets is None or self._to is None:
            self._transport.write(interleaved(self._channels[1], report))
        else:
            self._sockets[1].sendto(report, self._to[1])
