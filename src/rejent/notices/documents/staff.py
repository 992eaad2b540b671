"""What staff get and sign: the information before admission to work, the statement, the text of an authorisation."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.notices.documents.clause import purposes, recipients, recorded, retention, rights
from rejent.notices.documents.completeness import held_against
from rejent.notices.documents.on_forms import form_of, values_of
from rejent.notices.documents.truth import Truth, passage
from rejent.notices.documents.views import Document, DocumentKind, Fact, Section
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.forms import Form, FormPaper, filled
from rejent.office.regulation.provisions import Access
from rejent.office.regulation.vocabulary import Use

INFORMATION = {
    "22²(8):purpose": _("purpose of the monitoring"),
    "22²(8):scope": _("scope of the monitoring"),
    "22²(8):manner": _("manner of the monitoring"),
}
"""What art. 22² § 6 and 8 of the Labour Code demands in writing, before admission to work."""
STATED = {
    "statement:person": _("who states it, on whatever basis they work"),
    "statement:known": _("that the monitoring and the regulation are known"),
    "statement:purposes": _("the purposes of the monitoring"),
    "statement:signature": _("date and signature"),
}
AUTHORISED = {
    "29:scope": _("data set and scope"),
    "29:duties": _("duties of the authorised person"),
    "29:signatures": _("signatures of the issuer and of the authorised person"),
}
OPENING = passage(
    "staff-opening",
    _("First sentence of the information for new staff"),
    _(
        "In this office monitoring is used: {monitoring}. You get this information in writing before you are admitted to work (art. 22² § 8 of the Labour Code), on whatever basis you work here."
    ),
)
MANNER = passage(
    "staff-manner",
    _("How the monitoring is done"),
    _(
        "Recordings are sealed as they are made; only authorised people open them, for one of the purposes listed here, and every opening is entered in a register."
    ),
)
NOT_SUPERVISION = passage(
    "staff-not-supervision",
    _("That work is not supervised"),
    _("Recordings are not used to supervise how you work."),
)
STATEMENT = passage(
    "statement",
    _("Text of the statement"),
    _(
        "I have been informed in writing that monitoring is used at the office ({monitoring}) and I know its rules: “{title}”, in force from {day}. It serves these purposes:"
    ),
)
STATEMENT_RULES = passage(
    "statement-rules",
    _("Statement on the office's form: that the rules are known"),
    _("I know the rules of this monitoring: “{title}”, in force from {day}."),
)
STATEMENT_KEPT = passage(
    "statement-kept",
    _("Where the statement is kept"),
    _(
        "The signed statement is kept in the personnel file, or with the contract under which the work is done."
    ),
)


def information(truth: Truth) -> Document:
    """Return the written information for new staff: purpose, scope and manner of monitoring."""
    why, what = purposes(truth), recorded(truth)
    manner = [truth.say(MANNER)]
    if Use.WORK_SUPERVISION in truth.rules.forbidden_uses:
        manner.append(truth.say(NOT_SUPERVISION))
    sections = (
        Section(
            key="purposes",
            title=why.title,
            text=why.text,
            points=why.points,
            asks=why.asks,
            fulfils=("22²(8):purpose",),
        ),
        Section(key="scope", title=what.title, text=what.text, points=what.points, fulfils=("22²(8):scope",)),
        Section(
            key="manner",
            title=gettext("How it is done"),
            text=tuple(manner),
            facts=tuple(_who_sees(truth)),
            fulfils=("22²(8):manner",),
        ),
        retention(truth),
        recipients(truth),
        rights(truth),
    )
    document = truth.document(
        DocumentKind.STAFF_INFORMATION,
        gettext("Information on monitoring for staff: {monitoring}"),
        sections,
        opening=truth.say(OPENING, monitoring=str(truth.sayings.name)),
        signatures=(gettext("date and signature of whoever received this information"),),
        areas=truth.areas(),
    )
    return held_against(document, INFORMATION, {})


def _who_sees(truth: Truth) -> Iterator[Fact]:
    access = truth.rules.access
    for title, roles in (
        (gettext("Live picture seen by"), access.live),
        (truth.titled("who-opens", gettext("Recordings opened by")), access.recordings),
    ):
        if roles:
            yield title, tuple(str(ROLES[role]) for role in roles)


def statement(truth: Truth, *, person: str = "", post: str = "") -> Document:
    """Return the statement for signature by employees and people on other contracts; what is not given is filled in by hand."""
    regulation = truth.office.regulation
    day = f"{truth.office.in_force_from:%d.%m.%Y}"
    known = {
        "person": person,
        "post": post,
        "office": " · ".join(part for part in (regulation.name, regulation.address) if part),
    }
    form = form_of(truth, FormPaper.STATEMENT)
    sections = (
        *(_on_form(truth, form, known) if form else _in_our_words(truth, known, day)),
        Section(key="kept", text=(truth.say(STATEMENT_KEPT),), fulfils=("statement:signature",)),
    )
    document = truth.document(
        DocumentKind.STATEMENT,
        gettext("Statement on monitoring: {monitoring}"),
        sections,
        signatures=(gettext("place and day"), gettext("signature of whoever makes the statement")),
    )
    return held_against(replace(document, title=form.title) if form else document, STATED, {})


def _in_our_words(truth: Truth, known: Mapping[str, str], day: str) -> Iterator[Section]:
    facts = (
        (gettext("First name and surname"), (known["person"],)),
        (gettext("Post, or kind of contract"), (known["post"],)),
        (gettext("Office"), (known["office"],)),
    )
    yield Section(key="person", facts=facts, fulfils=("statement:person",))
    title = truth.office.regulation.title
    yield Section(
        key="known",
        text=(truth.say(STATEMENT, monitoring=str(truth.sayings.name), title=title, day=day),),
        points=tuple(truth.name_of(each) for each in truth.purposes),
        fulfils=("statement:known", "statement:purposes"),
    )


def _on_form(truth: Truth, form: Form, known: Mapping[str, str]) -> Iterator[Section]:
    """Yield the lines of the annex's form, then that the rules are known, which the law wants stated besides."""
    values = {**values_of(truth), **known}
    facts = tuple((line.name, (known[line.field],)) for line in form.lines if line.field in known)
    if facts:
        yield Section(key="person", facts=facts, fulfils=("statement:person",))
    text = tuple(filled(line, values) for line in form.lines if line.text)
    person = () if facts else ("statement:person",)
    yield Section(key="form", text=text, fulfils=(*person, "statement:purposes"))
    rules = truth.say(STATEMENT_RULES, title=values["title"], day=values["day"])
    yield Section(key="known", text=(rules,), fulfils=("statement:known",))


