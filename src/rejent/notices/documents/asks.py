"""What documents may lack, in words: each is entered in one place, and a page leads there."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.notices.documents.views import Ask

CONTROLLER, ADDRESS, EMAIL, TELEPHONE = "controller", "address", "email", "telephone"
CONTACT, CONTACT_TELEPHONE = "contact", "contact_telephone"
PURPOSE, BASIS, PURPOSE_IN_ENGLISH = "purpose", "basis", "purpose-in-english"
RETENTION, TRANSFERS, RIGHTS = "retention", "transfers", "rights"
RECIPIENTS, REASONS, BASES = "recipients", "reasons", "bases"
AREAS, PUBLISHED, ROUTE = "areas", "published", "unrecorded-route"
ANNOUNCEMENT, ANNOUNCEMENT_IN_ENGLISH = "announcement", "announcement-in-english"
OWN_TEXT = "own-text"
QUESTION = "question"
"""A question that people answer on the document itself."""

ANNOUNCED: Mapping[str, Promise] = {
    "announcement-incoming": _("Announcement of incoming calls"),
    "announcement-outgoing": _("Text before outgoing calls"),
}
"""Texts of the regulation that are heard, by the names of their passages."""
_WORDS: Mapping[str, str | Promise] = {
    CONTROLLER: _("the controller"),
    ADDRESS: _("the controller's address"),
    EMAIL: _("the office's e-mail address"),
    TELEPHONE: _("the office's telephone number"),
    CONTACT: _("how the data protection officer is reached"),
    CONTACT_TELEPHONE: _("the data protection officer's telephone number"),
    PURPOSE: _("a purpose that the statute allows"),
    BASIS: _("one legal basis of the purpose “{about}”"),
    PURPOSE_IN_ENGLISH: _("the purpose “{about}” in English"),
    RETENTION: _("how long recordings are kept"),
    TRANSFERS: _("whether data are sent outside the European Economic Area"),
    RIGHTS: _("the rights"),
    RECIPIENTS: _("who may receive recordings"),
    REASONS: _("when a recording is kept longer"),
    BASES: _("the legal bases of the purposes"),
    AREAS: _("a source at a place of the inventory"),
    PUBLISHED: _("the address at which the full clause is published"),
    ROUTE: _("a way to reach the office without being recorded"),
    ANNOUNCEMENT: _("the text: {about}"),
    ANNOUNCEMENT_IN_ENGLISH: _("the text in English; in Polish it is heard as it stands here: {about}"),
    OWN_TEXT: _("the office's text of the regulation, compared with version {about} of its parameters"),
    QUESTION: "{about}",
}


def ask_words(ask: Ask) -> str:
    """Return what somebody must add, in the language that Django speaks."""
    return str(_WORDS[ask.key]).format(about=ANNOUNCED.get(ask.of, ask.about))
