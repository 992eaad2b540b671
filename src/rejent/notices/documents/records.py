"""What the office accounts for: the register of processing activities (GDPR art. 30), and an impact assessment begun (art. 35)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.notices.documents import words
from rejent.notices.documents.asks import QUESTION
from rejent.notices.documents.clause import sections_of
from rejent.notices.documents.completeness import ART_30, ART_35, held_against
from rejent.notices.documents.truth import Truth, basis_of, passage
from rejent.notices.documents.views import Ask, Document, DocumentKind, Fact, Item, Section, State
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import SecondPerson, Stations

MEASURES = (
    _(
        "recordings are sealed with a key of their day as they are made; recorders hold no key that opens them"
    ),
    _(
        "at the end of their time the keys are destroyed, then the files; the destruction is proved by an entry"
    ),
    _("every act is entered in a register of actions that can only grow, before it takes effect"),
    _(
        "recordings are opened only by authorised people, for a stated purpose, with their name on the picture or beside the sound"
    ),
)
"""What the program does of itself, whatever the regulation says."""
TO_DECIDE = passage(
    "assessment-opening",
    _("First sentence of the impact assessment"),
    _(
        "The program filled in what it knows. What is marked must be answered by people before the monitoring starts; the data protection officer's advice is asked (GDPR art. 35(2))."
    ),
)


def register(truths: Sequence[Truth]) -> Document:
    """Return the register of processing activities of all recorded streams, a part for each."""
    first = truths[0]
    sections = tuple(_activity(truth) for truth in truths)
    document = Document(
        kind=DocumentKind.REGISTER,
        stream="",
        language=first.language,
        office=first.office.regulation.name,
        title=gettext("Register of processing activities: monitoring"),
        version=first.office.version,
        in_force_from=first.office.in_force_from,
        sections=sections,
        remarks=tuple(_unrecorded(truths)),
    )
    items: list[Item] = []
    for truth, section in zip(truths, sections, strict=True):
        demands = {each: _titled(str(title), truth) for each, title in ART_30.items()}
        parts = tuple(_demanded(truth, section))
        items += held_against(replace(document, sections=parts), demands, {}).items
    return replace(document, items=tuple(items))


def _titled(title: str, truth: Truth) -> str:
    return f"{truth.sayings.name}: {title}"


def _unrecorded(truths: Sequence[Truth]) -> Iterator[str]:
    recorded = {truth.stream for truth in truths}
    for stream in truths[0].office.regulation.streams:
        if stream not in recorded:
            yield gettext("The regulation also names “{stream}”; the program records nothing of it.").format(
                stream=stream
            )


def _demanded(truth: Truth, section: Section) -> Iterator[Section]:
    """Yield what a stream's part says, each under the provision that demands it."""
    for key, provision in _FULFIL.items():
        facts = tuple(fact for fact in section.facts if fact[0] == str(_LABELS[key]) and any(fact[1]))
        asks = tuple(ask for ask, about in _find_asked(truth) if about == key)
        yield Section(key=key, facts=facts, asks=asks, fulfils=(provision,))


_FULFIL = {
    "controller": "30(1)(a)",
    "purposes": "30(1)(b)",
    "people": "30(1)(c)",
    "recipients": "30(1)(d)",
    "transfers": "30(1)(e)",
    "retention": "30(1)(f)",
    "measures": "30(1)(g)",
}
_LABELS = {
    "controller": _("Controller"),
    "purposes": _("Purposes and legal basis"),
    "people": _("People and data"),
    "recipients": _("Recipients"),
    "transfers": _("Third countries"),
    "retention": _("Time limit for erasure"),
    "measures": _("Security measures"),
}


def _find_asked(truth: Truth) -> Iterator[tuple[Ask, str]]:
    """Yield what the clause asks for, with the label of the register that it concerns."""
    concern = {
        "controller": "controller",
        "officer": "controller",
        "purposes": "purposes",
        "retention": "retention",
        "transfers": "transfers",
    }
    for section in sections_of(truth):
        if section.key in concern:
            for ask in section.asks:
                yield ask, concern[section.key]


def _activity(truth: Truth) -> Section:
    of_clause = {section.key: section for section in sections_of(truth)}
    regulation, sayings = truth.office.regulation, truth.sayings
    contents = {
        "controller": tuple(
            part for part in (regulation.controller, regulation.address, regulation.contact) if part
        ),
        "purposes": of_clause["purposes"].points,
        "people": (
            words.listed([str(each) for each in sayings.people]),
            words.listed([str(each) for each in sayings.data]),
        ),
        "recipients": of_clause["recipients"].text,
        "transfers": of_clause["transfers"].text,
        "retention": (*of_clause["retention"].points, *of_clause["retention"].text),
        "measures": tuple(measures(truth)),
    }
    facts = tuple((str(_LABELS[key]), tuple(lines)) for key, lines in contents.items() if lines)
    asks = tuple(ask for ask, _about in _find_asked(truth))
    name = str(sayings.name)
    return Section(key=truth.stream, title=name[:1].upper() + name[1:], facts=facts, asks=asks)


