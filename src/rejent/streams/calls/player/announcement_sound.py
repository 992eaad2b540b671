"""Announcements: an uploaded sound made plain, and what of them is heard in a call. Runs only in the workshop's child processes."""

import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

import av
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from rejent.content.errors import UndecodableError
from rejent.formats.rtp.account import SECOND
from rejent.formats.sound.legs import CallSound, LegSound
from rejent.formats.sound.wav import NARROW, PCM_HEADER, stereo_wav
from rejent.streams.calls.player.sound import sound_between

SEARCHED = 600 * SECOND
"""Length of the beginning of a call that is searched."""
LONGEST_S = 180
"""Seconds of an uploaded sound that are taken; a longer one is refused by whoever takes it."""
_FRAMES = 100_000


def plain(content: bytes) -> bytes:
    """Any sound file's first track as samples of 16 bits, 8000 a second, one channel; UndecodableError: it is no sound."""
    resampler = AudioResampler(format="s16", layout="mono", rate=NARROW)
    made = bytearray()
    try:
        with av.open(io.BytesIO(content), "r") as file:
            for frame in islice(file.decode(audio=0), _FRAMES):
                made += _bytes(resampler.resample(frame))
                if len(made) > 2 * NARROW * (LONGEST_S + 1):
                    break
            else:
                made += _bytes(resampler.resample(None))
    except (FFmpegError, ValueError, IndexError) as error:
        raise UndecodableError("no sound") from error
    if not made:
        raise UndecodableError("no sound")
    return bytes(made)


def _bytes(frames: Iterable[av.AudioFrame]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)


def sought(contents: Sequence[bytes], starts: Sequence[int]) -> bytes:
    """Return where sounds are heard in a call, as JSON: each of them once at most, on its surest leg.

    ``contents`` are the first objects of the call, beginning at ``starts`` (ns since 1970), then the sounds as `plain`
    gives them. UndecodableError: it is no call.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from rejent.streams.calls.announcing import detection as finding

    objects, sounds = contents[: len(starts)], contents[len(starts) :]
    sound = sound_between(objects, starts, NARROW, (starts[0], starts[0] + SEARCHED))
    end = min(sound.end, sound.start + SEARCHED)
    best: dict[int, dict[str, object]] = {}
    wanted = [finding.samples(one) for one in sounds]
    for leg in sound.legs:
        heard = finding.samples(_samples(sound, leg, end))
        for number, one in enumerate(wanted):
            found = finding.find(heard, one)
            if found is not None and found.score > float(str(best.get(number, {}).get("score", 0))):
                best[number] = {
                    "sound": number,
                    "at": sound.start + round(found.start_s * SECOND),
                    "heard_s": found.heard_s,
                    "completed": found.completed,
                    "cut": found.cut,
                    "score": found.score,
                }
    return json.dumps({"end": sound.end, "found": list(best.values())}).encode()


def _samples(sound: CallSound, leg: LegSound, end: int) -> bytes:
    near = replace(leg, payloads=[one for one in leg.payloads if one.at < end])
    both = stereo_wav(CallSound(sound.start, end, (near,)), NARROW).content[PCM_HEADER:]
    return memoryview(both).cast("h")[::2].tobytes()
