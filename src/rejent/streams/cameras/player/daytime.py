"""A segment's media time against the axis of its day.

The axis counts seconds that elapsed since local midnight, so that the night with 25 hours and the one with 23 need no
rule of their own; players get it in ticks of 1/90000 s as media time. A segment's ticks come from the camera's clock,
its start and end from the receiver's: the one is stretched evenly onto the other.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from rejent.formats.fragment_index import FragmentIndex
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.kernel.clock import local_midnight

_MICROSECOND = timedelta(microseconds=1)


class PlayableSegment(Protocol):
    """A booked segment, as far as playing needs it."""

    @property
    def id(self) -> UUID:
        """Its identifier."""

    @property
    def start(self) -> datetime:
        """The instant of its first picture, in UTC."""

    @property
    def end(self) -> datetime:
        """The instant at which its last picture ends."""

    @property
    def object_name(self) -> str:
        """Name in the vault."""

    @property
    def index(self) -> bytes:
        """The blob of `FragmentIndex`; empty where the recorder did not come to make one."""

    @property
    def recovered(self) -> bool:
        """Return True if it was cut short by a crash."""


def elapsed(instant: datetime, day: date) -> float:
    """Seconds from the beginning of a civil date to an instant; negative before it."""
    return (instant - local_midnight(day)).total_seconds()


def instant_at(seconds: float, day: date) -> datetime:
    """Return the instant, in UTC, at which so many seconds of a civil date have elapsed."""
    return (local_midnight(day) + timedelta(seconds=seconds)).astimezone(UTC)


def day_ticks(instant: datetime, day: date) -> int:
    """Ticks from the beginning of a civil date to an instant."""
    return (instant - local_midnight(day)) // _MICROSECOND * TIMESCALE // 1_000_000


@dataclass(frozen=True, slots=True)
class Placement:
    """Position of a segment's ticks on the axis of a day: ``base`` is its first tick, negative for the day before."""

    base: int
    scale: float

    @classmethod
    def of(cls, segment: PlayableSegment, index: FragmentIndex, day: date) -> "Placement":
        """Return the placement of a segment with its index."""
        base = day_ticks(segment.start, day)
        length = day_ticks(segment.end, day) - base
        return cls(base, length / index.end if index.end > 0 and length > 0 else 1.0)

    def on_day(self, tick: int) -> int:
        """Return the tick of the day for a tick of the segment."""
        return self.base + round(tick * self.scale)

    def in_segment(self, tick: int) -> int:
        """Return the tick of the segment for a tick of the day."""
        return round((tick - self.base) / self.scale)
