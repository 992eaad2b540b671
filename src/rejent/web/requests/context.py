"""Context of every template."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from rejent.kernel.clock import civil_date
from rejent.office import queries
from rejent.office.errors import NoRegulationError
from rejent.web.requests.choices import letter_keys_of, theme_of
from rejent.web.requests.navigation import navigation


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
    }


def office_name(now: datetime) -> str:
    """Return the office as its regulation calls it, else as the installation was named."""
    try:
        return queries.regulation(civil_date(now)).name
    except NoRegulationError:
        return str(settings.INSTALLATION.name)
