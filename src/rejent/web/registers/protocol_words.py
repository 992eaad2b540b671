"""The parts of a protocol and how far it has come, in the reader's words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rejent.access.views import ProtocolState, ProtocolView
from rejent.web.recordings import pages_of

FIELDS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "event-time": (
        _("Date and time of the event"),
        _("as the recording tells it; the protocol lists the parts that were played by itself"),
    ),
    "parties": (
        _("Who took part, or the kind of case"),
        _("employees by name and post; others as far as they are known, else the kind of case"),
    ),
    "place": (
        _("Place of the event"),
        _("for example the entrance, the counter, or the telephone number"),
    ),
    "breach": (_("Kind of breach and its circumstances"), _("what happened, and what else matters for it")),
    "causes": (_("Causes of the event"), _("as far as they can be told; else that they are not known")),
    "actions": (
        _("Actions taken"),
        _("for example: a hold placed, the police told, a superior told; or none"),
    ),
    "proceedings": (_("Explanatory proceedings"), _("who conducts them and under which sign; or none")),
    "findings": (_("What was found"), _("what the recording tells for this case; or that it tells nothing")),
    "follow-up": (
        _("What follows from it"),
        _("for example: a hold placed, handed to the police, nothing further"),
    ),
}
"""Title and hint of each field."""

STATES: Mapping[ProtocolState, tuple[str, str | Promise]] = {
    ProtocolState.OPEN: ("recording", pgettext_lazy("state of a protocol", "recording still open")),
    ProtocolState.UNFINISHED: ("attention", pgettext_lazy("state of a protocol", "to be finished")),
    ProtocolState.WAITING: ("held", pgettext_lazy("state of a protocol", "waits for the position")),
    ProtocolState.COMPLETE: ("neutral", pgettext_lazy("state of a protocol", "complete")),
}
"""Tint and word of each state."""


def protocol_title(view: ProtocolView) -> str:
    """Return the title of a protocol, after its act."""
    return str(pages_of(view.source_id).words.protocol) % {"number": view.number}


def field_title(field: str) -> str:
    """Return the title of a field; the identifier of an unknown one."""
    known = FIELDS.get(field)
    return str(known[0]) if known else field


def state_words(state: ProtocolState) -> str:
    """Return the word of a state."""
    return str(STATES[state][1])
