"""Cameras as a kind of stream."""

from rejent.streams.kind import StreamConfig, StreamKind


class CamerasConfig(StreamConfig):
    """Network cameras."""

    name = "rejent.streams.cameras"
    label = "cameras"
    kind = StreamKind(name="video")
