"""Middleware of every page: content policy, person, language, permission of the route."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries
from rejent.office.people import maintenance
from rejent.office.people.duties import Duty
from rejent.office.people.standing import on_duty_if_known
from rejent.office.services.changing import require_as_entered
from rejent.office.views import PersonView
from rejent.registers.guard.memory import one_look
from rejent.web.refusals import error_page, not_found, route_refused
from rejent.web.requests.choices import language_of
from rejent.web.route_permissions import (
    ANYONE,
    NOBODY,
    SETTING_UP,
    may_enter,
    route_permissions,
    showing_routes,
)
from rejent.web.setup.entrance import is_setting_up

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
PERMISSIONS = (
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), picture-in-picture=(), display-capture=(), "
    "fullscreen=(self), screen-wake-lock=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)"
)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = ("rejent.web.", "rejent.streams.", "allauth.")

_CALLED_IN = "called_in"
"""In the session of a maintenance contractor whom an open fault let in."""
FAULT_CLOSED = "fault_closed"
"""In the session that follows it in the same browser, once that fault was closed: the sign-in page says so."""

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)


class SecurityHeadersMiddleware:
    """Nothing inline, nothing from elsewhere, nothing kept by the browser unless a page says otherwise."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers added."""
        response = self._answer(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class PersonMiddleware:
    """Sets ``request.person``, speaks their language, opens only the routes that are theirs, and words refusals.

    Pages are Polish until a person chooses otherwise: by the switch on the page (a cookie) or in their settings.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the reader's language."""
        reads = request.method in _READING and settings.SESSION_COOKIE_NAME in request.COOKIES
        with one_look() if reads else nullcontext():
            request.person = _person(request)  # type: ignore[attr-defined]  # Django knows of no such attribute
            with translation.override(language_of(request)):
                request.LANGUAGE_CODE = translation.get_language()
                response = self._answer(request)
                response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Refuse a route that is not open to the person."""
        match = request.resolver_match
        route = (match.url_name or "") if match and not match.namespaces else ""
        if route not in route_permissions() and not getattr(view, "__module__", "").startswith(_OWN):
            return None
        if route_permissions().get(route) == SETTING_UP:
            return None if is_setting_up(request) else not_found(request)
        person: PersonView | None = request.person  # type: ignore[attr-defined]  # set in __call__
        if may_enter(person, route):
            return _as_entered(request, person, route) if route_permissions()[route] != ANYONE else None
        if route_permissions().get(route, NOBODY) == NOBODY:
            return not_found(request)
        if person is None and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return route_refused(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Word an error of the program's own tree as a page; leave the rest to Django."""
        module = getattr(getattr(request.resolver_match, "func", None), "__module__", "")
        if isinstance(error, RejentError) and module.startswith(_OWN):
            log.info("refused", extra={"code": error.code})
            return error_page(request, error)
        return None


def _as_entered(request: HttpRequest, person: PersonView | None, route: str) -> HttpResponse | None:
    """Refuse changes and recordings to an account or roles that were put in by hand."""
    if person is None or (request.method in _READING and route not in showing_routes()):
        return None
    if queries.verified_person(person.id, _signed_in_by(request)):
        return None
    try:
        require_as_entered(person.id)
    except RejentError as error:
        log.warning("refused", extra={"code": error.code})
        return error_page(request, error)
    return None


def _signed_in_by(request: HttpRequest) -> tuple[object, ...]:
    """Return the account and the session of a request: whatever was verified for one session counts for that one alone."""
    account = request.user
    return (request.session.session_key, account.pk, account.username, account.password, account.is_active)  # type: ignore[union-attr]  # the office's accounts have all of these


def _person(request: HttpRequest) -> PersonView | None:
    called = request.session.get(_CALLED_IN)  # before Django empties a session that counts no more
    person_id = getattr(request.user, "person_id", None) if request.user.is_authenticated else None
    if person_id is None:
        if called and not maintenance.attended(civil_date(settings.CLOCK.now())):
            request.session[FAULT_CLOSED] = True
        return None
    found = queries.verified_person(person_id, _signed_in_by(request)) or queries.person(person_id)
    if not found.active(civil_date(settings.CLOCK.now())):
        return None
    on_duty = on_duty_if_known(found, clock=settings.CLOCK)
    if not called and Duty.CALLED_IN in on_duty.roles:
        request.session[_CALLED_IN] = True
    return on_duty
