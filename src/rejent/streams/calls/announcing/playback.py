"""Play a programme to one caller packet by packet and handle DTMF, sans I/O."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise

from rejent.formats.sound.g711 import A_SAMPLES, MU_SAMPLES, SILENCE

RATE = 8000
FRAME = 160
"""Samples and bytes per packet: 20 ms (RFC 3551 §4.2)."""
FRAME_S = FRAME / RATE
_TABLES = {"PCMA": A_SAMPLES, "PCMU": MU_SAMPLES}


@dataclass(frozen=True)
class Sound:
    """One announcement: its kind, the number of its version, 16-bit little-endian samples at 8000 per second."""

    kind: str
    announcement: int
    samples: bytes = field(repr=False)

    @cached_property
    def frames(self) -> int:
        """Number of packets; the last is padded with silence."""
        return -(-len(self.samples) // 2 // FRAME)

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.samples) / 2 / RATE

    def frame(self, number: int, coding: str) -> bytes:
        """Return the payload of one packet as ``PCMA`` or ``PCMU``."""
        return _coded(self, coding)[FRAME * number : FRAME * (number + 1)].ljust(FRAME, silence(coding)[:1])


@lru_cache(maxsize=32)
def _coded(sound: Sound, coding: str) -> bytes:
    return encoded(coding, sound.samples)


def silence(coding: str) -> bytes:
    """Return a silent payload."""
    return bytes([SILENCE[coding]]) * FRAME


def encoded(coding: str, samples: bytes) -> bytes:
    """Encode 16-bit samples as A-law (``PCMA``) or mu-law (``PCMU``), to the nearest code."""
    codes, borders = _borders(coding)
    values = array("h", samples[: len(samples) // 2 * 2])
    known: dict[int, int] = {}
    made = bytearray()
    for value in values:
        code = known.get(value)
        if code is None:
            code = known[value] = codes[bisect_left(borders, value)]
        made.append(code)
    return bytes(made)


@lru_cache(maxsize=2)
def _borders(coding: str) -> tuple[list[int], list[float]]:
    table = _TABLES[coding]
    codes = sorted(range(256), key=table.__getitem__)
    return codes, [(table[low] + table[high]) / 2 for low, high in pairwise(codes)]


PAUSE_S = 2.0
MAX_CLAUSES = 3
"""Plays of the clause per caller: bounds how long a line is busy."""
MAX_KEYS = 16


@dataclass(frozen=True)
class Programme:
    """Sounds of a line and their DTMF keys; the clause is played on its key.

    ``target`` takes a REFER (empty: hang up, so that the PBX continues), ``around`` one after a refusal; ``stays`` on
    the line when REFER fails.
    """

    incoming: Sound
    clause: Sound | None = None
    clause_key: str = ""
    refusal_key: str = ""
    target: str = ""
    around: str = ""
    stays: bool = False


class Decision(StrEnum):
    """Result of a programme."""

    OVER = "over"
    REFUSED = "refused"


@dataclass
class PlayedSound:
    """A sound played, wholly or partly: its begin by the monotonic clock, and packets sent."""

    sound: Sound
    at: float
    played: int = 0

    @property
    def completed(self) -> bool:
        """True once played to its end."""
        return self.played >= self.sound.frames

    @property
    def seconds(self) -> float:
        """Seconds played."""
        return min(self.played * FRAME_S, self.sound.seconds)


@dataclass
class Playback:
    """One caller's playback of a programme; the clause interrupts the announcement, which then resumes."""

    programme: Programme
    sounds: list[PlayedSound] = field(default_factory=list)
    keys: str = ""
    decided: Decision | None = None
    _under_way: list[PlayedSound] = field(default_factory=list)
    _paused: float = 0.0

    def begin(self, now: float) -> None:
        """Start the announcement."""
        self._start(self.programme.incoming, now)

    def press(self, key: str, now: float) -> None:
        """Process a key; others without a meaning are recorded too."""
        self.keys = (self.keys + key)[:MAX_KEYS]
        programme = self.programme
        if self.decided is not None or not key:
            return
        if key == programme.refusal_key:
            self.decided = Decision.REFUSED
        elif key == programme.clause_key and programme.clause is not None:
            begun = sum(one.sound is programme.clause for one in self.sounds)
            playing = bool(self._under_way) and self._under_way[-1].sound is programme.clause
            if not playing and begun < MAX_CLAUSES:
                self._start(programme.clause, now)

    def payload(self, coding: str) -> bytes:
        """Return the next payload; after the end, silence while keys may still be pressed."""
        while self._under_way and self._under_way[-1].completed:
            self._under_way.pop()
        if not self._under_way:
            self._paused += FRAME_S
            if self._paused >= self._pause - 1e-9 and self.decided is None:
                self.decided = Decision.OVER
            return silence(coding)
        stretch = self._under_way[-1]
        stretch.played += 1
        return stretch.sound.frame(stretch.played - 1, coding)

    @property
    def _pause(self) -> float:
        keys = self.programme.refusal_key or (self.programme.clause and self.programme.clause_key)
        return PAUSE_S if keys else FRAME_S

    def _start(self, sound: Sound, now: float) -> None:
        stretch = PlayedSound(sound, now)
        self.sounds.append(stretch)
        self._under_way.append(stretch)
        self._paused = 0.0
