"""Addresses of the pages of calls, with whom each opens to."""

from rejent.streams.calls.pages import announced, completeness, find, listening, refused_numbers
from rejent.web.route_permissions import FORM, KNOWN, SIGNED_IN, Page

ROUTES = (
    Page("calls", find.calls, SIGNED_IN, FORM, showing=True),
    Page("calls/unannounced", announced.calls_unannounced, "see-completeness"),
    Page("calls/<str:call_id>", find.call_open, KNOWN, FORM, showing=True),
    Page("announcement-read", announced.announcement_read, KNOWN, FORM),
    Page("completeness", completeness.completeness, "see-completeness", showing=True),
    Page("refused-numbers", refused_numbers.refused_numbers, "see-refusals"),
    Page("refused-numbers/new", refused_numbers.refused_number_new, "refuse-number", FORM),
    Page("refused-numbers/<int:refusal>/end", refused_numbers.refused_number_end, "allow-number", FORM),
    Page("viewings/<uuid:viewing_id>/sound", listening.sound, KNOWN, name="viewing-sound", showing=True),
    Page("calls/<str:call_id>/hold", listening.call_hold, "place-hold", FORM),
)
