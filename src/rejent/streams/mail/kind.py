"""E-mail as a kind of stream."""

from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.stream_parts import CASE_END, FINDER
from rejent.catalog.stream_parts import RECORD_CHECKS, SOURCES
from rejent.cli.stream_parts import FIGURES
from rejent.notices.stream_parts import SAYINGS
from rejent.office.stream_parts import SECTIONS, SETTINGS
from rejent.recording.stream_parts import PROCESSES
from rejent.retention.stream_parts import ALARMS, CHORES, OBJECTS
from rejent.streams.kind import StreamKind
from rejent.web.stream_parts import CASE_PANEL, OWN_DATA, PAGES, ROUTES
from rejent.web.words.stream_parts import WORDS

KIND = StreamKind(
    name="mail",
    parts={
        SECTIONS: "rejent.streams.mail.regulation:SECTION",
        SETTINGS: "rejent.streams.mail.threats.settings:read",
        SOURCES: "rejent.streams.mail.sources:FORM",
        RECORD_CHECKS: "rejent.streams.mail.records.counts:CHECKS",
        PROCESSES: "rejent.streams.mail.processes:PROCESSES",
        OBJECTS: "rejent.retention.record_objects:FORMAT",
        ALARMS: "rejent.streams.mail.threats.alarms:ALARMS",
        CHORES: "rejent.streams.mail.records.counts:CHORES",
        FIGURES: "rejent.streams.mail.commands.figures:FIGURES",
        FINDER: "rejent.streams.mail.applications:FINDER",
        COPIES: "rejent.streams.mail.applications:COPIES",
        SAYINGS: "rejent.streams.mail.pages.sayings:SAYINGS",
        CASE_END: "rejent.streams.mail.records.openings:AT_END",
        CASE_PANEL: "rejent.streams.mail.pages.openings:case_panel",
        OWN_DATA: "rejent.streams.mail.pages.own_data:own_data",
        PAGES: "rejent.streams.mail.pages.shell:PAGES",
        ROUTES: "rejent.streams.mail.pages.urls:ROUTES",
        WORDS: "rejent.streams.mail.pages.words:WORDS",
    },
)
