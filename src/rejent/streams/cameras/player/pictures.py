"""Pictures decoded and encoded with libav. Runs only in the workshop's child processes: the input comes from cameras."""

from collections.abc import Sequence
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from rejent.content.errors import UndecodableError
from rejent.content.pictures import LARGEST_PICTURE, encoded, fitted
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.picture import Codec

TIME_BASE = Fraction(1, TIMESCALE)
_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc"}


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
    return encoded(frame, across, down)


def _decoded(codec: Codec, record: bytes, sample: bytes) -> VideoFrame:
    try:
        context = decoder(codec, record)
        for frame in (*context.decode(av.Packet(sample)), *context.decode(None)):
            if frame.width * frame.height <= LARGEST_PICTURE:
                return frame
    except av.FFmpegError as error:
        raise UndecodableError(str(error)) from error
    raise UndecodableError("no picture")
