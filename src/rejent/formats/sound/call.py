"""The sound of one leg on the clock: which payload begins when, by coding, with what is missing left open."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rejent.formats.matroska.placement import Placement
from rejent.formats.matroska.reader import CallReader
from rejent.formats.matroska.rows import Packet
from rejent.formats.rtp.account import SECOND, Role
from rejent.formats.rtp.codecs import Codec
from rejent.formats.rtp.packet import payload_bounds
from rejent.formats.rtp.streams import Leg

SAMPLES = "PCM"
"""What is decoded already, out of a file of a PBX: samples of 16 bits, little-endian (no RTP payload: L16 is big-endian)."""
_OCTET_A_TICK = frozenset({"PCMA", "PCMU", "G722"})
"""Codings of 64 kbit/s."""
_ALONE = SECOND // 10
"""Silence of whom a leg follows in which another is heard at once."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A payload of speech: the instant it begins, ns since 1970, its coding, and its bytes."""

    at: int
    codec: Codec
    payload: bytes

    @property
    def end(self) -> int:
        """When it ends; taken as 20 ms where only decoding tells."""
        return self.at + (
            len(self.payload) * SECOND // 8000 if self.codec.name in _OCTET_A_TICK else SECOND // 50
        )


@dataclass(slots=True)
class LegSound:
    """What one leg of a call says, by the instant it begins."""

    leg: int
    heard: list[Heard] = field(default_factory=list)

    @property
    def codecs(self) -> list[Codec]:
        """The codings in it, each once, in the order they were first heard."""
        return list(dict.fromkeys(each.codec for each in self.heard))


@dataclass(frozen=True, slots=True)
class CallSound:
    """Both ends of what is heard, ns since 1970, and the legs."""

    start: int
    end: int
    legs: tuple[LegSound, ...]


def sound_of(objects: Iterable[CallReader]) -> CallSound:
    """The sound of a call out of its objects, in their order; of one object alone as well.

    Packets of another sender that persisted are heard from their first on, though they had to wait for the others. Those of senders
    that did not are heard where nobody else is: whoever changes its name with every packet speaks all the same.

    Raises:
        ValueError: no object is given.
    """
    readers = list(objects)
    if not readers:
        raise ValueError("a call has at least one object")
    legs: dict[int, Leg] = {}
    places: dict[int, Placement] = {}
    sounds: dict[int, LegSound] = {}
    waiting: dict[int, list[Packet]] = {}
    spoke: dict[int, int] = {}
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
                place = places.setdefault(packet.leg, Placement())
                alone = packet.arrival - spoke.get(packet.leg, packet.arrival) > _ALONE
                ours = [each for each in waits if alone or _ssrc(each) == _ssrc(packet)]
                waits.clear()
                spoke[packet.leg] = packet.arrival
                sound.heard += [_heard(each, leg, place) for each in (*_speech(ours, leg), packet)]
    for number, leg in legs.items():
        sound = sounds.setdefault(number, LegSound(number))
        left, last = waiting.get(number, []), spoke.get(number, 0)
        if left and left[-1].arrival - last > _ALONE:
            sound.heard += [
                _heard(each, leg, places.setdefault(number, Placement())) for each in _speech(left, leg)
            ]
    for sound in sounds.values():
        sound.heard = _in_order(sound.heard)
        end = max([end, *(each.end for each in sound.heard[-1:])])
    return CallSound(readers[0].start, end, tuple(sounds[number] for number in sorted(sounds)))


def _speech(packets: Iterable[Packet], leg: Leg) -> Iterator[Packet]:
    """Those that are of a coding of speech."""
    for each in packets:
        codec = leg.codecs.get(each.datagram[1] & 0x7F)
        if codec is not None and codec.is_speech:
            yield each


def _heard(packet: Packet, leg: Leg, place: Placement) -> Heard:
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
    return Heard(at, codec, datagram[begin:end])


def _ssrc(packet: Packet) -> int:
    return int.from_bytes(packet.datagram[8:12], "big")


def _in_order(heard: list[Heard]) -> list[Heard]:
    """By instant; mostly they are already."""
    if all(before.at <= after.at for before, after in pairwise(heard)):
        return heard
    return sorted(heard, key=lambda each: each.at)
