"""Who somebody is at this instant: their roles, and the duties that circumstances add to them."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from rejent.kernel.clock import Clock, civil_date
from rejent.office import queries
from rejent.office.errors import NoRegulationError, NoSuchPersonError
from rejent.office.people import absences, maintenance
from rejent.office.people.duties import Circumstances, Duty, duties
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView


def carried(person_id: UUID | str, *, clock: Clock) -> frozenset[str] | None:
    """The roles and duties of a person now; nothing for who does not belong to the office.

    Raises:
        NoSuchPersonError: it can be nobody's identifier.
    """
    day = civil_date(clock.now())
    roles = queries.standing(person_id, day)
    return None if roles is None else roles | duties(roles, _circumstances(person_id, roles, day))


def on_duty(person: PersonView, *, clock: Clock) -> PersonView:
    """The person with their duties beside their roles, for asking what they may administer now."""
    day = civil_date(clock.now())
    return replace(
        person, roles=person.roles | duties(person.roles, _circumstances(person.id, person.roles, day))
    )


def on_duty_if_known(person: PersonView, *, clock: Clock) -> PersonView:
    """The same for whoever signed in as the person: no more than an employee while it is not confirmed that it is they."""
    if person.sign_in is not SignIn.CONFIRMED:
        return replace(person, roles=frozenset({"employee"}))
    return on_duty(person, clock=clock)


def in_place_of(actor: str, *, clock: Clock) -> str:
    """The head for whom the actor decides now, being the deputy who acts; empty for everybody else."""
    try:
        roles = carried(actor, clock=clock)
    except NoSuchPersonError:
        return ""
    if roles is None or Duty.ACTING_HEAD not in roles:
        return ""
    return str(absences.away(civil_date(clock.now()))[0])


def place_taken(actor: str, *, clock: Clock) -> dict[str, object]:
    """What the record of a decision says besides, where it is the deputy's in the head's absence."""
    head = in_place_of(actor, clock=clock)
    return {"in_place_of": head} if head else {}


def issuers(stream: str, day: date) -> frozenset[str]:
    """The roles that the regulation lets issue authorisations for a stream on a day; nothing where it has no such stream."""
    rules = queries.streams(day).get(stream)
    return frozenset({rules.access.authorised_by}) if rules else frozenset()


def entrusted_by_regulation(day: date) -> frozenset[str]:
    """The roles that the regulation lets issue authorisations or supervise on a day, of whatever stream."""
    try:
        regulation = queries.regulation(day)
    except NoRegulationError:
        return frozenset()
    return frozenset(regulation.supervisors) | {
        rules.access.authorised_by for rules in regulation.streams.values()
    }


def _circumstances(person_id: UUID | str, roles: frozenset[str], day: date) -> Circumstances:
    """Read as far as it can matter to somebody with these roles."""
    if RoleName.CONTRACTOR in roles:
        return Circumstances(
            fault_open=bool(maintenance.attended(day)), agreement_in_force=maintenance.covered(person_id, day)
        )
    rules = queries.streams(day).values()
    deputy_acts = RoleName.DEPUTY in roles and any(each.handover.deputy_in_absence for each in rules)
    return Circumstances(
        head_away=deputy_acts and bool(absences.away(day)),
        deputy_acts=deputy_acts,
        issuers=frozenset(each.access.authorised_by for each in rules),
    )
