"""Sources: their table, one source's page, switching."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.catalog import queries as catalog
from rejent.catalog import services
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import PlaceKind
from rejent.web.pages.plain_form import PlainForm, form_page, submit, text
from rejent.web.people.contractor import demand_in_reach, in_reach
from rejent.web.player.month import month_of
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.stream_parts import PAGES
from rejent.web.words.identifiers import PLACE_KINDS
from rejent.web.words.sources import find_sources
from rejent.web.words.states import SourceState, cause_words, source_state
from rejent.web.words.wording import short_words

GAPS_SHOWN = 50
GAPS_SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    """A source with what its row says."""

    source: SourceView
    state: SourceState
    place: str

    @property
    def facts(self) -> dict[str, Any]:
        """Return the stream's own columns of the row."""
        return PAGES.of(self.source.stream).sources.facts_of(self.source)


def sources(request: PersonRequest) -> HttpResponse:
    """Return the table; ``?large`` makes it readable from two metres."""
    now = settings.CLOCK.now()
    rows = [Row(source, source_state(source, now), _place(source)) for source in _sources(request)]
    rows.sort(key=lambda row: (not row.state.wrong, row.source.name))
    streams = office.streams_if_entered(civil_date(now))
    tables = [
        (pages.sources.table, [row for row in rows if row.source.stream == stream])
        for stream, pages in PAGES.items()
    ]
    filled = [(table, own) for table, own in tables if own]
    adding = may(request, "add-source")
    ways = [pages.sources for stream, pages in PAGES.items() if stream in streams]
    may_add = [way.add for way in ways if way.add and adding]
    first = ways[0] if ways else None
    empty_address, empty_action = reverse("regulation"), gettext("Regulation")
    if first and first.add:
        empty_address, empty_action = (reverse(first.add[0]) if adding else ""), str(first.add[1])
    context = {
        "rows": rows,
        "tables": [
            (table, len(filled) == 1, own, any(row.state.advice for row in own)) for table, own in filled
        ],
        "large": "large" in request.GET,
        "may_add": may_add,
        "no_regulation": not streams,
        "prescribed": first.empty if first else None,
        "empty_address": empty_address,
        "empty_action": empty_action,
    }
    return render(request, "pages/sources.html", context)


def source(request: PersonRequest, source_id: str) -> HttpResponse:
    """Return one source: how it fares, its month, its gaps."""
    demand_in_reach(request.person, source_id)
    now = settings.CLOCK.now()
    found = catalog.source(
        source_id, with_secret_places=may(request, "see-secret-places"), clock=settings.CLOCK
    )
    pages, totals = PAGES.of(found.stream), catalog.totals(source_id, clock=settings.CLOCK)
    context = {
        "source": found,
        "state": source_state(found, now),
        "place": _place(found),
        "totals": totals,
        "short": short_words(totals.short),
        "month": month_of(source_id, request.GET.get("month", ""), clock=settings.CLOCK),
        "gaps": [
            (gap, cause_words(gap.cause), ((gap.end or now) - gap.start).total_seconds())
            for gap in reversed(
                catalog.gaps(source_id, now - GAPS_SINCE, now, clock=settings.CLOCK)[-GAPS_SHOWN:]
            )
        ],
        "may_find": access.may(request.person, "recordings", source_id, clock=settings.CLOCK).allowed,
        "may_watch": bool(pages.live)
        and access.may(request.person, "live", source_id, clock=settings.CLOCK).allowed,
        "may_change": bool(pages.sources.change) and may(request, "add-source"),
        "pages": pages,
        "facts": pages.sources.facts_of(found),
        "finder": pages.sources.finder(source_id),
        "reached": pages.sources.address(found),
        "may_switch": may(request, "switch-source"),
        "may_rename": may(request, "add-source"),
        "name_tells": found.secret_place and not catalog.is_neutral_name(found.stream, found.name),
    }
    return render(request, "pages/source.html", context)


def source_switch(request: PersonRequest, source_id: str) -> HttpResponse:
    """Switch a source on or off."""
    demand_in_reach(request.person, source_id)
    services.switch_source(source_id, on=request.POST.get("on") == "1", **acting(request))
    return redirect("source", source_id)


class NameForm(PlainForm):
    """Form for a source's new name."""

    name = text(_("New name"), _("Enter a name."), max_length=120)


def source_name(request: PersonRequest, source_id: str) -> HttpResponse:
    """Call a source by another name; where places are secret a neutral one is suggested and demanded."""
    demand_in_reach(request.person, source_id)
    found = catalog.source(source_id)
    form = NameForm(
        request.POST or None,
        initial={"name": catalog.suggest_neutral_name(found.stream) if found.secret_place else found.name},
    )
    answer = submit(
        request,
        form,
        lambda given: services.rename_source(source_id, given["name"], **acting(request)),
        lambda _: gettext("The name is changed."),
        reverse("source", args=[source_id]),
    )
    return answer or form_page(request, "pages/source_name.html", form, source=found)


def _sources(request: PersonRequest) -> list[SourceView]:
    return [one for one in find_sources(request) if in_reach(request.person, one.id)]


def _place(source: SourceView) -> str:
    """Return where a source is; nothing of one that stands nowhere, whose place bears its own name."""
    if not source.where:
        return gettext("secret") if source.secret_place else ""
    kind: Any = PLACE_KINDS.get(PlaceKind(source.kind), "") if source.kind else ""
    return " › ".join(source.where) + (f" ({kind})" if kind else "")
