"""The full clause of GDPR art. 13, section by section."""

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.notices.documents import asks as lacking
from rejent.notices.documents import words
from rejent.notices.documents.completeness import art_13
from rejent.notices.documents.on_forms import form_of, on_form
from rejent.notices.documents.truth import Truth, basis_of, is_untranslated, passage
from rejent.notices.documents.views import Ask, Document, DocumentKind, Section
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.forms import FormPaper
from rejent.office.regulation.provisions import Purpose
from rejent.office.regulation.vocabulary import Assurance, FilingPlace, LegalBasis, Right, Use

OPENING = passage(
    "clause-opening",
    _("First sentence of the clause"),
    _("This notice says who records you, why and for how long, and what rights you have (GDPR art. 13). It follows “{title}”, in force from {day}."),
)  # fmt: skip
CONTROLLER = passage(
    "controller", _("Controller"), _("The controller of your personal data is {controller}.")
)
ADDRESS = passage(
    "controller-address", _("How the controller is reached"), _("The controller's address: {address}.")
)
OFFICER = passage(
    "officer",
    _("Data protection officer"),
    _("In everything that concerns your data you can write to the data protection officer: {contact}."),
)
PURPOSES = passage(
    "purposes",
    _("Before the list of purposes"),
    _("We record only for the purposes listed here, each on one legal basis:"),
)
CONSENT = passage(
    "consent",
    _("Consent by staying on the line"),
    _("Whoever stays on the line after the announcement consents to the recording."),
)
HOURS = passage("hours", _("Recording day and night"), _("Recording goes on day and night."))
IDENTIFIED = passage(
    "identified", _("That people can be recognised"), _("People can be recognised in the recordings.")
)
AREAS = passage("areas", _("Before the list of monitored areas"), _("These areas are monitored:"))
RECIPIENTS = passage(
    "recipients", _("Recipients"), _("Only those entitled by law may receive recordings: {recipients}.")
)
PROCESSORS = passage(
    "processors",
    _("Companies that work for the controller"),
    _(
        "Companies that work for the controller under a contract may have access, as far as their work needs it: {processors}."
    ),
)
TRANSFERS = passage(
    "transfers",
    _("Other countries"),
    _(
        "Your data are not sent to countries outside the European Economic Area, nor to international organisations."
    ),
)
RETENTION = passage(
    "retention",
    _("How long recordings are kept"),
    _(
        "Recordings are kept {period}, counted from the day of recording; then the keys that open them are destroyed, so that nobody can open them any more."
    ),
)
EXTENSION = passage(
    "extension", _("When a recording is kept longer"), _("A recording is kept longer, {until}, if {reasons}.")
)
RIGHTS = passage("rights", _("Before the list of rights"), _("You have the right to:"))
WITHDRAWAL = passage(
    "withdrawal",
    _("Withdrawal of consent"),
    _("You may withdraw your consent at any time. What was done before that stays lawful."),
)
COMPLAINT = passage(
    "complaint",
    _("Complaint"),
    _(
        "You may complain to the President of the Personal Data Protection Office (uodo.gov.pl) if you think that your data are processed against the law."
    ),
)
NO_DECISIONS = passage(
    "no-decisions", _("Automated decisions"), _("No decision about you is made automatically.")
)
NO_PROFILING = passage("no-profiling", _("Profiling"), _("Your data are not used for profiling."))
NOT_USED = passage("not-used", _("What recordings are not used for"), _("Recordings are not used to {uses}."))
ALSO_USED = passage(
    "also-used", _("What recordings are also used for"), _("Recordings may also be used to {uses}.")
)
PRESERVATION = passage(
    "preservation",
    _("How to ask that a recording be kept"),
    _("If a recording may be needed in proceedings, you can ask for it to be kept before its time ends."),
)


def clause(truth: Truth) -> Document:
    """Return the full clause of a stream, with each item of art. 13 held against it."""
    regulation = truth.office.regulation
    document = truth.document(
        DocumentKind.CLAUSE,
        gettext("Information clause: {monitoring}"),
        sections_of(truth),
        opening=truth.say(OPENING, title=regulation.title, day=f"{truth.office.in_force_from:%d.%m.%Y}"),
        areas=truth.areas(),
        remarks=tuple(truth.remarks()),
    )
    form = form_of(truth, FormPaper.CLAUSE)
    return art_13(on_form(document, truth, form) if form else document, truth)


