"""One instant by both clocks of a machine."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True, frozen=True)
class Moment:
    """One instant by both clocks: UTC, and seconds of the monotonic clock."""

    wall: datetime
    monotonic: float
