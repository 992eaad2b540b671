"""Assembly of access units from RTP payloads.

The life of a picture: a payload brings one unit, several, or a fragment of one; the first slice opens the picture; the
marker bit completes it, once the camera's markers have proved reliable, else the start of the next picture does. A loss
makes every picture damaged until a whole one arrives with which decoding can start.

What is packed as one unit may be several, parted by start codes (annex B): encoders' output that a camera packs as it
is. Such units are split, since the first byte of one says nothing of the others.

Payloads are views into a receive buffer that is reused: `settle` copies what is incomplete, once a batch.
"""

from dataclasses import dataclass

from rejent.formats.mp4.parameters import START_CODE, annex_b_units
from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, Codec
from rejent.recording.contract import Cause
from rejent.streams.cameras.errors import CameraCause, ProtocolError
from rejent.streams.cameras.network.rtsp.payload_format import (
    FORMATS,
    Packetization,
    UnitRole,
    is_recovery_point,
)

MAX_PICTURE = 8 * 1024 * 1024
"""Bytes of one coded picture; a 4K key picture has about one million."""
TRUSTED_AFTER = 8
"""Pictures with the marker on their last packet before markers alone are relied on."""
SEARCHED_FIRST = 64
"""Whole pictures whose slices are searched for start codes, too: a camera parts units so from its first picture on, or never does.
The search costs a tenth of what a picture costs else; before parameter sets and other short units it always takes place."""

_SLICE, _KEY = int(UnitRole.SLICE), int(UnitRole.KEY)
_SETS, _DELIMITER, _SEI = int(UnitRole.SETS), int(UnitRole.DELIMITER), int(UnitRole.SEI)
_SINGLE, _AGGREGATED, _FRAGMENTED = (
    int(Packetization.SINGLE),
    int(Packetization.AGGREGATED),
    int(Packetization.FRAGMENTED),
)
_START, _END = 0x80, 0x40
_AT_FIRST, _ALWAYS = bytes([1]) * 256, bytes([2]) * 256
_STARTS = (START_CODE, b"\0" + START_CODE)


@dataclass(slots=True, frozen=True)
class Discontinuity:
    """Pictures before and after do not join: packets were lost, or (`CameraCause.CAMERA_CLOCK`) the camera began another stream."""

    cause: Cause


StreamItem = AccessUnit | Discontinuity


