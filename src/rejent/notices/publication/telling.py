"""Gathers what the bundle tells, and remembers the bundle until something of it changes."""

from datetime import date

from django.conf import settings

from rejent.kernel.clock import civil_date
from rejent.notices.agreement import current
from rejent.notices.models import AccessibilityFacts, Publication
from rejent.notices.publication import queries
from rejent.notices.publication.bundle import Bundle, Published, bundle
from rejent.office import queries as office
from rejent.registers.guard.memory import VerifiedOnce


def published(day: date) -> Published:
    """Return everything that is published on a day.

    Raises NoRegulationError: no regulation is in force; LedgerMismatchError: something of it was planted or altered.
    """
    regulation = office.verified_regulation(day)
    people = {str(each.id): each.name for each in office.people(left=True)}
    return Published(
        office=regulation.name,
        controller=regulation.controller,
        regulation=office.regulation_version(day),
        versions=[each for each in office.regulation_versions() if each.in_force_from <= day],
        documents=current.documents(settings.CLOCK),
        publications=[(each, people.get(each.entered_by, "–")) for each in queries.publications()],
        accessibility=queries.accessibility(),
        test=settings.INSTALLATION.test,
    )


def bundle_of_today() -> Bundle:
    """Return the bundle as of now; made anew once anything that it tells was entered. Errors as of `published`."""
    clock = settings.CLOCK
    return _made.get(current.day_and_installation(clock), lambda: bundle(published(civil_date(clock.now()))))


_made = VerifiedOnce[Bundle](
    *current.MADE_OF, *office.OF_PEOPLE, Publication, AccessibilityFacts, most=current.DAYS
)
