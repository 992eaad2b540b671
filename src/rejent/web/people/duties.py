"""Lines of the start page on absences, faults and statements, for those they concern."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

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
from rejent.web.people.contractor import is_contractor
from rejent.web.words import wording

_LOOK_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the start page: a state of `rejent.web.words.states`, what it is, a second sentence, and where to go."""

    kind: str
    words: str
    more: str
    address: str


def contractor_words(person: PersonView) -> tuple[str, str, str] | None:
    """Kind of notice, its first and second sentence: whether a contractor may work now; nothing for everybody else."""
    if not is_contractor(person):
        return None
    today = civil_date(settings.CLOCK.now())
    if Duty.CALLED_IN in person.roles:
        numbers = ", ".join(one.number for one in maintenance.attended(today))
        return (
            "plain",
            gettext("You are called in to: %(faults)s.") % {"faults": numbers},
            gettext(
                "Access ends when the fault is closed or the agreement ends. What is recorded is neither shown nor played."
            ),
        )
    return "attention", gettext(NOT_CALLED_IN.sentence), gettext(NOT_CALLED_IN.advice)


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


def duties_waiting(person: PersonView, today: date) -> Iterator[Line]:
    """Yield a line for each thing that waits for a person with these duties."""
    yield from _own_sign_in(person)
    yield from _own_statement(person, today)
    if may_administer(person.roles, "confirm-sign-in").allowed:
        yield from _unconfirmed(person)
    if RoleName.HEAD in person.roles or Duty.ACTING_HEAD in person.roles:
        yield from _absences(person, today)
    if may_administer(person.roles, "enter-agreement").allowed:
        yield from _agreements(today)
    if may_administer(person.roles, "see-faults").allowed and not is_contractor(person):
        yield from _faults()
    if may_administer(person.roles, "enter-breach").allowed:
        yield from _breaches()
    if may_administer(person.roles, "enter-statement").allowed:
        yield from _statements(today)


def _own_sign_in(person: PersonView) -> Iterator[Line]:
    if person.sign_in is SignIn.GIVEN:
        words = gettext("Choose a password of your own")
        more = gettext("Until then whoever set it could sign in as you, and the account opens nothing.")
        yield Line("attention", words, more, reverse("account_change_password"))
    elif person.sign_in is not SignIn.CONFIRMED:
        words = gettext("Have it confirmed in person that this account is yours")
        yield Line("attention", words, gettext(WHO_CONFIRMS), reverse("preferences"))


def _own_statement(person: PersonView, today: date) -> Iterator[Line]:
    if owed := next((one for one in _owed(today) if one.person_id == person.id), None):
        words = gettext("Give the statement about version %(n)s of the regulation") % {"n": owed.version}
        yield Line(
            "attention",
            words,
            gettext("Missing since %(day)s.") % {"day": wording.day_digits(owed.since)},
            reverse("own-statement"),
        )


def _unconfirmed(person: PersonView) -> Iterator[Line]:
    for one in office.people():
        ready = one.sign_in in (SignIn.CHOSEN, SignIn.LINKED)
        if ready and one.id != person.id and str(person.id) not in sign_in_history.set_up_by(one.id):
            words = gettext("%(name)s: confirm whose account it is") % {"name": one.name}
            more = gettext("Somebody else set up how it is signed in to. Until then it opens nothing.")
            yield Line("attention", words, more, reverse("person-confirm", args=[one.id]))


def _absences(person: PersonView, today: date) -> Iterator[Line]:
    """Yield the head's own absences; to the acting deputy, that they decide."""
    if Duty.ACTING_HEAD in person.roles:
        words = gettext("The head is away: you decide in the head's place")
        yield Line("attention", words, "", reverse("absences"))
        return
    for one in absences.absences():
        if one.person_id == person.id and not one.over(today):
            last = wording.day_digits(one.last_day) if one.last_day else gettext("no end")
            words = gettext("An absence of yours is entered")
            yield Line(
                "attention", words, f"{wording.day_digits(one.first_day)} – {last}", reverse("absences")
            )


def _agreements(today: date) -> Iterator[Line]:
    for one in maintenance.agreements():
        if one.in_force(today) and one.valid_until and one.valid_until <= today + _LOOK_AHEAD:
            words = gettext("Agreement %(number)s is ending") % {"number": one.number}
            left = wording.days_left((one.valid_until - today).days)
            yield Line("attention", words, f"{one.party} – {left}", reverse("faults"))


def _faults() -> Iterator[Line]:
    for one in maintenance.faults(open_only=True):
        words = gettext("Fault %(number)s is open") % {"number": one.number}
        more = wording.since_words(one.opened_at, settings.CLOCK.now())
        yield Line("stopped", words, more, reverse("faults"))


def _owed(today: date) -> list[OutstandingStatement]:
    """Return the statements that are missing; none while the regulation is not as it was entered: their own page refuses then."""
    try:
        return statements.outstanding(today)
    except LedgerMismatchError:
        return []


def _breaches() -> Iterator[Line]:
    for one in breaches.breaches(open_only=True):
        running = [each for each in clocks(one) if each.open]
        ends = min((each.ends_at for each in running), default=None)
        late = ends is not None and ends < settings.CLOCK.now()
        more = gettext("until %(moment)s") % {"moment": wording.moment_digits(ends)} if ends else ""
        words = gettext("Breach %(number)s is open") % {"number": one.number}
        yield Line("stopped" if late else "attention", words, more, reverse("breach", args=[one.number]))


def _statements(today: date) -> Iterator[Line]:
    missing = _owed(today)
    if missing:
        words = ngettext(
            "%(n)s written statement is missing", "%(n)s written statements are missing", len(missing)
        )
        yield Line("attention", words % {"n": len(missing)}, "", reverse("statements"))
