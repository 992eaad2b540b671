"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, object]:
    """The installation's name, whether it is a test one, and the time by its clock."""
    return {
        "installation": settings.INSTALLATION,
        "now": settings.CLOCK.now(),
        "person": getattr(request, "person", None),
    }
