"""Gathers what the bundle tells, and remembers the bundle until something of it changes."""

from datetime import date

from django.conf import settings

from rejent.kernel.clock import civil_date
from rejent.notices.agreement import current
from rejent.notices.publication import queries
from rejent.notices.publication.bundle import Bundle, Published, bundle
from rejent.office import queries as office
from rejent.registers import queries as registers
from rejent.registers.queries import LedgerHead


def published(day: date) -> Published:
    """Return everything that is published on a day.

    Raises:
        NoRegulationError: no regulation is in force.
        LedgerMismatchError: something of it was planted or altered.
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
    """Return the bundle as of now; made anew once anything was entered. Errors as of `published`."""
    day = civil_date(settings.CLOCK.now())
    key = (day, registers.tree_head())
    if key not in _made:
        made = bundle(published(day))
        _made.clear()
        _made[key] = made
    return _made[key]


_made: dict[tuple[date, LedgerHead], Bundle] = {}
