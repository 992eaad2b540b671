"""One instant by both clocks of a machine."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True, frozen=True)
class Moment:
    """One instant by both clocks.

    Attributes:
        wall: in UTC.
        monotonic: seconds that never step.
    """

    wall: datetime
    monotonic: float
