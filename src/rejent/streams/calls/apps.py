"""Telephone calls as an application of Django."""

from rejent.streams import kind


class CallsConfig(kind.StreamConfig):
    """Telephone lines."""

    name = "rejent.streams.calls"
    label = "calls"
