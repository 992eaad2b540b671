"""Who asks the HTTP interface, by a bearer token; and its refusals: one code for a program, one line for a person."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from rejent.access.errors import AccessRefusedError
from rejent.access.refused import address_for_entry, enter_refused
from rejent.access.rules.decision import may_administer
from rejent.access.rules.refusals import NOT_ADMITTED
from rejent.api.schemas import Refusal
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError, RejentError
from rejent.office import queries
from rejent.office.people import statements
from rejent.office.people.standing import on_duty
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView

STATUSES: dict[type[RejentError], int] = {
    AccessRefusedError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    InputRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Status by error; every other error of ours is a conflict with what is stored."""

READ: dict[int, type[Refusal]] = dict.fromkeys((401, 403, 404, 422, 503), Refusal)
"""Refusals of a question."""
WRITE = READ | {400: Refusal, 409: Refusal}
"""Refusals of an act."""


def refuse_in_one_line(api: NinjaAPI) -> None:
    """Register handlers that answer every refusal in the same shape."""
    api.add_exception_handler(RejentError, _refused)
    api.add_exception_handler(ValidationError, _malformed)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(OperationalError, _unavailable)


def no_such_address(_request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001 - the address is not repeated
    """Answer for every unknown address."""
    return _answer(
        HTTPStatus.NOT_FOUND, "address", "There is nothing at this address. See /api/v1/openapi.json"
    )


def _answer(status: int, code: str, sentence: str) -> HttpResponse:
    return JsonResponse({"code": code, "sentence": sentence}, status=status)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    person = getattr(request, "auth", None)
    if error.rule and not error.entered and person is not None:
        enter_refusal(request, person, error.rule)
    status = next(
        (status for kind, status in STATUSES.items() if isinstance(error, kind)), HTTPStatus.CONFLICT
    )
    return _answer(status, error.code, str(error))


def enter_refusal(request: HttpRequest, person: PersonView, rule: str) -> None:
    """Enter that a rule refused an operation of the interface to the owner of a token."""
    enter_refused(
        person.id, rule, {"operation": address_for_entry(request.resolver_match)}, clock=settings.CLOCK
    )


def _malformed(_request: HttpRequest, error: Any) -> HttpResponse:
    sentence = "; ".join(
        f"{'.'.join(str(part) for part in item['loc'][1:])}: {item['msg']}" for item in error.errors
    )
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, "input", sentence)


def _unknown(_request: HttpRequest, _error: Any) -> HttpResponse:
    answer = _answer(HTTPStatus.UNAUTHORIZED, "token", "A valid bearer token is needed.")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _unreadable(_request: HttpRequest, error: Any) -> HttpResponse:
    return _answer(int(error.status_code), "input", "The request cannot be read.")


def _unavailable(_request: HttpRequest, _error: Any) -> HttpResponse:
    return _answer(
        HTTPStatus.SERVICE_UNAVAILABLE, "database", "The database does not answer. Try again soon."
    )


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
