"""Analysis of one leg, packet by packet, without decoding (RFC 3550, 3551, 4733).

Pure, and used both on arrival and when a stored call is read, so that the manifest can be verified.
"""

import struct
from bisect import bisect_left
from collections.abc import Mapping
from operator import attrgetter
from typing import TypeVar

from rejent.formats.rtp.account import SECOND, CodecSpan, Gap, GapCause, Jump, LegAccount, Role, SenderSpan
from rejent.formats.rtp.codecs import EVENT, STATIC, Codec
from rejent.formats.rtp.loss_causes import LossEvidence
from rejent.formats.rtp.packet import payload_bounds
from rejent.formats.rtp.rtcp import ReceptionBlock, SenderReport
from rejent.formats.rtp.sequence import MAX_HOLES, Order, Sequence

PERSISTENT_PACKETS = 5
"""Consecutive packets after which another sender is followed."""
SENDER_TIMEOUT = SECOND // 2
"""Silence of the sender after which two consecutive packets suffice (RFC 3550 A.1, MIN_SEQUENTIAL)."""
GAP_THRESHOLD = SECOND
"""Time without packets that makes a gap."""
SILENCE_THRESHOLD = SECOND // 10
"""Timestamp jump that counts as silence; a smaller one is another packet length."""
TOLERANCE = SECOND // 2
"""Allowed difference between timestamps and arrival."""
MAX_LISTED = 4000
"""Gaps, jumps and codec changes listed of each kind; counts continue."""
FULLY_LISTED_LEGS, MAX_LISTED_BEYOND = 4, 100
"""Legs of a call listed to `MAX_LISTED`, and the limit for further legs: writing the statistics of hundreds of legs blocks all calls."""
MAX_SENDERS = 200
"""Senders listed per leg; losses of others are counted."""
NO_LENGTH = -1
"""Matches no packet, not even an empty keep-alive (RFC 6263 §4.1)."""
_HEAD = struct.Struct(">BBHII")
_Noted = TypeVar("_Noted")


class _Sender:
    def __init__(self, ssrc: int, sequence: int, arrival: int, most_holes: int) -> None:
        self.ssrc = ssrc
        self.row = Sequence(sequence, arrival, most_holes)
        self.start = self.end = arrival
        self.jitter = 0
        """Interarrival jitter in ns (RFC 3550 §6.4.1)."""
        self.report: tuple[SenderReport, int] | None = None
        self.reported = (0, 0)

    def span(self) -> SenderSpan:
        row = self.row
        return SenderSpan(self.ssrc, self.start, self.end, row.received, row.lost, row.late, row.twice)


