"""Telephone calls as a kind of stream."""

from rejent.access.stream_parts import ITEM_SOURCE, WITH_RECORDINGS
from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.stream_parts import FINDER
from rejent.catalog.stream_parts import RECORD_CHECKS, SOURCES
from rejent.cli.stream_parts import FIGURES
from rejent.notices.stream_parts import SAYINGS
from rejent.office.stream_parts import SECTIONS, SETTINGS
from rejent.recording.stream_parts import PROCESSES
from rejent.retention.stream_parts import ALARMS, CHORES, OBJECTS, TERM_CHECKS, WHOLE_ITEM
from rejent.streams.kind import StreamKind
from rejent.web.stream_parts import OWN_DATA, PAGES, ROUTES
from rejent.web.words.stream_parts import WORDS

KIND = StreamKind(
    name="calls",
    parts={
        FIGURES: "rejent.streams.calls.commands.figures:FIGURES",
        SOURCES: "rejent.streams.calls.catalog.services.lines:FORM",
        RECORD_CHECKS: "rejent.streams.calls.catalog.checks:CHECKS",
        SECTIONS: "rejent.streams.calls.regulation:SECTION",
        SETTINGS: "rejent.streams.calls.settings:read",
        SAYINGS: "rejent.streams.calls.pages.own_data:SAYINGS",
        PROCESSES: "rejent.streams.calls.receiving.processes:PROCESSES",
        OWN_DATA: "rejent.streams.calls.pages.own_data:own_data",
        PAGES: "rejent.streams.calls.pages.shell:PAGES",
        ROUTES: "rejent.streams.calls.pages.urls:ROUTES",
        WORDS: "rejent.streams.calls.pages.words:WORDS",
        OBJECTS: "rejent.streams.calls.retention.objects:FORMAT",
        WHOLE_ITEM: "rejent.streams.calls.retention.objects:whole_call",
        FINDER: "rejent.streams.calls.retention.candidates:find_candidates",
        COPIES: "rejent.streams.calls.retention.copying:COPIES",
        ALARMS: "rejent.streams.calls.retention.chores:ALARMS",
        ITEM_SOURCE: "rejent.streams.calls.catalog.queries.calls:source_of_call",
        WITH_RECORDINGS: "rejent.streams.calls.catalog.searching:WITH_CALLS",
        CHORES: "rejent.streams.calls.retention.chores:CHORES",
        TERM_CHECKS: "rejent.streams.calls.retention.chores:TERM_CHECKS",
    },
)
