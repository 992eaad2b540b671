"""Telephone calls as a kind of stream."""

from rejent.streams.kind import StreamKind
from rejent.web.stream_parts import PAGES, ROUTES

KIND = StreamKind(
    name="calls",
    parts={
        PAGES: "rejent.streams.calls.pages.shell:PAGES",
        ROUTES: "rejent.streams.calls.pages.routes:ROUTES",
    },
)
