"""Monitoring of official e-mail in the words of the documents that tell people of it."""

from django.utils.translation import gettext_lazy as _

from rejent.notices.stream_parts import Sayings

SAYINGS = Sayings(
    name=_("monitoring of official e-mail"),
    recorded=_(
        "Messages of official mailboxes are kept sealed and opened in a case only, by two people together. Of a message marked private, and of one with an exempt person, nothing is kept."
    ),
    data=(
        _("content and attachments of messages"),
        _("sender, recipients, time and size"),
    ),
    people=(_("staff"), _("people who exchange messages with official mailboxes")),
    provision=_(
        "No law and no contract obliges you to write to an official mailbox; whoever does is recorded, unless the message is marked private."
    ),
    necessity=(
        _("Why can the purposes not be reached by milder means, such as rules for mailboxes and training?"),
        _("Why are these mailboxes included, and which counterparts must be exempt?"),
        _("Why are messages needed for so long?"),
    ),
    risks=(
        _("secrecy of correspondence is broken, also that of people outside the office"),
        _("messages are read by somebody without authority, or get into other hands"),
        _("messages serve another purpose, such as judging somebody's work"),
        _("people no longer write to those who protect them, such as unions"),
    ),
)
