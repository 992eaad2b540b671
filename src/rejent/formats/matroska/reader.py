"""An object of a call, opened: every datagram as it came, the messages, and what the object says about itself."""

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from rejent.formats.fragment import FragmentPlace
from rejent.formats.matroska import container, ebml, pieces
from rejent.formats.matroska.errors import NoCallError
from rejent.formats.matroska.rows import Packet, packets_of
from rejent.formats.matroska.tracks import MARGINAL
from rejent.formats.rtp.account import Role
from rejent.formats.rtp.leg import Leg
from rejent.formats.rtp.loss_causes import LossEvidence
from rejent.formats.rtp.rtcp import read_blocks

_BLOCK_HEAD = 4


@dataclass(frozen=True, slots=True)
class _Cluster:
    end: int
    time: int
    """Ticks since the start of the file."""
    blocks: list[tuple[int, bytes]]
    """Track and content of each block."""

    def pieces(self, *kinds: bytes) -> Iterator[bytes]:
        """The pieces of these kinds, in order."""
        return (block for track, block in self.blocks if track == MARGINAL and block[:1] in kinds)


HEAD = 4096
"""Bytes of an object within which it says of which call it is."""


def call_of(head: bytes) -> str:
    """Which call an object says that it is of, by its first `HEAD` bytes; empty where it is none of ours, as a file of a PBX."""
    file = next((each for each in ebml.elements(head) if each.id == container.SEGMENT), None)
    for found in ebml.elements(head, file.begin) if file is not None else ():
        if found.id == container.INFO:
            inner = ebml.elements(head, found.begin, found.end)
            titles = [head[each.begin : each.end] for each in inner if each.id == container.TITLE]
            return b"".join(titles[:1]).decode(errors="replace").partition(" ")[0]
    return ""


class CallReader:
    """Reads the content of one object.

    Args:
        content: the whole content, or what is whole of an object cut short.

    Raises:
        NoCallError: it is no object of a call.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        file = next((each for each in ebml.elements(content) if each.id == container.SEGMENT), None)
        if file is None:
            raise NoCallError
        self._begin = file.begin
        told = self._told()
        call, _, number = told.get(container.TITLE, b"").decode(errors="replace").partition(" ")
        if container.DATE not in told or not number.isdecimal():
            raise NoCallError
        self.start = container.start_of(told[container.DATE])
        """When it begins, ns since 1970, steady UTC."""
        self.call, self.number = call, int(number)
        """Which call it belongs to, and its place among that call's objects, counted from 1."""

    @cached_property
    def manifest(self) -> dict[str, Any] | None:
        """What the recorder said at the object's end; nothing where it was cut short."""
        for found in reversed(self._clusters):
            for piece in found.pieces(pieces.MANIFEST):
                told: dict[str, Any] = json.loads(piece[1:])
                return told
        return None

    @property
    def whole_length(self) -> int:
        """Bytes up to the end of the last whole cluster: what may be sealed anew of an object that was cut short."""
        return self._clusters[-1].end if self._clusters else 0

    @property
    def last_tick(self) -> int:
        """The time of the last whole cluster."""
        return self._clusters[-1].time if self._clusters else 0

    def places(self, end: int) -> Iterator[FragmentPlace]:
        """Where the clusters lie, as the recorder told the sink of them; the last one reaches to the tick ``end``."""
        lasts = [found.time for found in self._clusters[1:]] + [end]
        offset = self._head_end
        for found, until in zip(self._clusters, lasts, strict=False):
            units = sum(1 for _ in _packets(found))
            duration = max(until - found.time, 1)
            yield FragmentPlace(
                found.time, duration, units, key=True, offset=offset, length=found.end - offset
            )
            offset = found.end

    @cached_property
    def _head_end(self) -> int:
        """Where the first cluster begins."""
        end = self._begin
        for found in ebml.elements(self._content, self._begin):
            if found.id == container.CLUSTER:
                break
            end = found.end
        return end

    def settled_before(self, tick: int) -> list[bytes]:
        """The pieces that tell what signalling settled in the clusters before a time, as they were written."""
        return [
            piece for found in self._clusters if found.time < tick for piece in found.pieces(pieces.EVENT)
        ]

    def packets(self) -> Iterator[Packet]:
        """Every datagram that was kept, bit by bit, by arrival."""
        for found in self._clusters:
            yield from _packets(found)

    def messages(self) -> list[pieces.Message]:
        """Every SIP message, in order."""
        kinds = (pieces.MESSAGE_IN, pieces.MESSAGE_OUT)
        return [pieces.read_message(piece) for found in self._clusters for piece in found.pieces(*kinds)]

    def controls(self) -> list[pieces.Control]:
        """Every RTCP datagram with a report that was kept, in order."""
        return [
            pieces.read_control(piece) for found in self._clusters for piece in found.pieces(pieces.CONTROL)
        ]

    def steps(self, legs: dict[int, Leg]) -> Iterator[tuple[Packet, Role]]:
        """The call once more: each datagram, and what the leg it is counted into takes it for.

        Args:
            legs: filled as the call goes on; those of the object before, where a call has several.
        """
        for found in self._clusters:
            for piece in found.pieces(pieces.EVENT):
                _apply(legs, pieces.read_event(piece), self.start)
            for piece in found.pieces(pieces.CONTROL):
                _learn(legs, pieces.read_control(piece))
            for packet in _packets(found):
                if packet.leg in legs:
                    yield packet, legs[packet.leg].take(packet.datagram, packet.arrival)

    def counted(self) -> dict[int, Leg]:
        """The legs, counted anew from what was kept by the code that counted them as they came."""
        legs: dict[int, Leg] = {}
        for _ in self.steps(legs):
            pass
        return legs

    @cached_property
    def _clusters(self) -> list[_Cluster]:
        return [
            _Cluster(found.end, _time(self._content, found), list(_blocks(self._content, found)))
            for found in ebml.elements(self._content, self._begin)
            if found.id == container.CLUSTER
        ]

    def _told(self) -> dict[int, bytes]:
        """What the file's head tells about the whole, by element."""
        for found in ebml.elements(self._content, self._begin):
            if found.id == container.INFO:
                inner = ebml.elements(self._content, found.begin, found.end)
                return {each.id: self._content[each.begin : each.end] for each in inner}
            if found.id == container.CLUSTER:
                break
        return {}