class Leg:
    """RTP of one party from ``start`` on, by its index in the call, with the negotiated payload types (static ones may be omitted)."""

    def __init__(self, codecs: Mapping[int, Codec], start: int, number: int = 0) -> None:
        self._most = MAX_LISTED if number < FULLY_LISTED_LEGS else MAX_LISTED_BEYOND
        self.negotiated = dict(codecs)
        self.codecs: dict[int, Codec] = {**STATIC, **codecs}
        self.packets = dict.fromkeys(Role, 0)
        self.mirror: LossEvidence | None = None
        """Evidence on losses, where the leg is captured at a mirror port."""
        self._unread = LossEvidence()
        self._last_unread = Gap(0, 0, GapCause.DROPPED)
        self.rows = 0
        """Incremented with each packet that does not directly follow the one before it."""
        self._senders: list[_Sender] = []
        self._unlisted_lost = 0
        """Losses of senders no longer listed."""
        self._sender: _Sender | None = None
        self._candidate: tuple[int, int, int] = (-1, 0, 0)
        """SSRC and next sequence number of a candidate sender, and its consecutive packets."""
        self._spans: list[CodecSpan] = []
        self._gaps: list[Gap] = []
        self._jumps: list[Jump] = []
        self._heard = start
        self._paused = -1
        self._pauses: list[Gap] = []
        self._kind = -1
        self._timestamp = self._step = 0
        self._length = NO_LENGTH
        """Length of packets for the fast path of `take`."""
        self._nominal = 0
        """Nanoseconds between packets by their timestamps."""

    @property
    def ssrc(self) -> int:
        """The sender followed; -1 before the first packet."""
        return self._sender.ssrc if self._sender else -1

    @property
    def persists(self) -> bool:
        """True if speech came and the sender is no stray."""
        sender = self._sender
        return (
            sender is not None and min(sender.row.received, self.packets[Role.SPEECH]) >= PERSISTENT_PACKETS
        )

    def renegotiate(self, codecs: Mapping[int, Codec]) -> None:
        """Replace the payload types after a new offer and answer."""
        self.negotiated = dict(codecs)
        self.codecs = {**STATIC, **codecs}
        self._kind = -1

    def is_control(self, datagram: bytes) -> bool:
        """Return True if what looks like RTCP (RFC 5761 §4) is no marked packet of a negotiated payload type."""
        return datagram[1] & 0x7F not in self.negotiated

    def pause(self, at: int) -> None:
        """Start a pause by signalling."""
        if self._paused < 0:
            self._paused = at

    def resume(self, at: int) -> None:
        """End a pause by signalling."""
        if self._paused >= 0:
            if at > self._paused:
                self._note(self._pauses, Gap(self._paused, at, GapCause.PAUSED))
            self._paused = -1

    def take(self, packet: bytes | memoryview, arrival: int) -> Role:
        """Count and classify one packet; a `WAITING` one becomes speech once `ssrc` is its own."""
        sender = self._sender
        if sender is not None and len(packet) == self._length:
            flags, kind, sequence, timestamp, ssrc = _HEAD.unpack_from(packet)
            row, apart = sender.row, arrival - self._heard
            if (
                sequence == row.highest + 1 & 0xFFFF
                and timestamp == self._timestamp + self._step & 0xFFFFFFFF
                and ssrc == sender.ssrc
                and kind == self._kind
                and flags == 0x80
                and 0 <= apart < GAP_THRESHOLD
            ):
                row.follow(arrival)
                sender.jitter += abs(apart - self._nominal) - sender.jitter >> 4
                sender.end = self._heard = arrival
                self._timestamp = timestamp
                self.packets[Role.SPEECH] += 1
                return Role.SPEECH
        self.rows += 1
        role = self._analyse(packet, arrival)
        self.packets[role] += 1
        return role

    def note_unread(self, start: int, end: int, packets: int) -> None:
        """Record that the recorder's own machine dropped packets between two instants, later than those before."""
        self._unread.note_drop(start, end)
        self._last_unread = Gap(start, end, GapCause.DROPPED, packets)

    def sender_report(self, report: SenderReport, arrival: int) -> None:
        """Record a sender report of the sender followed."""
        if self._sender is not None and report.ssrc == self._sender.ssrc:
            self._sender.report = (report, arrival)

    @property
    def clock_offset(self) -> float | None:
        """The sender's wall clock minus ours in seconds, by its last report; None without one."""
        if self._sender is None or self._sender.report is None:
            return None
        report, arrival = self._sender.report
        return report.wall - arrival / SECOND

    def reception(self, now: int) -> ReceptionBlock | None:
        """Return the report block since the last call (RFC 3550 §6.4.1)."""
        sender = self._sender
        if sender is None:
            return None
        row = sender.row
        expected = row.highest - row.first + 1
        expected_since, lost_since = expected - sender.reported[0], row.lost - sender.reported[1]
        sender.reported = (expected, row.lost)
        fraction = min(255, max(0, lost_since) * 256 // expected_since) if expected_since > 0 else 0
        middle = delay = 0
        if sender.report is not None:
            middle = sender.report[0].middle
            delay = min(max(0, now - sender.report[1]) * 65536 // SECOND, 0xFFFFFFFF)
        jitter = min(sender.jitter * self._rate() // SECOND, 0xFFFFFFFF)
        return ReceptionBlock(sender.ssrc, fraction, row.lost, row.highest, jitter, middle, delay)

    def account(self, end: int) -> LegAccount:
        """Return the statistics up to an instant."""
        pauses = list(self._pauses)
        if 0 <= self._paused < end:
            pauses.append(Gap(self._paused, end, GapCause.PAUSED))
        gaps = [gap for gap in self._gaps if not _explained(gap, pauses)]
        if end - self._heard >= GAP_THRESHOLD:
            last = Gap(self._heard, end, GapCause.STOPPED)
            gaps += [last] if not _explained(last, pauses) else []
        lost = [
            Gap(hole.before, max(hole.after, hole.before), cause, len(hole))
            for sender in self._senders
            for hole, cause in zip(sender.row.holes, self._causes(sender), strict=True)
        ]
        unread = sum(gap.packets for gap in lost if gap.cause is GapCause.DROPPED)
        if self._last_unread.packets and self._last_unread.start >= self._heard:
            lost.append(self._last_unread)
        return LegAccount(
            dict(self.packets),
            tuple(sender.span() for sender in self._senders),
            tuple(self._spans),
            tuple(sorted(pauses + gaps + lost, key=lambda gap: (gap.start, gap.end, gap.cause))),
            tuple(self._jumps),
            self._unlisted_lost,
            unread,
        )

    def _causes(self, sender: _Sender) -> list[GapCause]:
        holes = sender.row.holes
        if self.mirror is not None:
            return self.mirror.causes(sender.ssrc, holes)
        return [GapCause.DROPPED if self._unread.dropped(hole) else GapCause.LOST for hole in holes]

    def _analyse(self, packet: bytes | memoryview, arrival: int) -> Role:
        bounds = payload_bounds(packet, 0, len(packet))
        if bounds is None:
            return Role.NONSENSE
        flags, kind, sequence, timestamp, ssrc = _HEAD.unpack_from(packet)
        order = self._order(ssrc, sequence, arrival)
        if order is None:
            return Role.WAITING
        if order is Order.TWICE:
            return Role.AGAIN
        codec = self.codecs.get(kind & 0x7F)
        if codec is None:
            self._heard = arrival
            return Role.UNKNOWN
        if not codec.is_speech:
            self._note_non_speech(arrival)
            return Role.EVENT if codec.name == EVENT else Role.NOISE
        if order is not Order.LATE:
            self._note_speech(kind & 0x7F, codec, timestamp, arrival, order)
            self._length = len(packet) if flags == 0x80 else NO_LENGTH
        return Role.SPEECH

    def _order(self, ssrc: int, sequence: int, arrival: int) -> Order | None:
        sender = self._sender
        if sender is None:
            self._follow(ssrc, sequence, arrival)
            return Order.NEXT
        if ssrc == sender.ssrc:
            order = sender.row.take(sequence, arrival)
            if order is not Order.FAR:
                sender.end = max(sender.end, arrival)
                self._candidate = (-1, 0, 0)
                return order
        before, expected, count = self._candidate
        count = count + 1 if (before, expected) == (ssrc, sequence) else 1
        self._candidate = (ssrc, sequence + 1 & 0xFFFF, count)
        if count < (PERSISTENT_PACKETS if arrival - sender.end < SENDER_TIMEOUT else 2):
            return None
        self._follow(ssrc, sequence - count + 1 & 0xFFFF, arrival)
        for number in range(sequence - count + 2, sequence + 1):
            self._senders[-1].row.take(number & 0xFFFF, arrival)
        return Order.NEXT

    def _follow(self, ssrc: int, sequence: int, arrival: int) -> None:
        if len(self._senders) == MAX_SENDERS:
            self._unlisted_lost += self._senders.pop().row.lost
        listed = sum(len(each.row.holes) for each in self._senders)
        self._sender = _Sender(ssrc, sequence, arrival, max(min(MAX_HOLES, self._most) - listed, 0))
        self._candidate, self._kind = (-1, 0, 0), -1
        self._senders.append(self._sender)

    def _note_speech(self, kind: int, codec: Codec, timestamp: int, arrival: int, order: Order) -> None:
        if kind != self._kind:
            if not self._spans or (self._spans[-1].payload_type, self._spans[-1].name) != (kind, codec.name):
                self._note(self._spans, CodecSpan(arrival, kind, codec.name))
            if arrival - self._heard >= GAP_THRESHOLD:
                self._note(self._gaps, Gap(self._heard, arrival, GapCause.STOPPED))
            self._kind, self._step = kind, 0
        else:
            self._compare(codec, timestamp, arrival, order)
        self._timestamp, self._heard = timestamp, arrival

    def _compare(self, codec: Codec, timestamp: int, arrival: int, order: Order) -> None:
        ticks = (timestamp - self._timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        media, apart = ticks * SECOND // codec.clock_rate, arrival - self._heard
        steady = abs(media - apart) <= TOLERANCE
        if order is Order.NEXT and ticks > 0 and media < SILENCE_THRESHOLD:
            self._step, self._nominal = ticks, media
            if apart >= GAP_THRESHOLD:
                self._note(self._gaps, Gap(self._heard, arrival, GapCause.STOPPED))
        elif order is Order.NEXT and steady and media >= SILENCE_THRESHOLD:
            self._note(self._gaps, Gap(self._heard, arrival, GapCause.SILENCE))
        elif not steady:
            self._note(self._jumps, Jump(arrival, ticks))
            if order is Order.NEXT and apart >= GAP_THRESHOLD:
                self._note(self._gaps, Gap(self._heard, arrival, GapCause.STOPPED))

    def _note_non_speech(self, arrival: int) -> None:
        if arrival - self._heard >= GAP_THRESHOLD:
            self._note(self._gaps, Gap(self._heard, arrival, GapCause.STOPPED))
            self._heard = arrival

    def _note(self, notes: list[_Noted], noted: _Noted) -> None:
        if len(notes) < self._most:
            notes.append(noted)

    def _rate(self) -> int:
        codec = self.codecs.get(self._kind)
        return codec.clock_rate if codec else 8000


def _explained(gap: Gap, pauses: list[Gap]) -> bool:
    """Return True if a signalled pause covers part of a gap; pauses are in order and disjoint."""
    begun = bisect_left(pauses, gap.end, key=attrgetter("start"))
    return begun > 0 and gap.start < pauses[begun - 1].end
