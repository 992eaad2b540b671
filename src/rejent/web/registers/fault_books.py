"""The registers of faults and of breaches as numbered books: columns and rows in words."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext

from rejent.documents.papers import Column
from rejent.office.breaches.rules import BreachView
from rejent.office.views import FaultView
from rejent.web.registers.books.register import Row
from rejent.web.words import acts
from rejent.web.words.wording import moment_digits


def described(one: FaultView) -> tuple[str, str]:
    """Return what is wrong with something and what was done, in words; an outage that entered itself by its cause and its times."""
    if one.outage is None:
        return one.description, one.outcome
    ended = gettext("recorded again since %(moment)s") % {"moment": acts.shown_time(one.outcome)}
    return acts.outage_words(one.description), ended if one.closed_at else ""


def fault_columns() -> list[Column]:
    """Return the columns of the register of faults."""
    return [
        Column(gettext("Number"), 10),
        Column(gettext("At fault"), 16),
        Column(gettext("What is wrong"), 30),
        Column(gettext("Opened"), 14),
        Column(gettext("Opened by"), 14),
        Column(gettext("Closed"), 14),
        Column(gettext("What was done"), 24),
    ]


def fault_rows(found: Iterable[FaultView]) -> Iterator[Row]:
    """Yield faults as rows of that book."""
    names = acts.Names()
    for one in found:
        said, done = described(one)
        source = names.source(one.source) if one.source else gettext("the machine itself")
        closed = moment_digits(one.closed_at) if one.closed_at else ""
        yield (
            one.number,
            source,
            said,
            moment_digits(one.opened_at),
            names.person(one.opened_by),
            closed,
            done,
        )


def breach_columns() -> list[Column]:
    """Return the columns of the register of breaches: facts, effects and remedies (GDPR art. 33(5)), and the steps."""
    return [
        Column(gettext("Number"), 9),
        Column(gettext("Found"), 13),
        Column(gettext("What happened"), 28),
        Column(gettext("Effects"), 20),
        Column(gettext("Remedies"), 20),
        Column(gettext("Notified to UODO"), 14),
        Column(gettext("People told"), 14),
        Column(gettext("Reported to the CSIRT"), 14),
        Column(gettext("Closed"), 13),
    ]


def breach_rows(found: Iterable[BreachView]) -> Iterator[Row]:
    """Yield breaches as rows of that book."""
    for one in found:
        reported = [one.warned_at, one.reported_at, one.final_at]
        yield (
            one.number,
            moment_digits(one.found_at),
            one.facts,
            one.effects,
            one.remedies,
            moment_digits(one.notified_at) if one.notified_at else one.not_notified,
            moment_digits(one.told_at) if one.told_at else one.not_told,
            ", ".join(moment_digits(each) for each in reported if each),
            moment_digits(one.closed_at) if one.closed_at else "",
        )
