"""Words of the regulation's closed lists, as documents for the public write them."""

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.terms import Length, RetentionKind, RetentionRule, Unit
from rejent.notices.documents.views import DocumentKind
from rejent.office.regulation.vocabulary import (
    FilingPlace,
    Ground,
    HoldEnd,
    HoldTrigger,
    LatePolicy,
    LegalBasis,
    PlaceKind,
    PlacesShown,
    PlaybackRecord,
    Recipient,
    Right,
    RoleName,
    SecondPerson,
    Stations,
    Use,
)

KINDS: dict[DocumentKind, Promise] = {
    DocumentKind.PLATE: _("plate"),
    DocumentKind.CLAUSE: _("information clause"),
    DocumentKind.ANNOUNCEMENT: _("announcement"),
    DocumentKind.OUTGOING: _("text before an outgoing call"),
    DocumentKind.STAFF_INFORMATION: _("information for new staff"),
    DocumentKind.STATEMENT: _("statement"),
    DocumentKind.AUTHORISATION: _("text of the authorisation"),
    DocumentKind.REGISTER: _("register of processing activities"),
    DocumentKind.ASSESSMENT: _("impact assessment, skeleton"),
    DocumentKind.REGULATION: _("provisions of the regulation"),
}
BASES: dict[LegalBasis, Promise] = {
    LegalBasis.CONSENT: _("your consent (GDPR art. 6(1)(a))"),
    LegalBasis.CONTRACT: _("a contract with you (GDPR art. 6(1)(b))"),
    LegalBasis.LEGAL_OBLIGATION: _("a legal obligation of the controller (GDPR art. 6(1)(c))"),
    LegalBasis.VITAL_INTERESTS: _("protection of somebody's life or health (GDPR art. 6(1)(d))"),
    LegalBasis.PUBLIC_TASK: _("a task in the public interest (GDPR art. 6(1)(e))"),
}
_LABOUR_CODE = _("art. 22² of the Labour Code")
_LABOUR_CODE_3 = _("art. 22³ of the Labour Code")
_MUNICIPAL_ACT = _("art. 9a of the municipal self-government act")
STATUTES: dict[Ground, Promise] = {
    **dict.fromkeys(
        (Ground.EMPLOYEE_SAFETY, Ground.PROPERTY, Ground.PRODUCTION_CONTROL, Ground.SECRECY), _LABOUR_CODE
    ),
    **dict.fromkeys((Ground.PUBLIC_ORDER, Ground.CITIZEN_SAFETY, Ground.FIRE_AND_FLOOD), _MUNICIPAL_ACT),
    **dict.fromkeys((Ground.WORKING_TIME, Ground.PROPER_USE), _LABOUR_CODE_3),
}
"""The statute that lists a purpose."""
GROUNDS: dict[Ground, Promise] = {
    Ground.EMPLOYEE_SAFETY: _("safety of employees"),
    Ground.PROPERTY: _("protection of property"),
    Ground.PRODUCTION_CONTROL: _("control of production"),
    Ground.SECRECY: _("secrecy of information whose disclosure could harm the controller"),
    Ground.PUBLIC_ORDER: _("public order and safety"),
    Ground.CITIZEN_SAFETY: _("safety of citizens"),
    Ground.FIRE_AND_FLOOD: _("protection against fire and flood"),
    Ground.WORKING_TIME: _("organisation of work that allows full use of working time"),
    Ground.PROPER_USE: _("proper use of the tools entrusted for work"),
}
"""What a purpose is called in a language that the regulation is not written in."""
RECIPIENTS: dict[Recipient, Promise] = {
    Recipient.COURTS: _("courts"),
    Recipient.PROSECUTOR: _("the prosecutor's office"),
    Recipient.POLICE: _("the police"),
    Recipient.INVESTIGATING_BODIES: _("other bodies that conduct investigations"),
    Recipient.OTHER_ENTITLED: _("other bodies entitled by law"),
}
PROCESSORS: dict[RoleName, Promise] = {
    RoleName.GUARD: _("the security company"),
    RoleName.CONTRACTOR: _("the maintenance company"),
}
TRIGGERS: dict[HoldTrigger, Promise] = {
    HoldTrigger.EVIDENCE: _("it is evidence in proceedings conducted by law"),
    HoldTrigger.KNOWLEDGE: _("the controller has learned that it may be such evidence"),
    HoldTrigger.AUTHORITY_APPLICATION: _("a body entitled by law applies for it"),
    HoldTrigger.PERSON_APPLICATION: _("somebody applies for it in a justified case"),
}
ENDS: dict[HoldEnd, Promise] = {
    HoldEnd.PROCEEDINGS_CONCLUDED: _("until the proceedings are finally concluded"),
    HoldEnd.PROCEEDINGS_NEED: _("for as long as the proceedings need it"),
}
RIGHTS: dict[Right, Promise] = {
    Right.ACCESS: _(
        "see your data, and get a copy on which other people cannot be recognised (GDPR art. 15)"
    ),
    Right.RECTIFICATION: _("have data corrected that are wrong (GDPR art. 16)"),
    Right.ERASURE: _("have data erased in the cases that the law names (GDPR art. 17)"),
    Right.RESTRICTION: _("have the use of your data restricted (GDPR art. 18)"),
    Right.PORTABILITY: _("receive your data and pass them on (GDPR art. 20)"),
    Right.OBJECTION: _("object to the processing, on grounds of your own situation (GDPR art. 21)"),
}
RIGHTS_IN_SHORT: dict[Right, Promise] = {
    Right.ACCESS: _("access"),
    Right.RECTIFICATION: _("rectification"),
    Right.ERASURE: _("erasure"),
    Right.RESTRICTION: _("restriction"),
    Right.PORTABILITY: _("portability"),
    Right.OBJECTION: _("objection"),
    Right.WITHDRAWAL: _("withdrawal of consent"),
    Right.COMPLAINT: _("complaint to the supervisory authority"),
}
FILING_PLACES: dict[FilingPlace, Promise] = {
    FilingPlace.OFFICE: _("at the office"),
    FilingPlace.SECRETARIAT: _("at the secretariat"),
    FilingPlace.FILING_OFFICE: _("at the filing office"),
    FilingPlace.HEAD: _("with the head of the office"),
}
USES: dict[Use, Promise] = {
    Use.WORK_SUPERVISION: _("supervise how employees work"),
    Use.TRAINING: _("train staff"),
    Use.QUALITY: _("improve the quality of service"),
    Use.PROCEDURES: _("write procedures"),
}
SECOND: dict[str, Promise] = {
    SecondPerson.NEVER: _("never"),
    SecondPerson.FOR_UNAUTHORISED: _("when somebody without an authorisation watches too"),
    SecondPerson.ALWAYS: _("always"),
}
STATIONS: dict[str, Promise] = {
    Stations.ANY: _("any computer"),
    Stations.LISTED: _("only computers on the list"),
}
RECORDS: dict[str, Promise] = {
    PlaybackRecord.PROTOCOL: _("a protocol"),
    PlaybackRecord.ENTRY: _("an entry in the register of actions alone"),
}
PLACES: dict[str, Promise] = {
    PlacesShown.LISTED: _("every place is listed"),
    PlacesShown.GENERAL: _("described in general"),
    PlacesShown.SECRET: _("secret"),
}
LATE: dict[str, Promise] = {
    LatePolicy.ACCEPTED: _("is accepted"),
    LatePolicy.NOT_CONSIDERED: _("is not considered"),
    LatePolicy.NO_GUARANTEE: _("is accepted without a promise that the recording still exists"),
}
PLACE_KINDS: dict[str, Promise] = {
    PlaceKind.ENTRANCE: _("entrances"),
    PlaceKind.CORRIDOR: _("corridors"),
    PlaceKind.STAIRS: _("staircases"),
    PlaceKind.HALL: _("halls"),
    PlaceKind.OFFICE: _("office rooms"),
    PlaceKind.SERVICE_POINT: _("service points"),
    PlaceKind.MEETING: _("meeting rooms"),
    PlaceKind.OUTSIDE: _("the area around the building"),
    PlaceKind.ARCHIVE: _("archive rooms"),
}
"""Kinds of areas, where the regulation does not list the places themselves."""


def length(span: Length) -> str:
    """``30 dni``, ``3 miesiące``."""
    forms = {
        Unit.DAYS: ngettext("%(n)s day", "%(n)s days", span.count),
        Unit.WEEKS: ngettext("%(n)s week", "%(n)s weeks", span.count),
        Unit.MONTHS: ngettext("%(n)s month", "%(n)s months", span.count),
    }
    return forms[span.unit] % {"n": span.count}


def period(rule: RetentionRule) -> str:
    """``przez 30 dni`` of a fixed period, ``nie dłużej niż 30 dni`` of one that is the most."""
    frame = gettext("no longer than %(length)s") if rule.kind is RetentionKind.MAXIMUM else gettext("for %(length)s")  # fmt: skip
    return frame % {"length": length(rule.length)}


def listed(words: "list[str]") -> str:
    """``a, b i c``."""
    if len(words) < 2:
        return "".join(words)
    return gettext("%(several)s and %(last)s") % {"several": ", ".join(words[:-1]), "last": words[-1]}


def either(words: "list[str]") -> str:
    """``a, b albo c``."""
    if len(words) < 2:
        return "".join(words)
    return gettext("%(several)s or %(last)s") % {"several": ", ".join(words[:-1]), "last": words[-1]}
