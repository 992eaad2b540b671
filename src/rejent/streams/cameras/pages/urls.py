"""Addresses of the pages of cameras, with whom each opens to."""

from rejent.streams.cameras.pages import find, media, search, sources, wall
from rejent.web.route_permissions import FORM, KNOWN, SIGNED_IN, Page

ROUTES = (
    Page("live", wall.live, SIGNED_IN),
    Page("find", find.find, SIGNED_IN, FORM),
    Page("viewings/<uuid:viewing_id>/index.json", media.index, KNOWN, name="viewing-index", showing=True),
    Page(
        "viewings/<uuid:viewing_id>/media/<uuid:segment_id>",
        media.media,
        KNOWN,
        name="viewing-media",
        showing=True,
    ),
    Page("viewings/<uuid:viewing_id>/still", media.still, KNOWN, name="viewing-still", showing=True),
    Page("sources/new", sources.source_new, "add-source", FORM),
    Page("sources/search", search.source_search, "add-source", FORM),
    Page("sources/<str:source_id>/address", sources.source_address, "add-source", FORM),
)
