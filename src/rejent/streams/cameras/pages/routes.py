"""Permissions of the pages of cameras."""

from rejent.web.stream_parts import KNOWN, SIGNED_IN, StreamRoutes

ROUTES = StreamRoutes(
    urls="rejent.streams.cameras.pages.urls",
    permissions={
        "live": SIGNED_IN,
        "find": SIGNED_IN,
        "viewing-index": KNOWN,
        "viewing-media": KNOWN,
        "viewing-still": KNOWN,
        "source-new": "add-source",
        "source-address": "add-source",
    },
    showing=frozenset({"viewing-index", "viewing-media", "viewing-still"}),
)
