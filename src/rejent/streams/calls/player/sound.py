"""A call made audible: a piece of it as browsers play it, and what its page draws. Runs only in the workshop's child processes.

What is decoded came from a PBX; a browser is given lossless FLAC in fragmented MP4, both parties as left and right.
"""

import base64
import io
import json
import math
from array import array
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.error import FFmpegError

from rejent.content.errors import UndecodableError
from rejent.formats.errors import NoCallError
from rejent.formats.matroska.manifest import leg_account
from rejent.formats.matroska.reader import CallReader
from rejent.formats.rtp.account import SECOND
from rejent.formats.sound import g711
from rejent.formats.sound.decoding import LegDecoder
from rejent.formats.sound.legs import CallSound, LegSound, read_sound
from rejent.formats.sound.wav import NARROW, PCM_HEADER, stereo_wav
from rejent.streams.calls.receiving.imported.file_sound import (
    IS_WIDE,
    NoSoundError,
    codec_of,
    container_of,
    measure_sound,
    read_file_sound,
    seconds_of_file,
)

LEVELS_A_SECOND = 25
_FLOOR_DB = 48.0
"""Below the loudest by so much nothing is drawn."""
_AROUND = SECOND
"""Speech this long before a piece is decoded with it, so that a decoder has begun when the piece does."""
_FRAME = 4096


def piece(
    objects: Sequence[bytes],
    starts: Sequence[int],
    wanted: Sequence[int],
    rate: int,
    readable: Sequence[Sequence[int]],
) -> bytes:
    """Return what is heard between two instants, ns since 1970, as a file of its own of exactly that length and rate.

    What lies outside the readable intervals is silence. ``starts`` says when each object begins, as files of a PBX do
    not. UndecodableError: it is no call, or nothing of a call is left in it.
    """
    start, end = wanted
    sound = sound_between(objects, starts, rate, (start - _AROUND, end))
    if not sound.legs:
        raise UndecodableError("nobody is heard")
    near = CallSound(start, end, tuple(_near(leg, start, end, readable) for leg in sound.legs))
    return _as_flac(stereo_wav(near, rate).content[PCM_HEADER:], rate)


def sound_between(
    objects: Sequence[bytes], starts: Sequence[int], rate: int, wanted: tuple[int, int]
) -> CallSound:
    """Return the sound of a call, of files of a PBX only what lies between two instants; arguments as those of `piece`.

    UndecodableError: it is no call.
    """
    if container_of(objects[0]):
        return _of_files(objects, starts, rate, wanted)
    return _sound(objects)


def described(content: bytes, start: int) -> bytes:
    """Return what the page of a call draws of one of its objects, as JSON; see `rejent.streams.calls.player.services.legs_of`.

    ``start`` is when it begins, ns since 1970. UndecodableError: it is no call.
    """
    if container_of(content):
        return _described_file(content, start)
    sound = _sound([content])
    accounts = _legs(CallReader(content))
    legs = [
        {
            "leg": leg.leg,
            "codecs": [codec.name for codec in leg.codecs],
            **_levels(sound, leg),
            "account": accounts[leg.leg] if leg.leg < len(accounts) else {},
        }
        for leg in sound.legs
    ]
    return json.dumps({"start": sound.start, "end": sound.end, "legs": legs}).encode()


def measured_file(content: bytes) -> bytes:
    """Return what a file of a PBX holds, as JSON: the fields of `rejent.streams.calls.receiving.imported.file_sound.FileSound`.

    UndecodableError: nothing in it can be decoded.
    """
    try:
        return json.dumps(asdict(measure_sound(content))).encode()
    except NoSoundError as error:
        raise UndecodableError("no sound") from error


def _described_file(content: bytes, start: int) -> bytes:
    try:
        peaks = [np.concatenate(parts) for parts in zip(*map(_peaks, seconds_of_file(content)), strict=True)]
        coding = [codec_of(content).removesuffix(IS_WIDE)]
    except NoSoundError as error:
        raise UndecodableError("no sound") from error
    if not peaks:
        raise UndecodableError("no sound")
    legs = [
        {
            "leg": side,
            "codecs": coding,
            "levels": base64.b64encode(bytes(map(_level, of_side.tolist()))).decode(),
            "undecoded": [],
            "account": {},
        }
        for side, of_side in enumerate(peaks)
    ]
    end = start + max(map(len, peaks)) * SECOND // LEVELS_A_SECOND
    return json.dumps({"start": start, "end": end, "legs": legs}).encode()


