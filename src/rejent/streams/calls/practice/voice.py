"""Synthesise two people speaking in turn, deterministic by seed, and the announcement that they hear before."""

import math
import random
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from rejent.formats.sound.g711 import A_SAMPLES, A_SILENCE
from rejent.streams.calls.announcing.playback import encoded
from rejent.streams.calls.catalog.announcement_wav import samples_of

RATE = 8000
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
"""First three formants in hertz of a, i, u, e, o (Peterson and Barney 1952, table II)."""
_LOUDEST = 12_000
_BROADEST_HZ = 120.0
_HIGHEST_HZ = 3400
_SYLLABLE_S, _BETWEEN_S, _BREATH_S = (0.11, 0.26), (0.02, 0.07), 0.35
_TURN_S = (1.6, 4.2)
_CODES = sorted(range(256), key=A_SAMPLES.__getitem__)
_BORDERS = [(A_SAMPLES[low] + A_SAMPLES[high]) / 2 for low, high in pairwise(_CODES)]


def conversation(seconds: float, seed: int) -> tuple[bytes, bytes]:
    """Return two A-law legs in which the parties take turns."""
    chance = random.Random(seed)  # noqa: S311 - which vowel comes next guards nothing
    pitches = (chance.uniform(95, 140), chance.uniform(165, 230))
    legs = (bytearray(), bytearray())
    speaking = 0
    whole = int(seconds * RATE)
    while len(legs[0]) < whole:
        spoken = speech(chance.uniform(*_TURN_S), pitches[speaking], chance)
        legs[speaking].extend(spoken)
        legs[1 - speaking].extend(bytes([A_SILENCE]) * len(spoken))
        speaking = 1 - speaking
    return bytes(legs[0][:whole]), bytes(legs[1][:whole])


def speech(seconds: float, pitch: float, chance: random.Random) -> bytes:
    """Return seconds of syllables in A-law, about ten between breaths."""
    whole, made = int(seconds * RATE), bytearray()
    while len(made) < whole:
        melody = pitch * (1.12 - 0.24 * len(made) / whole) * chance.uniform(0.96, 1.04)
        made += _syllable(chance.choice(VOWELS), melody, chance.uniform(*_SYLLABLE_S))
        pause = _BREATH_S if chance.random() < 0.1 else chance.uniform(*_BETWEEN_S)
        made += bytes([A_SILENCE]) * int(pause * RATE)
    return bytes(made[:whole])


def _syllable(formants: tuple[int, ...], pitch: float, seconds: float) -> bytes:
    """Return a vowel with attack and decay: one period of its harmonics, repeated."""
    period = round(RATE / pitch)
    harmonics = [
        (number, sum(1 / (1 + ((number * pitch - formant) / _BROADEST_HZ) ** 2) for formant in formants))
        for number in range(1, int(_HIGHEST_HZ / pitch) + 1)
    ]
    shape = [
        sum(gain * math.sin(math.tau * number * place / period) for number, gain in harmonics)
        for place in range(period)
    ]
    loudest = max(map(abs, shape))
    length = int(seconds * RATE)
    return bytes(
        _CODES[
            bisect_left(
                _BORDERS, _LOUDEST * math.sin(math.pi * place / length) * shape[place % period] / loudest
            )
        ]
        for place in range(length)
    )


_STAR_HZ = (941, 1209)
"""DTMF frequencies of the star (ITU-T Q.23)."""
_KEY_S, _BEFORE_S, _AFTER_S = 0.12, 0.3, 0.4


@dataclass(frozen=True, slots=True)
class Announcement:
    """The sounds of a simulated PBX in A-law: before every call, and after the star."""

    incoming: bytes = field(repr=False)
    clause: bytes = field(repr=False, default=b"")

    @classmethod
    def of(cls, incoming: Path, clause: Path | None) -> "Announcement":
        """Read the sounds from two files."""
        made = (
            encoded("PCMA", samples_of(path.read_bytes())) if path else b"" for path in (incoming, clause)
        )
        return cls(*made)

    def before(self, legs: tuple[bytes, bytes], *, star: bool) -> tuple[bytes, bytes]:
        """Return the legs with the announcement, and with the clause if the caller presses the star."""
        played = _silent(_BEFORE_S) + self.incoming
        pressed = _silent(len(played) / RATE)
        if star and self.clause:
            played += _silent(_KEY_S + _AFTER_S) + self.clause
            pressed += _star() + _silent(_AFTER_S + len(self.clause) / RATE)
        return pressed + _silent(_AFTER_S) + legs[0], played + _silent(_AFTER_S) + legs[1]


def _silent(seconds: float) -> bytes:
    return bytes([A_SILENCE]) * round(seconds * RATE)


def _star() -> bytes:
    waves = (
        sum(6000 * math.sin(math.tau * hertz * place / RATE) for hertz in _STAR_HZ)
        for place in range(round(_KEY_S * RATE))
    )
    return encoded("PCMA", b"".join(round(wave).to_bytes(2, "little", signed=True) for wave in waves))
