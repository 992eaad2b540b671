"""From RTP payloads to whole pictures.

The life of a picture: a payload brings one unit, several, or a fragment of one; the first slice opens the picture; it
is complete when the marker says so, if the camera's markers have proved true, else when the next picture begins. A loss
makes every picture damaged until one arrives whole with which decoding can start.

Payloads are views into a receive buffer that is used again: `settle` copies what is not yet complete, once a batch.
"""

from dataclasses import dataclass

from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, Codec
from rejent.recording.contract import Cause
from rejent.streams.cameras.errors import ProtocolError
from rejent.streams.cameras.rtp.h264 import H264_FORM
from rejent.streams.cameras.rtp.h265 import H265_FORM
from rejent.streams.cameras.rtp.payload_form import Meaning, Travel

MAX_PICTURE = 8 * 1024 * 1024
"""Bytes of one coded picture; a 4K key picture has about one million."""
TRUSTED_AFTER = 8
"""Pictures whose marker stood on their last packet, before markers alone are relied on."""

_SLICE, _KEY = int(Meaning.SLICE), int(Meaning.KEY)
_SETS, _DELIMITER, _NOTE = int(Meaning.SETS), int(Meaning.DELIMITER), int(Meaning.NOTE)
_SINGLE, _AGGREGATED, _FRAGMENTED = int(Travel.SINGLE), int(Travel.AGGREGATED), int(Travel.FRAGMENTED)
_START, _END = 0x80, 0x40
_FORMS = {Codec.H264: H264_FORM, Codec.H265: H265_FORM}


@dataclass(slots=True, frozen=True)
class Break:
    """Pictures before and after do not join.

    `Cause.PACKETS_LOST`: the same media clock goes on. `Cause.CAMERA_CLOCK`: the camera began anew.
    """

    cause: Cause


Yield = AccessUnit | Break


