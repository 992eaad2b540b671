"""Announcement sounds in both G.711 codecs."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
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
