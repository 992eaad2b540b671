"""Decode the sound of PBX files on demand.

Stereo has a party per channel, mono both mixed. Runs only in confined child processes: anyone with access to the PBX's
folder chooses these bytes.
"""

import io
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.codecs import Codec
from rejent.formats.sound.legs import SAMPLES, CallSound, LegSound, Payload
from rejent.formats.sound.resampling import SoundResampler
from rejent.kernel.errors import InputRefusedError
from rejent.streams.calls.catalog.lines.addresses import LONGEST_FILE
from rejent.streams.calls.receiving.imported.wav_head import mended_wav


class NoSoundError(InputRefusedError, code="calls.no-sound"):
    """A file without decodable sound."""


NARROW, WIDE = 8000, 16_000
IS_WIDE = "-wide"
_PIECES_PER_SECOND = 50
_MOST_HOURS = 24
_SEEKABLE = frozenset({"wav", "ogg", "flac"})
_CODECS = {
    "pcm_alaw": "pcma",
    "pcm_mulaw": "pcmu",
    "gsm_ms": "gsm",
    "mp3float": "mp3",
    "adpcm_ima_wav": "adpcm",
    "adpcm_ms": "adpcm",
}
_EXPECTED = frozenset({"pcma", "pcmu", "gsm", "mp3", "mp2", "opus", "vorbis", "speex", "flac", "adpcm"})


@dataclass(frozen=True, slots=True)
class FileSound:
    """Measurements of a PBX file: codec as in the catalogue, decoded duration in ns, share of each channel with sound, 0 to 1.

    ``head_fault``: what its head says wrongly of its length (`rejent.streams.calls.receiving.imported.wav_head.HeadFault`).
    """

    codec: str
    rate: int
    sides: int
    length: int
    heard: tuple[float, ...]
    head_fault: str = ""


def container_of(content: bytes) -> str:
    """Return libav's name of a file's container by its first bytes; empty if unsupported."""
    if content[:4] in {b"RIFF", b"RF64"} and content[8:12] == b"WAVE":
        return "wav"
    for mark, name in ((b"OggS", "ogg"), (b"fLaC", "flac"), (b"ID3", "mp3")):
        if content.startswith(mark):
            return name
    if len(content) >= 2 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0 and content[1] & 0x06:
        return "mp3"
    if len(content) >= 66 and content[0] >> 4 == content[33] >> 4 == 0x0D:
        return "gsm"
    return ""


def is_incomplete_wav(head: bytes, size: int) -> bool:
    """Return True if a WAV's header announces more bytes, or no length yet."""
    if container_of(head) != "wav" or len(head) < 12:
        return False
    announced = int.from_bytes(head[4:8], "little")
    return announced in {0, 0xFFFFFFFF} or announced + 8 > size + 1


