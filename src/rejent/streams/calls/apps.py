"""Telephone calls as a kind of stream."""

from rejent.streams.kind import StreamConfig, StreamKind


class CallsConfig(StreamConfig):
    """Telephone lines."""

    name = "rejent.streams.calls"
    label = "calls"
    kind = StreamKind(name="calls")
