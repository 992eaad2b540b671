"""Causes of packets missing at a mirror port: lost by the mirror, by the network, or unknown.

A capture drop at that time shows our loss; a receiver report without the loss shows the mirror's (RFC 3550
§6.4.1).
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from rejent.formats.rtp.account import GapCause
from rejent.formats.rtp.rtcp import ReceptionBlock
from rejent.formats.rtp.sequence import Hole

MAX_DROPS = 10_000
"""Capture drops kept; gaps of later ones count as unseen."""
MAX_REPORTED_SENDERS = 16
MAX_REPORTS = 20_000
"""Per sender: a day's, at one every five seconds."""
_LATER_REPORTS = 4
"""Reports checked for the first that covers a hole."""


class LossEvidence:
    """Capture drops and receiver reports of one leg."""

    def __init__(self) -> None:
        self._drops: list[tuple[int, int]] = []
        self._reports: dict[int, list[tuple[int, int, int]]] = {}
        """By sender: arrival, extended highest sequence number, cumulative loss."""

    def note_drop(self, start: int, end: int) -> None:
        """Record that frames were dropped in this interval of ns, later than those before."""
        if self._drops and start <= self._drops[-1][1]:
            self._drops[-1] = (self._drops[-1][0], max(end, self._drops[-1][1]))
        elif len(self._drops) < MAX_DROPS:
            self._drops.append((start, end))

    def reported(self, block: ReceptionBlock, at: int) -> None:
        """Record a reception block about a sender."""
        known = self._reports.get(block.ssrc)
        if known is None:
            if len(self._reports) >= MAX_REPORTED_SENDERS:
                return
            known = self._reports[block.ssrc] = []
        if len(known) < MAX_REPORTS and (not known or known[-1][0] < at):
            known.append((at, block.highest_sequence, block.cumulative_lost))

    def causes(self, ssrc: int, holes: Sequence[Hole]) -> list[GapCause]:
        """Return the cause of each hole of a sender."""
        reports = self._reports.get(ssrc, [])
        covering = [self._covering(reports, hole) for hole in holes]
        missing: Counter[int] = Counter()
        for place, hole in zip(covering, holes, strict=True):
            missing[place] += len(hole)
        return [
            GapCause.UNCAPTURED if self.dropped(hole) else _reported_cause(reports, place, missing[place])
            for place, hole in zip(covering, holes, strict=True)
        ]

    def dropped(self, hole: Hole) -> bool:
        """Return True if there were drops in the time of a hole."""
        place = bisect_left(self._drops, (hole.before, 0))
        near = self._drops[max(place - 1, 0) : place + 1]
        return any(start <= hole.after and hole.before <= end for start, end in near)

    @staticmethod
    def _covering(reports: Sequence[tuple[int, int, int]], hole: Hole) -> int:
        place = bisect_left(reports, (hole.before, 0, 0))
        for later in range(place, min(place + _LATER_REPORTS, len(reports))):
            if (reports[later][1] - hole.last + 0x8000 & 0xFFFF) - 0x8000 >= 0:
                return later
        return -1


def _reported_cause(reports: Sequence[tuple[int, int, int]], place: int, missing: int) -> GapCause:
    if place < 0:
        return GapCause.UNSEEN
    lost = reports[place][2]
    if place > 0:
        lost -= reports[place - 1][2]
    if lost <= 0:
        return GapCause.UNCAPTURED
    return GapCause.LOST if place > 0 and lost >= missing else GapCause.UNSEEN
