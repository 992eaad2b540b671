"""What of absences, faults, agreements, breaches and statements stands on whose desk."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext, ngettext_lazy

from rejent.access import queries as access
from rejent.access.rules.decision import (
    NOT_CALLED_IN,
    Decision,
    Rule,
    SeeingAct,
    may_administer,
    not_authorised,
)
from rejent.access.rules.sentences import WHO_CONFIRMS
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.breaches import queries as breaches
from rejent.office.breaches.rules import clocks
from rejent.office.people import absences, maintenance, statements
from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.sign_in import history as sign_in_history
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import OutstandingStatement, PersonView
from rejent.registers.errors import LedgerMismatchError
from rejent.web.desk import Desk, Line, Reader, Trouble
from rejent.web.people.reach import in_reach, is_contractor
from rejent.web.words import wording
from rejent.web.words.acts import outage_words

_LOOK_AHEAD = timedelta(days=30)


def _notes(reader: Reader) -> Iterator[Line]:
    """Yield whether a contractor may work now, whose absence is entered, and that a deputy decides."""
    if is_contractor(reader.person):
        yield _contractor_line(reader)
    if Duty.ACTING_HEAD in reader.person.roles:
        words = gettext("The head is away: you decide in the head's place")
        yield Line("plain", words, "", reverse("absences"))
    elif RoleName.HEAD in reader.person.roles:
        yield from _own_absences(reader)


def _contractor_line(reader: Reader) -> Line:
    if Duty.CALLED_IN not in reader.person.roles:
        return Line("attention", gettext(NOT_CALLED_IN.sentence), gettext(NOT_CALLED_IN.advice), "")
    numbers = ", ".join(one.number for one in maintenance.attended(reader.today))
    words = gettext("You are called in to: %(faults)s.") % {"faults": numbers}
    more = gettext(
        "Access ends when the fault is closed or the agreement ends. What is recorded is neither shown nor played."
    )
    return Line("plain", words, more, reverse("faults"))


def entry_lacking(person: PersonView, act: str) -> Decision | None:
    """Return the refusal of a person who lacks nothing but an entry by others; nothing for all others.

    Such an entry is the confirmation of their account, or a written statement.
    """
    if (
        statements.admitted(person.id, civil_date(settings.CLOCK.now()))
        and person.sign_in is SignIn.CONFIRMED
    ):
        return None
    decisions = (
        access.may(person, act, source, clock=settings.CLOCK) for source in catalog.streams(removed=True)
    )
    return next((one for one in decisions if one.rule in _ENTERED_BY_OTHERS), None)


def nothing_open(person: PersonView, act: SeeingAct, stream: str) -> Decision:
    """Return the refusal of a person who may see nothing of a stream.

    It is by their role, by what others enter, or for want of an authorisation.
    """
    return (
        access.barring_refusal(person, act, stream, clock=settings.CLOCK)
        or entry_lacking(person, act)
        or not_authorised(act, access.provisions(stream, civil_date(settings.CLOCK.now())))
    )


_ENTERED_BY_OTHERS = frozenset({Rule.STATEMENT_MISSING, Rule.SIGN_IN_UNCONFIRMED})


def _waits(reader: Reader) -> Iterator[Line]:
    person, today = reader.person, reader.today
    yield from _own_sign_in(person)
    yield from _own_statement(person, today)
    if reader.may("confirm-sign-in"):
        yield from _unconfirmed(person)
    if reader.may("enter-agreement"):
        yield from _agreements(today)
    if reader.may("enter-breach"):
        yield from _breaches()
    if reader.may("enter-statement"):
        yield from _statements(today)
    if may_administer(person.roles, "enter-gate").allowed and not catalog.streams():
        yield Line(
            "attention",
            gettext("Nothing is recorded yet: see what is still missing"),
            gettext("Sources, conditions of the law with their days, stations, storage."),
            reverse("missing"),
            gettext("See what is missing"),
        )


def _own_sign_in(person: PersonView) -> Iterator[Line]:
    if person.sign_in is SignIn.GIVEN:
        words = gettext("Choose a password of your own")
        more = gettext("Until then whoever set it could sign in as you, and the account opens nothing.")
        yield Line("attention", words, more, reverse("account_change_password"), gettext("Choose"))
    elif person.sign_in is not SignIn.CONFIRMED:
        words = gettext("Have it confirmed in person that this account is yours")
        yield Line("attention", words, gettext(WHO_CONFIRMS), reverse("preferences"), gettext("How"))


def _own_statement(person: PersonView, today: date) -> Iterator[Line]:
    if owed := next((one for one in _owed(today) if one.person_id == person.id), None):
        words = gettext("Give the statement about version %(n)s of the regulation") % {"n": owed.version}
        more = gettext("Missing since %(day)s.") % {"day": wording.day_digits(owed.since)}
        yield Line("attention", words, more, reverse("own-statement"), gettext("Read and state"))


def _unconfirmed(person: PersonView) -> Iterator[Line]:
    for one in office.people():
        ready = one.sign_in in (SignIn.CHOSEN, SignIn.LINKED)
        if ready and one.id != person.id and str(person.id) not in sign_in_history.set_up_by(one.id):
            words = gettext("%(name)s: confirm whose account it is") % {"name": one.name}
            more = gettext("Somebody else set up how it is signed in to. Until then it opens nothing.")
            address = reverse("person-confirm", args=[one.id])
            yield Line("attention", words, more, address, gettext("Confirm"), alike=_TO_CONFIRM)


def _own_absences(reader: Reader) -> Iterator[Line]:
    for one in absences.absences():
        if one.person_id == reader.person.id and not one.over(reader.today):
            last = wording.day_digits(one.last_day) if one.last_day else gettext("no end")
            words = gettext("An absence of yours is entered")
            yield Line("plain", words, f"{wording.day_digits(one.first_day)} – {last}", reverse("absences"))


def _agreements(today: date) -> Iterator[Line]:
    for one in maintenance.agreements():
        if one.in_force(today) and one.valid_until and one.valid_until <= today + _LOOK_AHEAD:
            words = gettext("Agreement %(number)s is ending") % {"number": one.number}
            address, button = reverse("agreement-new"), gettext("Enter a new one")
            yield Line("attention", words, one.party, address, button, one.valid_until)


_FAULTS = ngettext_lazy("%(n)s open fault", "%(n)s open faults", "n")
_TO_CONFIRM = ngettext_lazy(
    "Confirm whose account it is: %(n)s person", "Confirm whose account it is: %(n)s people", "n"
)


def _wrong(now: datetime) -> Iterator[Trouble]:
    """Yield the open faults, the longest open first: to a contractor those they are called in to."""
    for one in sorted(maintenance.faults(open_only=True), key=lambda one: one.opened_at):
        words = gettext("Fault %(number)s is open") % {"number": one.number}
        said = [catalog.source(one.source).name] if one.source else []
        said += [outage_words(one.description), wording.since_words(one.opened_at, now)]
        line = Line("stopped", words, " · ".join(said), reverse("faults"), alike=_FAULTS)
        yield Trouble(line, partial(_may_know_fault, source=one.source))


def _may_know_fault(person: PersonView, source: str) -> bool:
    return may_administer(person.roles, "see-faults").allowed and (not source or in_reach(person, source))


def _owed(today: date) -> list[OutstandingStatement]:
    """Return the statements that are missing; none while the regulation is not as it was entered: their own page refuses then."""
    try:
        return statements.outstanding(today)
    except LedgerMismatchError:
        return []


def _breaches() -> Iterator[Line]:
    now = settings.CLOCK.now()
    for one in breaches.breaches(open_only=True):
        ends = min((each.ends_at for each in clocks(one) if each.open), default=None)
        more = gettext("until %(moment)s") % {"moment": wording.moment_digits(ends)} if ends else ""
        words = gettext("Breach %(number)s is open") % {"number": one.number}
        kind = "stopped" if ends is not None and ends < now else "attention"
        address = reverse("breach", args=[one.number])
        yield Line(kind, words, more, address, gettext("Enter a step"), civil_date(ends) if ends else None)


def _statements(today: date) -> Iterator[Line]:
    missing = _owed(today)
    if missing:
        words = ngettext(
            "%(n)s written statement is missing", "%(n)s written statements are missing", len(missing)
        )
        address = reverse("statements")
        yield Line("attention", words % {"n": len(missing)}, "", address, gettext("See whose"))


DESK = Desk(waits=_waits, wrong=_wrong, notes=_notes)
