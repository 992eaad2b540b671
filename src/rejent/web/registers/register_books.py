"""The registers as numbered books: their columns and their rows in words, for paper and for spreadsheets."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils.translation import gettext

from rejent.access.authorisation_queries import entries_of_authorisations
from rejent.access.views import AuthorisationView
from rejent.catalog import queries as catalog
from rejent.documents.papers import Column
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.regulation.provisions import Access
from rejent.office.services import BROWSER
from rejent.office.views import StatementView
from rejent.registers.queries import EnteredAct
from rejent.retention.queries import DestructionView, HoldView
from rejent.web.people.authorisation_form import data_set_of
from rejent.web.people.office_forms import ACTS
from rejent.web.registers.books.register import Row
from rejent.web.words import acts
from rejent.web.words.identifiers import in_words, noun_of
from rejent.web.words.wording import day_digits, moment_digits, size_words


def action_columns() -> list[Column]:
    """Return the columns of the register of actions; the regulations name none (S2 § 8.3 asks for the register only)."""
    return [
        Column(gettext("Entry in the ledger"), 9),
        Column(gettext("Date and time"), 13),
        Column(gettext("Kind of act"), 16),
        Column(gettext("Person"), 15),
        Column(gettext("What was done"), 44),
        Column(gettext("Subject"), 15, printed=False),
        Column(gettext("Number of the document"), 10),
        Column(gettext("Case sign"), 12, printed=False),
        Column(gettext("Grounds"), 20, printed=False),
        Column(gettext("Commitment (SHA-256)"), 20, printed=False),
    ]


def action_rows(entries: Sequence[EnteredAct], names: acts.Names) -> Iterator[Row]:
    """Acts as rows of that book."""
    for entry, view in zip(entries, acts.act_views(entries, links=False, names=names), strict=True):
        facts = entry.facts or {}
        yield (
            str(entry.index),
            moment_digits(entry.at),
            noun_of(entry.act),
            view.who,
            view.sentence,
            _subject(entry.subject, names),
            _fact(facts.get("number") or facts.get("hold")),
            _fact(facts.get("case")),
            _fact(facts.get("basis")),
            entry.leaf.hex(),
        )


def authorisation_columns() -> list[Column]:
    """Return the columns of the register of authorisations, as far as the regulations let them be known."""
    return [
        Column(gettext("Number"), 10),
        Column(gettext("Person"), 16),
        Column(gettext("Post"), 14),
        Column(gettext("Data set"), 11),
        Column(gettext("Scope"), 13),
        Column(gettext("Sources"), 19),
        Column(gettext("From"), 9),
        Column(gettext("To"), 12),
        Column(gettext("Issued by"), 16),
        Column(gettext("Revoked on"), 11),
        Column(gettext("Entry in the ledger"), 12),
    ]


def authorisation_rows(issued: Iterable[AuthorisationView]) -> Iterator[Row]:
    """Authorisations as rows of that book."""
    people = {one.id: one for one in office.people(left=True)}
    sources = {one.id: one.name for one in catalog.sources(removed=True)}
    entries, names = entries_of_authorisations(), acts.Names()
    for one in issued:
        person = people.get(one.person_id)
        yield (
            _number(one),
            person.name if person else "",
            person.post if person else "",
            data_set_of(one.stream, _provisions(one.stream, one.valid_from)),
            ", ".join(str(ACTS.get(act, act)) for act in sorted(one.acts)),
            gettext("every source")
            if one.source_ids is None
            else ", ".join(sorted(sources.get(source, source) for source in one.source_ids)),
            day_digits(one.valid_from),
            day_digits(one.valid_until) if one.valid_until else gettext("no end"),
            _issuer(one, names),
            day_digits(civil_date(one.revoked_at)) if one.revoked_at else "",
            str(entries.get(one.number, "")),
        )


def hold_columns() -> list[Column]:
    """Return the columns of the register of holds; every rule of the regulations that keeps a recording implies it."""
    return [
        Column(gettext("Number"), 10),
        Column(gettext("Source"), 16),
        Column(gettext("Held from"), 13),
        Column(gettext("Held to"), 13),
        Column(gettext("Case"), 12),
        Column(gettext("Grounds"), 22),
        Column(gettext("Placed on"), 13),
        Column(gettext("Placed by"), 15),
        Column(gettext("Review on"), 10),
        Column(gettext("Ended on"), 13),
        Column(gettext("Ended by"), 15, printed=False),
        Column(gettext("Reason of the end"), 20, printed=False),
    ]


def hold_rows(found: Iterable[HoldView]) -> Iterator[Row]:
    """Yield holds as rows of that book."""
    names = acts.Names()
    for one in found:
        yield (
            one.number,
            names.source(one.source_id),
            moment_digits(one.start),
            moment_digits(one.end),
            one.case,
            one.basis,
            moment_digits(one.placed_at),
            names.person(one.placed_by),
            day_digits(one.review_on),
            moment_digits(one.ended_at) if one.ended_at else "",
            names.person(one.ended_by) if one.ended_at else "",
            one.end_reason,
        )


def destruction_columns() -> list[Column]:
    """Return the columns of the register of destructions by the program, as Pleszew § 8 sec. 3 demands the register and names none."""
    return [
        Column(gettext("Number"), 10),
        Column(gettext("Source"), 18),
        Column(gettext("Recorded on"), 11),
        Column(gettext("Rule"), 20),
        Column(gettext("Decided"), 14),
        Column(gettext("Key destroyed"), 14),
        Column(gettext("Recordings removed"), 11),
        Column(gettext("Size"), 10),
        Column(gettext("Kept for holds"), 9),
        Column(gettext("Entry in the ledger"), 11),
        Column(gettext("Digest (SHA-256)"), 20, printed=False),
    ]


def destruction_rows(found: Iterable[DestructionView]) -> Iterator[Row]:
    """Yield destructions as rows of that book."""
    names = acts.Names()
    for one in found:
        yield (
            one.number,
            names.source(one.source_id),
            day_digits(one.day),
            in_words("rule", one.rule) or one.rule,
            moment_digits(one.decided_at),
            moment_digits(one.key_dead_at) if one.key_dead_at else "",
            str(one.segments),
            size_words(one.bytes),
            str(one.survivors),
            "" if one.done_entry is None else str(one.done_entry),
            one.digest,
        )


def statement_columns() -> list[Column]:
    """Return the columns of the register of written statements (S3 annex 2)."""
    return [
        Column(gettext("Person"), 20),
        Column(gettext("Post"), 20),
        Column(gettext("Version of the regulation"), 12),
        Column(gettext("Signed on"), 12),
        Column(gettext("How"), 12),
        Column(gettext("Entered on"), 14),
        Column(gettext("Entered by"), 18),
    ]


def statement_rows(found: Iterable[StatementView]) -> Iterator[Row]:
    """Yield statements as rows of that book."""
    people = {one.id: one for one in office.people(left=True)}
    names = acts.Names()
    for one in found:
        person = people.get(one.person_id)
        yield (
            person.name if person else "",
            person.post if person else "",
            str(one.version),
            day_digits(one.signed_on),
            gettext("in the browser") if one.way == BROWSER else gettext("on paper"),
            moment_digits(one.entered_at),
            names.person(one.entered_by),
        )


def _number(one: AuthorisationView) -> str:
    if not one.follows:
        return one.number
    return gettext("%(number)s, follows %(former)s") % {"number": one.number, "former": one.follows}


def _issuer(one: AuthorisationView, names: acts.Names) -> str:
    """Return the issuer's name, with the note that the deputy acted in the head's place."""
    name = names.person(one.issued_by)
    return gettext("%(name)s, in the head's place") % {"name": name} if one.in_place_of else name


def _provisions(stream: str, day: date) -> Access:
    rules = office.streams(day).get(stream)
    return rules.access if rules else Access()


def _subject(subject: str, names: acts.Names) -> str:
    """Return the subject of an act, by name where it is a person, a source or a register."""
    kind, _, identifier = subject.partition(":")
    if kind == "register":
        return in_words("register", identifier) or subject
    if kind == "protocol":
        return identifier
    known = {"source": names.source, "person": names.person}.get(kind)
    return known(identifier) if known and identifier else subject


def _fact(value: object) -> str:
    return "" if value is None else str(value)
