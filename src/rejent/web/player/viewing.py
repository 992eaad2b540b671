"""An open viewing: its page, which a kind of stream draws, whether it still stands, and its end."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from rejent.access import queries as access
from rejent.access import services
from rejent.access.viewings import protocols
from rejent.access.views import ViewingView
from rejent.web.recordings import pages_of
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest, session_of


@require_GET
def viewing(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Show the recording as its kind of stream shows it."""
    opened = opened_viewing(request, viewing_id)
    return pages_of(opened.source_id).show(request, opened)


@require_GET
def standing(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Answer with nothing while the viewing may go on; its page asks every second, and takes the recording away once it may not."""
    opened_viewing(request, viewing_id)
    return HttpResponse(status=204)


@require_POST
def viewing_close(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """End the viewing; what was seen is entered."""
    opened = opened_viewing(request, viewing_id)
    services.close_viewing(opened.id, clock=settings.CLOCK, actor=str(request.person.id))
    messages.success(request, gettext("The recording is closed; that is entered in the register."))
    owed = protocols.unfinished(request.person.id)
    return redirect("protocol-write", owed) if owed else redirect(pages_of(opened.source_id).finder)


def opened_viewing(request: PersonRequest, viewing_id: UUID) -> ViewingView:
    """Return the viewing, if this person may go on with it in this session.

    Raises NoSuchViewingError: it is somebody else's; AccessRefusedError: it has ended, or the right to it has.
    """
    return access.open_viewing_for(
        viewing_id,
        request.person,
        session_of(request),
        clock=settings.CLOCK,
        client_station=client_station(request),
    )
