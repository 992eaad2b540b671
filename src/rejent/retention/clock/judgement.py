"""Judge whether the clock may be believed when it says that a term has ended: pure.

A wrong clock must not destroy anything early. Within one boot of the machine the monotonic clock tells how much time has
passed, whatever a time server says. Across a boot nothing does, so that only an interruption as long as a night is
believed without a person's word; a longer one, which looks the same as a clock set ahead, waits for it. A clock that runs
slowly away is caught as well, since it is held against one anchor for a whole day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

JUMP = timedelta(minutes=5)
"""More than this against the monotonic clock, within a day, is no drift."""

NIGHT = timedelta(hours=12)
"""The longest the machine may have been off for its clock to be believed without a person's word.

A recorder is off for minutes when it is maintained and for a night in a power cut; a clock that is wrong by less than that
destroys at most what would have ended the same day. Whoever was without recordings for longer has to look after the
gap anyway."""

ANCHORED = timedelta(days=1)
"""One reading is the anchor of later ones for so long."""


class Verdict(StrEnum):
    """The worth of a reading of the clock."""

    STEADY = "steady"
    AHEAD = "ahead"
    """Further on than the time that has passed explains: nothing is destroyed until a person confirms it."""
    BEHIND = "behind"
    """Earlier than an instant already seen. Nothing is destroyed early by it, nor does anything live again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Both hands of the clock at once.

    Args:
        at: the civil instant, in UTC.
        monotonic: seconds since an origin that belongs to the boot.
        boot: which boot of the machine.
    """

    at: datetime
    monotonic: float
    boot: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A reading that was believed, and the last one believed since."""

    first: Reading
    last: Reading

    def expected(self, reading: Reading) -> datetime:
        """Return the least instant that it can be now, as far as is known."""
        if reading.boot != self.first.boot:
            return self.last.at
        return max(self.last.at, self.first.at + timedelta(seconds=reading.monotonic - self.first.monotonic))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, how far off the clock is (positive: ahead), and the anchor to go on with."""

    verdict: Verdict
    off_by: timedelta
    anchor: Anchor


def believed(reading: Reading) -> Judgement:
    """Return the judgement on a clock that somebody vouches for, and on the first reading of all."""
    return Judgement(Verdict.STEADY, timedelta(), Anchor(reading, reading))


def judge(anchor: Anchor, reading: Reading) -> Judgement:
    """Hold a reading against the anchor."""
    if reading.boot != anchor.first.boot:
        off_by = reading.at - anchor.last.at
        if off_by > NIGHT:
            return Judgement(Verdict.AHEAD, off_by, anchor)
        if off_by < -JUMP:
            return Judgement(Verdict.BEHIND, off_by, anchor)
        return Judgement(Verdict.STEADY, timedelta(), Anchor(reading, reading))
    passed = timedelta(seconds=reading.monotonic - anchor.first.monotonic)
    off_by = reading.at - (anchor.first.at + passed)
    if off_by > JUMP:
        return Judgement(Verdict.AHEAD, off_by, anchor)
    if off_by < -JUMP:
        return Judgement(Verdict.BEHIND, off_by, anchor)
    first = reading if passed >= ANCHORED else anchor.first
    last = reading if reading.at >= anchor.last.at else anchor.last
    return Judgement(Verdict.STEADY, timedelta(), Anchor(first, last))
