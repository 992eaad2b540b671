"""Detect a known announcement in recorded speech by normalised cross-correlation.

Some loud seconds (anchors) are searched everywhere; at each match the whole announcement is compared in half-second
blocks with a tolerance of position, which absorbs clock drift, packet loss, gain, codecs and talk-over. Pre-emphasis
separates vowels.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 8000
ANCHOR = RATE
BLOCK = RATE // 2
SHIFT = RATE // 16
"""Samples by which a block may deviate from the one before."""
ANCHOR_THRESHOLD = 0.25
"""Correlation of an anchor from which a place is compared; far below the final threshold."""
BLOCK_THRESHOLD = 0.3
"""Correlation of a matching block."""
THRESHOLD = 0.6
"""Mean correlation of matching blocks for a detection."""
LONG_THRESHOLD, LONG_BLOCKS = 0.4, 8
"""The same with so many matching blocks, where chance is excluded."""
MIN_SHARE = 0.7
"""Share of blocks that must match, from the first recorded to the last matching."""
LAST_BLOCKS = 3
MIN_S = 1.0
_PRE_EMPHASIS = 0.9
_CHUNK = 1 << 17
_QUIET = 40.0
"""RMS of pre-emphasised 16-bit samples below which there is no speech."""
_CANDIDATES = 3

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """A detected announcement, in seconds from the first sample; ``cut``: its beginning is missing; ``score`` is 0 to 1."""

    start_s: float
    heard_s: float
    completed: bool
    cut: bool
    score: float


def samples(content: bytes) -> Samples:
    """Convert 16-bit little-endian samples, with pre-emphasis."""
    plain = np.frombuffer(content[: len(content) // 2 * 2], "<i2").astype(np.float32)
    plain[1:] -= _PRE_EMPHASIS * plain[:-1]
    return plain


def find(heard: Samples, sound: Samples) -> Found | None:
    """Return the best match of a sound in recorded speech, if any; one shorter than `MIN_S` is never found."""
    blocks = _blocks(sound)
    if len(sound) < MIN_S * RATE or not blocks:
        return None
    before = len(sound)
    padded = np.concatenate([np.zeros(before, np.float32), heard, np.zeros(BLOCK + 2 * SHIFT, np.float32)])
    last = before + len(heard)
    found = (_compared(padded, sound, blocks, place, (before, last)) for place in _places(padded, sound))
    return max(
        (one for one in found if one is not None), key=lambda one: one.score * one.heard_s, default=None
    )


def _blocks(sound: Samples) -> list[int]:
    starts = range(0, len(sound) - BLOCK // 2, BLOCK)
    return [at for at in starts if _rms(sound[at : at + BLOCK]) > _QUIET]


def _rms(part: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(part)))) if len(part) else 0.0


def _anchors(sound: Samples) -> list[int]:
    """Return the starts of anchors: loud seconds of the beginning and of each quarter."""
    length = min(ANCHOR, len(sound))
    steps = range(0, len(sound) - length + 1, RATE // 8)
    powers = {at: _rms(sound[at : at + length]) for at in steps}
    quarter = max(len(sound) // 4, 1)
    groups = [[at for at in steps if at < 2 * RATE - length + 1]]
    groups += [[at for at in steps if at // quarter == number] for number in range(4)]
    chosen = [max(group, key=powers.__getitem__) for group in groups if group]
    return [at for at in dict.fromkeys(chosen) if powers[at] > _QUIET]


def _places(heard: Samples, sound: Samples) -> list[int]:
    """Return candidate places, the best of each anchor."""
    anchors = _anchors(sound)
    length = min(ANCHOR, len(sound))
    best: dict[int, list[tuple[float, int]]] = {at: [] for at in anchors}
    spectra = {at: np.conj(np.fft.rfft(_normed(sound[at : at + length]), _CHUNK)) for at in anchors}
    step = _CHUNK - length
    for begin in range(0, max(len(heard) - length, 0) + 1, step):
        part = heard[begin : begin + _CHUNK]
        if len(part) < length or _rms(part) == 0.0:
            continue
        spectrum, norms = np.fft.rfft(part, _CHUNK), _norms(part, length)
        for at in anchors:
            alike = np.fft.irfft(spectrum * spectra[at], _CHUNK)[: len(norms)] / norms
            for _ in range(_CANDIDATES):
                top = int(np.argmax(alike))
                if alike[top] < ANCHOR_THRESHOLD:
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
    sums = np.concatenate([[0.0], np.cumsum(np.square(heard, dtype=np.float64))])
    norms: npt.NDArray[np.float64] = np.maximum(
        np.sqrt(np.maximum(sums[length:] - sums[:-length], 0.0)), _QUIET * length**0.5 / 4
    )
    return norms


def _compared(
    heard: Samples, sound: Samples, blocks: list[int], place: int, ends: tuple[int, int]
) -> Found | None:
    """Compare block by block at a place, within the bounds of the recording."""
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
        if alike[at] >= BLOCK_THRESHOLD:
            shift += top - SHIFT
    known = [at for at, value in alike.items() if value >= BLOCK_THRESHOLD]
    if not known or len(known) * BLOCK < MIN_S * RATE:
        return None
    within = [at for at in blocks if at <= known[-1] and place + at >= ends[0] - BLOCK // 2]
    score = sum(alike[at] for at in known) / len(known)
    needed = LONG_THRESHOLD if len(known) >= LONG_BLOCKS else THRESHOLD
    if score < needed or len(known) < MIN_SHARE * len(within):
        return None
    lasts = ends[1] - place >= len(sound) - BLOCK // 2
    completed = lasts and known[-1] >= blocks[max(len(blocks) - LAST_BLOCKS, 0)]
    end = len(sound) if completed else min(known[-1] + BLOCK, len(sound), ends[1] - place)
    return Found(
        start_s=(place - ends[0]) / RATE,
        heard_s=end / RATE,
        completed=completed,
        cut=known[0] != blocks[0],
        score=round(score, 3),
    )