def measure_sound(content: bytes) -> FileSound:
    """Decode and measure a file; of one that is too long, enough to show that. NoSoundError: nothing can be decoded."""
    with _Opened(content) as opened:
        rate = WIDE if opened.is_wide else NARROW
        length, loud, pieces = 0, [0] * opened.sides, 0
        for _, sides in opened.pieces(rate):
            length += len(sides[0]) // 2
            pieces += 1
            for number, samples in enumerate(sides):
                loud[number] += _is_loud(samples)
            if length > LONGEST_FILE.total_seconds() * rate:
                break
        if not pieces:
            raise NoSoundError("The file holds no sound.")
        heard = tuple(round(each / pieces, 4) for each in loud)
        return FileSound(opened.codec, opened.stream.rate or 0, opened.sides, length * SECOND // rate, heard)


def read_file_sound(
    content: bytes, start: int, rate: int, within: tuple[int, int] | None = None
) -> CallSound:
    """Return the channels of a file that began at ``start`` as legs; mono has both parties in one. Instants are ns since 1970."""
    with _Opened(content) as opened:
        first, past = ((edge - start) / SECOND for edge in within) if within else (0.0, float("inf"))
        codec = Codec(SAMPLES, rate)
        legs = [LegSound(number) for number in range(opened.sides)]
        end = start
        for at, sides in opened.pieces(rate, first, past):
            for leg, samples in zip(legs, sides, strict=True):
                leg.payloads.append(Payload(start + at, codec, samples))
            end = start + at + len(sides[0]) // 2 * SECOND // rate
        return CallSound(start, end, tuple(legs))


def seconds_of_file(content: bytes) -> Iterator[list[bytes]]:
    """Yield each second as 16-bit samples of each channel at rate `NARROW`; NoSoundError: nothing can be decoded."""
    with _Opened(content) as opened:
        for _, sides in opened.pieces(NARROW, a_second=1):
            yield sides


def codec_of(content: bytes) -> str:
    """Return the codec of a file, as `FileSound.codec`; NoSoundError: nothing can be decoded."""
    with _Opened(content) as opened:
        return opened.codec


class _Opened:
    def __init__(self, content: bytes) -> None:
        self._form = container_of(content)
        if not self._form:
            raise NoSoundError("This is no form that an exchange records in.")
        try:
            container = av.open(io.BytesIO(mended_wav(content)), "r", format=self._form)
        except (FFmpegError, ValueError) as error:
            raise NoSoundError("The file cannot be decoded.") from error
        if not isinstance(container, InputContainer) or not _decodable(container):
            container.close()
            raise NoSoundError("There is no sound in the file.")
        self._container = container
        self.stream: AudioStream = container.streams.audio[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    @property
    def sides(self) -> int:
        """1 or 2; more channels are mixed down."""
        return 1 if self.stream.codec_context.channels == 1 else 2

    @property
    def is_wide(self) -> bool:
        """True beyond narrowband."""
        return (self.stream.rate or 0) > NARROW

    @property
    def codec(self) -> str:
        """Its codec in one word."""
        named = self.stream.codec_context.name
        short = _CODECS.get(named, "pcm" if named.startswith("pcm_") else named)
        known = short if short in _EXPECTED or short == "pcm" else "other"
        return known + (IS_WIDE if self.is_wide else "")

    def pieces(
        self, rate: int, first: float = 0.0, past: float = float("inf"), a_second: int = _PIECES_PER_SECOND
    ) -> Iterator[tuple[int, list[bytes]]]:
        """Yield begin (ns) and samples of each channel, ``a_second`` pieces per second; ``first`` and ``past`` are seconds."""
        layout = "mono" if self.sides == 1 else "stereo"
        resampler = SoundResampler("s16p", layout, rate)
        if first > 2 and self._form in _SEEKABLE:
            self._container.seek(int((first - 1) * av.time_base))
        size = rate // a_second * 2
        waiting, at = [bytearray() for _ in range(self.sides)], -1
        for instant, sides in self._decoded(resampler):
            if instant >= past:
                break
            at = round(instant * rate) if at < 0 else at
            for kept, samples in zip(waiting, sides, strict=True):
                kept.extend(samples)
            while len(waiting[0]) >= size:
                yield at * SECOND // rate, [bytes(kept[:size]) for kept in waiting]
                for kept in waiting:
                    del kept[:size]
                at += size // 2
            if at > _MOST_HOURS * 3600 * rate:
                raise NoSoundError("The file is longer than a day.")
        if waiting[0]:
            yield at * SECOND // rate, [bytes(kept) for kept in waiting]

    def _decoded(self, resampler: SoundResampler) -> Iterator[tuple[float, list[bytes]]]:
        """Yield the decoded frames, up to the first undecodable one: a truncated end is common."""
        base = float(self.stream.time_base or 1 / NARROW)
        counted = begin = (self.stream.start_time or 0) * base
        try:
            for packet in self._container.demux(self.stream):
                for frame in packet.decode():
                    at = counted if frame.pts is None else frame.pts * base
                    counted = at + frame.samples / (frame.sample_rate or NARROW)
                    frame.pts = None
                    for even in resampler.resample(frame):
                        yield at - begin, [bytes(plane)[: even.samples * 2] for plane in even.planes]
        except (FFmpegError, ValueError):
            return


def _decodable(container: InputContainer) -> bool:
    sounds = container.streams.audio
    return bool(sounds) and sounds[0].codec_context is not None


_LOUD = 256
"""Of 32 768: -42 dB; line noise is lower."""


def _is_loud(samples: bytes) -> bool:
    values = array("h", samples)
    return max(values) > _LOUD or -min(values) > _LOUD
