"""The request of a signed-in person: what it may do, as whom it acts, and its session."""

from typing import TYPE_CHECKING, Any, TypedDict

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from rejent.access.rules.decision import may_administer
from rejent.kernel.acts import Acting
from rejent.kernel.clock import Clock
from rejent.office.views import PersonView
from rejent.web.signing_in.sessions import kept_as

if TYPE_CHECKING:

    class PersonRequest(HttpRequest):
        """A request of somebody who is signed in; `rejent.web.requests.middleware.PersonMiddleware` sees to it."""

        person: PersonView
        user: Any

else:
    PersonRequest = HttpRequest


def acting(request: PersonRequest) -> Acting:
    """Return the arguments of an act by the person."""
    return {"clock": settings.CLOCK, "actor": str(request.person.id)}


class ByPerson(TypedDict):
    """The arguments of an act that asks whether the person may do it."""

    person: PersonView
    clock: Clock


def in_person(request: PersonRequest) -> ByPerson:
    """Return the arguments of an act that asks whether the person may do it."""
    return {"person": request.person, "clock": settings.CLOCK}


def may(request: PersonRequest, act: str) -> bool:
    """Return whether the person's roles permit an act of administration."""
    return may_administer(request.person.roles, act).allowed


def done(request: HttpRequest, words: str, page: str, *args: object) -> HttpResponse:
    """Go on to a page that says that an act is done."""
    messages.success(request, words)
    return redirect(page, *args)


def session_of(request: HttpRequest) -> str:
    """Return the stored form of the browser's session key, which a viewing is bound to; empty without a session."""
    key = request.session.session_key
    return kept_as(key) if key else ""
