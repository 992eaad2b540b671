"""Text notes as a kind of stream."""

from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.stream_parts import FINDER
from rejent.catalog.stream_parts import RECORD_CHECKS, SOURCES
from rejent.cli.stream_parts import FIGURES
from rejent.notices.stream_parts import SAYINGS
from rejent.office.stream_parts import SECTIONS
from rejent.recording.stream_parts import RECEIVERS
from rejent.retention.stream_parts import OBJECTS
from rejent.streams.kind import StreamKind
from rejent.web.stream_parts import OWN_DATA, PAGES, ROUTES
from rejent.web.words.stream_parts import WORDS

KIND = StreamKind(
    name="notes",
    parts={
        SECTIONS: "tests.streams.notes.regulation:SECTION",
        SAYINGS: "tests.streams.notes.regulation:SAYINGS",
        SOURCES: "tests.streams.notes.sources:FORM",
        RECEIVERS: "tests.streams.notes.receiver:RECEIVER",
        OBJECTS: "rejent.retention.record_objects:FORMAT",
        RECORD_CHECKS: "tests.streams.notes.checks:CHECKS",
        FIGURES: "tests.streams.notes.figures:FIGURES",
        FINDER: "tests.streams.notes.applications:FINDER",
        COPIES: "tests.streams.notes.applications:COPIES",
        OWN_DATA: "tests.streams.notes.pages:own_data",
        PAGES: "tests.streams.notes.pages:PAGES",
        ROUTES: "tests.streams.notes.pages:ROUTES",
        WORDS: "tests.streams.notes.pages:WORDS",
    },
)
