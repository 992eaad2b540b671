"""Addresses of the pages of e-mail, with whom each opens to."""

from rejent.streams.mail.pages import find, keys, message, openings, role_keys, viewing
from rejent.web.route_permissions import FORM, KNOWN, POST, SIGNED_IN, Page

ROUTES = (
    Page("mail", find.find, SIGNED_IN, FORM, name="mail-find"),
    Page("cases/<str:number>/messages", openings.ask, "enter-case", FORM, name="mail-opening-new"),
    Page("mail/openings/<str:number>", openings.opening, "see-cases", name="mail-opening", showing=True),
    Page(
        "mail/openings/<str:number>/agree", openings.agree, "review-viewing", POST, name="mail-opening-agree"
    ),
    Page("mail/openings/<str:number>/end", openings.end, "enter-case", POST, name="mail-opening-end"),
    Page("mail/keys", role_keys.mail_keys, "see-holds", FORM),
    Page("mail/keys/<int:number>/end", role_keys.mail_key_end, "see-holds", POST),
    Page("viewings/<uuid:viewing_id>/key", keys.key, KNOWN, FORM, name="mail-key", showing=True),
    Page(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>",
        message.message,
        KNOWN,
        name="mail-message",
        showing=True,
    ),
    Page(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/markup",
        message.message_markup,
        KNOWN,
        name="mail-message-markup",
        showing=True,
    ),
    Page(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/files/<int:number>",
        message.attachment,
        KNOWN,
        name="mail-attachment",
        showing=True,
    ),
    Page(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/private",
        viewing.private,
        KNOWN,
        POST,
        name="mail-private",
    ),
    Page("viewings/<uuid:viewing_id>/messages/propose", viewing.propose, KNOWN, POST, name="mail-propose"),
    Page("viewings/<uuid:viewing_id>/messages/choose", viewing.choose, KNOWN, POST, name="mail-choose"),
    Page("viewings/<uuid:viewing_id>/messages/copy", viewing.copy, "make-copy", POST, name="mail-copy"),
    Page("viewings/<uuid:viewing_id>/messages/close", viewing.close, KNOWN, POST, name="mail-close"),
)
