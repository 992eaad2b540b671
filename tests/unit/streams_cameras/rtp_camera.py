"""A camera that sends pictures in RTP packets, as the tests of reading them use it."""

import struct

from rejent.formats.mp4.picture import Codec
from rejent.streams.cameras.network.rtsp.assembly import (
    TRUSTED_AFTER,
    Assembly,
)
from rejent.streams.cameras.network.rtsp.receiver import RtpReceiver
from rejent.streams.cameras.simulated.sender import packet, payloads

SPS, PPS, SEI, AUD = b"\x67\x42\xc0\x1e", b"\x68\xce\x0f\xc8", b"\x06\x05\x02ab\x80", b"\x09\x10"
KEY, NEXT = b"\x65\x88" + bytes(range(200)) * 20, b"\x41\x9a" + bytes(range(100)) * 10
LATER_SLICE = b"\x41\x1a" + bytes(50)
RECOVERY = b"\x06\x06\x01\xc4\x80"


class Camera:
    """Packets of a made-up camera, and what the recorder makes of them."""

    def __init__(self, codec=Codec.H264, **options):
        self.reception = RtpReceiver(Assembly(codec, **options), 96)
        self.codec = codec
        self.sequence = 65_500
        self.timestamp = 4_294_900_000
        self.ssrc = 77
        self.arrival = 0.0

    def packets(self, *units, marker=True, step=3600, size=1400, aggregate=False):
        """The packets of one picture."""
        self.timestamp = (self.timestamp + step) & 0xFFFFFFFF
        carried = payloads(self.codec, units, size, aggregate=aggregate)
        made = []
        for place, payload in enumerate(carried):
            last = place == len(carried) - 1
            made.append(packet(96, self.sequence, self.timestamp, self.ssrc, payload, marker=marker and last))
            self.sequence += 1
        return made

    def metadata(self):
        """A packet of another payload type in the same stream."""
        self.sequence += 1
        return packet(50, self.sequence - 1, self.timestamp, self.ssrc, b"meta", marker=True)

    def in_order(self, packets):
        """The last packets made, numbered in this order."""
        first = self.sequence - len(packets)
        return [
            one[:2] + struct.pack(">H", first + place & 0xFFFF) + one[4:] for place, one in enumerate(packets)
        ]

    def give(self, packets):
        """Hand packets over one by one."""
        for one in packets:
            self.reception.take_packet(memoryview(one), 0, len(one), self.arrival)
        self.reception.assembly.settle()
        self.arrival += 0.04
        return self.taken()

    def taken(self):
        """Return the assembled items."""
        return self.reception.assembly.taken()

    def picture(self, *units, **options):
        """Send one picture."""
        return self.give(self.packets(*units, **options))

    def trusted(self):
        """Send enough pictures for markers to be relied on."""
        for number in range(TRUSTED_AFTER + 2):
            self.picture(*((SPS, PPS, KEY) if number == 0 else (NEXT,)))
        return self


def units_of(picture):
    """The NAL units of an access unit."""
    units, position = [], 0
    while position < len(picture.data):
        size = int.from_bytes(picture.data[position : position + 4], "big")
        units.append(picture.data[position + 4 : position + 4 + size])
        position += 4 + size
    return units
