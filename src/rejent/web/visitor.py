"""Who asks for a page."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from rejent.office.views import PersonView

if TYPE_CHECKING:

    class PersonRequest(HttpRequest):
        """A request of somebody who is signed in; `rejent.web.middleware.PersonMiddleware` sees to it."""

        person: PersonView
        user: Any

else:
    PersonRequest = HttpRequest


def session_of(request: HttpRequest) -> str:
    """The key of the browser's session, which a viewing is bound to."""
    return request.session.session_key or ""
