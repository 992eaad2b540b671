"""Speech payloads of each leg, placed on the clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rejent.formats.matroska.placement import RtpClock
from rejent.formats.matroska.reader import CallReader
from rejent.formats.matroska.rows import Packet
from rejent.formats.rtp.account import SECOND, Role
from rejent.formats.rtp.codecs import Codec
from rejent.formats.rtp.leg import Leg
from rejent.formats.rtp.packet import payload_bounds

SAMPLES = "PCM"
"""Codec name of decoded 16-bit little-endian samples from a PBX file (not RTP: L16 is big-endian)."""
_OCTET_A_TICK = frozenset({"PCMA", "PCMU", "G722"})
"""Codecs of 64 kbit/s."""
_ALONE = SECOND // 10
"""Silence of the followed sender after which another is used at once."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A speech payload and the instant it begins, ns since 1970."""

    at: int
    codec: Codec
    payload: bytes

    @property
    def end(self) -> int:
        """The instant it ends; assumed 20 ms where only decoding shows."""
        return self.at + (
            len(self.payload) * SECOND // 8000 if self.codec.name in _OCTET_A_TICK else SECOND // 50
        )


@dataclass(slots=True)
class LegSound:
    """Payloads of one leg, by instant."""

    leg: int
    payloads: list[Payload] = field(default_factory=list)

    @property
    def codecs(self) -> list[Codec]:
        """The codecs used, in order of appearance."""
        return list(dict.fromkeys(each.codec for each in self.payloads))


@dataclass(frozen=True, slots=True)
class CallSound:
    """Begin and end, ns since 1970, and the legs."""

    start: int
    end: int
    legs: tuple[LegSound, ...]


def read_sound(objects: Iterable[CallReader]) -> CallSound:
    """Return the sound of a call from its objects in order. Raises ValueError: there is none.

    Packets of a new sender count from their first; those of others are used where nobody else speaks, as some devices change SSRC
    with every packet.
    """
    readers = list(objects)
    if not readers:
        raise ValueError("a call has at least one object")
    legs: dict[int, Leg] = {}
    places: dict[int, RtpClock] = {}
    sounds: dict[int, LegSound] = {}
    waiting: dict[int, list[Packet]] = {}
    last_speech: dict[int, int] = {}
    end = readers[0].start
    for reader in readers:
        for packet, role in reader.steps(legs):
            end = max(end, packet.arrival)
            waits = waiting.setdefault(packet.leg, [])
            if role is Role.WAITING:
                waits.append(packet)
            elif role is Role.SPEECH:
                leg = legs[packet.leg]
                sound = sounds.setdefault(packet.leg, LegSound(packet.leg))
                place = places.setdefault(packet.leg, RtpClock())
                alone = packet.arrival - last_speech.get(packet.leg, packet.arrival) > _ALONE
                ours = [each for each in waits if alone or _ssrc(each) == _ssrc(packet)]
                waits.clear()
                last_speech[packet.leg] = packet.arrival
                sound.payloads += [_to_payload(each, leg, place) for each in (*_speech(ours, leg), packet)]
    for number, leg in legs.items():
        sound = sounds.setdefault(number, LegSound(number))
        left, last = waiting.get(number, []), last_speech.get(number, 0)
        if left and left[-1].arrival - last > _ALONE:
            sound.payloads += [
                _to_payload(each, leg, places.setdefault(number, RtpClock())) for each in _speech(left, leg)
            ]
    for sound in sounds.values():
        sound.payloads = _in_order(sound.payloads)
        end = max([end, *(each.end for each in sound.payloads[-1:])])
    return CallSound(readers[0].start, end, tuple(sounds[number] for number in sorted(sounds)))


def _speech(packets: Iterable[Packet], leg: Leg) -> Iterator[Packet]:
    for each in packets:
        codec = leg.codecs.get(each.datagram[1] & 0x7F)
        if codec is not None and codec.is_speech:
            yield each


def _to_payload(packet: Packet, leg: Leg, place: RtpClock) -> Payload:
    datagram = packet.datagram
    begin, end = payload_bounds(datagram, 0, len(datagram)) or (0, 0)
    codec = leg.codecs.get(datagram[1] & 0x7F, Codec("UNKNOWN"))
    at = place.at(
        int.from_bytes(datagram[4:8], "big"),
        packet.arrival,
        ssrc=_ssrc(packet),
        rate=codec.clock_rate,
        spurt=datagram[1] > 0x7F,
    )
    return Payload(at, codec, datagram[begin:end])


def _ssrc(packet: Packet) -> int:
    return int.from_bytes(packet.datagram[8:12], "big")


def _in_order(payloads: list[Payload]) -> list[Payload]:
    if all(before.at <= after.at for before, after in pairwise(payloads)):
        return payloads
    return sorted(payloads, key=lambda each: each.at)