def _time(content: bytes, cluster: ebml.Element) -> int:
    for found in ebml.elements(content, cluster.begin, cluster.end):
        if found.id == container.TIMESTAMP:
            return int.from_bytes(content[found.begin : found.end], "big")
    return 0


def _blocks(content: bytes, cluster: ebml.Element) -> Iterator[tuple[int, bytes]]:
    for found in ebml.elements(content, cluster.begin, cluster.end):
        if found.id == container.SIMPLE_BLOCK and found.end - found.begin >= _BLOCK_HEAD:
            yield content[found.begin] & 0x7F, content[found.begin + _BLOCK_HEAD : found.end]


def _packets(cluster: _Cluster) -> Iterator[Packet]:
    """Each leg's in the order they came, the legs among one another by arrival."""
    joined: dict[int, bytearray] = {}
    for track, block in cluster.blocks:
        if track != MARGINAL:
            joined.setdefault(track, bytearray()).extend(block)
    payloads = {track: bytes(payload) for track, payload in joined.items()}
    legs: dict[int, list[Packet]] = {}
    for piece in cluster.pieces(pieces.ROWS):
        for packet in packets_of(piece[1:], payloads):
            legs.setdefault(packet.leg, []).append(packet)
    return heapq.merge(*legs.values(), key=attrgetter("arrival"))


def _apply(legs: dict[int, Leg], event: pieces.Event, start: int) -> None:
    leg = legs.get(event.leg)
    if leg is None:
        leg = legs[event.leg] = Leg(event.codecs, max(event.at, start), event.leg)
    if event.kind == pieces.PAUSED:
        leg.pause(event.at)
    elif event.kind == pieces.RESUMED:
        leg.resume(event.at)
    elif event.kind == pieces.OBSERVED:
        leg.mirror = leg.mirror or LossEvidence()
    elif event.kind == pieces.UNCAPTURED:
        if leg.mirror is not None:
            leg.mirror.note_drop(event.at, event.until)
    elif event.codecs != leg.negotiated:
        leg.renegotiate(event.codecs)


def _learn(legs: dict[int, Leg], control: pieces.Control) -> None:
    """What one party of a mirrored call says it heard of the other."""
    for block in read_blocks(control.datagram):
        for leg in legs.values():
            if leg.mirror is not None:
                leg.mirror.reported(block, control.arrival)
