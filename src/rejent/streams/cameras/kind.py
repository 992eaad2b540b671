"""Cameras as a kind of stream."""

from rejent.catalog.stream_parts import SOURCES
from rejent.recording.stream_parts import PROCESSES
from rejent.retention.stream_parts import OBJECTS
from rejent.streams.kind import StreamKind

KIND = StreamKind(
    name="video",
    parts={
        SOURCES: "rejent.streams.cameras.sources:FORM",
        PROCESSES: "rejent.streams.cameras.processes:PROCESSES",
        OBJECTS: "rejent.streams.cameras.objects:FORMAT",
    },
)
