"""Cases in the reader's words: kinds, states, ways, fields, and how a deadline was counted."""

from collections.abc import Collection, Iterator, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.cases.rules import Demands
from rejent.cases.views import CaseView, Channel, Kind, PaperKind, State
from rejent.kernel.explanations import counted_line
from rejent.kernel.terms import ActDeadline
from rejent.office.regulation.vocabulary import ApplicationField, LatePolicy
from rejent.web.words.wording import day_digits, sentence_words

CASE_KINDS: Mapping[Kind, str | Promise] = {
    Kind.PRESERVATION: _("application for preservation"),
    Kind.DISCLOSURE: _("application for disclosure"),
}
CASE_STATES: Mapping[State, tuple[str, str | Promise]] = {
    State.WAITING: ("attention", pgettext_lazy("state of a case", "waits for the decision")),
    State.GRANTED: ("held", pgettext_lazy("state of a case", "consent")),
    State.PARTLY: ("held", pgettext_lazy("state of a case", "consent in part")),
    State.REFUSED: ("neutral", pgettext_lazy("state of a case", "refusal")),
}
"""Tint and word of each state."""
CHANNELS: Mapping[Channel, str | Promise] = {
    Channel.IN_PERSON: _("in person, on paper"),
    Channel.POST: _("by post"),
    Channel.E_DELIVERY: _("e-Doręczenia"),
    Channel.EPUAP: _("ePUAP"),
    Channel.E_MAIL: _("by e-mail"),
    Channel.ORAL: _("orally"),
}
FIELDS: Mapping[ApplicationField, tuple[str | Promise, str | Promise]] = {
    ApplicationField.PLACE: (_("Place of the event"), _("as the application states it")),
    ApplicationField.DESCRIPTION: (_("Description of the event"), _("as the application states it")),
    ApplicationField.PURPOSE: (
        _("Purpose"),
        _("what the recording is wanted for, as the application states it"),
    ),
    ApplicationField.CALLER_NUMBER: (_("Number that called"), _("for example 600 000 000")),
    ApplicationField.CALLED_NUMBER: (_("Number that was called"), _("for example 62 742 83 00")),
    ApplicationField.TELEPHONE_NUMBER: (
        _("Telephone number"),
        _("of either party, as the application states it"),
    ),
    ApplicationField.LEGAL_BASIS: (
        _("Legal basis of the body"),
        _("for example art. 15 sec. 1 point 6 of the Police Act"),
    ),
    ApplicationField.CASE_NUMBER: (_("Sign of the body's case"), _("for example RSD-17/26")),
}
"""Label and hint of each text of an application."""


OPENINGS: Mapping[Kind, str | Promise] = {
    Kind.PRESERVATION: _(
        "I ask that the recordings of the monitoring described here be kept from destruction."
    ),
    Kind.DISCLOSURE: _("I ask that the recordings of the monitoring described here be disclosed."),
}
"""What an application asks for, in a sentence."""
PAPERS: Mapping[PaperKind, str | Promise] = {
    PaperKind.APPLICATION: _("application form"),
    PaperKind.RECEIPT: _("confirmation of receipt"),
    PaperKind.DECISION: pgettext_lazy("paper of a case", "decision"),
}
_OFFERED: Mapping[Kind, frozenset[ApplicationField]] = {
    Kind.PRESERVATION: frozenset({ApplicationField.DESCRIPTION}),
    Kind.DISCLOSURE: frozenset(
        {ApplicationField.LEGAL_BASIS, ApplicationField.CASE_NUMBER, ApplicationField.PURPOSE}
    ),
}
"""Texts that a form has although the regulation does not demand them."""


def fields_of_form(kind: Kind, demanded: Collection[ApplicationField]) -> list[ApplicationField]:
    """Return the texts of a form, in its order."""
    return [field for field in FIELDS if field in demanded or field in _OFFERED[kind]]


def kind_title(kind: Kind) -> str:
    """Return what an application is called at the head of a page."""
    words = str(CASE_KINDS[kind])
    return words[0].upper() + words[1:]


def field_label(name: str) -> str:
    """Return the label of a text by its name; the name of an unknown one."""
    known = {field.value: label for field, (label, _hint) in FIELDS.items()}
    return str(known.get(name, name))


def counted_words(deadline: ActDeadline) -> str:
    """Return how a deadline was counted, in one line: ``10.12.2026 + 14 dni = 24.12.2026 (Wigilia) → …``."""
    return sentence_words(counted_line(deadline))


def filing_words(
    deadline: ActDeadline | None, demands: Demands, *, late: bool, grounds: bool = True
) -> Iterator[str]:
    """Yield what follows from the deadline: in time or late, what becomes of late ones, and on which ``grounds``."""
    if deadline is None:
        yield gettext("The regulation sets no term for this application.")
    elif not late:
        yield gettext("Filed in time: the last day is %(day)s.") % {"day": day_digits(deadline.last_day)}
    else:
        yield gettext("Filed late: the last day was %(day)s.") % {"day": day_digits(deadline.last_day)}
        yield str(_LATE[demands.late])
    if demands.clause and grounds:
        yield gettext("Grounds: %(clause)s.") % {"clause": demands.clause}


_LATE: Mapping[LatePolicy, str | Promise] = {
    LatePolicy.ACCEPTED: _("The regulation treats late applications like others."),
    LatePolicy.NOT_CONSIDERED: _(
        "The regulation does not consider late applications. The recording is held until the decision says whether it may be evidence."
    ),
    LatePolicy.NO_GUARANTEE: _(
        "The regulation promises nothing to late applications: what is still there is held and decided on."
    ),
}


def outcome_words(view: CaseView) -> str:
    """Return the state of a case in words."""
    return str(CASE_STATES[view.state][1])