def authorisation(truth: Truth) -> Document:
    """Return the text of an authorisation, to be issued on paper; what the program issues itself has the same duties."""
    rules, regulation = truth.rules.access, truth.office.regulation
    scope = [
        *((gettext("watching the live picture"),) if rules.live else ()),
        *((gettext("finding and opening recordings"),) if rules.recordings else ()),
    ]
    facts = (
        (gettext("First name and surname"), ("",)),
        (gettext("Post, or kind of contract"), ("",)),
        (gettext("Data set"), (rules.data_set or str(truth.sayings.name),)),
        (gettext("Scope (strike out what does not apply)"), tuple(scope)),
        (gettext("Valid from – until"), ("",)),
        (
            gettext("Issued by"),
            (regulation.head if rules.authorised_by == "head" else str(ROLES[rules.authorised_by]),),
        ),
        (
            gettext("Basis"),
            (
                gettext("GDPR art. 29 and art. 32(4)"),
                *((f"{rules.clause} – {regulation.title}",) if rules.clause else (regulation.title,)),
            ),
        ),
    )
    sections = (
        Section(key="scope", facts=facts, fulfils=("29:scope",) if scope else ()),
        Section(
            key="duties",
            title=gettext("Duties of the authorised person"),
            points=tuple(
                duties(
                    rules,
                    recordings=bool(rules.recordings),
                    ban=gettext("Nobody photographs or films the screen, or records what is heard."),
                )
            ),
            fulfils=("29:duties", "29:signatures"),
        ),
    )
    document = truth.document(
        DocumentKind.AUTHORISATION,
        gettext("Authorisation: {monitoring}"),
        sections,
        opening=gettext(
            "{controller} authorises the person named below to use the monitoring within the limits stated here."
        ).format(controller=regulation.controller),
        closing=gettext(
            "I know the scope of this authorisation and undertake to fulfil the duties listed above."
        ),
        signatures=(
            gettext("date and signature of the issuer"),
            gettext("date and signature of the authorised person"),
        ),
    )
    excused = {} if scope else {"29:scope": gettext("The regulation lets nobody see recordings.")}
    return held_against(document, AUTHORISED, excused)


def duties(rules: Access, *, recordings: bool, ban: str) -> Iterator[str]:
    """Yield the duties of whoever sees recordings (S1 § 3, S2 § 5.4, § 7.6–7.9, S4 § 8.1), in words of our own."""
    if recordings:
        yield gettext(
            "A recording is opened only for a purpose that the regulation lists; purpose and case are stated first."
        )
        if rules.exceptional_only:
            yield gettext("Recordings are opened only in exceptional, justified cases.")
    yield gettext(
        "What was seen or heard serves that purpose alone and stays secret, also after work here has ended."
    )
    if rules.photographing_forbidden:
        yield ban
    yield gettext("The office's rules for the protection of personal data are kept.")
    yield gettext("Passwords, codes and passkeys are handed to nobody.")
    yield gettext(
        "Every use is entered in the register of actions, and supervision by the data protection officer is accepted."
    )
