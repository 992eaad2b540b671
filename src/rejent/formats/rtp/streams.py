"""One leg of a call, packet by packet: counted, told apart, nothing decoded (RFC 3550, 3551, 4733).

Pure: packets and the instants of their arrival go in. The same code counts packets as they arrive and again when a stored
call is read, so that what the manifest says can be checked against what was kept.
"""

import struct
from bisect import bisect_left
from collections.abc import Mapping
from operator import attrgetter
from typing import TypeVar

from rejent.formats.rtp.account import (
    SECOND,
    CodecSpan,
    Gap,
    GapCause,
    Jump,
    LegAccount,
    Role,
    SenderSpan,
)
from rejent.formats.rtp.codecs import EVENT, STATIC, Codec
from rejent.formats.rtp.mirror_evidence import MirrorEvidence
from rejent.formats.rtp.packet import payload_bounds
from rejent.formats.rtp.rtcp import ReceptionBlock, SenderReport
from rejent.formats.rtp.sequence import MOST_HOLES, Order, Sequence

PERSIST = 5
"""Packets in a row from another sender after which that one is followed."""
SILENT = SECOND // 2
"""Silence of the sender we follow after which two packets in a row are enough (RFC 3550 A.1, MIN_SEQUENTIAL)."""
STOPPED = SECOND
"""Without packets for so long, there is a gap."""
HEARD_AS_SILENCE = SECOND // 10
"""A leap of the time stamps from which on it is told as silence; less is another length of packets."""
TOLERANCE = SECOND // 2
"""How far time stamps and arrival may differ."""
MOST_NOTED = 4000
"""Gaps, jumps and changes of coding that are listed of each kind; counts go on."""
FULLY_LISTED, LISTED_BEYOND = 4, 100
"""Legs of a call of which so many are listed, and how many of each leg beyond them: what is told of a call with hundreds of legs is
written while the packets of all others wait."""
MOST_SENDERS = 200
"""Senders of a leg that are listed; what others lost is counted."""
NO_LENGTH = -1
"""Of no packet, not even of an empty one, with which some keep their way open (RFC 6263 §4.1)."""
_HEAD = struct.Struct(">BBHII")
_Noted = TypeVar("_Noted")


class _Sender:
    """What is known of one SSRC of the leg."""

    def __init__(self, ssrc: int, sequence: int, arrival: int, most_holes: int) -> None:
        self.ssrc = ssrc
        self.row = Sequence(sequence, arrival, most_holes)
        self.start = self.end = arrival
        self.jitter = 0
        """Of arrival, in ns, smoothed (RFC 3550 §6.4.1)."""
        self.report: tuple[SenderReport, int] | None = None
        self.reported = (0, 0)

    def span(self) -> SenderSpan:
        row = self.row
        return SenderSpan(self.ssrc, self.start, self.end, row.received, row.lost, row.late, row.twice)


