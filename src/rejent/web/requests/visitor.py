"""The request of a signed-in person, and its session."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from rejent.office.views import PersonView
from rejent.web.signing_in.sessions import kept_as

if TYPE_CHECKING:

    class PersonRequest(HttpRequest):
        """A request of somebody who is signed in; `rejent.web.requests.middleware.PersonMiddleware` sees to it."""

        person: PersonView
        user: Any

else:
    PersonRequest = HttpRequest


def session_of(request: HttpRequest) -> str:
    """Return the stored form of the browser's session key, which a viewing is bound to; empty without a session."""
    key = request.session.session_key
    return kept_as(key) if key else ""
