"""Bearer tokens and the acts that their owners may ask for."""

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import NOT_ADMITTED, may_administer
from rejent.api.refusals import enter_refusal
from rejent.kernel.clock import civil_date
from rejent.office import queries
from rejent.office.people import statements
from rejent.office.people.standing import on_duty
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView


class BearerToken(HttpBearer):
    """Authentication by bearer token for an act of `rejent.access.rules.administration.ADMINISTRATION`, any other for nobody.

    Each operation names its act where it is declared, and `docs/ref/access.md` is written from that; it is checked before
    any parameter is read, so that a refusal discloses nothing about what was sent.
    """

    def __init__(self, act: str) -> None:
        super().__init__()
        self.act = act

    def authenticate(self, request: HttpRequest, token: str) -> PersonView | None:
        """Return the person, or None for an unknown or dead token or a contractor's. Raises AccessRefusedError: by their role; entered."""
        owner = queries.person_of_token(token, clock=settings.CLOCK)
        at_a_fault = owner is not None and RoleName.CONTRACTOR in owner.roles
        person = owner if owner is None or at_a_fault else on_duty(owner, clock=settings.CLOCK)
        if person is not None and not statements.admitted(person.id, civil_date(settings.CLOCK.now())):
            enter_refusal(request, person, NOT_ADMITTED.rule)
            raise AccessRefusedError(NOT_ADMITTED, entered=True)
        if person is not None and not (decision := may_administer(person.roles, self.act)).allowed:
            enter_refusal(request, person, decision.rule)
            raise AccessRefusedError(decision, entered=True)
        return person


def requesting_person(request: HttpRequest) -> PersonView:
    """Return the person whose token the request carries."""
    person: PersonView = request.auth  # type: ignore[attr-defined]  # set by ninja after authenticate
    return person