def _peaks(sides: Sequence[bytes]) -> list[npt.NDArray[np.int32]]:
    """Return how loud each side of a second is, 0 to 32 768, `LEVELS_A_SECOND`."""
    step = NARROW // LEVELS_A_SECOND
    whole = [np.frombuffer(samples, "<i2").astype(np.int32) for samples in sides]
    padded = [np.abs(np.pad(values, (0, -len(values) % step))) for values in whole]
    return [values.reshape(-1, step).max(axis=1) for values in padded]


def _of_files(
    contents: Sequence[bytes], starts: Sequence[int], rate: int, within: tuple[int, int]
) -> CallSound:
    try:
        sounds = [
            read_file_sound(content, start, rate, within)
            for content, start in zip(contents, starts, strict=True)
        ]
    except NoSoundError as error:
        raise UndecodableError("no sound") from error
    sides = range(max(len(sound.legs) for sound in sounds))
    legs = [
        LegSound(
            side, [one for sound in sounds if side < len(sound.legs) for one in sound.legs[side].payloads]
        )
        for side in sides
    ]
    return CallSound(sounds[0].start, max(sound.end for sound in sounds), tuple(legs))


def _sound(objects: Sequence[bytes]) -> CallSound:
    try:
        return read_sound(map(CallReader, objects))
    except (NoCallError, ValueError, KeyError, IndexError) as error:
        raise UndecodableError("no call") from error


def _legs(reader: CallReader) -> list[dict[str, Any]]:
    """Return what was counted of each leg from the call's beginning: by the recorder, or anew where it was killed."""
    if reader.manifest is not None:
        legs: list[dict[str, Any]] = reader.manifest["legs"]
        return legs
    end = max((packet.arrival for packet in reader.packets()), default=reader.start)
    return [leg_account(leg.account(end)) for _, leg in sorted(reader.counted().items())]


def _near(leg: LegSound, start: int, end: int, readable: Sequence[Sequence[int]]) -> LegSound:
    near = (one for one in leg.payloads if start - _AROUND <= one.at < end)
    return replace(
        leg,
        payloads=[one for one in near if any(low <= one.at and one.end <= high for low, high in readable)],
    )


def _levels(sound: CallSound, leg: LegSound) -> dict[str, Any]:
    """Return the envelope, a byte for each part of a second, and the codings that could not be decoded."""
    step = SECOND // LEVELS_A_SECOND
    levels = bytearray((sound.end - sound.start) // step + 1)
    decoding = LegDecoder(NARROW)
    for each in leg.payloads:
        if (table := _LEVELS.get(each.codec.name)) is not None and each.payload:
            _raise(levels, (each.at - sound.start) // step, max(each.payload.translate(table)))
    others = [each for each in leg.payloads if each.codec.name not in _LEVELS]
    for made in decoding.samples(others):
        samples = array("h", made.content)
        _raise(levels, (made.at - sound.start) // step, _level(max(*samples, -min(samples))))
    return {"levels": base64.b64encode(levels).decode(), "undecoded": sorted(decoding.undecoded)}


def _raise(levels: bytearray, at: int, level: int) -> None:
    if 0 <= at < len(levels):
        levels[at] = max(levels[at], level)


def _level(sample: int) -> int:
    if sample <= 0:
        return 0
    return max(0, min(255, round(255 * (1 + 20 * math.log10(sample / 32768) / _FLOOR_DB))))


_LEVELS = {
    name: bytes(_level(abs(sample)) for sample in samples)
    for name, samples in (("PCMA", g711.A_SAMPLES), ("PCMU", g711.MU_SAMPLES))
}


def _as_flac(samples: bytes, rate: int) -> bytes:
    made = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_keyframe", "strict": "-2"}
    try:
        with av.open(made, "w", format="mp4", options=options) as file:
            stream = file.add_stream("flac", rate=rate)
            if not isinstance(stream, AudioStream):
                raise UndecodableError("libav made no sound")
            stream.codec_context.layout, stream.codec_context.format = "stereo", "s16"
            for at in range(0, len(samples) // 4, _FRAME):
                part = samples[4 * at : 4 * (at + _FRAME)]
                frame = AudioFrame(format="s16", layout="stereo", samples=len(part) // 4)
                frame.planes[0].update(part.ljust(frame.planes[0].buffer_size, b"\0"))
                frame.sample_rate, frame.pts = rate, at
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    except (FFmpegError, ValueError) as error:
        raise UndecodableError("libav made no sound") from error
    return made.getvalue()
