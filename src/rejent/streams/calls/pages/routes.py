"""To whom the pages of calls open."""

from django.conf import settings

from rejent.office.views import PersonView
from rejent.streams.calls.refused_numbers import HANDLING, may_handle
from rejent.web.stream_parts import KNOWN, SIGNED_IN, StreamRoutes


def _may_handle(person: PersonView, act: str) -> bool:
    """Return whether somebody may do an act of handling refused numbers now."""
    return may_handle(person, act, clock=settings.CLOCK)


ROUTES = StreamRoutes(
    urls="rejent.streams.calls.pages.urls",
    permissions={
        "calls": SIGNED_IN,
        "call-open": KNOWN,
        "announcement-read": KNOWN,
        "completeness": "see-completeness",
        "refused-numbers": "see-refusals",
        "refused-number-new": "refuse-number",
        "refused-number-end": "allow-number",
        "viewing-sound": KNOWN,
        "call-hold": "place-hold",
    },
    showing=frozenset({"calls", "call-open", "completeness", "viewing-sound"}),
    decisions=dict.fromkeys(HANDLING, _may_handle),
)
