"""Pictures decoded and encoded with libav. Runs only in the workshop's child processes: the input comes from outside."""

from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from rejent.content.errors import UndecodableError

LARGEST_PICTURE = 8192 * 8192
"""Samples of a picture; a larger one is not decoded any further."""
_JPEG_QUALITY = 4
"""Quantiser, 2 (best) to 31."""
_FORMATS = {
    "image/jpeg": "jpeg_pipe", "image/png": "png_pipe", "image/webp": "webp_pipe", "image/gif": "gif_pipe",
}  # fmt: skip


def photo(content: bytes, media_type: str, longest: int) -> bytes:
    """Return a photo upright as JPEG of at most ``longest`` pixels a side, with nothing but its picture; UndecodableError: none."""
    try:
        with av.open(BytesIO(content), mode="r", format=_FORMATS[media_type]) as container:
            frame = next(container.decode(video=0))
            if frame.width * frame.height > LARGEST_PICTURE:
                raise UndecodableError("too large")
            across, down = fitted(frame.width, frame.height, longest, longest)
            upright = np.rot90(
                _on_white(frame.reformat(width=across, height=down, format="rgba").to_ndarray()),
                round(frame.rotation / 90),
            )
    except (av.FFmpegError, StopIteration, KeyError, ValueError) as error:
        raise UndecodableError(str(error)) from error
    turned = VideoFrame.from_ndarray(np.ascontiguousarray(upright, dtype=np.uint8), format="rgb24")
    return encoded(turned, turned.width, turned.height)


def _on_white(pixels: np.ndarray) -> np.ndarray:
    """Return pixels with what is seen through them painted on white paper."""
    share = pixels[..., 3:].astype(np.uint16)
    return ((pixels[..., :3] * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)


def encoded(frame: VideoFrame, across: int, down: int) -> bytes:
    """Return a picture as JPEG of that size; both are even."""
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
