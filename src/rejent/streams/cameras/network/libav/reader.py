"""Reader of one source that our RTSP client cannot read: motion JPEG, files, other protocols.

It reads through libav and passes pictures to the recorder over a pipe. It is a process of its own, with bounded memory
and access to no file but the given one, since C code parses network input here.

H.264, H.265 and motion JPEG are passed through. Anything else is encoded as H.264 at its own size.
"""

import json
import os
import resource
import sys
import threading
from collections.abc import Iterable, Iterator
from fractions import Fraction
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from rejent.formats.errors import ParameterSetError
from rejent.formats.mp4.parameters import annex_b_units, in_band, length_prefixed
from rejent.formats.mp4.picture import TICKS_PER_SECOND, Codec, ParameterSets
from rejent.kernel.clock import Clock, SystemClock
from rejent.recording.contract import Cause
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import CameraCause, UntrustedError
from rejent.streams.cameras.network.libav.motion_jpeg import http_answer, jpeg_parts
from rejent.streams.cameras.network.libav.wire import Kind, encode, encode_parameters
from rejent.streams.cameras.network.rtsp.address import Login, Trust
from rejent.vault.landlock import confine_reader

MEMORY = 1024 * 1024 * 1024
"""Bytes of address space."""
NICENESS = 5
"""Increment for ``nice(2)`` in favour of the recorder: strangers decide how much work the decoding is."""
TIMEOUT_US = 10_000_000
"""Microseconds without a byte after which a source counts as silent."""
KEY_EVERY = 2.0
"""Seconds between key pictures where pictures are encoded here."""
_PASSTHROUGH = {"h264": (Codec.H264, "h264_mp4toannexb"), "hevc": (Codec.H265, "hevc_mp4toannexb")}
_FORMATS = "avi,flv,h264,hevc,jpeg_pipe,matroska,mjpeg,mov,mpeg,mpegts"
"""Formats libav may detect: none that refers to another file or address, as a playlist does, and no multipart, of which libav keeps a
part without end in memory."""
_PROTOCOLS = {"file": "file", "http": "http,tcp", "rtsp": "rtsp,tcp,udp,rtp"}

Picture = tuple[bytes, int, bool]
"""Data as in `AccessUnit`, time in ticks, key."""


def main() -> int:
    """Read the source named on standard input until its end, or until the recorder is gone."""
    order = json.loads(sys.stdin.readline())
    confine(str(order["address"]))
    threading.Thread(target=_end_with_recorder, daemon=True).start()
    out = sys.stdout.buffer
    cause: Cause = CameraCause.CLOSED
    try:
        read(order, out, SystemClock())
    except BrokenPipeError:
        return 0
    except av.error.HTTPUnauthorizedError:
        cause = CameraCause.REFUSED_PASSWORD
    except (av.error.HTTPError, av.error.InvalidDataError, av.error.ArgumentError):
        cause = CameraCause.NOT_A_CAMERA
    except (av.error.FFmpegError, OSError):
        cause = CameraCause.UNREACHABLE
    except UntrustedError as error:
        out.write(encode(Kind.UNTRUSTED, error.shown.encode()))
        return 0
    except SourceError as error:
        cause = error.cause
    except Exception:  # noqa: BLE001 - whatever libav and Python's own readers make of a stranger's bytes, it has a cause
        cause = CameraCause.GARBAGE
    out.write(encode(Kind.CAUSE, cause.value.encode()))
    out.flush()
    return 0


def confine(address: str) -> None:
    """Drop the rights that reading one source does not need."""
    confine_reader(*([Path(address.removeprefix("file://"))] if address.startswith("file://") else []))
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(limit, (value, value))
    os.nice(NICENESS)


def read(order: dict[str, Any], out: BinaryIO, clock: Clock) -> None:
    """Forward every picture of a source; a file at the pace at which it was recorded."""
    scheme = order["address"].partition("://")[0]
    source: Any = with_login(order)
    if scheme in {"http", "https"}:
        answer = _answer(order)
        parts = jpeg_parts(answer)
        if parts is not None:
            forward_pictures(_arriving(parts, clock), Codec.JPEG, out, None)
            return
        if scheme == "https":
            source = answer
        else:
            answer.close()
    options = {
        "protocol_whitelist": _PROTOCOLS.get(scheme, ""),
        "format_whitelist": _FORMATS,
    }
    if scheme == "http":
        options["max_redirects"] = "0"
    if scheme != "file":
        options |= {"timeout": str(TIMEOUT_US), "rw_timeout": str(TIMEOUT_US)}
    if scheme == "rtsp":
        options |= {"rtsp_transport": "tcp", "allowed_media_types": "video", "format_whitelist": "rtsp"}
    with av.open(source, options=options) as container:
        _forward_container(container, out, clock, FilePacer(clock) if scheme == "file" else None)


def _answer(order: dict[str, Any]) -> HTTPResponse:
    """Return the answer over HTTP; libav would take any certificate, so what comes over TLS is read from here."""
    login = Login(str(order["user"]), str(order["password"])) if order.get("user") is not None else None
    address, trust = str(order["address"]), Trust(order.get("authority"), order.get("fingerprint"))
    answer = http_answer(address, login, trust)
    if address.startswith("https") and answer.status != 200:
        raise SourceError(CameraCause.NOT_A_CAMERA, "The camera answers with no pictures.")
    return answer


