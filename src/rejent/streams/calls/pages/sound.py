"""Pieces of sound for the page of a call. Every one is entered as heard before its bytes leave."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from rejent.access import services as access
from rejent.access.viewings import volume
from rejent.content.opening import open_for
from rejent.kernel.errors import NotFoundError
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.pages.call_line import CallAxis, readable_parts
from rejent.streams.calls.player.services import listened, rate_of
from rejent.web.player.viewing import LONGEST_PIECE_S, gone, opened_viewing, position
from rejent.web.requests.visitor import PersonRequest


@require_GET
def sound(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Return the sound of the viewing's call between two positions, in seconds from its beginning; a file of that length."""
    opened = opened_viewing(request, viewing_id)
    if not opened.item:
        raise NotFoundError("There is nothing to hear in this viewing.")
    axis = CallAxis.of(opened)
    first = position(request, "from", axis.length_s)
    wanted = axis.between(first, min(position(request, "to", axis.length_s), first + LONGEST_PIECE_S))
    segments = call_queries.segments_of(opened.source_id, opened.item, opened.start)
    near = [one for one in segments if one.interval.intersection(wanted) is not None]
    parts = readable_parts(near, wanted, settings.CLOCK)
    if not parts:
        raise gone()
    volume.demand_room(opened, clock=settings.CLOCK)
    content = listened(near, wanted, parts, open_for(opened), rate=rate_of(segments))
    for part in parts:
        access.note_seen(opened.id, part.start, part.end, "sound", clock=settings.CLOCK)
    return HttpResponse(content, content_type="audio/mp4")
