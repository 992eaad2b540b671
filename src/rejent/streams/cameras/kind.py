"""Cameras as a kind of stream."""

from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.stream_parts import FINDER
from rejent.catalog.stream_parts import SOURCES
from rejent.cli.stream_parts import FIGURES
from rejent.notices.stream_parts import SAYINGS
from rejent.office.stream_parts import SECTIONS
from rejent.recording.stream_parts import PROCESSES
from rejent.retention.stream_parts import OBJECTS
from rejent.streams.kind import StreamKind
from rejent.web.stream_parts import OWN_DATA, PAGES, ROUTES, SOCKETS
from rejent.web.words.stream_parts import WORDS

KIND = StreamKind(
    name="video",
    parts={
        FIGURES: "rejent.streams.cameras.figures:FIGURES",
        SOURCES: "rejent.streams.cameras.sources:FORM",
        SECTIONS: "rejent.streams.cameras.regulation:SECTION",
        SAYINGS: "rejent.streams.cameras.sayings:SAYINGS",
        PROCESSES: "rejent.streams.cameras.processes:PROCESSES",
        OWN_DATA: "rejent.streams.cameras.pages.own_data:own_data",
        PAGES: "rejent.streams.cameras.pages.shell:PAGES",
        ROUTES: "rejent.streams.cameras.pages.urls:ROUTES",
        SOCKETS: "rejent.streams.cameras.pages.live_socket:SOCKETS",
        WORDS: "rejent.streams.cameras.pages.words:WORDS",
        OBJECTS: "rejent.streams.cameras.objects:FORMAT",
        FINDER: "rejent.streams.cameras.player.copying:FINDER",
        COPIES: "rejent.streams.cameras.player.copying:COPIES",
    },
)
