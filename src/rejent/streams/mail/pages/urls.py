"""Addresses of the pages of e-mail, with whom each opens to."""

from rejent.streams.mail.pages import find, message, openings, viewing
from rejent.web.route_permissions import KNOWN, SIGNED_IN, Page

ROUTES = (
    Page("mail", find.find, "mail-find", SIGNED_IN),
    Page("cases/<str:number>/messages", openings.ask, "mail-opening-new", "enter-case"),
    Page("mail/openings/<str:number>", openings.opening, "mail-opening", "see-cases", showing=True),
    Page("mail/openings/<str:number>/agree", openings.agree, "mail-opening-agree", "review-viewing"),
    Page("mail/openings/<str:number>/end", openings.end, "mail-opening-end", "enter-case"),
    Page("viewings/<uuid:viewing_id>/unseal", viewing.unseal, "mail-unseal", KNOWN),
    Page(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>",
        message.message,
        "mail-message",
        KNOWN,
        showing=True,
    ),
    Page(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/markup",
        message.message_markup,
        "mail-message-markup",
        KNOWN,
        showing=True,
    ),
    Page(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/files/<int:number>",
        message.attachment,
        "mail-attachment",
        KNOWN,
        showing=True,
    ),
    Page(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/private",
        viewing.private,
        "mail-private",
        KNOWN,
    ),
    Page("viewings/<uuid:viewing_id>/messages/choose", viewing.choose, "mail-choose", KNOWN),
    Page("viewings/<uuid:viewing_id>/messages/copy", viewing.copy, "mail-copy", "make-copy"),
    Page("viewings/<uuid:viewing_id>/messages/close", viewing.close, "mail-close", KNOWN),
)
