"""Decode speech to 16-bit samples at 8 or 16 kHz: G.711 by table, the rest by libav; undecodable payloads are left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import av
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError

from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.codecs import Codec
from rejent.formats.sound import g711
from rejent.formats.sound.legs import SAMPLES, Payload
from rejent.formats.sound.resampling import SoundResampler, raw_samples

DECODER_RESET = SECOND // 5
"""Pause after which a decoder is restarted."""
_LIBAV = {
    "G722": "g722",
    "G729": "g729",
    "G723": "g723_1",
    "OPUS": "opus",
    "GSM": "gsm",
    "ILBC": "ilbc",
    "SPEEX": "speex",
    "AMR": "amrnb",
    "AMR-WB": "amrwb",
}
_RATES = {"G722": 16_000, "OPUS": 48_000, "AMR-WB": 16_000, "SPEEX": 8000}
_AMR_BYTES = (12, 13, 15, 17, 19, 20, 26, 31, 5)
_AMR_WB_BYTES = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5)


@dataclass(frozen=True, slots=True)
class Samples:
    """16-bit little-endian mono samples and the instant they begin (ns since 1970)."""

    at: int
    content: bytes


class LegDecoder:
    """Decodes one leg to samples of one rate, in samples per second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.undecoded: set[str] = set()
        """Codecs that could not be decoded, wholly or in part."""

    def samples(self, payloads: Iterable[Payload]) -> Iterator[Samples]:
        """Yield the samples of each payload."""
        codec: Codec | None = None
        decoder: _Decoder | None = None
        before = 0
        for each in payloads:
            if each.codec == Codec(SAMPLES, self._rate):
                yield Samples(each.at, each.payload)
                continue
            if each.codec.name in g711.TABLES and self._rate == 8000:
                yield Samples(each.at, g711.decoded(each.codec.name, each.payload))
                continue
            if each.codec != codec or each.at - before > DECODER_RESET:
                codec, decoder = each.codec, _begun(each.codec, self._rate)
            before = each.at
            content = decoder.decoded(each.payload) if decoder else None
            if content is None:
                self.undecoded.add(each.codec.name)
            elif content:
                yield Samples(each.at, content)


class _Decoder:
    def __init__(self, codec: Codec, context: AudioCodecContext, rate: int) -> None:
        self._codec = codec
        self._context = context
        self._resampler = SoundResampler("s16", "mono", rate)

    def decoded(self, payload: bytes) -> bytes | None:
        samples = bytearray()
        try:
            for frame in _frames(self._codec, payload):
                for raw in self._context.decode(av.Packet(frame)):
                    samples += raw_samples(self._resampler.resample(raw))
        except (FFmpegError, ValueError):
            return None
        return bytes(samples)


def _begun(codec: Codec, rate: int) -> _Decoder | None:
    name = {"PCMA": "pcm_alaw", "PCMU": "pcm_mulaw"}.get(codec.name) or _LIBAV.get(codec.name)
    try:
        context = av.CodecContext.create(name or "", "r")
    except (ValueError, FFmpegError):
        return None
    if not isinstance(context, AudioCodecContext):
        return None
    context.sample_rate = _RATES.get(codec.name, 8000)
    context.layout = "stereo" if codec.name == "OPUS" and codec.channels == 2 else "mono"
    return _Decoder(codec, context, rate)


def _frames(codec: Codec, payload: bytes) -> Iterator[bytes]:
    if codec.name in {"AMR", "AMR-WB"}:
        yield from _amr_frames(codec, payload)
    elif codec.name == "G729":
        yield from (payload[at : at + 10] for at in range(0, len(payload) - 9, 10))
    elif codec.name == "GSM":
        yield from (payload[at : at + 33] for at in range(0, len(payload) - 32, 33))
    elif payload:
        yield payload


def _amr_frames(codec: Codec, payload: bytes) -> Iterator[bytes]:
    """Yield storage-format frames of an octet-aligned payload (RFC 4867 §4.4). Raises ValueError: bandwidth-efficient or bad."""
    if "octet-align=1" not in codec.parameters.replace(" ", ""):
        raise ValueError("bandwidth-efficient AMR is not unpacked")
    sizes = _AMR_BYTES if codec.name == "AMR" else _AMR_WB_BYTES
    heads, at = [], 1
    while at < len(payload):
        heads.append(payload[at])
        at += 1
        if not heads[-1] & 0x80:
            break
    for head in heads:
        kind = head >> 3 & 0x0F
        size = sizes[kind] if kind < len(sizes) else 0
        if at + size > len(payload):
            raise ValueError("an AMR frame is cut short")
        yield bytes((head & 0x7C,)) + payload[at : at + size]
        at += size
