"""A call while it runs: packets and messages in, fragments of its sealed object to the sink.

Pure but for the sink: no socket, no clock. Whoever feeds it says what time it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from rejent.formats.fragment import Fragment
from rejent.formats.matroska import manifest, pieces
from rejent.formats.matroska.container import MEDIA_TYPE, TICK, TICK_RATE, Placed, cluster, file_head
from rejent.formats.matroska.manifest import LegManifest, instant, nanoseconds
from rejent.formats.matroska.placement import Placement
from rejent.formats.matroska.rows import INLINE, LONGEST, Row, begun
from rejent.formats.matroska.tracks import Track, codec_names, tracks_of
from rejent.formats.rtp.account import SECOND, LegAccount, ReceiverCounts, Role
from rejent.formats.rtp.codecs import Codec
from rejent.formats.rtp.leg import Leg
from rejent.formats.rtp.loss_causes import LossEvidence
from rejent.formats.rtp.packet import payload_bounds
from rejent.formats.rtp.rtcp import read_blocks, read_compound
from rejent.kernel.clock import OFFICE_ZONE, civil_date, local_midnight
from rejent.recording.contract import SegmentEnding, SegmentOpening, SegmentSink, SegmentWriter
from rejent.recording.errors import StorageError

FRAGMENT = SECOND // 2
"""How long a fragment gathers: part of what a killed recorder loses."""
LONGEST_OBJECT = 8 * 60 * SECOND
"""A longer call goes on in a further object."""
MOST_CARRIED = 1_000
"""Changes of what its session carries that are told of a call, and calls named in them; the messages say them all."""
TRY_AGAIN = SECOND
"""Between attempts to store, once the store has refused."""


@dataclass(slots=True)
class _Side:
    """One leg of the call on its way into the object."""

    leg: Leg
    placement: Placement
    row: Row | None = None
    after: int = 0
    """`Leg.rows` when the row was begun."""
    outside: ReceiverCounts = field(default_factory=ReceiverCounts)
    unstored: int = 0
    party: str = ""


@dataclass(slots=True)
class _Object:
    """The object that is being written."""

    writer: SegmentWriter
    start: int
    due: int
    """From when on the next one begins."""
    tracks: list[Track]
    number_of: dict[tuple[int, int], int]
    """Track by leg and payload type."""
    handed_over: int = 0
    """Ticks."""
    packets: int = 0


class CallRecording:
    """Records one call of a line.

    Args:
        source_id: the line.
        sink: where its objects go: `rejent.streams.calls.recorder.sink.calls_sink`.
        call: names the call in all its objects: 32 hexadecimal digits, by chance, which also spread its fragments over time.
        legs: what each party negotiated, payload types with their codings.
        start: when it was answered, ns since 1970, steady UTC; so are all instants below.
        zone: whose midnight divides objects.
    """

    def __init__(
        self,
        source_id: str,
        sink: SegmentSink,
        call: str,
        legs: Sequence[Mapping[int, Codec]],
        *,
        start: int,
        zone: ZoneInfo = OFFICE_ZONE,
    ) -> None:
        self.call = call
        self._source_id, self._sink, self._zone = source_id, sink, zone
        self._sides = [_Side(Leg(codecs, start, leg), Placement()) for leg, codecs in enumerate(legs)]
        self._carried: list[manifest.Carried] = []
        self._placed: list[Placed] = []
        self._rows: list[Row] = []
        self._margin: list[bytes] = []
        self._object: _Object | None = None
        self._number = 0
        self._fragment_due = start
        self._discarded = False
        self._refused: StorageError | None = None
        self._gap_start = self._again = start
        self._open(start)

    def leg(self, number: int) -> Leg:
        """One leg, for its reports and its account."""
        return self._sides[number].leg

    def account(self, number: int, now: int) -> LegAccount:
        """What was counted of a leg so far."""
        return self._sides[number].leg.account(now)

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """A datagram of a leg came; arrivals of a leg do not run backwards. What it is."""
        side = self._sides[leg]
        role = side.leg.take(datagram, arrival)
        row = side.row
        if row is not None and role is Role.SPEECH and side.after == side.leg.rows:
            if row.later and len(row.later) < LONGEST - 1:
                row.later.append(arrival - row.last)
                row.last = arrival
                row.payload += datagram[12:]
                return role
            if not row.later and row.second_fits(datagram, arrival):
                row.follow(datagram, arrival)
                return role
        if role is not Role.NONSENSE:
            self._begin_row(side, leg, datagram, arrival, role)
        return role

    def note_message(self, message: bytes, at: int, *, received: bool) -> None:
        """A SIP message of the call, as it was on the wire, is kept with it."""
        self._margin.append(pieces.message(message, at, received=received))

    def name_parties(self, parties: Mapping[int, str]) -> None:
        """Which party each leg is, as `rejent.formats.matroska.manifest.LegManifest` tells it."""
        for leg, party in parties.items():
            self._sides[leg].party = party

    def name_sessions(self, calls: Sequence[tuple[str, str]], at: int) -> None:
        """Which calls its session carries from now on, as `rejent.formats.matroska.manifest.Carried` tells it."""
        known = self._carried[-1].calls if self._carried else ()
        told = sum(1 + len(each.calls) for each in self._carried)
        if tuple(calls) != known and told + 1 + len(calls) <= MOST_CARRIED:
            self._carried.append(manifest.Carried(at, tuple(calls)))

    def note_counts(self, leg: int, outside: ReceiverCounts) -> None:
        """What the receiver counted of a leg so far."""
        self._sides[leg].outside = outside

    def take_control(self, leg: int, datagram: bytes, arrival: int) -> None:
        """An RTCP datagram of a leg came: kept where it tells the sender's clock, or, at a mirror port, what the party heard."""
        report, _ = read_compound(datagram)
        if report is not None:
            self._sides[leg].leg.sender_report(report, arrival)
        blocks = read_blocks(datagram) if self._sides[leg].leg.mirror is not None else []
        for block in blocks:
            for side in self._sides:
                if side.leg.mirror is not None:
                    side.leg.mirror.reported(block, arrival)
        if blocks or report is not None:
            self._margin.append(pieces.control(datagram, leg, arrival))

    def observed(self, leg: int, at: int) -> None:
        """A leg is seen at a mirror port only, so that a hole in it may be the mirror's."""
        self._sides[leg].leg.mirror = LossEvidence()
        self._margin.append(pieces.event(leg, at, pieces.OBSERVED))

    def note_drop(self, leg: int, start: int, end: int) -> None:
        """At the mirror port there was no room for some frames from ``start`` to ``end``, which may have been this leg's."""
        mirror = self._sides[leg].leg.mirror
        if mirror is not None:
            mirror.note_drop(start, end)
            self._margin.append(pieces.event(leg, start, pieces.UNCAPTURED, until=end))

    def pause(self, leg: int, at: int) -> None:
        """Signalling says that a leg sends nothing from now on."""
        self._sides[leg].leg.pause(at)
        self._margin.append(pieces.event(leg, at, pieces.PAUSED))

    def resume(self, leg: int, at: int) -> None:
        """Signalling says that a leg sends again."""
        self._sides[leg].leg.resume(at)
        self._margin.append(pieces.event(leg, at, pieces.RESUMED))

    def renegotiate(self, leg: int, codecs: Mapping[int, Codec], at: int) -> None:
        """A new offer was answered, which may add a leg."""
        self.renegotiate_all({leg: codecs}, at)

    def renegotiate_all(self, legs: Mapping[int, Mapping[int, Codec]], at: int) -> None:
        """New offers were answered at once.

        A coding that the object has no track for, or a payload type that means another coding now, begins a new one.
        """
        try:
            self._hand_over(at)
        finally:
            for leg, codecs in legs.items():
                if leg == len(self._sides):
                    self._sides.append(_Side(Leg(codecs, at, leg), Placement()))
                self._sides[leg].leg.renegotiate(codecs)
                self._margin.append(pieces.event(leg, at, pieces.NEGOTIATED, codecs))
        known = {track.kind for track in self._object.tracks} if self._object else set()
        if not {track.kind for track in self._tracks()} <= known:
            self._close(at, final=False)
            self._open(at)

    def tick(self, now: int) -> None:
        """Time has passed: hand over what is due, begin a new object where one is due. Call it several times a second."""
        if self._object is None:
            if now >= self._again:
                self._open(now)
        elif now >= self._object.due:
            due = self._object.due
            self._hand_over(due)
            self._close(due, final=False)
            self._open(due)
        elif now >= self._fragment_due:
            self._hand_over(now)

    def finish(self, now: int) -> None:
        """The call has ended and the last packets have come: make it durable and book it, in the background."""
        try:
            self._hand_over(now)
        finally:
            self._close(now, final=True)
            if self._refused is not None:
                self._tell_gap(now)

    def discard(self) -> None:
        """Nothing more of the call is kept, and of what lies in the object that is being written nothing, either."""
        if self._object is not None:
            self._object.writer.discard()
        self._object, self._discarded = None, True

    @property
    def objects(self) -> int:
        """How many objects it has begun."""
        return self._number

    def _begin_row(self, side: _Side, leg: int, datagram: bytes, arrival: int, role: Role) -> None:
        side.row = None
        if self._object is None:
            side.unstored += 1
            return
        bounds = payload_bounds(datagram, 0, len(datagram))
        begin, end = bounds or (0, 0)
        kind = datagram[1]
        track = INLINE
        if role is Role.SPEECH and begin < end == len(datagram):
            track = self._track(self._object, side.leg, leg, kind & 0x7F, arrival)
        row = side.row = begun(leg, track, datagram, arrival, begin)
        side.after = side.leg.rows
        self._rows.append(row)
        if track != INLINE:
            at = side.placement.at(
                int.from_bytes(datagram[4:8], "big"),
                arrival,
                ssrc=int.from_bytes(datagram[8:12], "big"),
                rate=self._object.tracks[track - 1].codec.clock_rate,
                spurt=kind > 0x7F,
            )
            self._placed.append(Placed(row, at))

    @staticmethod
    def _track(current: _Object, leg: Leg, number: int, kind: int, arrival: int) -> int:
        """Where speech goes; a coding nobody negotiated is kept beside the sound until the next object has a track for it."""
        track = current.number_of.get((number, kind), INLINE)
        if track == INLINE and kind not in leg.negotiated:
            leg.negotiated[kind] = leg.codecs[kind]
            current.due = arrival
        return track

    def _tracks(self) -> list[Track]:
        return tracks_of([side.leg.negotiated for side in self._sides])

    def _open(self, start: int) -> None:
        """Begin an object; where the store refuses, a gap begins instead."""
        if self._discarded:
            return
        tracks = self._tracks()
        begun_at = instant(start)
        day = civil_date(begun_at, self._zone)
        midnight = nanoseconds(local_midnight(day + timedelta(days=1), self._zone))
        opening = SegmentOpening(
            source_id=self._source_id,
            day=day,
            start=begun_at,
            init=file_head(start, tracks, f"{self.call} {self._number + 1}"),
            media_type=MEDIA_TYPE,
            tick_rate=TICK_RATE,
            run=self.call,
            traits={"codec": codec_names(tracks), "width": 0, "height": 0},
        )
        try:
            writer = self._sink.open_segment(opening)
        except StorageError as error:
            self._refuse(error, start)
            return
        if self._refused is not None:
            self._tell_gap(start)
        self._number += 1
        numbers = {(track.leg, track.payload_type): track.number for track in tracks}
        due = min(start + LONGEST_OBJECT, midnight)
        self._object = _Object(writer, start, due, tracks, numbers)
        self._fragment_due = start + FRAGMENT * (int(self.call[:2], 16) + 1) // 256
        self._margin[:0] = [
            pieces.event(number, start, pieces.NEGOTIATED, side.leg.negotiated)
            for number, side in enumerate(self._sides)
        ] + [
            pieces.event(number, start, pieces.OBSERVED)
            for number, side in enumerate(self._sides)
            if side.leg.mirror is not None
        ]

    def _hand_over(self, now: int) -> None:
        """Give the sink what has gathered."""
        self._fragment_due = now + FRAGMENT
        for side in self._sides:
            side.row = None
        if self._object is not None and (self._rows or self._margin):
            self._append(self._object, now, [])

    def _append(self, current: _Object, now: int, more: Sequence[bytes]) -> None:
        ticks = max((now - current.start) // TICK, current.handed_over + 1)
        rows, placed, beside = self._rows, self._placed, self._margin
        self._rows, self._placed, self._margin = [], [], []  # whatever becomes of them, they do not pile up
        margin = [pieces.ROWS + b"".join(row.encoded() for row in rows)] if rows else []
        content = cluster(
            current.handed_over, current.start, placed, current.tracks, [*margin, *beside, *more]
        )
        packets = sum(len(row) for row in rows)
        fragment = Fragment((content,), current.handed_over, ticks - current.handed_over, packets, key=True)
        try:
            current.writer.append(fragment)
        except StorageError as error:
            self._object = None
            self._refuse(error, current.start + error.kept * TICK)
            return
        current.handed_over = ticks
        current.packets += packets

    def _close(self, end: int, *, final: bool) -> None:
        """End the object with its manifest, and without one where none can be made."""
        current = self._object
        if current is None:
            return
        span = manifest.Span(self.call, self._number, current.start, end, final)
        try:
            told = manifest.encoded(span, self._legs(end), self._carried)
            self._append(current, end, [pieces.MANIFEST + told])
        finally:
            taken, self._object = self._object is current, None
            if taken:
                self._end(current, end)

    def _end(self, current: _Object, end: int) -> None:
        start = instant(current.start)
        ending = SegmentEnding(
            start,
            max(instant(end), start + timedelta(milliseconds=1)),
            current.handed_over,
            current.packets,
            self._sides[0].leg.clock_offset if self._sides else None,
        )
        try:
            current.writer.close(ending)
        except StorageError as error:
            self._refuse(error, current.start + error.kept * TICK)

    def _legs(self, end: int) -> list[LegManifest]:
        return [
            LegManifest(
                side.leg.account(end),
                replace(side.outside, unstored=side.unstored),
                side.leg.clock_offset,
                side.party,
            )
            for side in self._sides
        ]

    def _refuse(self, error: StorageError, start: int) -> None:
        """Nothing is stored from ``start`` on; it is told once, and tried again."""
        self._again = max(self._again, start) + TRY_AGAIN
        if self._refused is None:
            self._refused, self._gap_start = error, start
            self._sink.gap(self._source_id, instant(start), None, error.cause)

    def _tell_gap(self, end: int) -> None:
        if self._refused is not None:
            cause, self._refused = self._refused.cause, None
            self._sink.gap(self._source_id, instant(self._gap_start), instant(end), cause)
