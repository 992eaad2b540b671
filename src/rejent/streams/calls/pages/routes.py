"""Permissions of the pages of calls."""

from rejent.web.stream_parts import KNOWN, SIGNED_IN, StreamRoutes

ROUTES = StreamRoutes(
    urls="rejent.streams.calls.pages.urls",
    permissions={
        "calls": SIGNED_IN,
        "call-open": KNOWN,
        "calls-unannounced": "see-completeness",
        "announcement-read": KNOWN,
        "completeness": "see-completeness",
        "refused-numbers": "see-refusals",
        "refused-number-new": "refuse-number",
        "refused-number-end": "allow-number",
        "viewing-sound": KNOWN,
        "call-hold": "place-hold",
    },
    showing=frozenset({"calls", "call-open", "completeness", "viewing-sound"}),
)
