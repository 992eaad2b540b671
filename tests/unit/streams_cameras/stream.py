"""Pictures made up for the segmenter, on a clock the test turns."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, Codec, ParameterSets
from rejent.kernel.clock import ManualClock
from rejent.recording.steady_time import SteadyTime
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.assembly import Discontinuity
from rejent.streams.cameras.recorder.open_segment import SegmentContext
from rejent.streams.cameras.recorder.segmenter import Segmenter
from tests.cameras.notebook import Notebook

SPS = bytes.fromhex("6742c01eda0280bfe584000003000400000300ca3c58ba80")
PPS = bytes.fromhex("68ce0fc8")
OTHER_SPS = bytes.fromhex("6742c00dda0507e840000003004000000ca3c50aa8")
SETS = ParameterSets(Codec.H264, (SPS, PPS))


def coded(*units: bytes) -> bytes:
    """NAL units as an access unit holds them."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


@dataclass
class Stream:
    """A camera of a given rate and group, from a given instant on."""

    start: datetime
    rate: int = 25
    group: int = 50
    notebook: Notebook = field(default_factory=Notebook)
    number: int = 0
    shift: int = 0
    delay: float = 0.0

    def __post_init__(self) -> None:
        self.clock = ManualClock(self.start)
        self.steady = SteadyTime(self.clock)
        self.segmenter = Segmenter(SegmentContext("hall", self.notebook, self.steady))
        self.segmenter.connected(SETS)

    def unit(
        self, *, key: bool | None = None, damaged: bool = False, sets: tuple[bytes, ...] = (SPS, PPS)
    ) -> AccessUnit:
        """The next picture, arriving when it is taken and `delay` later."""
        number = self.number
        self.number += 1
        is_key = number % self.group == 0 if key is None else key
        time = number * TICKS_PER_SECOND // self.rate
        due = time / TICKS_PER_SECOND + self.delay
        self.clock.advance(timedelta(seconds=max(0.0, due - self.clock.monotonic())))
        data = coded(*sets, b"\x65\x88\x84\x00") if is_key else coded(b"\x41\x9a\x00")
        return AccessUnit(
            b"" if damaged else data, time + self.shift, is_key, self.clock.monotonic(), damaged
        )

    def send(self, seconds: float) -> None:
        """Send pictures for so long."""
        for _ in range(round(seconds * self.rate)):
            self.segmenter.take([self.unit()])

    def skip(self, seconds: float) -> None:
        """Let time go by without pictures."""
        self.number += round(seconds * self.rate)

    def lose(self) -> None:
        """Tell that packets were lost."""
        self.segmenter.take([Discontinuity(CameraCause.PACKETS_LOST)])