class Assembly:
    """Puts pictures of one stream together.

    Args:
        order_numbers: packets carry decoding order numbers (H.265 with sprop-max-don-diff above 0).
        clock_rate: RTP ticks per second.
    """

    def __init__(
        self, codec: Codec, clock_rate: int = TICKS_PER_SECOND, *, order_numbers: bool = False
    ) -> None:
        self.form = _FORMS[codec]
        self.timestamp = -1
        self.pieces: list[bytes | memoryview] = []
        self.fragment_at = -1
        """Where in `pieces` the length of the unit now arriving in fragments belongs; -1 while there is none."""
        self.fragment_size = 0
        self.good = 0
        """Whole pictures so far."""
        self._order_numbers = order_numbers
        self._clock_rate = clock_rate
        self._travel = self.form.travel
        self._meaning = tuple(int(meaning) for meaning in self.form.meaning)
        self._out: list[Yield] = []
        self._size = 0
        self._ticks = 0
        self._has_slice = False
        self._key = False
        self._marked = False
        self._broken = False
        self._unsure = True
        self._head_unsure = False
        self._sets = 0
        self._usual_sets = 0
        self._needs_key = False
        self._markers_seen = False
        self._markers_true = 0
        self._key_marker_true = False
        self._markers_lie = False

    def taken(self) -> list[Yield]:
        """What is complete since the last call, in the order of arrival."""
        out, self._out = self._out, []
        return out

    def turn(self, timestamp: int, arrival: float) -> None:
        """The timestamp changed: what was open is complete, unless it holds no picture yet (sets sent ahead)."""
        if self._has_slice:
            self._judge_marker()
            self._complete(arrival)
        if self.timestamp >= 0:
            step = (timestamp - self.timestamp) & 0xFFFFFFFF
            self._ticks += step - 0x100000000 if step & 0x80000000 else step
        self.timestamp = timestamp

    def payload(self, view: memoryview, start: int, stop: int, arrival: float, marked: bool) -> None:
        """Take the payload of the packet that follows the last one without a loss."""
        first = view[start]
        travel = self._travel[first]
        if travel == _FRAGMENTED:
            self._fragment(view, start, stop, first, arrival)
        elif travel == _SINGLE:
            unit = view[start:stop]
            self._unit(self._without_order_number(unit) if self._order_numbers else unit, arrival)
        elif travel == _AGGREGATED:
            self._aggregated(view[start:stop], arrival)
        else:
            self.lose(arrival)
        if marked and self._has_slice:
            self._mark(arrival)

    def lose(self, arrival: float) -> None:
        """At least one packet is missing here."""
        if self._marked and self._has_slice:
            self._complete(arrival)
        if self.pieces:
            self._broken = True
        self.fragment_at = -1
        self._unsure = True
        if not self._needs_key:
            self._needs_key = True
            self._out.append(Break(Cause.PACKETS_LOST))

    def doubt(self, arrival: float) -> None:
        """What follows the last packet is no packet, so that its own end may be foreign, too: its picture is not kept."""
        last = self._out[-1] if self._out else None
        if self.pieces:
            self._marked, self._broken = False, True
        elif isinstance(last, AccessUnit) and not last.damaged:
            last.data, last.key, last.damaged = b"", False, True
            self.good -= 1
            self._out.insert(-1, Break(Cause.PACKETS_LOST))
            self._needs_key = True
        self.lose(arrival)

    def begin_anew(self, arrival: float) -> None:
        """The camera started another stream on the same connection."""
        if self._marked and self._has_slice:
            self._complete(arrival)
        self._forget()
        self.timestamp = -1
        self._unsure = self._needs_key = True
        self._out.append(Break(Cause.CAMERA_CLOCK))

    def grow(self, size: int) -> None:
        """`size` bytes were added to the unit in fragments."""
        self.fragment_size += size
        self._size += size
        if self._size > MAX_PICTURE:
            raise ProtocolError("A coded picture is larger than {bound} bytes.", bound=MAX_PICTURE)

    def settle(self) -> None:
        """Copy what lies in the receive buffer, before that is used again."""
        pieces, at = self.pieces, self.fragment_at
        if at >= 0:
            self.pieces = [b"".join(pieces[:at]), b"", b"".join(pieces[at + 1 :])]
            self.fragment_at = 1
        elif pieces:
            self.pieces = [b"".join(pieces)]

    def flush(self, arrival: float) -> None:
        """The stream has ended: a picture whose marker came is complete, any other is not kept."""
        if self._marked and self._has_slice:
            self._complete(arrival)

    # Units

    def _unit(self, unit: memoryview, arrival: float) -> None:
        size = len(unit)
        if size <= self.form.header_size:
            return
        meaning = self._meaning[unit[0]]
        if meaning:
            self._open(meaning, unit[self.form.header_size], arrival)
            if meaning & _NOTE and self.form.restarts(unit):
                self._key = True
        self.pieces += (size.to_bytes(4, "big"), unit)
        self._size += size
        if self._size > MAX_PICTURE:
            raise ProtocolError("A coded picture is larger than {bound} bytes.", bound=MAX_PICTURE)

    def _aggregated(self, payload: memoryview, arrival: float) -> None:
        try:
            for unit in self.form.split(payload, self._order_numbers):
                self._unit(unit, arrival)
        except ProtocolError:
            self.lose(arrival)

    def _fragment(self, view: memoryview, start: int, stop: int, first: int, arrival: float) -> None:
        content = start + self.form.fragment_size
        if content >= stop:
            self.lose(arrival)
            return
        mark = view[content - 1]
        if mark & _START:
            if self.fragment_at >= 0:
                self.lose(arrival)
            header = self.form.fragment_header(first, view[start + 1], mark)
            if self._order_numbers:
                content = min(content + 2, stop - 1)
            meaning = self._meaning[header[0]]
            if meaning:
                self._open(meaning, view[content], arrival)
            self.fragment_at = len(self.pieces)
            self.fragment_size = 0
            self.pieces += (b"", header, view[content:stop])
            self.grow(len(header) + stop - content)
        elif self.fragment_at >= 0:
            self.pieces.append(view[content:stop])
            self.grow(stop - content)
        elif not self._broken:
            self.lose(arrival)
            self._broken = True
        if mark & _END and self.fragment_at >= 0:
            self.pieces[self.fragment_at] = self.fragment_size.to_bytes(4, "big")
            self.fragment_at = -1

    def _without_order_number(self, unit: memoryview) -> memoryview:
        head = self.form.header_size
        return memoryview(bytes(unit[:head]) + bytes(unit[head + 2 :]))

    # Borders of pictures

    def _open(self, meaning: int, next_byte: int, arrival: float) -> None:
        """A unit of this meaning begins: does a picture begin with it?"""
        if meaning & _SLICE:
            first = next_byte & 0x80
            if self._has_slice:
                if first and (self._marked or not self._markers_seen):
                    self._complete(arrival)
                elif self._marked:
                    self._marked = False
                    self._distrust()
            if not self._has_slice:
                self._has_slice = True
                if not first:
                    self._begins_amid(arrival)
                self._head_unsure, self._unsure = self._unsure, False
            if meaning & _KEY:
                self._key = True
            return
        if self._has_slice and (self._marked or meaning & _DELIMITER):
            self._complete(arrival)
        if meaning & _SETS:
            self._sets += 1

    def _begins_amid(self, arrival: float) -> None:
        """The first slice of a picture is missing: lost, or given away by a marker that came too early."""
        if not self._unsure:
            self._distrust()
            self.lose(arrival)
        self._broken = True

    def _mark(self, arrival: float) -> None:
        self._markers_seen = True
        if self._key_marker_true and self._markers_true >= TRUSTED_AFTER and self.fragment_at < 0:
            self._complete(arrival)
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

    def _complete(self, arrival: float) -> None:
        broken = self._broken or self.fragment_at >= 0 or self._lacks_sets()
        key = self._key and not broken
        if broken and not self._needs_key and self.good:
            self._needs_key = True
            self._out.append(Break(Cause.PACKETS_LOST))
        damaged = broken or (self._needs_key and not key)
        if key:
            self._needs_key = False
            self._usual_sets = self._sets
        if not damaged:
            self.good += 1
        if self.good:
            time = self._ticks
            if self._clock_rate != TICKS_PER_SECOND:
                time = time * TICKS_PER_SECOND // self._clock_rate
            self._out.append(
                AccessUnit(b"" if damaged else b"".join(self.pieces), time, key, arrival, damaged)
            )
        self._forget()

    def _lacks_sets(self) -> bool:
        """Whether a loss just before this key picture took parameter sets: they may have been other ones than before."""
        return self._key and self._head_unsure and self._sets < self._usual_sets

    def _forget(self) -> None:
        self.pieces = []
        self.fragment_at = -1
        self._size = self._sets = 0
        self._head_unsure = False
        self._has_slice = self._key = self._marked = self._broken = False
