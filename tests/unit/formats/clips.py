"""Real coded pictures: made by ffmpeg, taken apart by libav, and what ffprobe says of files of ours."""

import json
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av

from rejent.formats.mp4.parameters import in_band
from rejent.formats.mp4.picture import AccessUnit, Codec, ParameterSets

X264 = ("-c:v", "libx264", "-preset", "superfast", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-tag:v", "hvc1")
RECIPES: dict[str, tuple[str, ...]] = {
    "jpeg": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p"),
    "h264": (*X264, "-bf", "0", "-x264-params", "repeat-headers=1:keyint=50:min-keyint=50:scenecut=0"),
    "h264-b": (
        *X264,
        "-preset",
        "medium",
        "-bf",
        "3",
        "-x264-params",
        "b-pyramid=normal:keyint=50:scenecut=0",
    ),
    "h264-open": (*X264, "-preset", "medium", "-bf", "3", "-x264-params", "open-gop=1:keyint=25:scenecut=0"),
    "h264-baseline": (*X264, "-profile:v", "baseline", "-x264-params", "keyint=25:scenecut=0"),
    "h265": (
        *X265,
        "-x265-params",
        "log-level=1:bframes=0:keyint=50:min-keyint=50:scenecut=0:repeat-headers=1",
    ),
    "h265-b": (
        *X265,
        "-preset",
        "fast",
        "-x265-params",
        "log-level=1:bframes=4:keyint=50:open-gop=0:scenecut=0",
    ),
    "h265-open": (
        *X265,
        "-preset",
        "fast",
        "-x265-params",
        "log-level=1:bframes=4:keyint=25:open-gop=1:scenecut=0",
    ),
}


@dataclass(frozen=True)
class Clip:
    """Coded pictures with their parameter sets, and the size they were made in."""

    parameters: ParameterSets
    units: tuple[AccessUnit, ...]
    size: tuple[int, int]


@cache
def clip(recipe: str, size: tuple[int, int] = (320, 180), seconds: float = 4, rate: int = 25) -> Clip:
    """A moving test picture, coded as the recipe says, with the times libav reads."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        source = f"testsrc2=size={size[0]}x{size[1]}:rate={rate}:duration={seconds}"
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *RECIPES[recipe]]
        subprocess.run([*command, "-video_track_timescale", "90000", str(path)], check=True)
        return _taken_apart(path, size)


def _taken_apart(path: Path, size: tuple[int, int]) -> Clip:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base == Fraction(1, 90_000)
        codec = {"h264": Codec.H264, "hevc": Codec.H265, "mjpeg": Codec.JPEG}[stream.codec_context.name]
        record = bytes(stream.codec_context.extradata or b"")
        packets = [packet for packet in container.demux(stream) if packet.size]
        sets = in_band(codec, bytes(packets[0])) if codec is Codec.JPEG else sets_of(codec, record)
        first = packets[0].pts
        units = tuple(
            AccessUnit(bytes(packet), int(packet.pts) - int(first), bool(packet.is_keyframe), n / 25, False)
            for n, packet in enumerate(packets)
        )
    return Clip(ParameterSets(codec, sets), units, size)


def sets_of(codec: Codec, record: bytes) -> tuple[bytes, ...]:
    """The parameter sets of a configuration record ``avcC`` or ``hvcC``."""
    sets: list[bytes] = []
    if codec is Codec.H264:
        position, groups = 5, 2
    else:
        position, groups = 23, record[22]
    for group in range(groups):
        if codec is Codec.H264:
            count = record[position] & (0x1F if group == 0 else 0xFF)
            position += 1
        else:
            count = int.from_bytes(record[position + 1 : position + 3], "big")
            position += 3
        for _ in range(count):
            length = int.from_bytes(record[position : position + 2], "big")
            nal = record[position + 2 : position + 2 + length]
            position += 2 + length
            if codec is Codec.H264 or (nal[0] >> 1) in {32, 33, 34}:
                sets.append(nal)
    return tuple(sets)


@dataclass(frozen=True)
class Evaluation:
    """Findings of ffprobe on a file."""

    frames: int
    """Pictures that decode."""
    times: list[int]
    """Presentation times of the pictures in the order in which they are shown, in ticks, first 0."""
    packets: list[tuple[int, int]]
    """Decoding time and duration of each sample, first decoding time 0."""
    width: int
    height: int
    complaints: str


def judged(content: bytes, folder: Path, name: str = "judged.mp4") -> Evaluation:
    """Read a file with ffprobe and ffmpeg, which know nothing of us."""
    path = folder / name
    path.write_bytes(content)
    command = [
        "ffprobe",
        "-v",
        "error",
        "-of",
        "json",
        "-show_frames",
        "-show_packets",
        "-show_streams",
        str(path),
    ]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    told = json.loads(run.stdout)
    mixed = told["packets_and_frames"]
    frames = [row for row in mixed if row["type"] == "frame"]
    packets = [row for row in mixed if row["type"] == "packet"]
    decode = subprocess.run(
        ["ffmpeg", "-v", "warning", "-xerror", "-i", str(path), "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=False,
    )
    shown = [int(frame["pts"]) for frame in frames]
    dts = [int(packet["dts"]) for packet in packets]
    return Evaluation(
        frames=len(frames),
        times=[time - shown[0] for time in shown],
        packets=[
            (time - dts[0], int(packet.get("duration", 0))) for time, packet in zip(dts, packets, strict=True)
        ],
        width=int(told["streams"][0]["width"]),
        height=int(told["streams"][0]["height"]),
        complaints=run.stderr + decode.stderr + ("" if decode.returncode == 0 else " failed"),
    )
