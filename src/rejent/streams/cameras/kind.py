"""Cameras as a kind of stream."""

from rejent.streams.kind import StreamKind
from rejent.web.stream_parts import PAGES, ROUTES

KIND = StreamKind(
    name="video",
    parts={
        PAGES: "rejent.streams.cameras.pages.shell:PAGES",
        ROUTES: "rejent.streams.cameras.pages.routes:ROUTES",
    },
)
