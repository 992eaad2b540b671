"""Read an object of a call: datagrams as received, messages, manifest."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from rejent.formats.errors import NoCallError
from rejent.formats.fragment_index import FragmentPlace
from rejent.formats.matroska import container, ebml, metadata_track
from rejent.formats.matroska.rows import Packet, read_packets
from rejent.formats.matroska.tracks import METADATA_TRACK
from rejent.formats.rtp.account import Role
from rejent.formats.rtp.leg import Leg
from rejent.formats.rtp.loss_causes import LossEvidence
from rejent.formats.rtp.rtcp import read_blocks
from rejent.kernel.numbers import read_number

_BLOCK_HEAD = 4


@dataclass(frozen=True, slots=True)
class _Cluster:
    end: int
    time: int
    """Ticks since the start of the file."""
    blocks: list[tuple[int, bytes]]
    """Track and content of each block."""

    def pieces(self, *kinds: bytes) -> Iterator[bytes]:
        return (block for track, block in self.blocks if track == METADATA_TRACK and block[:1] in kinds)


HEAD = 4096
"""Bytes of an object that contain its call id."""


def read_call_id(head: bytes) -> str:
    """Return the call id in the first `HEAD` bytes; empty for other files, such as those of a PBX."""
    file = next((each for each in ebml.elements(head) if each.id == container.SEGMENT), None)
    for found in ebml.elements(head, file.begin) if file is not None else ():
        if found.id == container.INFO:
            inner = ebml.elements(head, found.begin, found.end)
            titles = [head[each.begin : each.end] for each in inner if each.id == container.TITLE]
            return b"".join(titles[:1]).decode(errors="replace").partition(" ")[0]
    return ""


class CallReader:
    """Reads one object, or the beginning of a truncated one. Raises NoCallError: it is no object of a call."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        file = next((each for each in ebml.elements(content) if each.id == container.SEGMENT), None)
        if file is None:
            raise NoCallError
        self._begin = file.begin
        info = self._info()
        call, _, number = info.get(container.TITLE, b"").decode(errors="replace").partition(" ")
        counted = read_number(number, least=1, most=2**31 - 1)
        if container.DATE not in info or counted is None:
            raise NoCallError
        self.start = container.start_of(info[container.DATE])
        """Its start, ns since 1970, steady UTC."""
        self.call, self.number = call, counted
        """Id of its call, and its number among the call's objects, from 1."""

    @cached_property
    def manifest(self) -> dict[str, Any] | None:
        """The manifest; None where truncated. Raises NoCallError."""
        for found in reversed(self._clusters):
            for piece in found.pieces(metadata_track.MANIFEST):
                return metadata_track.read_facts(piece)
        return None

    @property
    def whole_length(self) -> int:
        """Bytes up to the end of the last complete cluster."""
        return self._clusters[-1].end if self._clusters else 0

    @property
    def last_tick(self) -> int:
        """Time of the last complete cluster."""
        return self._clusters[-1].time if self._clusters else 0

    def places(self, end: int) -> Iterator[FragmentPlace]:
        """Yield the places of the clusters; the last one ends at the tick ``end``, and the earlier events of a part take no time."""
        lasts = [found.time for found in self._clusters[1:]] + [end]
        offset = self._head_end
        for found, until in zip(self._clusters, lasts, strict=False):
            units = sum(1 for _ in _packets(found))
            duration = max(until - found.time, 0)
            yield FragmentPlace(
                found.time, duration, units, key=True, offset=offset, length=found.end - offset
            )
            offset = found.end

    @cached_property
    def _head_end(self) -> int:
        end = self._begin
        for found in ebml.elements(self._content, self._begin):
            if found.id == container.CLUSTER:
                break
            end = found.end
        return end

    def events_before(self, offset: int) -> list[bytes]:
        """Return the encoded events in the clusters before an offset; those of a part bear the time of its first packets."""
        return [
            piece
            for found in self._clusters
            if found.end <= offset
            for piece in found.pieces(metadata_track.EVENT)
        ]

    def packets(self) -> Iterator[Packet]:
        """Yield every datagram, unchanged, by arrival."""
        for found in self._clusters:
            yield from _packets(found)

    def messages(self) -> list[metadata_track.Message]:
        """Return every SIP message, in order."""
        kinds = (metadata_track.MESSAGE_RECEIVED, metadata_track.MESSAGE_SENT)
        return [
            metadata_track.read_message(piece) for found in self._clusters for piece in found.pieces(*kinds)
        ]

    def controls(self) -> list[metadata_track.Control]:
        """Return every RTCP datagram with a report, in order."""
        return [
            metadata_track.read_control(piece)
            for found in self._clusters
            for piece in found.pieces(metadata_track.CONTROL)
        ]

    def steps(self, legs: dict[int, Leg]) -> Iterator[tuple[Packet, Role]]:
        """Yield each datagram with its classification by ``legs``, which are updated; pass those of the call's previous object."""
        for found in self._clusters:
            for piece in found.pieces(metadata_track.EVENT):
                _apply(legs, metadata_track.read_event(piece), self.start)
            for piece in found.pieces(metadata_track.CONTROL):
                _learn(legs, metadata_track.read_control(piece))
            for packet in _packets(found):
                if packet.leg in legs:
                    yield packet, legs[packet.leg].take(packet.datagram, packet.arrival)

    def counted(self) -> dict[int, Leg]:
        """Return the legs recounted from the stored packets."""
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

    def _info(self) -> dict[int, bytes]:
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
    joined: dict[int, bytearray] = {}
    for track, block in cluster.blocks:
        if track != METADATA_TRACK:
            joined.setdefault(track, bytearray()).extend(block)
    payloads = {track: bytes(payload) for track, payload in joined.items()}
    legs: dict[int, list[Packet]] = {}
    for piece in cluster.pieces(metadata_track.ROWS):
        for packet in read_packets(piece[1:], payloads):
            legs.setdefault(packet.leg, []).append(packet)
    return heapq.merge(*legs.values(), key=attrgetter("arrival"))


def _apply(legs: dict[int, Leg], event: metadata_track.Event, start: int) -> None:
    leg = legs.get(event.leg)
    if leg is None:
        leg = legs[event.leg] = Leg(event.codecs, max(event.at, start), event.leg)
    if event.kind == metadata_track.PAUSED:
        leg.pause(event.at)
    elif event.kind == metadata_track.RESUMED:
        leg.resume(event.at)
    elif event.kind == metadata_track.OBSERVED:
        leg.mirror = leg.mirror or LossEvidence()
    elif event.kind == metadata_track.UNCAPTURED:
        if leg.mirror is not None:
            leg.mirror.note_drop(event.at, event.until)
    elif event.kind == metadata_track.UNREAD:
        leg.note_unread(event.at, event.until, event.packets)
    elif event.codecs != leg.negotiated:
        leg.renegotiate(event.codecs)


def _learn(legs: dict[int, Leg], control: metadata_track.Control) -> None:
    for block in read_blocks(control.datagram):
        for leg in legs.values():
            if leg.mirror is not None:
                leg.mirror.reported(block, control.arrival)
