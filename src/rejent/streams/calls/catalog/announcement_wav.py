"""The one form in which announcements are kept: WAV of 8000 samples a second, 16 bits, one channel."""

import struct

from rejent.streams.calls.catalog.errors import SoundRefusedError

RATE = 8000
LONGEST_S = 180
_HEAD = struct.Struct("<4sI4s4sIHHIIHH4sI")


def plain_wav(samples: bytes) -> bytes:
    """Return the file around samples of 16 bits, little-endian."""
    fields = (
        b"RIFF",
        36 + len(samples),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        RATE,
        2 * RATE,
        2,
        16,
        b"data",
        len(samples),
    )
    return _HEAD.pack(*fields) + samples


def samples_of(sound: bytes) -> bytes:
    """Return the samples in such a file.

    SoundRefusedError: it is no such file, or an empty one, or longer than `LONGEST_S`.
    """
    if len(sound) <= _HEAD.size or sound != plain_wav(sound[_HEAD.size :]) or len(sound) % 2:
        raise SoundRefusedError("The sound is not in the form in which announcements are kept.")
    if len(sound) - _HEAD.size > 2 * RATE * LONGEST_S:
        raise SoundRefusedError("An announcement lasts {bound} seconds at most.", bound=LONGEST_S)
    return sound[_HEAD.size :]


def seconds_of(sound: bytes) -> float:
    """Return how long it lasts."""
    return (len(sound) - _HEAD.size) / 2 / RATE
