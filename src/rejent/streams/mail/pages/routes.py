"""Permissions of the pages of e-mail."""

from rejent.web.stream_parts import KNOWN, SIGNED_IN, StreamRoutes

ROUTES = StreamRoutes(
    urls="rejent.streams.mail.pages.urls",
    permissions={
        "mail-find": SIGNED_IN,
        "mail-unseal": KNOWN,
        "mail-message": KNOWN,
        "mail-message-markup": KNOWN,
        "mail-attachment": KNOWN,
        "mail-private": KNOWN,
        "mail-choose": KNOWN,
        "mail-copy": "make-copy",
        "mail-close": KNOWN,
        "mail-opening-new": "enter-case",
        "mail-opening": "see-cases",
        "mail-opening-agree": "review-viewing",
        "mail-opening-end": "enter-case",
    },
    showing=frozenset({"mail-message", "mail-message-markup", "mail-attachment", "mail-opening"}),
)
