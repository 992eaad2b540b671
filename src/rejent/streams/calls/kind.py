"""Telephone calls as a kind of stream."""

from rejent.retention.stream_parts import CHORES, OBJECTS, TERM_CHECKS
from rejent.streams.kind import StreamKind

KIND = StreamKind(
    name="calls",
    parts={
        OBJECTS: "rejent.streams.calls.retention.objects:FORMAT",
        CHORES: "rejent.streams.calls.retention.chores:CHORES",
        TERM_CHECKS: "rejent.streams.calls.retention.chores:TERM_CHECKS",
    },
)
