"""A person's roles and duties at this instant."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from uuid import UUID

from rejent.kernel.clock import Clock, civil_date
from rejent.office import queries
from rejent.office.errors import NoRegulationError, NoSuchPersonError
from rejent.office.people import absences, maintenance, statements
from rejent.office.people.duties import Circumstances, Duty, duties
from rejent.office.regulation.provisions import StreamRules
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers.errors import LedgerMismatchError


def current_roles(person_id: UUID | str, *, clock: Clock) -> frozenset[str] | None:
    """Return the roles and duties of a person now; None for who does not belong to the office. Raises NoSuchPersonError."""
    day = civil_date(clock.now())
    roles = queries.standing(person_id, day)
    return None if roles is None else roles | duties(roles, _circumstances(person_id, roles, day))


def on_duty(person: PersonView, *, clock: Clock) -> PersonView:
    """Return the person with their duties added to their roles."""
    day = civil_date(clock.now())
    return replace(
        person, roles=person.roles | duties(person.roles, _circumstances(person.id, person.roles, day))
    )


def on_duty_if_known(person: PersonView, *, clock: Clock) -> PersonView:
    """Return the same for whoever signed in; only an employee while the sign-in is not confirmed, or the person is not admitted."""
    admitted = statements.admitted(person.id, civil_date(clock.now()))
    if person.sign_in is not SignIn.CONFIRMED or not admitted:
        return replace(person, roles=frozenset({"employee"}), admitted=admitted)
    return on_duty(person, clock=clock)


def in_place_of(actor: str, *, clock: Clock) -> str:
    """Return the head for whom the actor decides now as acting deputy; empty for everybody else."""
    try:
        roles = current_roles(actor, clock=clock)
    except NoSuchPersonError:
        return ""
    if roles is None or Duty.ACTING_HEAD not in roles:
        return ""
    return str(absences.away(civil_date(clock.now()))[0])


def place_taken(actor: str, *, clock: Clock) -> dict[str, object]:
    """Return what the record of an acting deputy's decision says besides."""
    head = in_place_of(actor, clock=clock)
    return {"in_place_of": head} if head else {}


def issuers(stream: str, day: date) -> frozenset[str]:
    """Return the roles that may issue authorisations for a stream on a day, by the regulation that was entered.

    There are none for an unknown stream.
    """
    try:
        rules = queries.verified_regulation(day).streams.get(stream)
    except NoRegulationError:
        return frozenset()
    return frozenset({rules.access.authorised_by}) if rules else frozenset()


def entrusted_by_regulation(day: date) -> frozenset[str]:
    """Return the roles that the regulation lets issue authorisations or supervise on a day, of whatever stream.

    Raises `LedgerMismatchError`: it is not as it was entered, and nobody can say who they are.
    """
    try:
        regulation = queries.verified_regulation(day)
    except NoRegulationError:
        return frozenset()
    return frozenset(regulation.supervisors) | {
        rules.access.authorised_by for rules in regulation.streams.values()
    }


def _circumstances(person_id: UUID | str, roles: frozenset[str], day: date) -> Circumstances:
    """Read the circumstances as far as they matter to these roles."""
    if RoleName.CONTRACTOR in roles:
        return Circumstances(
            fault_open=bool(maintenance.attended(day)), agreement_in_force=maintenance.covered(person_id, day)
        )
    rules = _rules(day)
    deputy_acts = RoleName.DEPUTY in roles and any(each.handover.deputy_in_absence for each in rules)
    return Circumstances(
        head_away=deputy_acts and bool(absences.away(day)),
        deputy_acts=deputy_acts,
        issuers=frozenset(each.access.authorised_by for each in rules),
    )


def _rules(day: date) -> Collection[StreamRules]:
    """Return the rules of each stream by the regulation in force; none while the database holds another one."""
    try:
        return queries.verified_regulation(day).streams.values()
    except (NoRegulationError, LedgerMismatchError):
        return ()
