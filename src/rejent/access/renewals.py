"""Authorisations that end soon, and those that were renewed."""

from datetime import timedelta

from rejent.access import queries
from rejent.access.models import Authorisation
from rejent.access.views import AuthorisationView
from rejent.kernel.clock import Clock, civil_date

REMINDED_BEFORE = timedelta(days=30)
"""Time before the end of an authorisation at which somebody is reminded."""


def ending(*, clock: Clock) -> list[AuthorisationView]:
    """The valid authorisations that end within thirty days and have not been renewed, the first to end first."""
    now = clock.now()
    last, done = civil_date(now) + REMINDED_BEFORE, renewed()
    soon = [
        (one.valid_until, one)
        for one in queries.authorisations(valid_at=now)
        if one.valid_until is not None and one.valid_until <= last and one.number not in done
    ]
    return [one for _, one in sorted(soon, key=lambda pair: (pair[0], pair[1].number))]


def renewed() -> dict[str, str]:
    """The number of the authorisation that follows each one that was renewed; revoked ones follow nothing."""
    rows = Authorisation.objects.exclude(follows="").filter(revoked_at__isnull=True)
    return dict(rows.values_list("follows", "number"))
