"""Coded pictures of simulated cameras: encoded beforehand and looped, or encoded as they are sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any, cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from rejent.formats.mp4.parameters import SetKind, annex_b_units, set_kind
from rejent.formats.mp4.picture import TICKS_PER_SECOND, Codec
from rejent.streams.cameras.simulated.scene import HALL, TIME, Scene, View

_ENCODERS = {Codec.H264: "libx264", Codec.H265: "libx265"}


@dataclass(slots=True, frozen=True)
class CodedPicture:
    """One coded picture; ``shift`` are the ticks to its presentation, not 0 only with B-pictures."""

    units: tuple[bytes, ...]
    shift: int
    key: bool


@dataclass(slots=True, frozen=True)
class Clip:
    """A loop of pictures that begins with a key picture."""

    codec: Codec
    rate: int
    pictures: tuple[CodedPicture, ...]

    @property
    def sets(self) -> tuple[bytes, ...]:
        """Return the parameter sets of its first picture, in the order in which they are described."""
        first = self.pictures[0].units
        return tuple(unit for kind in SetKind for unit in first if set_kind(self.codec, unit) is kind)


@dataclass(slots=True, frozen=True)
class Coding:
    """Encoder settings of a clip; ``group`` pictures lie between key pictures, and ``noise`` adds grain to reach the bit rate."""

    codec: Codec = Codec.H264
    width: int = 640
    height: int = 360
    rate: int = 25
    group: int = 25
    bits: int | None = None
    b_pictures: int = 0
    slices: int = 1
    noise: bool = False


def encoded_clip(coding: Coding, seconds: int, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> Clip:
    """Encode a loop of the scene; the clock in it shows `start` and the seconds after it."""
    encoder = _encoder(coding)
    pictures: list[CodedPicture] = []
    for number, frame in zip(range(seconds * coding.rate), _frames(coding, start), strict=False):
        frame.pts, frame.time_base = number, Fraction(1, coding.rate)
        pictures += _coded(coding, encoder.encode(frame), len(pictures))
    pictures += _coded(coding, encoder.encode(None), len(pictures))
    return Clip(coding.codec, coding.rate, tuple(pictures))


class LiveScene:
    """A scene encoded as it is sent, with the true time on it unless the caption says otherwise."""

    def __init__(self, coding: Coding, view: View = HALL, caption: str = TIME) -> None:
        self._coding = coding
        self._encoder = _encoder(coding)
        self._scene = Scene(coding.width, coding.height, view, caption)
        self._number = 0

    def picture(self, instant: datetime) -> CodedPicture:
        """Encode the picture of this instant."""
        frame = self._scene.picture(instant)
        frame.pts, frame.time_base = self._number, Fraction(1, self._coding.rate)
        (coded,) = _coded(self._coding, self._encoder.encode(frame), self._number)
        self._number += 1
        return coded


def _frames(coding: Coding, start: datetime) -> Iterator[av.VideoFrame]:
    if not coding.noise:
        scene = Scene(coding.width, coding.height)
        for number in count():
            yield scene.picture(start + timedelta(seconds=number / coding.rate))
    graph = av.filter.Graph()
    source = graph.add("testsrc2", f"size={coding.width}x{coding.height}:rate={coding.rate}")
    grain = graph.add("noise", "alls=12:allf=t")
    form = graph.add("format", "pix_fmts=yuv420p")
    sink = graph.add("buffersink")
    source.link_to(grain)
    grain.link_to(form)
    form.link_to(sink)
    graph.configure()
    while True:
        frame = cast("av.VideoFrame", graph.pull())
        frame.pict_type = PictureType.NONE
        yield frame


def _encoder(coding: Coding) -> VideoCodecContext:
    context = cast("VideoCodecContext", av.CodecContext.create(_ENCODERS[coding.codec], "w"))
    context.width, context.height = coding.width, coding.height
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, coding.rate)
    context.framerate = Fraction(coding.rate)
    context.thread_count = 1
    if coding.bits:
        context.bit_rate = coding.bits
    context.options = _options(coding)
    context.open()
    return context


def _options(coding: Coding) -> dict[str, str]:
    shared = {"preset": "ultrafast" if not coding.b_pictures else "veryfast"}
    group, reordered = coding.group, coding.b_pictures
    if coding.codec is Codec.H264:
        tune = {} if reordered else {"tune": "zerolatency"}
        limits = (
            f":vbv-maxrate={coding.bits // 1000}:vbv-bufsize={coding.bits * 3 // 2000}" if coding.bits else ""
        )
        parameters = (
            f"keyint={group}:min-keyint={group}:scenecut=0:bframes={reordered}:repeat-headers=1:annexb=1:"
            f"slices={coding.slices}:sliced-threads=0:threads=1{limits}"
        )
        return shared | tune | {"x264-params": parameters}
    ahead = f"rc-lookahead={reordered + 1}" if reordered else "rc-lookahead=0"
    parameters = (
        f"keyint={group}:min-keyint={group}:scenecut=0:bframes={reordered}:repeat-headers=1:annexb=1:open-gop=0:"
        f"pools=none:frame-threads=1:log-level=none:{ahead}"
    )
    return shared | ({} if reordered else {"tune": "zerolatency"}) | {"x265-params": parameters}


def _coded(coding: Coding, packets: "Sequence[av.Packet[Any]]", already: int) -> list[CodedPicture]:
    tick = TICKS_PER_SECOND // coding.rate
    made = []
    for place, packet in enumerate(packets, already):
        units = annex_b_units(bytes(packet))
        shown = packet.pts if packet.pts is not None else place
        made.append(CodedPicture(units, (shown - place) * tick, packet.is_keyframe))
    return made