class Assembly:
    """Assembles the pictures of one stream; ``donl``: packets carry decoding order numbers (H.265, sprop-max-don-diff > 0)."""

    def __init__(self, codec: Codec, clock_rate: int = TICKS_PER_SECOND, *, donl: bool = False) -> None:
        self.format = FORMATS[codec]
        self.timestamp = -1
        self.pieces: list[bytes | memoryview] = []
        self.fragment_at = -1
        """Index in `pieces` for the length of the unit now arriving in fragments; -1 while there is none."""
        self.fragment_size = 0
        self.good = 0
        """Whole pictures so far."""
        self._donl = donl
        self._searched = _AT_FIRST
        """By the first byte of a unit: whether it is searched for start codes."""
        self._clock_rate = clock_rate
        self._packetization = self.format.packetization
        self._roles = tuple(int(role) for role in self.format.roles)
        self._out: list[StreamItem] = []
        self._size = 0
        self._arrival = 0.0
        self._slices = self._usual_slices = 0
        self._ticks = 0
        self._has_slice = False
        self._key = False
        self._marked = False
        self._broken = False
        self._after_loss = True
        self._loss_before_head = False
        self._sets = 0
        self._usual_sets = 0
        self._needs_key = False
        self._markers_seen = False
        self._markers_true = 0
        self._key_marker_true = False
        self._markers_lie = False

    def taken(self) -> list[StreamItem]:
        """Return what is complete since the last call, in order of arrival."""
        out, self._out = self._out, []
        return out

    def change_timestamp(self, timestamp: int) -> None:
        """Complete the open picture, unless it holds only parameter sets sent ahead; take the new timestamp."""
        if self._has_slice:
            self._judge_marker()
            self._complete()
        if self.timestamp >= 0:
            step = (timestamp - self.timestamp) & 0xFFFFFFFF
            self._ticks += step - 0x100000000 if step & 0x80000000 else step
        self.timestamp = timestamp

    def payload(self, view: memoryview, start: int, stop: int, arrival: float, marked: bool) -> None:
        """Process the payload of the packet that follows the last one without a loss."""
        self._arrival = arrival
        first = view[start]
        packetization = self._packetization[first]
        if packetization == _FRAGMENTED:
            self._fragment(view, start, stop, first)
        else:
            if self.fragment_at >= 0:
                self.packet_lost()
            unit = view[start:stop]
            if packetization == _SINGLE:
                self._unit(self._without_donl(unit) if self._donl else unit)
            elif packetization == _AGGREGATED:
                self._aggregated(unit)
            elif bytes(unit[:4]).startswith(_STARTS):
                self._unit(unit)
            else:
                self.packet_lost()
        if marked and self._has_slice:
            self._mark()

    def packet_lost(self) -> None:
        """Mark that at least one packet is missing here."""
        if self._marked and self._has_slice:
            self._complete()
        if self.pieces:
            self._broken = True
        self.fragment_at = -1
        self._after_loss = True
        if not self._needs_key:
            self._needs_key = True
            self._out.append(Discontinuity(CameraCause.PACKETS_LOST))

    def damage_last(self) -> None:
        """Mark the last picture damaged: it is followed by no packet, so its own end may be wrong, too."""
        last = self._out[-1] if self._out else None
        if self.pieces:
            self._marked, self._broken = False, True
        elif isinstance(last, AccessUnit) and not last.damaged:
            last.data, last.key, last.damaged = b"", False, True
            self.good -= 1
            self._out.insert(-1, Discontinuity(CameraCause.PACKETS_LOST))
            self._needs_key = True
        self.packet_lost()

    def restart(self) -> None:
        """Begin another stream of the camera on the same connection."""
        if self._marked and self._has_slice:
            self._complete()
        self._forget()
        self.timestamp = -1
        self._after_loss = self._needs_key = True
        self._out.append(Discontinuity(CameraCause.CAMERA_CLOCK))

    def fragment_grew(self, size: int) -> None:
        """Count `size` bytes more of the unit in fragments."""
        self.fragment_size += size
        self._size += size
        if self._size > MAX_PICTURE:
            raise ProtocolError("A coded picture is larger than {bound} bytes.", bound=MAX_PICTURE)

    def settle(self) -> None:
        """Copy pieces that lie in the receive buffer, before it is reused."""
        pieces, at = self.pieces, self.fragment_at
        if at >= 0:
            self.pieces = [b"".join(pieces[:at]), b"", b"".join(pieces[at + 1 :])]
            self.fragment_at = 1
        elif pieces:
            self.pieces = [b"".join(pieces)]

    def flush(self) -> None:
        """End the stream; drop a picture that may be cut short: without markers, one with fewer slices than the one before."""
        whole = self.fragment_at < 0 and self._slices == self._usual_slices
        if self._has_slice and (self._marked or (whole and not self._markers_seen)):
            self._complete()

    # Units

    def _unit(self, unit: memoryview) -> None:
        if self._searched[unit[0]]:
            content = bytes(unit)
            if START_CODE in content:
                self._parted(content)
                return
        self._one_unit(unit)

    def _parted(self, content: bytes, *, opened: bool = False) -> None:
        """Process units parted by start codes; the first of them is ``opened`` already."""
        self._searched = _ALWAYS
        for unit in annex_b_units(START_CODE + content):
            self._one_unit(memoryview(unit), opened=opened)
            opened = False

    def _one_unit(self, unit: memoryview, *, opened: bool = False) -> None:
        size = len(unit)
        if size <= self.format.header_size:
            return
        role = self._roles[unit[0]]
        if role:
            if not opened:
                self._open(role, unit[self.format.header_size])
            if role & _SEI and is_recovery_point(unit):
                self._key = True
        self.pieces += (size.to_bytes(4, "big"), unit)
        self._size += size
        if self._size > MAX_PICTURE:
            raise ProtocolError("A coded picture is larger than {bound} bytes.", bound=MAX_PICTURE)

    def _aggregated(self, payload: memoryview) -> None:
        try:
            for unit in self.format.split(payload, self._donl):
                self._unit(unit)
        except ProtocolError:
            self.packet_lost()

    def _fragment(self, view: memoryview, start: int, stop: int, first: int) -> None:
        content = start + self.format.fragment_size
        if content >= stop:
            self.packet_lost()
            return
        mark = view[content - 1]
        if mark & _START:
            if self.fragment_at >= 0:
                self.packet_lost()
            header = self.format.fragment_header(first, view[start + 1], mark)
            if self._donl:
                content = min(content + 2, stop - 1)
            role = self._roles[header[0]]
            if role:
                self._open(role, view[content])
            self.fragment_at = len(self.pieces)
            self.fragment_size = 0
            self.pieces += (b"", header, view[content:stop])
            self.fragment_grew(len(header) + stop - content)
        elif self.fragment_at >= 0:
            self.pieces.append(view[content:stop])
            self.fragment_grew(stop - content)
        elif not self._broken:
            self.packet_lost()
            self._broken = True
        if mark & _END and self.fragment_at >= 0:
            at, self.fragment_at = self.fragment_at, -1
            if self._searched[self.pieces[at + 1][0]]:
                self._search_fragmented(at)
            else:
                self.pieces[at] = self.fragment_size.to_bytes(4, "big")

    def _search_fragmented(self, at: int) -> None:
        content = b"".join(self.pieces[at + 1 :])
        del self.pieces[at:]
        if START_CODE in content:
            self._size -= self.fragment_size
            self._parted(content, opened=not content.startswith(_STARTS))
        else:
            self.pieces += (self.fragment_size.to_bytes(4, "big"), content)

    def _without_donl(self, unit: memoryview) -> memoryview:
        head = self.format.header_size
        return memoryview(bytes(unit[:head]) + bytes(unit[head + 2 :]))

    # Borders of pictures

    def _open(self, role: int, next_byte: int) -> None:
        if role & _SLICE:
            first = next_byte & 0x80
            if self._has_slice:
                if first and (self._marked or not self._markers_seen):
                    self._complete()
                elif self._marked:
                    self._marked = False
                    self._distrust()
            if not self._has_slice:
                self._has_slice = True
                if not first:
                    self._first_slice_missing()
                self._loss_before_head, self._after_loss = self._after_loss, False
            self._slices += 1
            if role & _KEY:
                self._key = True
            return
        if self._has_slice and (self._marked or role & _DELIMITER):
            self._complete()
        if role & _SETS:
            self._sets += 1

    def _first_slice_missing(self) -> None:
        """Mark the picture broken: its first slice was lost, or completed by a marker that came too early."""
        if not self._after_loss:
            self._distrust()
            self.packet_lost()
        self._broken = True

    def _mark(self) -> None:
        self._markers_seen = True
        if self._key_marker_true and self._markers_true >= TRUSTED_AFTER and self.fragment_at < 0:
            self._complete()
        else:
            self._marked = True

    def _judge_marker(self) -> None:
        if self._marked and not self._markers_lie:
            self._markers_true += 1
            self._key_marker_true = self._key_marker_true or self._key
        elif not self._broken:
            self._markers_true = 0

    def _distrust(self) -> None:
        self._markers_lie = True
        self._markers_true = 0
        self._key_marker_true = False

    def _complete(self) -> None:
        broken = self._broken or self.fragment_at >= 0 or self._lacks_sets()
        key = self._key and not broken
        if broken and not self._needs_key and self.good:
            self._needs_key = True
            self._out.append(Discontinuity(CameraCause.PACKETS_LOST))
        damaged = broken or (self._needs_key and not key)
        if key:
            self._needs_key = False
            self._usual_sets = self._sets
        if not damaged:
            self.good += 1
            if self.good == SEARCHED_FIRST and self._searched is _AT_FIRST:
                self._searched = self.format.searched
        self._usual_slices = self._slices
        if self.good:
            time = self._ticks
            if self._clock_rate != TICKS_PER_SECOND:
                time = time * TICKS_PER_SECOND // self._clock_rate
            self._out.append(
                AccessUnit(b"" if damaged else b"".join(self.pieces), time, key, self._arrival, damaged)
            )
        self._forget()

    def _lacks_sets(self) -> bool:
        """Return whether a loss just before this key picture took parameter sets, which may have been new ones."""
        return self._key and self._loss_before_head and self._sets < self._usual_sets

    def _forget(self) -> None:
        self.pieces = []
        self.fragment_at = -1
        self._size = self._sets = self._slices = 0
        self._loss_before_head = False
        self._has_slice = self._key = self._marked = self._broken = False
