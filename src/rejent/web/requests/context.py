"""Context of every template."""

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from rejent.access import queries as access
from rejent.kernel.clock import civil_date
from rejent.office import queries
from rejent.office.errors import NoRegulationError
from rejent.registers.errors import LedgerMismatchError
from rejent.web.requests.choices import letter_keys_of, theme_of
from rejent.web.requests.navigation import navigation
from rejent.web.requests.visitor import session_of
from rejent.web.words.recordings import pages_of, recording_words, source_names


def installation(request: HttpRequest) -> dict[str, Any]:
    """Return the office's name, whether the installation is a test one, its time, who asks and where they may go."""
    person = getattr(request, "person", None)
    now = settings.CLOCK.now()
    return {
        "installation": settings.INSTALLATION,
        "office": office_name(now),
        "now": now,
        "person": person,
        "language": translation.get_language(),
        "theme": theme_of(request),
        "letter_keys": letter_keys_of(request),
        "navigation": navigation(person, request.path),
        "going_on": partial(_going_on, request),
    }


def _going_on(request: HttpRequest) -> list[tuple[str, str | Promise, str]]:
    person = getattr(request, "person", None)
    if person is None:
        return []
    found = access.going_on(person.id, session_of(request), clock=settings.CLOCK)
    named = recording_words(found) if found else None
    ways = [(reverse("viewing", args=[one.id]), one) for one in found]
    return [
        (way, pages_of(one.source_id).words.go_on, named(", ".join(source_names(one)), one))
        for way, one in ways
        if named is not None and not request.path.startswith(way)
    ]


def office_name(now: datetime) -> str:
    """Return the office as its regulation calls it, else as the installation was named."""
    try:
        return queries.verified_regulation(civil_date(now)).name
    except (NoRegulationError, LedgerMismatchError):
        return str(settings.INSTALLATION.name)
