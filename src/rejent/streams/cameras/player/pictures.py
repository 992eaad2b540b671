"""Pictures decoded and encoded with libav. Runs only in the workshop's child processes: the input comes from cameras."""

from collections.abc import Sequence
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from rejent.content.errors import UndecodableError
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.picture import Codec

TIME_BASE = Fraction(1, TIMESCALE)
_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc"}
_LARGEST_PICTURE = 8192 * 8192
_JPEG_QUALITY = 4
"""Quantiser, 2 (best) to 31."""


def decoder(codec: Codec, record: bytes) -> VideoCodecContext:
    """Return a decoder for samples that the configuration record describes."""
    context = av.CodecContext.create(_DECODERS[codec], "r")
    if not isinstance(context, VideoCodecContext):
        raise TypeError("libav made no video decoder")
    context.extradata = record
    context.thread_type = "SLICE"
    context.thread_count = 2
    return context


def jpeg(contents: Sequence[bytes], codec: str, width: int, height: int) -> bytes:
    """Return one key picture as JPEG within ``width`` × ``height``, in its own shape; UndecodableError: there is no picture."""
    frame = _decoded(Codec(codec), *contents)
    across, down = fitted(frame.width, frame.height, width, height)
    small = frame.reformat(width=across, height=down, format="yuvj420p")
    encoder = av.CodecContext.create("mjpeg", "w")
    if not isinstance(encoder, VideoCodecContext):
        raise TypeError("libav made no video encoder")
    encoder.width, encoder.height, encoder.pix_fmt = across, down, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = _JPEG_QUALITY
    small.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(small), *encoder.encode(None)))


def fitted(width: int, height: int, most_width: int, most_height: int) -> tuple[int, int]:
    """Return the largest even size of the same shape within a frame, never larger than the picture."""
    share = min(most_width / width, most_height / height, 1.0)
    return max(round(width * share / 2) * 2, 2), max(round(height * share / 2) * 2, 2)


def _decoded(codec: Codec, record: bytes, sample: bytes) -> VideoFrame:
    try:
        context = decoder(codec, record)
        for frame in (*context.decode(av.Packet(sample)), *context.decode(None)):
            if frame.width * frame.height <= _LARGEST_PICTURE:
                return frame
    except av.FFmpegError as error:
        raise UndecodableError(str(error)) from error
    raise UndecodableError("no picture")
