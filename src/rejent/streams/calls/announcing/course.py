"""What one caller hears, packet by packet, and what becomes of their keys; without any input or output."""

from dataclasses import dataclass, field
from enum import StrEnum

from rejent.streams.calls.announcing.sound import FRAME_S, Sound, silence

PAUSE_S = 2.0
"""Seconds after the last word in which a key may still be pressed."""
MOST_CLAUSES = 3
"""How often the clause is played to one caller; whoever presses on without end keeps no line busy."""
MOST_KEYS = 16


@dataclass(frozen=True)
class Programme:
    """What is played to callers of a line, and what they may press.

    Attributes:
        incoming: what everybody hears.
        clause: what is heard on the clause's key, if there is one.
        clause_key, refusal_key: one sign each, or empty.
        target: where a call is handed over; empty where we hang up and the PBX goes on.
        around: where a call goes whose caller refuses to be recorded; may be empty.
        stays: we stay on the line where the hand-over is not taken.
    """

    incoming: Sound
    clause: Sound | None = None
    clause_key: str = ""
    refusal_key: str = ""
    target: str = ""
    around: str = ""
    stays: bool = False


class Decided(StrEnum):
    """What a caller's keys, or the end of all that is said, decide."""

    OVER = "over"
    """All was said."""
    REFUSED = "refused"
    """The caller does not want to be recorded."""


@dataclass
class Stretch:
    """A sound that is played, from its beginning to where it was left.

    Attributes:
        at: seconds of the monotonic clock when it began.
        played: packets of it that were sent.
    """

    sound: Sound
    at: float
    played: int = 0

    @property
    def completed(self) -> bool:
        """It was played to its end."""
        return self.played >= self.sound.frames

    @property
    def seconds(self) -> float:
        """How much of it was played."""
        return min(self.played * FRAME_S, self.sound.seconds)


@dataclass
class Course:
    """One caller's way through a programme.

    The clause interrupts what is being said, which then goes on where it was.

    Attributes:
        stretches: all that was begun, in order.
        keys: what was pressed, `MOST_KEYS` at most.
        decided: nothing while it goes on.
    """

    programme: Programme
    stretches: list[Stretch] = field(default_factory=list)
    keys: str = ""
    decided: Decided | None = None
    _under_way: list[Stretch] = field(default_factory=list)
    _paused: float = 0.0

    def begin(self, now: float) -> None:
        """Say the announcement from its beginning."""
        self._start(self.programme.incoming, now)

    def press(self, key: str, now: float) -> None:
        """The caller pressed a key; one that means nothing is kept, too."""
        self.keys = (self.keys + key)[:MOST_KEYS]
        programme = self.programme
        if self.decided is not None or not key:
            return
        if key == programme.refusal_key:
            self.decided = Decided.REFUSED
        elif key == programme.clause_key and programme.clause is not None:
            begun = sum(one.sound is programme.clause for one in self.stretches)
            playing = bool(self._under_way) and self._under_way[-1].sound is programme.clause
            if not playing and begun < MOST_CLAUSES:
                self._start(programme.clause, now)

    def payload(self, coding: str) -> bytes:
        """The next packet's payload; when all was said, silence until nobody may press a key any more."""
        while self._under_way and self._under_way[-1].completed:
            self._under_way.pop()
        if not self._under_way:
            self._paused += FRAME_S
            if self._paused >= self._pause - 1e-9 and self.decided is None:
                self.decided = Decided.OVER
            return silence(coding)
        stretch = self._under_way[-1]
        stretch.played += 1
        return stretch.sound.frame(stretch.played - 1, coding)

    @property
    def _pause(self) -> float:
        keys = self.programme.refusal_key or (self.programme.clause and self.programme.clause_key)
        return PAUSE_S if keys else FRAME_S

    def _start(self, sound: Sound, now: float) -> None:
        stretch = Stretch(sound, now)
        self.stretches.append(stretch)
        self._under_way.append(stretch)
        self._paused = 0.0
