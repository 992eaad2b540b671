"""The sources within reach of a maintenance contractor: those of the faults they are called in to (R-ACC-3)."""

from django.conf import settings

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import NOT_CALLED_IN
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office.people import maintenance
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView


def is_contractor(person: PersonView) -> bool:
    """Return whether a person is a maintenance contractor."""
    return RoleName.CONTRACTOR in person.roles


def in_reach(person: PersonView, source_id: str) -> bool:
    """Return whether a source is within a person's reach, as far as faults decide; for everybody but a contractor it is."""
    if not is_contractor(person):
        return True
    reach = maintenance.reach(civil_date(settings.CLOCK.now()))
    return reach is None or source_id in reach


def sources_in_reach(person: PersonView) -> list[SourceView]:
    """Return the sources a person may know of, as far as faults decide, with how they fare."""
    return [one for one in catalog.sources(clock=settings.CLOCK) if in_reach(person, one.id)]


def demand_in_reach(person: PersonView, source_id: str) -> None:
    """Refuse a source that is at no fault to a contractor. Raises AccessRefusedError: it is none of the contractor's."""
    if not in_reach(person, source_id):
        raise AccessRefusedError(NOT_CALLED_IN)
