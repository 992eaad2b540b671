"""Record a call: packets and messages in, fragments of its sealed object to the sink, sans I/O and clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from rejent.formats.fragment_index import Fragment
from rejent.formats.matroska import manifest, metadata_track
from rejent.formats.matroska.container import MEDIA_TYPE, TICK, TICK_RATE, Placed, cluster, file_head
from rejent.formats.matroska.manifest import LegManifest, instant, nanoseconds
from rejent.formats.matroska.placement import RtpClock
from rejent.formats.matroska.rows import INLINE, MAX_ROW, Row, begin_row
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
"""Duration of a fragment: bounds what a killed recorder loses."""
MAX_OBJECT = 8 * 60 * SECOND
MAX_OPEN_CALLS_ENTRIES = 1_000
"""Changes of the session's calls kept in the manifest, with the calls they name; the messages have all."""
MAX_SPEAKERS, MAX_NAMES = 20, 4
"""Changes of who speaks on a leg that are kept in the manifest, and addresses of each; the messages have all."""
TRY_AGAIN = SECOND


@dataclass(slots=True)
class _Side:
    leg: Leg
    placement: RtpClock
    row: Row | None = None
    after: int = 0
    counts: ReceiverCounts = field(default_factory=ReceiverCounts)
    unstored: int = 0
    party: str = ""
    speakers: list[manifest.Speakers] = field(default_factory=list)


@dataclass(slots=True)
class _Object:
    writer: SegmentWriter
    start: int
    due: int
    tracks: list[Track]
    number_of: dict[tuple[int, int], int]
    handed_over: int = 0
    packets: int = 0