def _forward_container(container: Any, out: BinaryIO, clock: Clock, pace: "FilePacer | None") -> None:
    streams = container.streams.video
    if not streams:
        raise SourceError(CameraCause.NO_VIDEO, "The source has no video.")
    name = streams[0].codec_context.name
    if name in _PASSTHROUGH:
        codec, form = _PASSTHROUGH[name]
        forward_pictures(_passthrough(container, form), codec, out, pace)
        return
    if name == "mjpeg":
        forward_pictures(_jpegs(container, clock, pace), Codec.JPEG, out, pace)
        return
    begun = clock.monotonic()
    frames = (
        (frame, (frame.time or 0.0) if pace else clock.monotonic() - begun)
        for frame in container.decode(video=0)
    )
    forward_pictures(_encoded(frames), Codec.H264, out, pace, coded_from=name)


def forward_pictures(
    pictures: Iterator[Picture],
    codec: Codec,
    out: BinaryIO,
    pace: "FilePacer | None",
    *,
    coded_from: str = "",
) -> None:
    """Write pictures, preceded by the parameter sets as soon as they are known; empty ones in place of what is no picture."""
    described = False
    for picture, time, key in pictures:
        data = picture
        try:
            sets = in_band(codec, data) if codec is Codec.JPEG or not described else ()
        except ParameterSetError:
            data, sets = b"", ()
        if not described:
            if not sets:
                continue
            out.write(encode_parameters(ParameterSets(codec, sets, coded_from)))
            described = True
        if pace is not None:
            pace.wait(time)
        out.write(encode(Kind.PICTURE, data, key=key, time=time))
        out.flush()


class FilePacer:
    """Waits for the moment at which a picture of a file is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun: float | None = None
        self._never = threading.Event()

    def wait(self, time: int) -> None:
        """Wait until this media time."""
        now = self._clock.monotonic()
        if self._begun is None:
            self._begun = now - time / TICKS_PER_SECOND
        self._never.wait(max(0.0, self._begun + time / TICKS_PER_SECOND - now))


def with_login(order: dict[str, Any]) -> str:
    """Return the address with the login inside, as libav needs it; it stays in this process."""
    address, user = str(order["address"]), order.get("user")
    if address.startswith("file://"):
        return address.removeprefix("file://")
    if user is None:
        return address
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{quote(str(user), safe='')}:{quote(str(order['password']), safe='')}@{rest}"


def _passthrough(container: Any, form: str) -> Iterator[Picture]:
    stream = container.streams.video[0]
    with_start_codes = av.BitStreamFilterContext(form, stream)
    begun: int | None = None
    for packet in container.demux(stream):
        for filtered in with_start_codes.filter(packet):
            shown = filtered.pts if filtered.pts is not None else filtered.dts
            if shown is None or not filtered.size:
                continue
            time = int(shown * stream.time_base * TICKS_PER_SECOND)
            begun = time if begun is None else begun
            yield length_prefixed(annex_b_units(bytes(filtered))), time - begun, filtered.is_keyframe


def _jpegs(container: Any, clock: Clock, pace: "FilePacer | None") -> Iterator[Picture]:
    """Yield JPEG pictures: of a file at the file's own times, of a camera at those of their arrival."""
    stream = container.streams.video[0]
    packets = (packet for packet in container.demux(stream) if packet.size)
    if pace is None:
        yield from _arriving((bytes(packet) for packet in packets), clock)
        return
    for packet in packets:
        yield bytes(packet), int((packet.pts or 0) * stream.time_base * TICKS_PER_SECOND), True


def _arriving(pictures: Iterator[bytes], clock: Clock) -> Iterator[Picture]:
    begun: float | None = None
    for picture in pictures:
        now = clock.monotonic()
        begun = now if begun is None else begun
        yield picture, int((now - begun) * TICKS_PER_SECOND), True


def _encoded(frames: Iterable[tuple[VideoFrame, float]]) -> Iterator[Picture]:
    encoder: VideoCodecContext | None = None
    last, key_due = -1, 0
    for frame, seconds in frames:
        last = time = max(int(seconds * TICKS_PER_SECOND), last + 1)
        width, height = frame.width & ~1, frame.height & ~1
        if encoder is None or (encoder.width, encoder.height) != (width, height):
            encoder = _encoder(width, height)
        plain = frame.reformat(width=width, height=height, format="yuv420p")
        plain.pts, plain.time_base = time, Fraction(1, TICKS_PER_SECOND)
        plain.pict_type = PictureType.I if time >= key_due else PictureType.NONE
        if time >= key_due:
            key_due = time + int(KEY_EVERY * TICKS_PER_SECOND)
        for packet in encoder.encode(plain):
            yield length_prefixed(annex_b_units(bytes(packet))), time, packet.is_keyframe


def _encoder(width: int, height: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, TICKS_PER_SECOND)
    encoder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "crf": "21",
        "x264-params": "repeat-headers=1:keyint=infinite",
    }
    return encoder


def _end_with_recorder() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
