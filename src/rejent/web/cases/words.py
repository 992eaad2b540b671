"""Cases in the reader's words: kinds, states, ways, fields, and how a deadline was counted."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.cases.kinds import RIGHTS as KIND_RIGHTS
from rejent.cases.kinds import Demands, looks_for
from rejent.cases.rules import answer_deadline
from rejent.cases.views import Application, CaseView, Channel, Despite, Identity, Kind, PaperKind, State
from rejent.kernel.explanations import counted_line
from rejent.kernel.terms import ActDeadline
from rejent.office import queries as office
from rejent.office.regulation.provisions import Copies
from rejent.office.regulation.vocabulary import ApplicationField, CopyOrigin, LatePolicy, Right
from rejent.web.words.wording import day_digits, length_words, sentence_words

CASE_KINDS: Mapping[Kind, str | Promise] = {
    Kind.PRESERVATION: _("application for preservation"),
    Kind.DISCLOSURE: _("application for disclosure"),
    Kind.RIGHT: _("application of a recorded person"),
    Kind.PUBLIC_INFORMATION: _("request for public information"),
    Kind.INTERNAL: _("internal matter"),
}
KIND_HINTS: Mapping[Kind, str | Promise] = {
    Kind.PRESERVATION: _("somebody asks that a recording be kept from destruction"),
    Kind.DISCLOSURE: _("a court, the prosecutor, the police or another entitled body asks for a recording"),
    Kind.RIGHT: _("somebody recorded asks for access, restriction or another right of the GDPR"),
    Kind.PUBLIC_INFORMATION: _("somebody asks for recordings under the act on access to public information"),
    Kind.INTERNAL: _("the office itself has a matter that a recording may prove"),
}
CASE_STATES: Mapping[State, tuple[str, str | Promise]] = {
    State.WAITING: ("attention", pgettext_lazy("state of a case", "waits for the decision")),
    State.GRANTED: ("held", pgettext_lazy("state of a case", "consent")),
    State.PARTLY: ("held", pgettext_lazy("state of a case", "consent in part")),
    State.REFUSED: ("neutral", pgettext_lazy("state of a case", "refusal")),
    State.WITHDRAWN: ("neutral", pgettext_lazy("state of a case", "withdrawn")),
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
    ApplicationField.LETTER_DAY: (_("Date of the letter"), _("the one on it; empty where it bears none")),
}
"""Label and hint of each text of an application."""


OPENINGS: Mapping[Kind, str | Promise] = {
    Kind.PRESERVATION: _(
        "I ask that the recordings of the monitoring described here be kept from destruction."
    ),
    Kind.DISCLOSURE: _("I ask that the recordings of the monitoring described here be disclosed."),
    Kind.RIGHT: _("I use the right of a person whom the monitoring recorded, as described here."),
    Kind.PUBLIC_INFORMATION: _("I ask for what is described here as public information."),
    Kind.INTERNAL: _("Recordings of the monitoring are needed in the office's own matter described here."),
}
"""What an application asks for, in a sentence."""
PAPERS: Mapping[PaperKind, str | Promise] = {
    PaperKind.APPLICATION: _("application form"),
    PaperKind.RECEIPT: _("confirmation of receipt"),
    PaperKind.PROLONGATION: _("letter on the longer term"),
    PaperKind.DECISION: pgettext_lazy("paper of a case", "decision"),
    PaperKind.NOTICE: _("notice to recipients (GDPR art. 19)"),
    PaperKind.LABEL: _("label of a copy"),
    PaperKind.HAND_OVER: _("paper of a hand-over"),
    PaperKind.SIGNED_ON_SCREEN: _("paper of a hand-over, signed on the screen"),
    PaperKind.DESTRUCTION: _("protocol of a destruction"),
}
RIGHTS: Mapping[Right, str | Promise] = {
    Right.ACCESS: _("access to the recording, also a copy"),
    Right.RECTIFICATION: _("rectification of what is entered"),
    Right.ERASURE: _("erasure"),
    Right.RESTRICTION: _("restriction: nobody opens the recording"),
    Right.PORTABILITY: _("data portability"),
    Right.OBJECTION: _("objection"),
    Right.WITHDRAWAL: _("withdrawal of consent"),
}
DESPITE: Mapping[Despite, str | Promise] = {
    Despite.CONSENT: _("whoever had it restricted agrees"),
    Despite.CLAIMS: _("legal claims are established, exercised or defended"),
    Despite.RIGHTS: _("the rights of another person are protected"),
    Despite.INTEREST: _("an important public interest of the Union or a Member State"),
}
"""Grounds of GDPR art. 18(2)."""
IDENTITIES: Mapping[Identity, str | Promise] = {
    Identity.DOCUMENT: _("a document with a picture was shown"),
    Identity.SIGNATURE: _("signed electronically: qualified, personal or trusted signature"),
    Identity.KNOWN: _("known to whoever took the application"),
    Identity.NOT_SHOWN: _("not shown yet"),
}


def fields_of_form(demands: Demands) -> list[ApplicationField]:
    """Return the texts of a form, in its order."""
    return [field for field in FIELDS if field in demands.fields or field in demands.offered]


def right_words(right: str) -> str:
    """Return a right with its article."""
    named = Right(right)
    return f"{RIGHTS[named]} ({KIND_RIGHTS[named].article})"


def answer_words(kind: Kind, received_on: date, *, prolonged: bool = False) -> str:
    """Return how the deadline of the answer is counted, in one line; nothing where the law sets none."""
    deadline = answer_deadline(kind, received_on, prolonged=prolonged)
    return counted_words(deadline) if deadline else ""


_LABELS: dict[str, str | Promise] = {
    "applicant": _("Applicant"),
    "address": _("Address"),
    "contact": _("Telephone or e-mail"),
    "own": _("Does the applicant work in the office?"),
    "channel": _("How it came"),
    "received_on": _("Received on"),
    "posted_on": _("Posted on"),
    "event_first": _("Day of the event"),
    "event_last": _("or up to the day"),
    "start": _("From"),
    "end": _("To"),
    "sources": _("Sources"),
    "right": _("Right"),
    "identity": _("How the identity was checked"),
}
"""Labels of the fields that every form has."""


def kind_title(kind: Kind) -> str:
    """Return what an application is called at the head of a page."""
    words = str(CASE_KINDS[kind])
    return words[0].upper() + words[1:]


def detail_words(name: str, text: str) -> str:
    """Return a text of an application as it is read."""
    is_day = name == ApplicationField.LETTER_DAY and text
    return day_digits(date.fromisoformat(text)) if is_day else text


def describe_day(wanted: Application) -> str:
    """Return what follows the word "application" in a sentence: its own day, or the day of its receipt where it is not known."""
    if wanted.letter_day is None:
        return gettext("that came in on %(day)s") % {"day": day_digits(wanted.received_on)}
    return pgettext("application", "of %(day)s") % {"day": day_digits(wanted.letter_day)}


def field_label(name: str) -> str:
    """Return the label of a text by its name; the name of an unknown one."""
    known = {field.value: label for field, (label, _hint) in FIELDS.items()} | _LABELS
    return str(known.get(name, name))


INSTRUCTIONS: Mapping[Kind, tuple[str | Promise, ...]] = {
    Kind.RIGHT: (
        _(
            "A complaint may be lodged with the President of the Personal Data Protection Office (GDPR art. 77)."
        ),
        _("Whoever holds that their rights were infringed may also turn to a court (GDPR art. 79)."),
    ),
    Kind.PUBLIC_INFORMATION: (
        _("Whoever disagrees may lodge a complaint on inaction with the regional administrative court."),
    ),
}
"""What an answer says of the ways open to who asked."""


def further_steps(view: CaseView) -> Iterator[str]:
    """Yield what whoever applied needs to know once it is decided: under which number a recording is asked for, until when, where to complain."""
    kind = view.application.kind
    regulation = office.verified_version(view.version)
    kept = view.state in {State.GRANTED, State.PARTLY} and bool(view.holds)
    if kind in {Kind.PRESERVATION, Kind.DISCLOSURE} and kept:
        numbers = ", ".join([view.number, *view.holds])
        if kind is Kind.PRESERVATION:
            template = gettext(
                "The recording is given to the police, the prosecutor, a court or another body entitled by law, which asks for it in writing under the number %(numbers)s. State this number when you report the matter."
            )
        else:
            template = gettext("In this matter refer to the number %(numbers)s.")
        yield template % {"numbers": numbers}
    rules = regulation.stream(view.application.stream)
    if kind is Kind.PRESERVATION and kept and rules and rules.copies.on_preservation:
        yield from _life_of_a_copy(rules.copies)
    yield from map(str, INSTRUCTIONS.get(kind, ()))
    if kind is Kind.PRESERVATION:
        yield gettext(
            "Whoever holds that their data are processed against the law may complain to the President of the Personal Data Protection Office (GDPR art. 77)."
        )
        if regulation.municipality:
            yield gettext(
                "A complaint about how the office dealt with the application is heard by the municipal council (Code of Administrative Procedure art. 227 and 229 point 3)."
            )


def _life_of_a_copy(rules: Copies) -> Iterator[str]:
    if rules.lifetime is None:
        return
    template = (
        gettext(
            "A copy made for this application is kept for %(length)s from the recording; if nobody entitled by law asks for it by then, it is destroyed."
        )
        if rules.lifetime_from is CopyOrigin.RECORDING
        else gettext(
            "A copy made for this application is kept for %(length)s from its making; if nobody entitled by law asks for it by then, it is destroyed."
        )
    )
    yield template % {"length": length_words(rules.lifetime.count, rules.lifetime.unit)}


def counted_words(deadline: ActDeadline) -> str:
    """Return how a deadline was counted, in one line: ``10.12.2026 + 14 dni = 24.12.2026 (Wigilia) → …``."""
    return sentence_words(counted_line(deadline))


def refused_words(demands: Demands) -> list[str]:
    """Return the sentence on why refusal alone is left; nothing where it is not."""
    if not demands.refused_since:
        return []
    return [gettext(demands.refused_since).format(clause=demands.clause)]


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


def nothing_held_words(view: CaseView) -> str:
    """Return why an application holds nothing: none was looked for, it was destroyed before, or none was found."""
    wanted = view.application
    if not looks_for(wanted.kind, wanted.right):
        return gettext("For such an application no recording is looked for and none is held.")
    if view.lost:
        return gettext("What the application is about had been destroyed before.")
    return gettext("No recording was found by what the application says.")


def may_still_be_found(view: CaseView) -> bool:
    """Return whether a correction of an application of which nothing was found would look for recordings again."""
    wanted = view.application
    return view.decision is None and not view.lost and looks_for(wanted.kind, wanted.right)


def is_for_proceedings(kind: Kind) -> bool:
    """Return whether what a kind of application holds may be evidence in proceedings, and so waits for their end."""
    return kind not in {Kind.RIGHT, Kind.INTERNAL}
