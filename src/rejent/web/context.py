"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from rejent.kernel.clock import civil_date
from rejent.office import queries
from rejent.office.errors import NoRegulationError
from rejent.web.choices import letter_keys_of, theme_of
from rejent.web.navigation import navigation


def installation(request: HttpRequest) -> dict[str, Any]:
    """The office's name, whether the installation is a test one, its time, who asks and where they may go."""
    person = getattr(request, "person", None)
    now = settings.CLOCK.now()
    try:
        office = queries.regulation(civil_date(now)).name
    except NoRegulationError:
        office = settings.INSTALLATION.name
    return {
        "installation": settings.INSTALLATION,
        "office": office,
        "now": now,
        "person": person,
        "language": translation.get_language(),
        "theme": theme_of(request),
        "letter_keys": letter_keys_of(request),
        "navigation": list(navigation(person, request.path)),
    }
