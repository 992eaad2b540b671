"""Addresses of the pages of cameras, with whom each opens to."""

from rejent.streams.cameras.pages import find, media, sources, wall
from rejent.web.route_permissions import KNOWN, SIGNED_IN, Page

ROUTES = (
    Page("live", wall.live, "live", SIGNED_IN),
    Page("find", find.find, "find", SIGNED_IN),
    Page("viewings/<uuid:viewing_id>/index.json", media.index, "viewing-index", KNOWN, showing=True),
    Page(
        "viewings/<uuid:viewing_id>/media/<uuid:segment_id>",
        media.media,
        "viewing-media",
        KNOWN,
        showing=True,
    ),
    Page("viewings/<uuid:viewing_id>/still", media.still, "viewing-still", KNOWN, showing=True),
    Page("sources/new", sources.source_new, "source-new", "add-source"),
    Page("sources/<str:source_id>/address", sources.source_address, "source-address", "add-source"),
)
