"""The registers as numbered books: their columns and their rows in words, for paper and for spreadsheets."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from uuid import UUID

from django.utils.translation import gettext

from rejent.access.authorisation_queries import entries_of_authorisations
from rejent.access.views import AuthorisationView
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.breaches.rules import BreachView
from rejent.office.regulation.provisions import Access
from rejent.office.services import BROWSER
from rejent.office.views import FaultView, PersonView, StatementView
from rejent.registers.queries import EnteredAct
from rejent.retention.queries import DestructionView, HoldView
from rejent.web.people.authorisation_form import data_set_of
from rejent.web.registers.books.register import Cell
from rejent.web.words import acts
from rejent.web.words.act_names import noun_of
from rejent.web.words.identifiers import SEEING_ACTS, in_words
from rejent.web.words.wording import moment_digits, size_words


def actions(entries: Sequence[EnteredAct]) -> list[Cell[EnteredAct]]:
    """Return the register of actions; the regulations name no columns (S2 § 8.3 asks for the register only)."""
    names = acts.Names()
    views = {view.index: view for view in acts.act_views(entries, links=False, names=names)}
    return [
        Cell(gettext("Entry in the ledger"), 9, lambda one: one.index),
        Cell(gettext("Date and time"), 13, lambda one: one.at),
        Cell(gettext("Kind of act"), 16, lambda one: noun_of(one.act)),
        Cell(gettext("Person"), 15, lambda one: views[one.index].who),
        Cell(gettext("What was done"), 44, lambda one: views[one.index].sentence),
        Cell(gettext("Subject"), 15, lambda one: _subject(one.subject, names), printed=False),
        Cell(gettext("Number of the document"), 10, lambda one: _fact(one, "number") or _fact(one, "hold")),
        Cell(gettext("Case sign"), 12, lambda one: _fact(one, "case"), printed=False),
        Cell(gettext("Grounds"), 20, lambda one: _fact(one, "basis"), printed=False),
        Cell(gettext("Commitment (SHA-256)"), 20, lambda one: one.leaf.hex(), printed=False),
    ]


def authorisations(_issued: Sequence[AuthorisationView]) -> list[Cell[AuthorisationView]]:
    """Return the register of authorisations, as far as the regulations let its columns be known."""
    names, people, entries = acts.Names(), cache(_people), cache(entries_of_authorisations)
    return [
        Cell(gettext("Number"), 10, _number),
        Cell(gettext("Person"), 16, lambda one: getattr(people().get(one.person_id), "name", "")),
        Cell(
            gettext("Post"), 14, lambda one: getattr(people().get(one.person_id), "post", ""), in_view=False
        ),
        Cell(
            gettext("Data set"),
            11,
            lambda one: data_set_of(one.stream, _provisions(one.stream, one.valid_from)),
        ),
        Cell(
            gettext("Scope"),
            13,
            lambda one: ", ".join(str(SEEING_ACTS.get(act, act)) for act in sorted(one.acts)),
        ),
        Cell(gettext("Sources"), 19, lambda one: _sources(one, names)),
        Cell(gettext("From"), 9, lambda one: one.valid_from),
        Cell(gettext("To"), 12, lambda one: one.valid_until or gettext("no end")),
        Cell(gettext("Issued by"), 16, lambda one: _issuer(one, names), in_view=False),
        Cell(gettext("Revoked on"), 11, lambda one: one.revoked_at and civil_date(one.revoked_at)),
        Cell(gettext("Entry in the ledger"), 12, lambda one: entries().get(one.number), in_view=False),
    ]


def holds(_found: Sequence[HoldView]) -> list[Cell[HoldView]]:
    """Return the register of holds; every rule of the regulations that keeps a recording implies it."""
    names = acts.Names()
    return [
        Cell(gettext("Number"), 10, lambda one: one.number),
        Cell(gettext("Source"), 16, lambda one: names.source(one.source_id)),
        Cell(gettext("Held from"), 13, lambda one: one.start),
        Cell(gettext("Held to"), 13, lambda one: one.end),
        Cell(gettext("Case"), 12, lambda one: one.case),
        Cell(gettext("Grounds"), 22, lambda one: one.basis, in_view=False),
        Cell(gettext("Placed on"), 13, lambda one: one.placed_at, in_view=False),
        Cell(gettext("Placed by"), 15, lambda one: names.person(one.placed_by), in_view=False),
        Cell(gettext("Review on"), 10, lambda one: one.review_on),
        Cell(gettext("Ended on"), 13, lambda one: one.ended_at),
        Cell(
            gettext("Ended by"),
            15,
            lambda one: names.person(one.ended_by) if one.ended_at else "",
            printed=False,
        ),
        Cell(gettext("Reason of the end"), 20, lambda one: one.end_reason, printed=False),
    ]


def destructions(_found: Sequence[DestructionView]) -> list[Cell[DestructionView]]:
    """Return the register of destructions by the program, as Pleszew § 8 sec. 3 demands it and names no columns."""
    names = acts.Names()
    return [
        Cell(gettext("Number"), 10, lambda one: one.number),
        Cell(gettext("Source"), 18, lambda one: names.source(one.source_id)),
        Cell(gettext("Recorded on"), 11, lambda one: one.day),
        Cell(gettext("Rule"), 20, lambda one: in_words("rule", one.rule) or one.rule, in_view=False),
        Cell(gettext("Decided"), 14, lambda one: one.decided_at),
        Cell(gettext("Key destroyed"), 14, lambda one: one.key_dead_at),
        Cell(gettext("Recordings removed"), 11, lambda one: one.segments),
        Cell(gettext("Size"), 10, lambda one: size_words(one.bytes)),
        Cell(gettext("Kept for holds"), 9, lambda one: one.survivors),
        Cell(gettext("Entry in the ledger"), 11, lambda one: one.done_entry, in_view=False),
        Cell(gettext("Digest (SHA-256)"), 20, lambda one: one.digest, printed=False),
    ]


def statements(_found: Sequence[StatementView]) -> list[Cell[StatementView]]:
    """Return the register of written statements (S3 annex 2)."""
    names, people = acts.Names(), cache(_people)
    return [
        Cell(gettext("Person"), 20, lambda one: getattr(people().get(one.person_id), "name", "")),
        Cell(
            gettext("Post"), 20, lambda one: getattr(people().get(one.person_id), "post", ""), in_view=False
        ),
        Cell(gettext("Version of the regulation"), 12, lambda one: one.version),
        Cell(gettext("Signed on"), 12, lambda one: one.signed_on),
        Cell(
            gettext("How"),
            12,
            lambda one: gettext("in the browser") if one.way == BROWSER else gettext("on paper"),
        ),
        Cell(gettext("Entered on"), 14, lambda one: one.entered_at),
        Cell(gettext("Entered by"), 18, lambda one: names.person(one.entered_by)),
    ]


def faults(_found: Sequence[FaultView]) -> list[Cell[FaultView]]:
    """Return the register of faults."""
    names = acts.Names()
    return [
        Cell(gettext("Number"), 10, lambda one: one.number),
        Cell(
            gettext("At fault"),
            16,
            lambda one: names.source(one.source) if one.source else gettext("the machine itself"),
        ),
        Cell(gettext("What is wrong"), 30, lambda one: described(one)[0]),
        Cell(gettext("Opened"), 14, lambda one: one.opened_at),
        Cell(gettext("Opened by"), 14, lambda one: names.person(one.opened_by)),
        Cell(gettext("Closed"), 14, lambda one: one.closed_at),
        Cell(gettext("What was done"), 24, lambda one: described(one)[1]),
    ]


def breaches(_found: Sequence[BreachView]) -> list[Cell[BreachView]]:
    """Return the register of breaches: facts, effects and remedies (GDPR art. 33(5)), and the steps."""
    return [
        Cell(gettext("Number"), 9, lambda one: one.number),
        Cell(gettext("Found"), 13, lambda one: one.found_at),
        Cell(gettext("What happened"), 28, lambda one: one.facts),
        Cell(gettext("Effects"), 20, lambda one: one.effects, in_view=False),
        Cell(gettext("Remedies"), 20, lambda one: one.remedies, in_view=False),
        Cell(gettext("Notified to UODO"), 14, lambda one: one.notified_at or one.not_notified),
        Cell(gettext("People told"), 14, lambda one: one.told_at or one.not_told),
        Cell(gettext("Reported to the CSIRT"), 14, _reports),
        Cell(gettext("Closed"), 13, lambda one: one.closed_at),
    ]


def _reports(one: BreachView) -> str:
    return ", ".join(moment_digits(each) for each in (one.warned_at, one.reported_at, one.final_at) if each)


def described(one: FaultView) -> tuple[str, str]:
    """Return what is wrong with something and what was done, in words; an outage that entered itself by its cause and its times."""
    if one.outage is None:
        return one.description, one.outcome
    return acts.outage_words(one.description), acts.outage_end_words(one.outcome)


def _people() -> dict[UUID, PersonView]:
    return {one.id: one for one in office.people(left=True)}


def _sources(one: AuthorisationView, names: acts.Names) -> str:
    if one.source_ids is None:
        return gettext("every source")
    return ", ".join(sorted(names.source_name(source) for source in one.source_ids))


def _number(one: AuthorisationView) -> str:
    if not one.follows:
        return one.number
    return gettext("%(number)s, follows %(former)s") % {"number": one.number, "former": one.follows}


def _issuer(one: AuthorisationView, names: acts.Names) -> str:
    name = names.person(one.issued_by)
    return gettext("%(name)s, in the head's place") % {"name": name} if one.in_place_of else name


def _provisions(stream: str, day: date) -> Access:
    rules = office.verified_streams(day).get(stream)
    return rules.access if rules else Access()


def _subject(subject: str, names: acts.Names) -> str:
    kind, _, identifier = subject.partition(":")
    if kind == "register":
        return in_words("register", identifier) or subject
    if kind == "protocol":
        return identifier
    known = {"source": names.source, "person": names.person}.get(kind)
    return known(identifier) if known and identifier else subject


def _fact(entry: EnteredAct, name: str) -> str:
    value = (entry.facts or {}).get(name)
    return "" if value is None else str(value)
