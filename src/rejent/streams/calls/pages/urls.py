"""Addresses of the pages of calls; each name has its permission in `rejent.streams.calls.pages.routes`."""

from django.urls import path

from rejent.streams.calls.pages import announced, completeness, find, listening, refused_numbers

urlpatterns = [
    path("calls", find.calls, name="calls"),
    path("calls/unannounced", announced.calls_unannounced, name="calls-unannounced"),
    path("calls/<str:call_id>", find.call_open, name="call-open"),
    path("announcement-read", announced.announcement_read, name="announcement-read"),
    path("completeness", completeness.completeness, name="completeness"),
    path("refused-numbers", refused_numbers.refused_numbers, name="refused-numbers"),
    path("refused-numbers/new", refused_numbers.refused_number_new, name="refused-number-new"),
    path("refused-numbers/<int:refusal>/end", refused_numbers.refused_number_end, name="refused-number-end"),
    path("viewings/<uuid:viewing_id>/sound", listening.sound, name="viewing-sound"),
    path("calls/<str:call_id>/hold", listening.call_hold, name="call-hold"),
]
