"""Whose loss it is that a recorder beside a call did not see a packet: the mirror's, the network's, or nobody can tell.

A gap in the sequence says only that the packet did not come to us. That the kernel had no room for frames just then says that
it was our loss; that the party who heard it misses nothing in its reports says that the mirror lost it (RFC 3550 §6.4.1).
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from rejent.formats.rtp.account import GapCause
from rejent.formats.rtp.rtcp import ReceptionBlock
from rejent.formats.rtp.sequence import Hole

MOST_DROPS = 10_000
"""Times in which the kernel had no room that are remembered; what is dropped after them counts as unseen."""
MOST_SENDERS = 16
MOST_REPORTS = 20_000
"""Of one sender: a day's, one every five seconds."""
_LATER_REPORTS = 4
"""Reports that are looked at for the first which covers a hole."""


class MirrorEvidence:
    """What is known about packets of one leg that were not seen."""

    def __init__(self) -> None:
        self._drops: list[tuple[int, int]] = []
        self._reports: dict[int, list[tuple[int, int, int]]] = {}
        """By sender: arrival, the highest sequence number heard, and how many were lost."""

    def uncaptured(self, start: int, end: int) -> None:
        """The kernel had no room for some frames in this time, which follows those told before; ns."""
        if self._drops and start <= self._drops[-1][1]:
            self._drops[-1] = (self._drops[-1][0], max(end, self._drops[-1][1]))
        elif len(self._drops) < MOST_DROPS:
            self._drops.append((start, end))

    def reported(self, block: ReceptionBlock, at: int) -> None:
        """Whoever hears a sender said what it lost of it."""
        known = self._reports.get(block.ssrc)
        if known is None:
            if len(self._reports) >= MOST_SENDERS:
                return
            known = self._reports[block.ssrc] = []
        if len(known) < MOST_REPORTS and (not known or known[-1][0] < at):
            known.append((at, block.highest_sequence, block.cumulative_lost))

    def causes(self, ssrc: int, holes: Sequence[Hole]) -> list[GapCause]:
        """Why each hole of a sender is there."""
        reports = self._reports.get(ssrc, [])
        covering = [self._covering(reports, hole) for hole in holes]
        missing: Counter[int] = Counter()
        for place, hole in zip(covering, holes, strict=True):
            missing[place] += len(hole)
        return [
            GapCause.UNCAPTURED if self._dropped(hole) else _told(reports, place, missing[place])
            for place, hole in zip(covering, holes, strict=True)
        ]

    def _dropped(self, hole: Hole) -> bool:
        place = bisect_left(self._drops, (hole.before, 0))
        near = self._drops[max(place - 1, 0) : place + 1]
        return any(start <= hole.after and hole.before <= end for start, end in near)

    @staticmethod
    def _covering(reports: Sequence[tuple[int, int, int]], hole: Hole) -> int:
        """The place of the first report that knows of a hole; -1 where there is none."""
        place = bisect_left(reports, (hole.before, 0, 0))
        for later in range(place, min(place + _LATER_REPORTS, len(reports))):
            if (reports[later][1] - hole.last + 0x8000 & 0xFFFF) - 0x8000 >= 0:
                return later
        return -1


def _told(reports: Sequence[tuple[int, int, int]], place: int, missing: int) -> GapCause:
    """What the report that covers holes says of them, beside the one before it."""
    if place < 0:
        return GapCause.UNSEEN
    lost = reports[place][2]
    if place > 0:
        lost -= reports[place - 1][2]
    if lost <= 0:
        return GapCause.UNCAPTURED
    return GapCause.LOST if place > 0 and lost >= missing else GapCause.UNSEEN
