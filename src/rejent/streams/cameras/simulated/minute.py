"""Minutes of a simulated camera in the form of recordings, for histories that nobody waits for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rejent.formats.fragment import Fragment
from rejent.formats.mp4.boxes import initialisation
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, Codec, ParameterSets
from rejent.formats.mp4.writer import FragmentWriter
from rejent.streams.cameras.simulated.clip import Coding, LiveScene, unit_type
from rejent.streams.cameras.simulated.scene import TIME
from rejent.streams.cameras.simulated.views import HALL, View

MINUTE = timedelta(minutes=1)
CODING = Coding(width=640, height=360, rate=1, group=10)
"""One picture a second, to save disk space."""


@dataclass(frozen=True, slots=True)
class RecordedMinute:
    """A minute's initialisation, fragments and facts for the catalogue."""

    init: bytes
    fragments: tuple[Fragment, ...]
    codec: str
    width: int
    height: int
    pictures: int


def recorded_minute(
    start: datetime, view: View = HALL, caption: str = TIME, coding: Coding = CODING
) -> RecordedMinute:
    """Encode the minute from ``start`` of a simulated camera with this view, in H.264."""
    scene, units = LiveScene(coding, view, caption), []
    for number in range(60 * coding.rate):
        coded = scene.picture(start + timedelta(seconds=number / coding.rate))
        content = b"".join(len(unit).to_bytes(4, "big") + unit for unit in coded.units)
        time = number * TICKS_PER_SECOND // coding.rate
        units.append(AccessUnit(content, time, coded.key, 0.0, damaged=False))
        if not number:
            sets = tuple(unit for unit in coded.units if unit_type(Codec.H264, unit) in {7, 8})
    parameters = ParameterSets(Codec.H264, sets)
    writer = FragmentWriter(parameters)
    made = [writer.add(unit) for unit in units]
    following = AccessUnit(b"", 60 * TICKS_PER_SECOND, key=True, arrival=0.0, damaged=False)
    made.append(writer.finish(following))
    form = describe(parameters)
    return RecordedMinute(
        init=initialisation(parameters),
        fragments=tuple(fragment for fragment in made if fragment is not None),
        codec=form.codec_string,
        width=form.width,
        height=form.height,
        pictures=len(units),
    )