class Leg:
    """What one party sent.

    Args:
        codecs: what each payload type means, as negotiated; types that RFC 3551 fixes need not be told.
        start: the instant from which packets could come, in ns since 1970.
        number: which of its call, from 0.
    """

    def __init__(self, codecs: Mapping[int, Codec], start: int, number: int = 0) -> None:
        self._most = MOST_NOTED if number < FULLY_LISTED else LISTED_BEYOND
        self.negotiated = dict(codecs)
        self.codecs: dict[int, Codec] = {**STATIC, **codecs}
        self.packets = dict.fromkeys(Role, 0)
        self.mirror: MirrorEvidence | None = None
        """Where the leg is seen at a mirror port only: what tells whose loss a hole is."""
        self.rows = 0
        """Grows with each packet that does not follow from the one before it: head and length as before, numbers one step on."""
        self._senders: list[_Sender] = []
        self._unlisted_lost = 0
        """Of senders that are not listed any more."""
        self._sender: _Sender | None = None
        self._candidate: tuple[int, int, int] = (-1, 0, 0)
        """SSRC and next sequence number of who may follow, and how many of its packets came in a row."""
        self._spans: list[CodecSpan] = []
        self._gaps: list[Gap] = []
        self._jumps: list[Jump] = []
        self._heard = start
        self._paused = -1
        self._pauses: list[Gap] = []
        self._kind = -1
        self._timestamp = self._step = 0
        self._length = NO_LENGTH
        """Of packets that nothing but their payload follows from the one before."""
        self._nominal = 0
        """Nanoseconds between packets by their time stamps."""

    @property
    def ssrc(self) -> int:
        """Whom we follow; -1 before the first packet."""
        return self._sender.ssrc if self._sender else -1

    @property
    def persists(self) -> bool:
        """Whether speech came, and enough packets of whom we follow that it is no stray."""
        sender = self._sender
        return sender is not None and min(sender.row.received, self.packets[Role.SPEECH]) >= PERSIST

    def renegotiate(self, codecs: Mapping[int, Codec]) -> None:
        """A new offer was answered: payload types may mean something else from now on."""
        self.negotiated = dict(codecs)
        self.codecs = {**STATIC, **codecs}
        self._kind = -1

    def is_control(self, datagram: bytes) -> bool:
        """Whether what looks like RTCP (RFC 5761 §4) is none of our speech, with a mark and under a number that was negotiated."""
        return datagram[1] & 0x7F not in self.negotiated

    def pause(self, at: int) -> None:
        """Signalling says that nothing is sent from now on."""
        if self._paused < 0:
            self._paused = at

    def resume(self, at: int) -> None:
        """Signalling says that it goes on."""
        if self._paused >= 0:
            if at > self._paused:
                self._note(self._pauses, Gap(self._paused, at, GapCause.PAUSED))
            self._paused = -1

    def take(self, packet: bytes | memoryview, arrival: int) -> Role:
        """Count one packet.

        Returns:
            what it is. A packet that was `WAITING` is speech after all once `ssrc` is its own.
        """
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
                and 0 <= apart < STOPPED
            ):
                row.follow(arrival)
                sender.jitter += abs(apart - self._nominal) - sender.jitter >> 4
                sender.end = self._heard = arrival
                self._timestamp = timestamp
                self.packets[Role.SPEECH] += 1
                return Role.SPEECH
        self.rows += 1
        role = self._take_carefully(packet, arrival)
        self.packets[role] += 1
        return role

    def sender_report(self, report: SenderReport, arrival: int) -> None:
        """A report of the sender we follow came; others' are passed over."""
        if self._sender is not None and report.ssrc == self._sender.ssrc:
            self._sender.report = (report, arrival)

    @property
    def clock_offset(self) -> float | None:
        """The sender's wall clock minus ours in seconds, by its newest report; nothing where it sends none."""
        if self._sender is None or self._sender.report is None:
            return None
        report, arrival = self._sender.report
        return report.wall - arrival / SECOND

    def reception(self, now: int) -> ReceptionBlock | None:
        """What to tell the sender about its stream since the last time this was asked (RFC 3550 §6.4.1)."""
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
        """Everything counted, for a leg that ends, or is looked at, at an instant."""
        pauses = list(self._pauses)
        if 0 <= self._paused < end:
            pauses.append(Gap(self._paused, end, GapCause.PAUSED))
        gaps = [gap for gap in self._gaps if not _explained(gap, pauses)]
        if end - self._heard >= STOPPED:
            last = Gap(self._heard, end, GapCause.STOPPED)
            gaps += [last] if not _explained(last, pauses) else []
        lost = [
            Gap(hole.before, max(hole.after, hole.before), cause, len(hole))
            for sender in self._senders
            for hole, cause in zip(sender.row.holes, self._causes(sender), strict=True)
        ]
        return LegAccount(
            dict(self.packets),
            tuple(sender.span() for sender in self._senders),
            tuple(self._spans),
            tuple(sorted(pauses + gaps + lost, key=lambda gap: (gap.start, gap.end, gap.cause))),
            tuple(self._jumps),
            self._unlisted_lost,
        )

    def _causes(self, sender: _Sender) -> list[GapCause]:
        holes = sender.row.holes
        return self.mirror.causes(sender.ssrc, holes) if self.mirror else [GapCause.LOST] * len(holes)

    def _take_carefully(self, packet: bytes | memoryview, arrival: int) -> Role:
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
            self._heard_between(arrival)
            return Role.EVENT if codec.name == EVENT else Role.NOISE
        if order is not Order.LATE:
            self._note_speech(kind & 0x7F, codec, timestamp, arrival, order)
            self._length = len(packet) if flags == 0x80 else NO_LENGTH
        return Role.SPEECH

    def _order(self, ssrc: int, sequence: int, arrival: int) -> Order | None:
        """Its place in the row of whom we follow; nothing for another who has yet to persist."""
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
        if count < (PERSIST if arrival - sender.end < SILENT else 2):
            return None
        self._follow(ssrc, sequence - count + 1 & 0xFFFF, arrival)
        for number in range(sequence - count + 2, sequence + 1):
            self._senders[-1].row.take(number & 0xFFFF, arrival)
        return Order.NEXT

    def _follow(self, ssrc: int, sequence: int, arrival: int) -> None:
        if len(self._senders) == MOST_SENDERS:
            self._unlisted_lost += self._senders.pop().row.lost
        listed = sum(len(each.row.holes) for each in self._senders)
        self._sender = _Sender(ssrc, sequence, arrival, max(min(MOST_HOLES, self._most) - listed, 0))
        self._candidate, self._kind = (-1, 0, 0), -1
        self._senders.append(self._sender)

    def _note_speech(self, kind: int, codec: Codec, timestamp: int, arrival: int, order: Order) -> None:
        """Compare the time stamp with the clock; note a change of coding."""
        if kind != self._kind:
            if not self._spans or (self._spans[-1].payload_type, self._spans[-1].name) != (kind, codec.name):
                self._note(self._spans, CodecSpan(arrival, kind, codec.name))
            if arrival - self._heard >= STOPPED:
                self._note(self._gaps, Gap(self._heard, arrival, GapCause.STOPPED))
            self._kind, self._step = kind, 0
        else:
            self._compare(codec, timestamp, arrival, order)
        self._timestamp, self._heard = timestamp, arrival

    def _compare(self, codec: Codec, timestamp: int, arrival: int, order: Order) -> None:
        ticks = (timestamp - self._timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        media, apart = ticks * SECOND // codec.clock_rate, arrival - self._heard
        steady = abs(media - apart) <= TOLERANCE
        if order is Order.NEXT and ticks > 0 and media < HEARD_AS_SILENCE:
            self._step, self._nominal = ticks, media
            if apart >= STOPPED:
                self._note(self._gaps, Gap(self._heard, arrival, GapCause.STOPPED))
        elif order is Order.NEXT and steady and media >= HEARD_AS_SILENCE:
            self._note(self._gaps, Gap(self._heard, arrival, GapCause.SILENCE))
        elif not steady:
            self._note(self._jumps, Jump(arrival, ticks))
            if order is Order.NEXT and apart >= STOPPED:
                self._note(self._gaps, Gap(self._heard, arrival, GapCause.STOPPED))

    def _heard_between(self, arrival: int) -> None:
        """An event or a level of noise came: the path lives, though no speech does."""
        if arrival - self._heard >= STOPPED:
            self._note(self._gaps, Gap(self._heard, arrival, GapCause.STOPPED))
            self._heard = arrival

    def _note(self, notes: list[_Noted], noted: _Noted) -> None:
        if len(notes) < self._most:
            notes.append(noted)

    def _rate(self) -> int:
        codec = self.codecs.get(self._kind)
        return codec.clock_rate if codec else 8000


def _explained(gap: Gap, pauses: list[Gap]) -> bool:
    """Whether a pause that was signalled covers part of it, so that it is told once; pauses stand in order, one after the other."""
    begun = bisect_left(pauses, gap.end, key=attrgetter("start"))
    return begun > 0 and gap.start < pauses[begun - 1].end
