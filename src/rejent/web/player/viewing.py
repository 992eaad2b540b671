"""An open viewing: its page, which a kind of stream draws, the positions its player requests, and its end."""

from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from rejent.access import queries as access
from rejent.access import services
from rejent.access.viewings import protocols
from rejent.access.views import ViewingView
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest, acting, session_of
from rejent.web.words.recordings import pages_of

LONGEST_PIECE_S = 30.0


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
    services.close_viewing(opened.id, **acting(request))
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


class Axis(Protocol):
    """A time on which positions are seconds from its beginning."""

    @property
    def length_s(self) -> float:
        """Its length in seconds."""


def gone() -> NotFoundError:
    """Return the refusal of a part whose term has ended and that nothing holds."""
    return NotFoundError("The retention period of this recording has ended.", advice="It is being destroyed.")


def position(request: HttpRequest, name: str, axis: Axis) -> float:
    """Return a position that an address names. Raises InputRefusedError: missing, no number, or outside the axis."""
    try:
        value = float(request.GET[name])
    except (KeyError, ValueError):
        raise InputRefusedError("The position is missing.") from None
    if not 0 <= value <= axis.length_s:
        raise InputRefusedError("The position lies outside the day.")
    return value