def sections_of(truth: Truth) -> Iterator[Section]:
    """Yield the sections in the order in which readers ask."""
    yield controller(truth)
    yield officer(truth)
    yield recorded(truth)
    yield purposes(truth)
    yield retention(truth)
    yield recipients(truth)
    yield from transfers(truth)
    yield rights(truth)
    if Right.WITHDRAWAL in truth.rights:
        yield Section(
            key="withdrawal",
            title=gettext("Withdrawal of consent"),
            text=(truth.say(WITHDRAWAL),),
            fulfils=("13(2)(c)",),
        )
    yield Section(
        key="complaint", title=gettext("Complaint"), text=(truth.say(COMPLAINT),), fulfils=("13(2)(d)",)
    )
    yield Section(
        key="provision",
        title=gettext("Must you be recorded?"),
        text=(str(truth.sayings.provision),),
        fulfils=("13(2)(e)",),
    )
    yield from automation(truth)
    yield preservation(truth)


def controller(truth: Truth) -> Section:
    """Return who is responsible (art. 13(1)(a))."""
    regulation = truth.office.regulation
    address = (truth.say(ADDRESS, address=regulation.address),) if regulation.address else ()
    return Section(
        key="controller",
        title=gettext("Who is responsible for your data"),
        text=(truth.say(CONTROLLER, controller=regulation.controller), *address),
        asks=() if address else (Ask(lacking.ADDRESS),),
        fulfils=("13(1)(a)",),
    )


def officer(truth: Truth) -> Section:
    """Return how the data protection officer is reached (art. 13(1)(b))."""
    contact = truth.office.regulation.contact
    return Section(
        key="officer",
        title=gettext("Data protection officer"),
        text=(truth.say(OFFICER, contact=contact),) if contact else (),
        asks=() if contact else (Ask(lacking.CONTACT),),
        fulfils=("13(1)(b)",),
    )


def recorded(truth: Truth) -> Section:
    """Return what is recorded and where."""
    text = [str(truth.sayings.recorded)]
    if truth.rules.identification:
        text.append(truth.say(IDENTIFIED))
    if truth.rules.round_the_clock:
        text.append(truth.say(HOURS))
    areas = truth.areas()
    if areas:
        text.append(truth.say(AREAS))
    return Section(
        key="recorded",
        title=gettext("What is recorded"),
        text=tuple(text),
        points=tuple(f"{area.building}: {area.name}" for area in areas),
    )


def purposes(truth: Truth) -> Section:
    """Return the purposes, each with its one basis (art. 13(1)(c))."""
    asks = []
    for each in truth.purposes:
        if basis_of(truth.rules, each) is None:
            asks.append(Ask(lacking.BASIS, each.text, each.id))
        if is_untranslated(truth, each):
            asks.append(Ask(lacking.PURPOSE_IN_ENGLISH, each.text, each.id))
    if not truth.purposes:
        asks.append(Ask(lacking.PURPOSE))
    text = [truth.say(PURPOSES)]
    if truth.rules.announcements.staying_is_consent and LegalBasis.CONSENT in truth.bases:
        text.insert(0, truth.say(CONSENT))
    return Section(
        key="purposes",
        title=truth.titled("purposes", gettext("Why we record and on what basis")),
        text=tuple(text),
        points=tuple(_purpose(truth, each) for each in truth.purposes),
        facts=tuple(_uses(truth)),
        asks=tuple(asks),
        fulfils=("13(1)(c)",),
    )


def _purpose(truth: Truth, purpose: Purpose) -> str:
    basis = basis_of(truth.rules, purpose)
    statute = words.STATUTES.get(purpose.ground) if purpose.ground else None
    grounds = [str(each) for each in (basis and words.BASES[basis], statute) if each]
    return " – ".join([truth.name_of(purpose), ", ".join(grounds)] if grounds else [truth.name_of(purpose)])


def _uses(truth: Truth) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each, title, uses in (
        (NOT_USED, gettext("Not used"), truth.rules.forbidden_uses),
        (ALSO_USED, gettext("Also used"), truth.rules.permitted_uses),
    ):
        if uses:
            yield title, (truth.say(each, uses=words.either([str(words.USES[Use(one)]) for one in uses])),)


