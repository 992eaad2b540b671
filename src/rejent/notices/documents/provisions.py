"""What the regulation provides for a stream, section by section, as people read it: the parameters in force, each with its clause."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext, ngettext

from rejent.notices.documents import asks as lacking
from rejent.notices.documents import words
from rejent.notices.documents.clause import preservation, purposes, recorded, retention
from rejent.notices.documents.completeness import held_against
from rejent.notices.documents.truth import Adopted, Truth
from rejent.notices.documents.views import Ask, Document, DocumentKind, Fact, Section
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import PlacesShown, PlaybackRecord, RoleName


def provisions(truth: Truth) -> Document:
    """Return what the regulation provides for a stream; an older text of the office's own is asked to be compared anew."""
    regulation, adopted = truth.office.regulation, truth.office.adopted
    day = f"{truth.office.in_force_from:%d.%m.%Y}"
    opening = gettext(
        "These are the provisions of “{title}”, in force from {day}, by which recordings are made, kept, seen and handed over."
    ).format(title=regulation.title, day=day)
    document = truth.document(
        DocumentKind.REGULATION,
        gettext("Provisions of the regulation: {monitoring}"),
        (*([_text(adopted, truth.office.version)] if adopted else []), *_sections(truth)),
        opening=opening,
    )
    return held_against(document, {}, {})


def _text(adopted: Adopted, version: int) -> Section:
    facts = (
        (gettext("Adopted by"), (adopted.decree,)),
        (gettext("Adopted on"), (f"{adopted.day:%d.%m.%Y}",)),
        (gettext("Digest of the file (SHA-256)"), (adopted.sha256,)),
    )
    asks = () if adopted.version == version else (Ask(lacking.OWN_TEXT, str(version)),)
    return Section(
        key="own-text",
        title=gettext("The text of the regulation"),
        text=(
            gettext(
                "The text that the office adopted is the authoritative one. What follows was compared with it."
            ),
        ),
        facts=facts,
        asks=asks,
    )


def _sections(truth: Truth) -> Iterator[Section]:
    rules, what, why, kept = truth.rules, recorded(truth), purposes(truth), retention(truth)
    places = () if rules.places.shown is PlacesShown.LISTED else (str(words.PLACES[rules.places.shown]),)
    yield Section(
        key="recorded",
        title=what.title,
        text=what.text[:-1] if what.points else what.text,
        facts=(
            *_fact(gettext("Monitored areas"), *(rules.places.areas or places)),
            *_clause(rules.clause),
        ),
    )
    yield Section(key="purposes", title=why.title, points=why.points, facts=why.facts, asks=why.asks)
    clauses = [each.clause for each in (rules.stream_retention, rules.extension) if each and each.clause]
    yield Section(
        key="retention",
        title=kept.title,
        text=kept.text,
        points=kept.points,
        facts=tuple(_clause(", ".join(clauses))),
        asks=kept.asks,
    )
    yield Section(key="access", title=gettext("Who may see them"), facts=tuple(_access(truth)))
    yield Section(key="handover", title=gettext("How they are handed over"), facts=tuple(_handover(truth)))
    asked = preservation(truth)
    late = _fact(gettext("An application filed later"), str(words.LATE[rules.preservation.late]))
    yield Section(
        key="preservation",
        title=asked.title,
        text=asked.text,
        facts=(
            *asked.facts,
            *(late if rules.preservation.window else ()),
            *_clause(rules.preservation.clause),
        ),
    )
    yield Section(key="notices", title=gettext("How people are told"), facts=tuple(_notices(truth)))


def _access(truth: Truth) -> Iterator[Fact]:
    access = truth.rules.access
    nobody = gettext("nobody")
    if truth.sayings.plate:
        yield gettext("Live picture seen by"), (_roles(truth, access.live) or nobody,)
    yield (
        truth.titled("who-opens", gettext("Recordings opened by")),
        (_roles(truth, access.recordings) or nobody, gettext("each by an authorisation")),
    )
    yield gettext("Authorised by"), (_post(truth, access.authorised_by),)
    yield gettext("A second person is present"), (str(words.SECOND[access.second_person]),)
    yield gettext("Recordings open on"), (str(words.STATIONS[access.stations]),)
    yield gettext("A viewing leaves"), (str(words.RECORDS[PlaybackRecord(access.playback_record)]),)
    if access.photographing_forbidden:
        yield gettext("Photographing the screen"), (gettext("forbidden"),)
    yield from _clause(access.clause)


def _handover(truth: Truth) -> Iterator[Fact]:
    handover, copies = truth.rules.handover, truth.rules.copies
    yield from _fact(
        gettext("To whom"), words.listed([str(words.RECIPIENTS[each]) for each in handover.recipients])
    )
    if handover.written_application:
        yield gettext("Application"), (gettext("in writing"),)
    deputy = (gettext("the deputy while the head is away"),) if handover.deputy_in_absence else ()
    yield gettext("Decided by"), (_post(truth, handover.decided_by), *deputy)
    if copies.lifetime is not None:
        yield gettext("A copy is kept for"), (words.length(copies.lifetime),)
    people = ngettext("a commission of %(n)s person", "a commission of %(n)s people", copies.commission)
    yield gettext("A copy is destroyed by"), (people % {"n": copies.commission},)
    clauses = ", ".join(dict.fromkeys(each.clause for each in (handover, copies) if each.clause))
    yield from _clause(clauses)


def _notices(truth: Truth) -> Iterator[Fact]:
    notices = truth.rules.notices
    days = ngettext(
        "at least %(n)s day before the start", "at least %(n)s days before the start", notices.staff_days
    )
    yield gettext("Employees are told"), (days % {"n": notices.staff_days},)
    if notices.new_staff_statement:
        yield (
            gettext("New employees"),
            (gettext("sign that they know the regulation before they are admitted"),),
        )
    yield from _clause(notices.clause)


def _roles(truth: Truth, roles: Sequence[RoleName]) -> str:
    return words.listed([_post(truth, role) for role in roles])


def _post(truth: Truth, role: RoleName) -> str:
    """Return a role in the regulation's own words, where it has some."""
    own = {RoleName.HEAD: truth.office.regulation.head, RoleName.DEPUTY: truth.office.regulation.deputy}
    return own.get(role) or str(ROLES[role])


def _fact(label: str, *lines: str) -> Iterator[Fact]:
    """Yield a label with its lines, where there is any."""
    if given := tuple(line for line in lines if line):
        yield label, given


def _clause(clause: str) -> Iterator[Fact]:
    yield from _fact(gettext("In the regulation"), clause)
