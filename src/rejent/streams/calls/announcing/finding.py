"""Finding a known announcement in recorded speech by normalised cross-correlation.

A few seconds of the announcement, each chosen for its loudness, are looked for everywhere; where one of them is, the whole
announcement is compared half second by half second, each with a little room to shift, so that another clock, lost packets,
other gain, the coding of telephones and somebody who talks over it do no harm. Both are made brighter first, for otherwise
one vowel is much like another.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 8000
ANCHOR = RATE
"""Samples of what is looked for everywhere."""
BLOCK = RATE // 2
"""Samples that are compared by themselves."""
SHIFT = RATE // 16
"""Samples that a block may lie aside of where the one before it says."""
ANCHORED = 0.25
"""Likeness of an anchor from which on a place is looked at; far below what decides."""
ALIKE = 0.3
"""Likeness of a block that counts as heard."""
SURE = 0.6
"""Mean likeness of the blocks that were heard from which on the announcement is found."""
SURE_OF_LONG, LONG = 0.4, 8
"""The same where so many blocks were heard: chance does not go on for seconds."""
SHARE = 0.7
"""Share of the blocks that must be heard, from the first that was recorded to the last that was heard."""
LAST = 3
"""Blocks of which one must be heard, and the call go on, for the announcement to be heard to its end."""
LEAST_S = 1.0
"""Seconds that must be heard at least."""
_BRIGHTER = 0.9
_CHUNK = 1 << 17
_QUIET = 40.0
"""Root mean square, of 16-bit samples made brighter, below which there is no speech."""
_CANDIDATES = 3

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """An announcement in what was heard.

    Attributes:
        start_s: where it begins, or would begin had the recording begun before it; seconds from the first sample.
        heard_s: how far into the announcement it was heard.
        completed: to its end.
        cut: its beginning is missing.
        score: mean likeness of the parts that were heard, 0 to 1.
    """

    start_s: float
    heard_s: float
    completed: bool
    cut: bool
    score: float


def samples(content: bytes) -> Samples:
    """Samples of 16 bits, little-endian, as numbers, made brighter."""
    plain = np.frombuffer(content[: len(content) // 2 * 2], "<i2").astype(np.float32)
    plain[1:] -= _BRIGHTER * plain[:-1]
    return plain


def find(heard: Samples, sound: Samples) -> Found | None:
    """Where a sound is in what was heard; the surest place, if there is one.

    Args:
        heard: as `samples` gives it.
        sound: likewise; shorter than `LEAST_S` it is never found.
    """
    blocks = _blocks(sound)
    if len(sound) < LEAST_S * RATE or not blocks:
        return None
    before = len(sound)
    padded = np.concatenate([np.zeros(before, np.float32), heard, np.zeros(BLOCK + 2 * SHIFT, np.float32)])
    last = before + len(heard)
    found = (_compared(padded, sound, blocks, place, (before, last)) for place in _places(padded, sound))
    return max(
        (one for one in found if one is not None), key=lambda one: one.score * one.heard_s, default=None
    )


def _blocks(sound: Samples) -> list[int]:
    """Where each block begins that is not silence."""
    starts = range(0, len(sound) - BLOCK // 2, BLOCK)
    return [at for at in starts if _power(sound[at : at + BLOCK]) > _QUIET]


def _power(part: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(part)))) if len(part) else 0.0


def _anchors(sound: Samples) -> list[int]:
    """Where to cut out what is looked for: loud seconds of the beginning and of each quarter."""
    length = min(ANCHOR, len(sound))
    steps = range(0, len(sound) - length + 1, RATE // 8)
    powers = {at: _power(sound[at : at + length]) for at in steps}
    quarter = max(len(sound) // 4, 1)
    groups = [[at for at in steps if at < 2 * RATE - length + 1]]
    groups += [[at for at in steps if at // quarter == number] for number in range(4)]
    chosen = [max(group, key=powers.__getitem__) for group in groups if group]
    return [at for at in dict.fromkeys(chosen) if powers[at] > _QUIET]


def _places(heard: Samples, sound: Samples) -> list[int]:
    """Where the sound may begin, each place once, the likeliest of each anchor."""
    anchors = _anchors(sound)
    length = min(ANCHOR, len(sound))
    best: dict[int, list[tuple[float, int]]] = {at: [] for at in anchors}
    spectra = {at: np.conj(np.fft.rfft(_normed(sound[at : at + length]), _CHUNK)) for at in anchors}
    step = _CHUNK - length
    for begin in range(0, max(len(heard) - length, 0) + 1, step):
        part = heard[begin : begin + _CHUNK]
        if len(part) < length or _power(part) == 0.0:
            continue
        spectrum, norms = np.fft.rfft(part, _CHUNK), _norms(part, length)
        for at in anchors:
            alike = np.fft.irfft(spectrum * spectra[at], _CHUNK)[: len(norms)] / norms
            for _ in range(_CANDIDATES):
                top = int(np.argmax(alike))
                if alike[top] < ANCHORED:
                    break
                best[at].append((float(alike[top]), begin + top - at))
                alike[max(0, top - RATE) : top + RATE] = 0.0
    chosen: list[int] = []
    for at in anchors:
        for _, place in sorted(best[at], reverse=True)[:_CANDIDATES]:
            if all(abs(place - other) > 2 * SHIFT for other in chosen):
                chosen.append(place)
    return chosen


def _normed(part: Samples) -> Samples:
    norm = float(np.linalg.norm(part))
    return part / norm if norm else part


def _norms(heard: Samples, length: int) -> npt.NDArray[np.float64]:
    """How loud each stretch of a length is; never less than what counts as quiet."""
    sums = np.concatenate([[0.0], np.cumsum(np.square(heard, dtype=np.float64))])
    norms: npt.NDArray[np.float64] = np.maximum(
        np.sqrt(np.maximum(sums[length:] - sums[:-length], 0.0)), _QUIET * length**0.5 / 4
    )
    return norms


def _compared(
    heard: Samples, sound: Samples, blocks: list[int], place: int, ends: tuple[int, int]
) -> Found | None:
    """How much of the sound is heard at a place, block by block, between where speech begins and ends."""
    shift, alike = 0, {}
    for at in blocks:
        block = sound[at : at + BLOCK]
        begin = place + at + shift - SHIFT
        part = heard[max(begin, 0) : begin + len(block) + 2 * SHIFT]
        if begin < 0 or len(part) <= len(block):
            continue
        values = (
            np.correlate(part, _normed(block), "valid")
            / _norms(part, len(block))[: len(part) - len(block) + 1]
        )
        top = int(np.argmax(values))
        alike[at] = float(values[top])
        if alike[at] >= ALIKE:
            shift += top - SHIFT
    known = [at for at, value in alike.items() if value >= ALIKE]
    if not known or len(known) * BLOCK < LEAST_S * RATE:
        return None
    within = [at for at in blocks if at <= known[-1] and place + at >= ends[0] - BLOCK // 2]
    score = sum(alike[at] for at in known) / len(known)
    needed = SURE_OF_LONG if len(known) >= LONG else SURE
    if score < needed or len(known) < SHARE * len(within):
        return None
    lasts = ends[1] - place >= len(sound) - BLOCK // 2
    completed = lasts and known[-1] >= blocks[max(len(blocks) - LAST, 0)]
    end = len(sound) if completed else min(known[-1] + BLOCK, len(sound), ends[1] - place)
    return Found(
        start_s=(place - ends[0]) / RATE,
        heard_s=end / RATE,
        completed=completed,
        cut=known[0] != blocks[0],
        score=round(score, 3),
    )
