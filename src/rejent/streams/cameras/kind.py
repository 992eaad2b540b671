"""Cameras as a kind of stream."""

from rejent.office.stream_parts import SECTIONS
from rejent.recording.stream_parts import PROCESSES
from rejent.retention.stream_parts import OBJECTS
from rejent.streams.kind import StreamKind

KIND = StreamKind(
    name="video",
    parts={
        SECTIONS: "rejent.streams.cameras.regulation:SECTION",
        PROCESSES: "rejent.streams.cameras.processes:PROCESSES",
        OBJECTS: "rejent.streams.cameras.objects:FORMAT",
    },
)
