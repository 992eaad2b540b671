"""Bearer tokens, and what their owners may ask for."""

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from rejent.access.errors import AccessRefusedError
from rejent.access.rules import may_administer
from rejent.office import queries
from rejent.office.views import PersonView


class BearerToken(HttpBearer):
    """The person whose token the request carries."""

    def authenticate(self, request: HttpRequest, token: str) -> PersonView | None:  # noqa: ARG002 - ninja's signature
        """The person, or nothing for an unknown, expired or revoked token."""
        return queries.person_of_token(token, clock=settings.CLOCK)


def demand(request: HttpRequest, act: str) -> PersonView:
    """The person asking, if their role allows the act.

    Raises:
        AccessRefusedError: it does not.
    """
    person: PersonView = request.auth  # type: ignore[attr-defined]  # set by ninja after authenticate
    decision = may_administer(person.roles, act)
    if not decision.allowed:
        raise AccessRefusedError(decision)
    return person
