"""An open viewing: its page, which a kind of stream draws, the positions its player requests, and its end."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from rejent.access import queries as access
from rejent.access import services
from rejent.access.errors import AccessRefusedError, NoSuchProtocolError, NoSuchViewingError
from rejent.access.rules.decision import may_administer
from rejent.access.viewings import protocols
from rejent.access.views import ViewingView
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.kernel.intervals import Interval
from rejent.kernel.numbers import read_decimal
from rejent.office import queries as office
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest, acting, session_of
from rejent.web.words.recordings import pages_of

LONGEST_PIECE_S = 30.0
_MOST_RUNS = 5000
"""Of seconds without a break in one report."""
_RUN = re.compile(r"([0-9]{1,12})-([0-9]{1,12})")


def viewing(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Show the recording as its kind of stream shows it; one's own that is over leads to its protocol."""
    try:
        opened = opened_viewing(request, viewing_id)
    except (AccessRefusedError, NoSuchViewingError):
        if number := _own_protocol(request, viewing_id):
            return redirect("protocol-write", number)
        raise
    return pages_of(opened.source_id).show(request, opened)


def _own_protocol(request: PersonRequest, viewing_id: UUID) -> str:
    """Return the number of the protocol of one's own viewing that is over, or open in a browser that may be gone; else nothing."""
    try:
        found = access.viewing(viewing_id)
        if found.person_id != request.person.id:
            return ""
        if found.closed_at is None and settings.CLOCK.now() >= found.expires_at:
            services.close_ended_viewings(clock=settings.CLOCK)
        over = found.closed_at is not None or settings.CLOCK.now() >= found.expires_at
        elsewhere = all(one.id != found.id for one in going_on(request))
        return protocols.protocol(found.number).number if over or elsewhere else ""
    except (NoSuchViewingError, NoSuchProtocolError):
        return ""


def standing(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Answer with nothing while the viewing may go on; its page asks every second, and takes the recording away once it may not."""
    opened_viewing(request, viewing_id)
    return HttpResponse(status=204)


def viewing_close(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """End the viewing; what was handed out and what its browser says it presented is entered."""
    opened = opened_viewing(request, viewing_id)
    if "presented" in request.POST:
        _note_presented(request, opened.id)
    services.close_viewing(opened.id, **acting(request))
    messages.success(request, gettext("It is closed; that is entered in the register."))
    owed = protocols.unfinished(request.person.id)
    return redirect("protocol-write", owed) if owed else redirect(pages_of(opened.source_id).finder)


def presented(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Note what the page says it presented; it reports every few seconds, and once more when it goes, also after the right has ended.

    A report that comes after the viewing was closed is too late to count, and nobody was refused anything by that.
    """
    with suppress(AccessRefusedError):
        _note_presented(request, viewing_id)
    return HttpResponse(status=204)


def _note_presented(request: PersonRequest, viewing_id: UUID) -> None:
    seconds = _reported_seconds(request.POST.get("presented", ""))
    services.note_presented(viewing_id, seconds, person_id=request.person.id, session=session_of(request))


def _reported_seconds(written: str) -> list[Interval]:
    """Return the seconds that a page names: ``first-end`` in seconds since 1970, separated by commas, the end not included.

    Raises InputRefusedError: they are no such list, or too many.
    """
    runs = written.split(",") if written else []
    if len(runs) > _MOST_RUNS or not all(found := [_RUN.fullmatch(run) for run in runs]):
        raise InputRefusedError("The report of what was presented cannot be read.")
    try:
        return [
            Interval(datetime.fromtimestamp(int(run[1]), UTC), datetime.fromtimestamp(int(run[2]), UTC))
            for run in found
            if run is not None
        ]
    except (ValueError, OverflowError, OSError):
        raise InputRefusedError("The report of what was presented cannot be read.") from None


def going_on(request: PersonRequest) -> list[ViewingView]:
    """Return the person's viewings that are open in this browser, the newest first."""
    return access.going_on(request.person.id, session_of(request), clock=settings.CLOCK)


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


def viewing_context(request: PersonRequest, opened: ViewingView, source: SourceView) -> dict[str, Any]:
    """Return what every player shows of an open viewing, and what its person may do beside it."""
    demands = access.provisions(source.stream, civil_date(settings.CLOCK.now()))
    return {
        "viewing": opened,
        "source": source,
        "purpose": access.purposes(source.stream, clock=settings.CLOCK).get(opened.purpose, opened.purpose),
        "second": office.person(opened.second_id).name if opened.second_id else "",
        "owes_protocol": bool(protocols.unfinished(request.person.id)),
        "guests_permitted": bool(demands and demands.guests),
        "may_hold": may_administer(request.person.roles, "place-hold").allowed,
    }


def gone() -> NotFoundError:
    """Return the refusal of a part whose term has ended and that nothing holds."""
    return NotFoundError("The retention period of this recording has ended.", advice="It is being destroyed.")


def position(request: HttpRequest, name: str, length_s: float) -> float:
    """Return a position that an address names. Raises InputRefusedError: missing, no number, or beyond the length."""
    value = read_decimal(request.GET.get(name, ""), most=1e9)
    if value is None:
        raise InputRefusedError("The position is missing.")
    if value > length_s:
        raise InputRefusedError("The position lies outside the day.")
    return value
