"""Cameras as a kind of stream."""

from rejent.retention.stream_parts import OBJECTS
from rejent.streams.kind import StreamKind

KIND = StreamKind(name="video", parts={OBJECTS: "rejent.streams.cameras.objects:FORMAT"})
