"""Addresses of the pages of e-mail; each name has its permission in `rejent.streams.mail.pages.routes`."""

from django.urls import path

from rejent.streams.mail.pages import find, message, openings, viewing

urlpatterns = [
    path("mail", find.find, name="mail-find"),
    path("cases/<str:number>/messages", openings.ask, name="mail-opening-new"),
    path("mail/openings/<str:number>", openings.opening, name="mail-opening"),
    path("mail/openings/<str:number>/agree", openings.agree, name="mail-opening-agree"),
    path("mail/openings/<str:number>/end", openings.end, name="mail-opening-end"),
    path("viewings/<uuid:viewing_id>/unseal", viewing.unseal, name="mail-unseal"),
    path("viewings/<uuid:viewing_id>/messages/<uuid:message_id>", message.message, name="mail-message"),
    path(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/markup",
        message.message_markup,
        name="mail-message-markup",
    ),
    path(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/files/<int:number>",
        message.attachment,
        name="mail-attachment",
    ),
    path(
        "viewings/<uuid:viewing_id>/messages/<uuid:message_id>/private", viewing.private, name="mail-private"
    ),
    path("viewings/<uuid:viewing_id>/messages/choose", viewing.choose, name="mail-choose"),
    path("viewings/<uuid:viewing_id>/messages/copy", viewing.copy, name="mail-copy"),
    path("viewings/<uuid:viewing_id>/messages/close", viewing.close, name="mail-close"),
]
