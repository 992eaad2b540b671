"""H.265 and motion JPEG made into H.264 for browsers that cannot show it, fragment by fragment, each picture at its own time.

Runs only in the workshop's child processes. The recording is never changed; what comes out is for the eye.
"""

import contextlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from rejent.content.errors import UndecodableError
from rejent.content.pictures import LARGEST_PICTURE, encoded, fitted
from rejent.formats.mp4.boxes import TIMESCALE, Run, fragment_head, initialisation
from rejent.formats.mp4.parameters import annex_b_units, length_prefixed, set_kind
from rejent.formats.mp4.picture import Codec, ParameterSets
from rejent.formats.mp4.reader import configuration_of, parse_fragments, shown_of

TIME_BASE = Fraction(1, TIMESCALE)
_DECODERS = {Codec.H264: "h264", Codec.H265: "hevc", Codec.JPEG: "mjpeg"}


def decoder(codec: Codec, record: bytes) -> VideoCodecContext:
    """Return a decoder for samples that the configuration record describes."""
    context = av.CodecContext.create(_DECODERS[codec], "r")
    if not isinstance(context, VideoCodecContext):
        raise TypeError("libav made no video decoder")
    if codec is not Codec.JPEG:
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


_USUAL = TIMESCALE // 25


class Converter:
    """One stream under conversion, from its ``ftyp`` and ``moov``; higher pictures than ``most_height`` are made smaller."""

    remark = ""

    def __init__(self, content: bytes, most_height: int) -> None:
        codec, record = configuration_of(content)
        self._decoder = decoder(codec, record)
        self._most_height = most_height
        self._encoder: VideoCodecContext | None = None
        self._keys: set[int] = set()
        self._coded: list[tuple[int, bool, bytes]] = []
        self._sequence = 0
        self._newest = -1
        self._usual = _USUAL
        self._shown = shown_of(content)
        self._before: VideoFrame | None = None

    def feed(self, fragments: bytes) -> bytes:
        """Convert fragments, the first with a key picture; return an initialisation before the first pictures, then ready fragments."""
        begins = self._encoder is None
        for packet in self._packets(fragments):
            self._code(self._frames(packet))
        return self._head(begins) + self._ready(1)

    def finish(self) -> bytes:
        """Return everything that still waits; UndecodableError where not one picture could be decoded."""
        begins = self._encoder is None
        self._code(self._frames(None))
        self._begin_shown()
        if self._encoder is None:
            raise UndecodableError("no picture")
        with contextlib.suppress(av.EOFError):
            self._collect(self._encoder.encode(None))
        return self._head(begins) + self._ready(0)

    def _packets(self, content: bytes) -> Iterator["av.Packet[VideoStream]"]:
        for head, samples in parse_fragments(content):
            offset = 0
            for size, key, time in zip(head.run.sizes, head.run.keys, head.presentation_times(), strict=True):
                packet = cast("av.Packet[VideoStream]", av.Packet(bytes(samples[offset : offset + size])))
                packet.pts, packet.time_base = time, TIME_BASE
                if key:
                    self._keys.add(time)
                yield packet
                offset += size

    def _frames(self, packet: "av.Packet[VideoStream] | None") -> list[VideoFrame]:
        """Return the pictures that come of a packet; a broken one gives none, and the stream goes on."""
        try:
            return list(self._decoder.decode(packet))
        except av.FFmpegError:
            return []

    def _code(self, frames: list[VideoFrame]) -> None:
        for frame in frames:
            if frame.pts is None or frame.pts <= self._newest:
                continue
            if self._encoder is None:
                self._encoder = _encoder(*fitted(frame.width, frame.height, 1 << 14, self._most_height))
            fresh = frame.reformat(self._encoder.width, self._encoder.height, "yuv420p")
            fresh.pts, fresh.time_base = frame.pts, TIME_BASE
            self._newest = frame.pts
            if self._shown is not None and fresh.pts <= self._shown[0]:
                self._before = fresh
            elif self._shown is None or fresh.pts < self._shown[1]:
                self._begin_shown()
                self._encode(fresh)

    def _begin_shown(self) -> None:
        """Code the picture that is on the screen when what is shown begins, as its first."""
        if self._shown is not None and self._before is not None:
            before, self._before = self._before, None
            before.pts = self._shown[0]
            self._encode(before)

    def _encode(self, fresh: VideoFrame) -> None:
        if self._encoder is None or fresh.pts is None:
            raise UndecodableError("no encoder")
        fresh.pict_type = PictureType.I if fresh.pts in self._keys else PictureType.NONE
        self._keys.discard(fresh.pts)
        self._collect(self._encoder.encode(fresh))

    def _collect(self, packets: list["av.Packet[VideoStream]"]) -> None:
        for packet in packets:
            data = length_prefixed(annex_b_units(bytes(packet)))
            begins = self._shown[0] if self._shown is not None else 0
            self._coded.append(((packet.pts or 0) - begins, bool(packet.is_keyframe), data))

    def _head(self, begins: bool) -> bytes:
        if not begins or self._encoder is None:
            return b""
        units = annex_b_units(bytes(self._encoder.extradata or b""))
        sets = tuple(nal for nal in units if set_kind(Codec.H264, nal) is not None)
        return initialisation(ParameterSets(Codec.H264, sets), remark=self.remark)

    def _ready(self, kept: int) -> bytes:
        """Return a fragment of the coded pictures, but for the last ``kept``, whose duration is not known yet."""
        count = len(self._coded) - kept
        if count <= 0:
            return b""
        times = [time for time, _, _ in self._coded]
        durations = [b - a for a, b in pairwise(times)]
        self._usual = durations[-1] if durations else self._usual
        last = self._usual
        if not kept and self._shown is not None:
            last = max(self._shown[1] - self._shown[0] - times[-1], 1)
        durations = [*durations, last][:count]
        ready, self._coded = self._coded[:count], self._coded[count:]
        self._sequence += 1
        run = Run(durations, [len(data) for _, _, data in ready], [key for _, key, _ in ready], [])
        head = fragment_head(self._sequence, times[0], run)
        return b"".join((head, *(data for _, _, data in ready)))


def _encoder(width: int, height: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    if not isinstance(encoder, VideoCodecContext):
        raise TypeError("libav made no video encoder")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.gop_size = TIME_BASE, 1000
    encoder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "crf": "23",
        "forced-idr": "1",
        "x264-params": "scenecut=0:threads=2:sliced-threads=1",
    }
    encoder.flags |= int(av.codec.context.Flags.global_header)
    encoder.open()
    return encoder
