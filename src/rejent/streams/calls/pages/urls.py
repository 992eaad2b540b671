"""Addresses of the pages of calls, with whom each opens to."""

from rejent.streams.calls.pages import announced, completeness, find, listening, refused_numbers
from rejent.web.route_permissions import KNOWN, SIGNED_IN, Page

ROUTES = (
    Page("calls", find.calls, "calls", SIGNED_IN, showing=True),
    Page("calls/unannounced", announced.calls_unannounced, "calls-unannounced", "see-completeness"),
    Page("calls/<str:call_id>", find.call_open, "call-open", KNOWN, showing=True),
    Page("announcement-read", announced.announcement_read, "announcement-read", KNOWN),
    Page("completeness", completeness.completeness, "completeness", "see-completeness", showing=True),
    Page("refused-numbers", refused_numbers.refused_numbers, "refused-numbers", "see-refusals"),
    Page("refused-numbers/new", refused_numbers.refused_number_new, "refused-number-new", "refuse-number"),
    Page(
        "refused-numbers/<int:refusal>/end",
        refused_numbers.refused_number_end,
        "refused-number-end",
        "allow-number",
    ),
    Page("viewings/<uuid:viewing_id>/sound", listening.sound, "viewing-sound", KNOWN, showing=True),
    Page("calls/<str:call_id>/hold", listening.call_hold, "call-hold", "place-hold"),
)