class CallRecording:
    """Records one call of a line. All instants are ns since 1970, steady UTC.

    ``call`` is its id in all objects, 32 random hexadecimal digits, which also spread fragments over time; ``legs`` are
    the negotiated payload types of each party; midnight in ``zone`` divides objects.
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
        self._sides = [_Side(Leg(codecs, start, leg), RtpClock()) for leg, codecs in enumerate(legs)]
        self._carried: list[manifest.OpenCalls] = []
        self._placed: list[Placed] = []
        self._rows: list[Row] = []
        self._margin: list[bytes] = []
        self._object: _Object | None = None
        self._number = 0
        self._fragment_due = start
        self._discarded = False
        self._storage_error: StorageError | None = None
        self._gap_start = self._again = start
        self._open(start)

    def leg(self, number: int) -> Leg:
        """Return a leg, for receiver reports and statistics."""
        return self._sides[number].leg

    def account(self, number: int, now: int) -> LegAccount:
        """Return the statistics of a leg so far."""
        return self._sides[number].leg.account(now)

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """Take a datagram of a leg, with monotonic arrival, and classify it."""
        side = self._sides[leg]
        role = side.leg.take(datagram, arrival)
        row = side.row
        if row is not None and role is Role.SPEECH and side.after == side.leg.rows:
            if row.later and len(row.later) < MAX_ROW - 1:
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
        """Keep a SIP message of the call."""
        self._margin.append(metadata_track.message(message, at, received=received))

    def name_parties(self, parties: Mapping[int, str]) -> None:
        """Set the party of each leg (`rejent.formats.matroska.manifest.LegManifest`)."""
        for leg, party in parties.items():
            self._sides[leg].party = party

    def name_participants(self, speakers: Mapping[int, frozenset[str]], at: int) -> None:
        """Set who speaks on each leg from now on (`rejent.formats.matroska.manifest.Speakers`); of whom nothing is stated stays."""
        for leg, addresses in speakers.items():
            known, stated = self._sides[leg].speakers, tuple(sorted(addresses)[:MAX_NAMES])
            is_new = not known or known[-1].addresses != stated
            if stated and is_new and len(known) < MAX_SPEAKERS:
                known.append(manifest.Speakers(at, stated))

    def name_sessions(self, calls: Sequence[tuple[str, str]], at: int) -> None:
        """Set the session's calls (`rejent.formats.matroska.manifest.OpenCalls`)."""
        known = self._carried[-1].calls if self._carried else ()
        listed = sum(1 + len(each.calls) for each in self._carried)
        if tuple(calls) != known and listed + 1 + len(calls) <= MAX_OPEN_CALLS_ENTRIES:
            self._carried.append(manifest.OpenCalls(at, tuple(calls)))

    def note_counts(self, leg: int, counts: ReceiverCounts) -> None:
        """Set the receiver's counts of a leg."""
        self._sides[leg].counts = counts

    def note_unread(self, leg: int, start: int, end: int, packets: int) -> None:
        """Record that packets of a leg were dropped at our own port, as nobody read them in time."""
        self._sides[leg].leg.note_unread(start, end, packets)
        self._margin.append(
            metadata_track.event(leg, start, metadata_track.UNREAD, until=end, packets=packets)
        )

    def take_control(self, leg: int, datagram: bytes, arrival: int) -> None:
        """Take an RTCP datagram; kept if it has a sender report or, at a mirror port, report blocks."""
        report, _ = read_compound(datagram)
        if report is not None:
            self._sides[leg].leg.sender_report(report, arrival)
        blocks = read_blocks(datagram) if self._sides[leg].leg.mirror is not None else []
        for block in blocks:
            for side in self._sides:
                if side.leg.mirror is not None:
                    side.leg.mirror.reported(block, arrival)
        if blocks or report is not None:
            self._margin.append(metadata_track.control(datagram, leg, arrival))

    def observed(self, leg: int, at: int) -> None:
        """Mark a leg as captured at a mirror port, which may lose packets itself."""
        self._sides[leg].leg.mirror = LossEvidence()
        self._margin.append(metadata_track.event(leg, at, metadata_track.OBSERVED))

    def note_drop(self, leg: int, start: int, end: int) -> None:
        """Record that frames, possibly of this leg, were dropped at the mirror port."""
        mirror = self._sides[leg].leg.mirror
        if mirror is not None:
            mirror.note_drop(start, end)
            self._margin.append(metadata_track.event(leg, start, metadata_track.UNCAPTURED, until=end))

    def pause(self, leg: int, at: int) -> None:
        """Start a pause of a leg by signalling."""
        self._sides[leg].leg.pause(at)
        self._margin.append(metadata_track.event(leg, at, metadata_track.PAUSED))

    def resume(self, leg: int, at: int) -> None:
        """End a pause of a leg by signalling."""
        self._sides[leg].leg.resume(at)
        self._margin.append(metadata_track.event(leg, at, metadata_track.RESUMED))

    def renegotiate(self, leg: int, codecs: Mapping[int, Codec], at: int) -> None:
        """Apply a new offer and answer of one leg, which may be new."""
        self.renegotiate_all({leg: codecs}, at)

    def renegotiate_all(self, legs: Mapping[int, Mapping[int, Codec]], at: int) -> None:
        """Apply new offers and answers; a codec without a track begins a new object."""
        is_fresh = self._is_fresh
        try:
            if not is_fresh:
                self._hand_over(at)
        finally:
            for leg, codecs in legs.items():
                if leg == len(self._sides):
                    self._sides.append(_Side(Leg(codecs, at, leg), RtpClock()))
                self._sides[leg].leg.renegotiate(codecs)
                self._margin.append(metadata_track.event(leg, at, metadata_track.NEGOTIATED, codecs))
        known = {track.kind for track in self._object.tracks} if self._object else set()
        if not {track.kind for track in self._tracks()} <= known:
            if is_fresh and self._object is not None:  # it holds nothing: another takes its place and number
                self._object.writer.discard()
                self._object, self._number = None, self._number - 1
            else:
                self._close(at, final=False)
            self._open(at)

    @property
    def _is_fresh(self) -> bool:
        """True while nothing of the current object was handed over, nor any packet came for it."""
        return self._object is not None and self._object.handed_over == 0 and not self._rows

    def tick(self, now: int) -> None:
        """Pass on what is due; call several times a second."""
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
        """Finish the call; it is stored and booked in the background."""
        try:
            self._hand_over(now)
        finally:
            self._close(now, final=True)
            if self._storage_error is not None:
                self._end_gap(now)

    def discard(self) -> None:
        """Discard the current object and everything after."""
        if self._object is not None:
            self._object.writer.discard()
        self._object, self._discarded = None, True

    @property
    def objects(self) -> int:
        """Number of objects begun."""
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
        row = side.row = begin_row(leg, track, datagram, arrival, begin)
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
        """Return the track of a payload type; of one not negotiated `INLINE`, and a new object is due a second after this one began."""
        track = current.number_of.get((number, kind), INLINE)
        if track == INLINE and kind not in leg.negotiated:
            leg.negotiated[kind] = leg.codecs[kind]
            current.due = max(arrival, current.start + SECOND)
        return track

    def _tracks(self) -> list[Track]:
        return tracks_of([side.leg.negotiated for side in self._sides])

    def _open(self, start: int) -> None:
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
            self._begin_gap(error, start)
            return
        if self._storage_error is not None:
            self._end_gap(start)
        self._number += 1
        numbers = {(track.leg, track.payload_type): track.number for track in tracks}
        due = min(start + MAX_OBJECT, midnight)
        self._object = _Object(writer, start, due, tracks, numbers)
        self._fragment_due = start + FRAGMENT * (int(self.call[:2], 16) + 1) // 256  # type: ignore[outside-number]  # of an id of ours
        self._margin[:0] = [
            metadata_track.event(number, start, metadata_track.NEGOTIATED, side.leg.negotiated)
            for number, side in enumerate(self._sides)
        ] + [
            metadata_track.event(number, start, metadata_track.OBSERVED)
            for number, side in enumerate(self._sides)
            if side.leg.mirror is not None
        ]

    def _hand_over(self, now: int) -> None:
        self._fragment_due = now + FRAGMENT
        for side in self._sides:
            side.row = None
        if self._object is not None and (self._rows or self._margin):
            self._append(self._object, now, [])

    def _append(self, current: _Object, now: int, more: Sequence[bytes]) -> None:
        ticks = max((now - current.start) // TICK, current.handed_over + 1)
        rows, placed, beside = self._rows, self._placed, self._margin
        self._rows, self._placed, self._margin = [], [], []  # dropped even if storing fails
        margin = [metadata_track.ROWS + b"".join(row.encoded() for row in rows)] if rows else []
        content = cluster(
            current.handed_over, current.start, placed, current.tracks, [*margin, *beside, *more]
        )
        packets = sum(len(row) for row in rows)
        fragment = Fragment((content,), current.handed_over, ticks - current.handed_over, packets, key=True)
        try:
            current.writer.append(fragment)
        except StorageError as error:
            self._object = None
            self._begin_gap(error, current.start + error.kept * TICK)
            return
        current.handed_over = ticks
        current.packets += packets

    def _close(self, end: int, *, final: bool) -> None:
        current = self._object
        if current is None:
            return
        span = manifest.Span(self.call, self._number, current.start, end, final)
        try:
            content = manifest.encoded(span, self._legs(end), self._carried)
            self._append(current, end, [metadata_track.MANIFEST + content])
        finally:
            taken, self._object = self._object is current, None
            if taken:
                self._end(current, end)

    def _end(self, current: _Object, end: int) -> None:
        start = instant(current.start)
        ending = SegmentEnding(
            start,
            max(instant(end), start + timedelta(milliseconds=1)),
            current.packets,
            self._sides[0].leg.clock_offset if self._sides else None,
        )
        try:
            current.writer.close(ending)
        except StorageError as error:
            self._begin_gap(error, current.start + error.kept * TICK)

    def _legs(self, end: int) -> list[LegManifest]:
        return [
            LegManifest(
                side.leg.account(end),
                replace(side.counts, unstored=side.unstored),
                side.leg.clock_offset,
                side.party,
                tuple(side.speakers),
            )
            for side in self._sides
        ]

    def _begin_gap(self, error: StorageError, start: int) -> None:
        self._again = max(self._again, start) + TRY_AGAIN
        if self._storage_error is None:
            self._storage_error, self._gap_start = error, start
            self._sink.gap(self._source_id, instant(start), None, error.cause)

    def _end_gap(self, end: int) -> None:
        if self._storage_error is not None:
            cause, self._storage_error = self._storage_error.cause, None
            self._sink.gap(self._source_id, instant(self._gap_start), instant(end), cause)
