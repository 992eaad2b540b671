"""Sources: their table, one source's page, adding, changing and switching."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rejent.access import queries as access
from rejent.access.rules import may_administer
from rejent.catalog import queries as catalog
from rejent.catalog import services
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.office.vocabulary import PlaceKind, StreamName
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.wav import seconds_of
from rejent.streams.calls.pages.call_words import place_words, way_words
from rejent.streams.calls.pages.notice_words import ANNOUNCEMENTS
from rejent.web.contractor import demand_in_reach, in_reach
from rejent.web.forms.office import KINDS, SourceAddressForm, SourceForm
from rejent.web.month import month_of
from rejent.web.states import SourceState, cause_words, source_state
from rejent.web.visitor import PersonRequest

GAPS_SHOWN = 50
GAPS_SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    """A source with what its row says."""

    source: SourceView
    state: SourceState
    place: str

    @property
    def line(self) -> bool:
        """Whether calls are recorded here."""
        return self.source.stream == StreamName.CALLS

    @property
    def way(self) -> str:
        """How calls of a line come."""
        return way_words(self.source.address_shown)

    @property
    def last_call(self) -> datetime | None:
        """When the newest call of a line began."""
        return call_queries.last_call(self.source.id)


@require_GET
def sources(request: PersonRequest) -> HttpResponse:
    """The table; ``?large`` makes it readable from two metres."""
    now = settings.CLOCK.now()
    rows = [Row(source, source_state(source, now), _place(source)) for source in _sources(request)]
    rows.sort(key=lambda row: (not row.state.wrong, row.source.name))
    streams = office.streams(civil_date(now))
    context = {
        "rows": rows,
        "cameras": [row for row in rows if not row.line],
        "lines": [row for row in rows if row.line],
        "lines_need": any(row.state.advice for row in rows if row.line),
        "large": "large" in request.GET,
        "may_add": StreamName.VIDEO in streams and may_administer(request.person.roles, "add-source").allowed,
        "no_regulation": not streams,
        "prescribed": StreamName.VIDEO in streams,
        "calls_prescribed": StreamName.CALLS in streams,
    }
    return render(request, "pages/sources.html", context)


@require_GET
def source(request: PersonRequest, source_id: str) -> HttpResponse:
    """One source: how it fares, its month, its gaps."""
    demand_in_reach(request.person, source_id)
    now = settings.CLOCK.now()
    found = catalog.source(source_id, with_secret_places=_knows_places(request), clock=settings.CLOCK)
    line = found.stream == StreamName.CALLS
    context = {
        "source": found,
        "state": source_state(found, now),
        "place": _place(found),
        "totals": catalog.totals(source_id, clock=settings.CLOCK),
        "month": month_of(source_id, request.GET.get("month", ""), clock=settings.CLOCK),
        "gaps": [
            (gap, cause_words(gap.cause), ((gap.end or now) - gap.start).total_seconds())
            for gap in reversed(
                catalog.gaps(source_id, now - GAPS_SINCE, now, clock=settings.CLOCK)[-GAPS_SHOWN:]
            )
        ],
        "may_find": access.may(request.person, "recordings", source_id, clock=settings.CLOCK).allowed,
        "may_watch": not line and access.may(request.person, "live", source_id, clock=settings.CLOCK).allowed,
        "may_change": not line and may_administer(request.person.roles, "add-source").allowed,
        "line": line,
        "way": way_words(found.address_shown) if line else "",
        "reached": place_words(found.address_shown) if line else found.address_shown,
        "last_call": call_queries.last_call(source_id) if line else None,
        "announcements": [
            (one, ANNOUNCEMENTS[one.kind], seconds_of(one.sound))
            for one in reversed(call_queries.announcements(source_id) if line else [])
        ],
        "may_switch": may_administer(request.person.roles, "switch-source").allowed,
    }
    return render(request, "pages/source.html", context)


@require_http_methods(["GET", "POST"])
def source_new(request: PersonRequest) -> HttpResponse:
    """Add a camera; an excluded place is refused with the provision that forbids it."""
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            source_id = services.add_source(
                stream="video",
                **form.cleaned_data,
                clock=settings.CLOCK,
                actor=str(request.person.id),
                credentials_box=settings.VAULT.credentials,
            )
        except RejentError as error:
            form.refuse(error, "kind" if "place" in error.code else None)
        else:
            messages.success(
                request, gettext("The camera is added. The first picture comes within a minute.")
            )
            return redirect("source", source_id)
    context = {
        "form": form,
        "buildings": office.buildings(),
        "places": {place.name for place in office.places()},
    }
    return render(request, "pages/source_new.html", context)


@require_http_methods(["GET", "POST"])
def source_address(request: PersonRequest, source_id: str) -> HttpResponse:
    """Reach a source by another address, user or password; the running recorder takes it up by itself."""
    found = catalog.source(source_id, with_secret_places=_knows_places(request), clock=settings.CLOCK)
    form = SourceAddressForm(request.POST or None, initial={"transport": found.transport})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_source(
                source_id,
                **form.cleaned_data,
                clock=settings.CLOCK,
                actor=str(request.person.id),
                credentials_box=settings.VAULT.credentials,
            )
        except RejentError as error:
            form.refuse(error)
        else:
            messages.success(
                request, gettext("The address is changed. The first picture comes within a minute.")
            )
            return redirect("source", source_id)
    return render(request, "pages/source_address.html", {"form": form, "source": found})


@require_POST
def source_switch(request: PersonRequest, source_id: str) -> HttpResponse:
    """Switch a source on or off."""
    demand_in_reach(request.person, source_id)
    services.switch_source(
        source_id, on=request.POST.get("on") == "1", clock=settings.CLOCK, actor=str(request.person.id)
    )
    return redirect("source", source_id)


def _knows_places(request: PersonRequest) -> bool:
    return may_administer(request.person.roles, "see-secret-places").allowed


def _sources(request: PersonRequest) -> list[SourceView]:
    known = catalog.sources(with_secret_places=_knows_places(request), clock=settings.CLOCK)
    return [one for one in known if in_reach(request.person, one.id)]


def _place(source: SourceView) -> str:
    if not source.place:
        return gettext("secret") if source.secret_place else ""
    kind: Any = KINDS.get(PlaceKind(source.kind), "") if source.kind else ""
    return f"{source.building} › {source.place}" + (f" ({kind})" if kind else "")
