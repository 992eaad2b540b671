"""Jobs of the workshop's child processes: a call as WAV, with parts of its sound hidden, and announcements found or made plain."""

import io
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.error import FFmpegError

from rejent.cases.copies.redaction import SOUND, Effect, Span, read_plan
from rejent.content.errors import UndecodableError
from rejent.formats.errors import NoCallError
from rejent.formats.matroska.reader import CallReader
from rejent.formats.rtp.account import SECOND
from rejent.formats.sound.legs import CallSound, LegSound, read_sound
from rejent.formats.sound.resampling import SoundResampler, raw_samples
from rejent.formats.sound.wav import NARROW, PCM_HEADER, WIDE, leg_wav, stereo_file, stereo_wav
from rejent.streams.calls.player.sound import sound_between
from rejent.streams.calls.receiving.imported.file_sound import container_of


def as_wav(objects: Sequence[bytes], leg: int | None) -> bytes:
    """Return a line of JSON with the fields of `rejent.streams.calls.player.workshop.CallWav`, and behind it the file.

    ``leg`` is a place among the legs, from 0; None for the first two as left and right. UndecodableError: the objects
    are no call or more than one, or there is no such leg.
    """
    try:
        readers = sorted(map(CallReader, objects), key=lambda reader: reader.number)
        if len({(reader.call, reader.number) for reader in readers}) < len(readers):
            raise UndecodableError("an object twice")
        if len({reader.call for reader in readers}) != 1:
            raise UndecodableError("more than one call")
        sound = read_sound(readers)
        chosen = sound.legs[:2] if leg is None else [sound.legs[leg]]
        made = stereo_wav(sound) if leg is None else leg_wav(sound, chosen[0])
    except (NoCallError, ValueError, KeyError, IndexError) as error:
        raise UndecodableError("no call") from error
    head = {
        "legs": len(sound.legs),
        "codecs": list(dict.fromkeys(codec.name for each in chosen for codec in each.codecs)),
        "as_received": made.as_received,
        "silent": made.undecoded,
    }
    return json.dumps(head).encode() + b"\n" + made.content


def cut_wav(content: bytes, *, begun: int, shown: Sequence[int]) -> bytes:
    """Return what is heard between two instants of an object of a call, as WAV of both parties that begins and ends exactly then.

    ``begun`` is when the object begins, as files of a PBX do not say, and ``shown`` the two instants; all in ns since 1970.
    UndecodableError: it is no call.
    """
    made, _ = _find_heard(content, begun, shown)
    return made


def _find_heard(content: bytes, begun: int, shown: Sequence[int]) -> tuple[bytes, int]:
    """Return that WAV, and how many legs it was made of."""
    start, end = shown
    rate = WIDE if container_of(content) else 0
    sound = sound_between([content], [begun], rate or WIDE, (start, end))
    if not sound.legs:
        raise UndecodableError("nobody is heard")
    return stereo_wav(CallSound(start, end, sound.legs), rate).content, len(sound.legs)


_MS = 1_000_000
_GRAIN_S = 0.06
_LOWEST, _HIGHEST = 0.68, 0.82
"""Range of the share to which pitch and formants fall; another one every few hundredths of a second."""

Samples = npt.NDArray[np.int16]


def redacted(
    content: bytes,
    *,
    plan: dict[str, Any],
    length: int,
    begins: int,
    begun: int,
    shown: Sequence[int],
    remark: str,
) -> bytes:
    """Return what is shown of an object of a call as WAV of both parties, with the spans of a plan silenced or altered.

    Where a recording mixes its parties, what is done to one is done to both. ``length`` is that of the plan's time in
    ms, ``begins`` the instant it counts from, ``begun`` and ``shown`` as those of `cut_wav`; ``remark`` is what the file
    says of itself. UndecodableError: it is no call.
    """
    made, legs = _find_heard(content, begun, shown)
    rate = int.from_bytes(made[24:28], "little")
    samples = np.frombuffer(made, "<i2", offset=PCM_HEADER).reshape(-1, 2).copy()
    mixed = legs == 1
    first = (shown[0] - begins) / _MS
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


SEARCHED = 600 * SECOND
LONGEST_S = 180
"""Seconds of an uploaded sound that are taken; a longer one is refused by whoever takes it."""
_FRAMES = 100_000


def plain(content: bytes) -> bytes:
    """Any sound file's first track as samples of 16 bits, 8000 a second, one channel; UndecodableError: it is no sound."""
    resampler = SoundResampler("s16", "mono", NARROW)
    made = bytearray()
    try:
        with av.open(io.BytesIO(content), "r") as file:
            for frame in islice(file.decode(audio=0), _FRAMES):
                made += raw_samples(resampler.resample(frame))
                if len(made) > 2 * NARROW * (LONGEST_S + 1):
                    break
            else:
                made += raw_samples(resampler.finish())
    except (FFmpegError, ValueError, IndexError) as error:
        raise UndecodableError("no sound") from error
    if not made:
        raise UndecodableError("no sound")
    return bytes(made)


def find_sounds(contents: Sequence[bytes], starts: Sequence[int]) -> bytes:
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
            if found is not None and found.score > float(str(best.get(number, {}).get("score", 0))):  # type: ignore[outside-number]  # our own
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
