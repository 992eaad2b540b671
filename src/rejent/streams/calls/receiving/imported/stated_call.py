"""One call as a PBX states it."""

from dataclasses import dataclass, field
from datetime import datetime

from rejent.streams.calls.receiving.imported.times import NO_TIME, StatedTime

MAX_RAW = 2000
"""Characters kept of a row."""
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
    """One call record, or the parsed name of a file.

    Attributes:
        record_id, linked_id: opaque; related calls share the second.
        start: begin of ringing, or of the call where only that is stated.
        seconds: talk time, or total duration where only that is stated; None where neither is.
        direction: ``incoming``, ``outgoing`` or ``internal``; empty where not stated.
        outcome: in the PBX's words.
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
        """True if there was something to record."""
        outcome = self.outcome.lower()
        if any(word in outcome for word in _NOT_ANSWERED):
            return False
        return self.seconds is None or self.seconds > 0

    @property
    def begins(self) -> datetime | None:
        """Begin of the conversation, as far as stated."""
        return self.answer.instant or self.start.instant
