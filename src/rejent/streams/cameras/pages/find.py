"""Finding a recording: where, when and why; then the viewing is opened and played from there."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from rejent.access import queries as access
from rejent.access import services
from rejent.catalog import queries as catalog
from rejent.devices.views import ClientStation
from rejent.kernel.clock import civil_date, clock_time
from rejent.kernel.errors import InputRefusedError
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.cameras.pages.forms import FindForm
from rejent.web.player.month import month_of
from rejent.web.player.opening import open_or_ask, require_finder
from rejent.web.player.timeline import DayAxis
from rejent.web.requests.client_station import client_station
from rejent.web.requests.visitor import PersonRequest, session_of
from rejent.web.words.sources import find_sources
from rejent.web.words.states import cause_words
from rejent.web.words.when import both_runs, read_day
from rejent.web.words.wording import day_digits, moment_digits, time_digits

NEAR = timedelta(days=1)
"""Distance from the wanted moment within which the nearest recording is looked for."""
RECENT = 5


def find(request: PersonRequest) -> HttpResponse:
    """Return the form; a good one opens the viewing."""
    here = client_station(request)
    visible = require_finder(request, StreamName.VIDEO, here)
    form = _form(request, visible)
    context: dict[str, Any] = {"form": form, "visible": visible, "recent": _recent(request)}
    if request.method == "POST" and form.is_valid() and form.moment is not None:
        moment = form.moment
        nearest = _nearest(form.cleaned_data["source"], moment)
        if nearest is None or nearest[0] > moment or nearest[1] <= moment:
            form.add_error("time", _nothing_there(form.cleaned_data["source"], moment))
            context["nearest"] = _offered(nearest, moment)
        elif (answer := _opened(request, form, moment, here)) is not None:
            return answer
    context |= _calendar(request, form, visible, understood := _understood(request))
    context["understood"] = understood
    if form.twice is not None:
        context["twice"] = both_runs(form.twice)
    return render(
        request, "cameras/find.html", context, status=422 if form.errors and request.method == "POST" else 200
    )


def _understood(request: PersonRequest) -> date | None:
    try:
        return read_day(
            request.POST.get("day") or request.GET.get("day", ""), civil_date(settings.CLOCK.now())
        )
    except InputRefusedError:
        return None


def _calendar(
    request: PersonRequest, form: FindForm, visible: set[str], understood: date | None
) -> dict[str, Any]:
    wanted = str(form["source"].value() or "") or (min(visible) if len(visible) == 1 else "")
    if wanted not in visible:
        return {}
    near = civil_date(form.moment) if form.moment else understood
    month = month_of(wanted, request.GET.get("month", ""), clock=settings.CLOCK, near=near)
    return {"month": month, "month_name": catalog.source(wanted).name}


def _form(request: PersonRequest, visible: set[str]) -> FindForm:
    now = settings.CLOCK.now()
    given = {
        name: request.GET[name]
        for name in ("source", "day", "time", "case", "purpose")
        if name in request.GET
    }
    return FindForm(
        request.POST or None,
        initial=given,
        sources=[
            source for source in find_sources(request, StreamName.VIDEO, removed=True) if source.id in visible
        ],
        purposes=access.purposes(StreamName.VIDEO, clock=settings.CLOCK),
        demands=access.provisions("video", civil_date(now)),
        now=now,
    )


def _opened(
    request: PersonRequest, form: FindForm, moment: datetime, here: ClientStation
) -> HttpResponse | None:
    axis, source_id = DayAxis(civil_date(moment)), form.cleaned_data["source"]
    start, end = axis.start, axis.interval.end
    return open_or_ask(
        request,
        form,
        here,
        asked=lambda: {"source_id": source_id, "interval": (start, end), "position": moment},
        opened=partial(services.open_viewing, source_id=source_id, start=start, end=end),
        query=f"?t={axis.elapsed(moment):g}",
    )


def _nearest(source_id: str, moment: datetime) -> tuple[datetime, datetime] | None:
    found = [(one.start, one.end) for one in catalog.segments(source_id, moment - NEAR, moment + NEAR)]
    return min(
        found,
        key=lambda one: (not one[0] <= moment < one[1], max(one[0] - moment, moment - one[1], timedelta())),
        default=None,
    )


def _nothing_there(source_id: str, moment: datetime) -> str:
    source = catalog.source(source_id)
    for gap in catalog.gaps(source_id, moment, moment + timedelta(seconds=1), clock=settings.CLOCK):
        digits = time_digits if _one_day(gap.start, moment, gap.end) else moment_digits
        return gettext("The camera “%(name)s” did not record then: %(cause)s, %(start)s–%(end)s.") % {
            "name": source.name,
            "cause": cause_words(gap.cause),
            "start": digits(gap.start),
            "end": digits(gap.end) if gap.end else gettext("until now"),
        }
    destroyed = catalog.segments(source_id, moment, moment + timedelta(seconds=1), destroyed=True)
    if destroyed:
        return gettext("The recording of that time was destroyed when its retention period ended.")
    return gettext("There is no recording of the camera “%(name)s” from that time.") % {"name": source.name}


def _one_day(start: datetime, moment: datetime, end: datetime | None) -> bool:
    return civil_date(start) == civil_date(moment) == civil_date(end or moment)


def _offered(nearest: tuple[datetime, datetime] | None, moment: datetime) -> dict[str, str] | None:
    if nearest is None:
        return None
    start, end = nearest
    instant = start if start > moment else end - timedelta(seconds=5)
    return {"day": day_digits(civil_date(instant)), "time": clock_time(instant)}


def _recent(request: PersonRequest) -> list[tuple[Any, str]]:
    sources = {one.id: one.name for one in catalog.sources(removed=True)}
    own = access.going_on(request.person.id, session_of(request), clock=settings.CLOCK)
    return [(one, sources.get(one.source_id, "")) for one in own[:RECENT]]
