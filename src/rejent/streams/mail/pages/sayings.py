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
    wordings={
        "purposes": _("Messages are kept only for the purposes listed here, each on one legal basis:"),
        "rights": _("Whoever writes or gets messages has the right to:"),
        "retention": _(
            "Messages are kept {period}, counted from the day on which they came or were sent; then the keys that open them are destroyed, so that nobody can open them any more."
        ),
        "extension": _("Messages are kept longer, {until}, if {reasons}."),
        "recipients": _("Only those entitled by law may receive messages: {recipients}."),
        "not-used": _("Messages are not used to {uses}."),
        "also-used": _("Messages may also be used to {uses}."),
        "preservation": _(
            "If messages may be needed in proceedings, you can ask for them to be kept before their time ends."
        ),
        "staff-manner": _(
            "Messages are sealed as they come; only authorised people open them, two together, in a case, for one of the purposes listed here, and every opening is entered in a register."
        ),
        "staff-not-supervision": _("Messages are not used to supervise how you work."),
    },
    titles={
        "purposes": _("Why messages are kept and on what basis"),
        "rights": _("Rights of whoever writes or gets messages"),
        "retention": _("How long we keep messages"),
        "recipients": _("Who may receive messages"),
        "preservation": _("If you need messages"),
        "who-opens": _("Messages opened by"),
    },
    risks=(
        _("secrecy of correspondence is broken, also that of people outside the office"),
        _("messages are read by somebody without authority, or get into other hands"),
        _("messages serve another purpose, such as judging somebody's work"),
        _("people no longer write to those who protect them, such as unions"),
    ),
)
