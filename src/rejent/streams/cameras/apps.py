"""Cameras as an application of Django."""

from rejent.streams import kind


class CamerasConfig(kind.StreamConfig):
    """Network cameras."""

    name = "rejent.streams.cameras"
    label = "cameras"
