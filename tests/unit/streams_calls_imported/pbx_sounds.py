"""Sounds as PBXs write them, made by arithmetic: a tone on each side, in the forms that are met."""

import io
import math
import struct
from array import array

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

RATE = 8000
LEFT_HZ, RIGHT_HZ = 440, 660


def tone(seconds: float, hertz: float, loud: int = 12_000) -> "array[int]":
    """A tone at 8 kHz."""
    return array(
        "h",
        [int(loud * math.sin(math.tau * hertz * place / RATE)) for place in range(int(seconds * RATE))],
    )


def wav(seconds: float, *, sides: int = 2, silent_side: int = -1, seed: int = 0) -> bytes:
    """A WAV of plain samples, as Asterisk's MixMonitor writes it."""
    tones = [
        tone(seconds, hertz + seed, 0 if side == silent_side else 12_000)
        for side, hertz in enumerate((LEFT_HZ, RIGHT_HZ)[:sides])
    ]
    mixed = array("h", [sample for pair in zip(*tones, strict=True) for sample in pair])
    return head(len(mixed) * 2, sides) + mixed.tobytes()


def head(length: int, sides: int = 1) -> bytes:
    """The 44 bytes that stand before so many bytes of samples."""
    form = struct.pack("<HHIIHH", 1, sides, RATE, RATE * sides * 2, sides * 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + length)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", length)
    )


def coded(seconds: float, container: str, codec: str, *, sides: int = 1, rate: int = RATE) -> bytes:
    """The same tones in another form, by libav."""
    made = io.BytesIO()
    layout = "mono" if sides == 1 else "stereo"
    with av.open(made, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = layout
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
        samples = wav(seconds, sides=sides)[44:]
        frame = AudioFrame(format="s16", layout=layout, samples=len(samples) // 2 // sides)
        frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts = RATE, 0
        fifo = av.AudioFifo()
        for even in resampler.resample(frame):
            fifo.write(even)
        size = stream.codec_context.frame_size or 160
        while part := fifo.read(size, partial=True):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return made.getvalue()
