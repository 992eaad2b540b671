"""Addresses of the pages of cameras; each name has its permission in `rejent.streams.cameras.pages.routes`."""

from django.urls import path

from rejent.streams.cameras.pages import find, media, sources, wall

urlpatterns = [
    path("live", wall.live, name="live"),
    path("find", find.find, name="find"),
    path("viewings/<uuid:viewing_id>/index.json", media.index, name="viewing-index"),
    path("viewings/<uuid:viewing_id>/media/<uuid:segment_id>", media.media, name="viewing-media"),
    path("viewings/<uuid:viewing_id>/still", media.still, name="viewing-still"),
    path("sources/new", sources.source_new, name="source-new"),
    path("sources/<str:source_id>/address", sources.source_address, name="source-address"),
]
