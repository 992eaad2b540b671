"""Telephone calls as a kind of stream."""

from rejent.cli.stream_parts import FIGURES
from rejent.recording.stream_parts import PROCESSES
from rejent.retention.stream_parts import CHORES, OBJECTS, TERM_CHECKS
from rejent.streams.kind import StreamKind
from rejent.web.stream_parts import PAGES, ROUTES, WORDS

KIND = StreamKind(
    name="calls",
    parts={
        FIGURES: "rejent.streams.calls.figures:FIGURES",
        PROCESSES: "rejent.streams.calls.processes:PROCESSES",
        PAGES: "rejent.streams.calls.pages.shell:PAGES",
        ROUTES: "rejent.streams.calls.pages.routes:ROUTES",
        WORDS: "rejent.streams.calls.pages.words:WORDS",
        OBJECTS: "rejent.streams.calls.retention.objects:FORMAT",
        CHORES: "rejent.streams.calls.retention.chores:CHORES",
        TERM_CHECKS: "rejent.streams.calls.retention.chores:TERM_CHECKS",
    },
)
