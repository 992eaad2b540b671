"""A call with parts of its sound silenced or altered, as WAV. Runs only in the workshop's child processes.

Nothing of the recorded file but samples goes on: no numbers, no signalling, no keys that were pressed as events.
"""

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rejent.cases.copies.redaction import SOUND, Effect, Span, read_plan
from rejent.content.errors import UndecodableError
from rejent.formats.sound.wav import PCM_HEADER, WIDE, stereo_file, stereo_wav
from rejent.streams.calls.player.sound import sound_between
from rejent.streams.calls.receiving.imported.file_sound import container_of

_MS = 1_000_000
_GRAIN_S = 0.06
_LOWEST, _HIGHEST = 0.68, 0.82
"""Range of the share to which pitch and formants fall; another one every few hundredths of a second."""

Samples = npt.NDArray[np.int16]


def redacted(
    content: bytes, *, plan: dict[str, Any], length: int, begins: int, shown: Sequence[int], remark: str
) -> bytes:
    """Return an object of a call as WAV of both parties, with the spans of a plan silenced or altered.

    Where a recording mixes its parties, what is done to one is done to both. ``length`` is that of the plan's time in
    ms, ``begins`` the instant it counts from and ``shown`` those of the object, in ns since 1970; ``remark`` is what
    the file says of itself. UndecodableError: it is no call.
    """
    start, end = shown
    rate = WIDE if container_of(content) else 0
    sound = sound_between([content], [start], rate or WIDE, (start, end))
    if not sound.legs:
        raise UndecodableError("nobody is heard")
    made = stereo_wav(sound, rate).content
    rate = int.from_bytes(made[24:28], "little")
    samples = np.frombuffer(made, "<i2", offset=PCM_HEADER).reshape(-1, 2).copy()
    mixed = len(sound.legs) == 1
    first = (sound.start - begins) / _MS
    spans = read_plan(plan, length, SOUND).spans
    for span in sorted(spans, key=lambda span: span.effect is Effect.SILENT):
        _change(samples, span, first=first, rate=rate, mixed=mixed)
    return stereo_file(rate, samples.tobytes(), remark)


def _change(samples: Samples, span: Span, *, first: float, rate: int, mixed: bool) -> None:
    """Silence or alter a span; what is silenced stays silent, whatever else is done to it."""
    begin = max(int((span.start - first) * rate // 1000), 0)
    end = max(-int(-(span.end - first) * rate // 1000), 0)
    sides = [span.party - 1] if span.party and not mixed else [0, 1]
    for side in sides:
        part = samples[begin:end, side]
        part[:] = 0 if span.effect is Effect.SILENT else altered(part, rate)


def altered(samples: Samples, rate: int) -> Samples:
    """Return speech with pitch and formants lowered by a share that changes from grain to grain; as long as before.

    Grains overlap by half and are read slower than they are played (granular pitch shifting, Roads 1988).
    """
    grain = max(int(_GRAIN_S * rate) // 2 * 2, 2)
    hop, made = grain // 2, np.zeros(len(samples) + grain)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(grain) / grain)
    places = np.arange(grain) - hop
    source, known = samples.astype(np.float64), np.arange(len(samples))
    shares = np.random.default_rng(secrets.randbits(128))
    for middle in range(0, len(samples) + hop, hop):
        read = middle + places * shares.uniform(_LOWEST, _HIGHEST)
        found = np.interp(read, known, source, left=0, right=0) if len(samples) else np.zeros(grain)
        begin = middle - hop
        skipped = max(-begin, 0)
        made[begin + skipped : begin + grain] += (found * window)[skipped : len(made) - begin][
            : len(made) - begin - skipped
        ]
    done: Samples = np.clip(np.rint(made[: len(samples)]), -32768, 32767).astype(np.int16)
    return done