def measures(truth: Truth) -> Iterator[str]:
    """Yield the measures of protection: the program's own, and those that the regulation sets (art. 30(1)(g), 32)."""
    access = truth.rules.access
    yield from map(str, MEASURES)
    if access.second_factor:
        yield gettext("recordings are opened only after a second factor")
    if access.stations is Stations.LISTED:
        yield gettext("recordings are opened on listed workstations only")
    if access.second_person is SecondPerson.ALWAYS:
        yield gettext("recordings are opened in the presence of a second person")
    for role in truth.office.regulation.supervisors:
        yield gettext("use is supervised by: {role}").format(role=ROLES[role])


def assessment(truth: Truth) -> Document:
    """Return an impact assessment begun: what the program knows is filled in, what people must answer is marked."""
    of_clause = {section.key: section for section in sections_of(truth)}
    document = truth.document(
        DocumentKind.ASSESSMENT,
        gettext("Impact assessment: {monitoring}"),
        _assessed(truth, of_clause),
        opening=truth.say(TO_DECIDE),
        signatures=(
            gettext("date and signature for the controller"),
            gettext("date and signature of the data protection officer"),
        ),
        areas=truth.areas(),
    )
    return held_against(document, ART_35, {}, asked=State.OPEN)


def _assessed(truth: Truth, of_clause: Mapping[str, Section]) -> Iterator[Section]:
    """Yield the sections of an assessment; ``of_clause`` are the clause's, by key."""
    sayings = truth.sayings
    yield Section(
        key="description",
        title=gettext("Description"),
        text=of_clause["recorded"].text,
        points=of_clause["recorded"].points,
        facts=tuple(_size(truth)),
        fulfils=("35(7)(a)",),
    )
    yield Section(
        key="purposes",
        title=gettext("Purposes"),
        points=of_clause["purposes"].points,
        asks=of_clause["purposes"].asks,
        fulfils=("35(7)(a)",),
    )
    if because := _list_reasons(truth):
        yield Section(key="heeded", title=gettext("To be heeded"), points=because)
    yield Section(
        key="necessity",
        title=gettext("Necessity and proportionality"),
        text=of_clause["retention"].text,
        asks=tuple(Ask(QUESTION, str(each)) for each in sayings.necessity)
        or (Ask(QUESTION, gettext("Why can the purposes not be reached by milder means?")),),
        fulfils=("35(7)(b)",),
    )
    yield Section(
        key="risks",
        title=gettext("Risks to the people recorded"),
        points=tuple(map(str, sayings.risks)),
        asks=(
            Ask(
                QUESTION,
                gettext("How likely and how grave is each of these risks here, and which others are there?"),
            ),
        ),
        fulfils=("35(7)(c)",),
    )
    yield Section(
        key="measures",
        title=gettext("Measures"),
        points=tuple(measures(truth)),
        asks=(Ask(QUESTION, gettext("Which measures of the office come besides, and what risk remains?")),),
        fulfils=("35(7)(d)",),
    )
    yield Section(
        key="advice",
        title=gettext("Advice and decision"),
        asks=(
            Ask(QUESTION, gettext("Advice of the data protection officer")),
            Ask(QUESTION, gettext("Views of those recorded or their representatives, where they were asked")),
            Ask(QUESTION, gettext("Decision of the controller, and the day of the next review")),
        ),
    )


def _list_reasons(truth: Truth) -> tuple[str, ...]:
    """Return what makes an assessment needed here, or hard."""
    return (
        *((gettext("sensitive data may be recorded"),) if truth.rules.special_categories else ()),
        *(
            gettext("the purpose “{purpose}” has no single legal basis").format(purpose=each.text)
            for each in truth.purposes
            if basis_of(truth.rules, each) is None
        ),
    )


def _size(truth: Truth) -> Iterator[Fact]:
    counted = ngettext("%(n)s source", "%(n)s sources", truth.sources) % {"n": truth.sources}
    yield gettext("Extent"), (counted,)
    yield gettext("People"), tuple(map(str, truth.sayings.people))
    yield gettext("Data"), tuple(map(str, truth.sayings.data))
