"""The sources within a person's reach: a contractor's are those of the faults they are called in to (R-ACC-3), a guard's those watched live."""

from django.conf import settings

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import NOT_CALLED_IN, may_administer
from rejent.access.rules.refusals import NOT_WATCHED
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office.people import maintenance
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView
from rejent.web.stream_parts import PAGES


def is_contractor(person: PersonView) -> bool:
    """Return whether a person is a maintenance contractor."""
    return RoleName.CONTRACTOR in person.roles


def in_reach(person: PersonView, source_id: str) -> bool:
    """Return whether a person may know of a source and how it fares."""
    if is_contractor(person):
        reach = maintenance.reach(civil_date(settings.CLOCK.now()))
        return reach is None or source_id in reach
    return not _watches_only(person) or _is_watched(catalog.streams(removed=True).get(source_id, ""))


_GUARDS = frozenset({RoleName.GUARD, RoleName.GUARD_SUPERVISOR})


def _watches_only(person: PersonView) -> bool:
    """Return whether sources concern a person as a guard alone."""
    others = [role for role in person.roles if role not in _GUARDS]
    return (
        may_administer(person.roles, "see-status").allowed
        and not may_administer(others, "see-status").allowed
    )


def _is_watched(stream: str) -> bool:
    return stream in PAGES and bool(PAGES.of(stream).live)


def require_in_reach(person: PersonView, source_id: str) -> None:
    """Refuse a source that a person may not know of. Raises AccessRefusedError: it is none of theirs."""
    if not in_reach(person, source_id):
        raise AccessRefusedError(NOT_CALLED_IN if is_contractor(person) else NOT_WATCHED)
