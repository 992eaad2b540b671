"""What a PBX says of one call, in whatever way it said it."""

from dataclasses import dataclass, field
from datetime import datetime

from rejent.streams.calls.imported.times import NO_TIME, StatedTime

LONGEST_RAW = 2000
"""Characters kept of a row as it was written."""
_NOT_ANSWERED = (
    "no answer",
    "noanswer",
    "busy",
    "failed",
    "congestion",
    "missed",
    "unanswered",
    "abandoned",
    "cancel",
    "nieodebran",
    "zajęt",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCall:
    """One row of a PBX's call records, or what the name of a file says.

    Attributes:
        record_id, linked_id: opaque; calls that belong together share the second.
        start: when it began to ring, or was answered where only that is told.
        answer: when it was answered.
        seconds: how long they spoke, or the whole of it where only that is told; nothing where nothing is told.
        caller, called: as written.
        direction: ``incoming``, ``outgoing`` or ``internal`` where the PBX says so; else empty.
        outcome: in the PBX's words.
        file: the name, without folders, of the recording that it names.
        raw: the row as it was written, shortened.
    """

    record_id: str = ""
    linked_id: str = ""
    start: StatedTime = NO_TIME
    answer: StatedTime = NO_TIME
    seconds: float | None = None
    caller: str = field(default="", repr=False)
    called: str = field(default="", repr=False)
    direction: str = ""
    outcome: str = ""
    file: str = field(default="", repr=False)
    raw: str = field(default="", repr=False)

    @property
    def spoken(self) -> bool:
        """Whether there was something to record."""
        told = self.outcome.lower()
        if any(word in told for word in _NOT_ANSWERED):
            return False
        return self.seconds is None or self.seconds > 0

    @property
    def begins(self) -> datetime | None:
        """When they began to speak, as far as it is told."""
        return self.answer.instant or self.start.instant