def retention(truth: Truth) -> Section:
    """Return how long recordings are kept, and when longer (art. 13(2)(a))."""
    rules = truth.rules
    title = truth.titled("retention", gettext("How long we keep recordings"))
    extended = truth.say(
        EXTENSION,
        until=str(words.ENDS[rules.extension.until]),
        reasons=words.either([str(words.TRIGGERS[each]) for each in rules.extension.triggers]),
    )
    after = (extended,) if rules.extension.triggers else ()
    if rules.stream_retention is not None:
        kept = truth.say(RETENTION, period=words.period(rules.stream_retention))
        return Section(key="retention", title=title, text=(kept, *after), fulfils=("13(2)(a)",))
    periods = [(each, each.retention) for each in truth.purposes if each.retention]
    asks = () if rules.retention else (Ask(lacking.RETENTION),)
    points = tuple(
        f"{truth.name_of(each)}: {truth.say(RETENTION, period=words.period(rule))}" for each, rule in periods
    )
    return Section(key="retention", title=title, text=after, points=points, asks=asks, fulfils=("13(2)(a)",))


def recipients(truth: Truth) -> Section:
    """Return who may receive recordings (art. 13(1)(e))."""
    bodies = words.listed([str(words.RECIPIENTS[each]) for each in truth.rules.handover.recipients])
    processors = words.listed([*truth.processors()])
    text = (
        *((truth.say(RECIPIENTS, recipients=bodies),) if bodies else ()),
        *((truth.say(PROCESSORS, processors=processors),) if processors else ()),
    )
    return Section(
        key="recipients",
        title=truth.titled("recipients", gettext("Who may receive recordings")),
        text=text,
        fulfils=("13(1)(e)",),
    )


def transfers(truth: Truth) -> Iterator[Section]:
    """Yield whether data leave the European Economic Area (art. 13(1)(f)), asking where the regulation is silent."""
    stated = Assurance.NO_TRANSFER in truth.rules.notices.assurances or TRANSFERS.name in truth.wordings
    yield Section(
        key="transfers",
        title=gettext("Other countries"),
        text=(truth.say(TRANSFERS),) if stated else (),
        asks=() if stated else (Ask(lacking.TRANSFERS),),
        fulfils=("13(1)(f)",),
    )


def rights(truth: Truth) -> Section:
    """Return the rights (art. 13(2)(b)); withdrawal and complaint have sections of their own."""
    given = tuple(str(words.RIGHTS[right]) for right in truth.rights if right in words.RIGHTS)
    return Section(
        key="rights",
        title=truth.titled("rights", gettext("Your rights")),
        text=(truth.say(RIGHTS),),
        points=given,
        fulfils=("13(2)(b)",),
    )


def automation(truth: Truth) -> Iterator[Section]:
    """Yield what the regulation assures of automated decisions and profiling (art. 13(2)(f))."""
    assured = truth.rules.notices.assurances
    text = [
        *((truth.say(NO_DECISIONS),) if Assurance.NO_AUTOMATED_DECISIONS in assured else ()),
        *((truth.say(NO_PROFILING),) if Assurance.NO_PROFILING in assured else ()),
    ]
    if text:
        yield Section(
            key="automation", title=gettext("Automated decisions"), text=tuple(text), fulfils=("13(2)(f)",)
        )


def preservation(truth: Truth) -> Section:
    """Return how somebody asks for a recording to be kept."""
    rules = truth.rules.preservation
    facts = [
        (
            gettext("Apply to"),
            (truth.office.regulation.head if rules.to == "head" else str(ROLES[rules.to]),),
        ),
    ]
    if rules.filed_at is not FilingPlace.HEAD:
        facts.append((gettext("File the application"), (str(words.FILING_PLACES[rules.filed_at]),)))
    if rules.written:
        facts.append((gettext("Form"), (gettext("in writing"),)))
    if rules.window:
        within = gettext("{length}, counted from the day of the event").format(
            length=words.length(rules.window)
        )
        facts.append((gettext("Time limit"), (within,)))
    return Section(
        key="preservation",
        title=truth.titled("preservation", gettext("If you need a recording")),
        text=(truth.say(PRESERVATION),),
        facts=tuple(facts),
    )
