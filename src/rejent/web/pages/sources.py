"""Sources: their table, one source's page, switching."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access
from rejent.access.rules.decision import may_administer
from rejent.catalog import queries as catalog
from rejent.catalog import services
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import PlaceKind
from rejent.office.views import PersonView
from rejent.retention import queries as retention
from rejent.retention.rounds.alarms import SLOT_TAKEN
from rejent.web.desk import Desk, Found, Line, Sought, Trouble, whoever_may
from rejent.web.pages.plain_form import PlainForm, form_page, submit, text
from rejent.web.pages.source_days import source_days
from rejent.web.people.reach import in_reach, require_in_reach
from rejent.web.player.month import month_of
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.route_permissions import route_permissions
from rejent.web.stream_parts import PAGES
from rejent.web.words.identifiers import PLACE_KINDS
from rejent.web.words.sources import find_sources
from rejent.web.words.states import SourceState, cause_words, source_state
from rejent.web.words.wording import moment_digits, short_words

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
    require_in_reach(request.person, source_id)
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
        "days": source_days(found, settings.CLOCK) if pages.sources.lasting else None,
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
    require_in_reach(request.person, source_id)
    services.switch_source(source_id, on=request.POST.get("on") == "1", **acting(request))
    return redirect("source", source_id)


class NameForm(PlainForm):
    """Form for a source's new name."""

    name = text(_("New name"), _("Enter a name."), max_length=120)


def source_name(request: PersonRequest, source_id: str) -> HttpResponse:
    """Call a source by another name; where places are secret a neutral one is suggested and demanded."""
    require_in_reach(request.person, source_id)
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


_NOT_RECORDING = ngettext_lazy(
    "%(n)s source does not record as it should", "%(n)s sources do not record as they should", "n"
)


def _wrong(now: datetime) -> Iterator[Trouble]:
    """Yield the sources that do not record, and what a kind of stream raised an alarm about."""
    for one in catalog.sources(clock=settings.CLOCK):
        state = source_state(one, now)
        if state.wrong:
            words = gettext("%(source)s: %(state)s") % {"source": one.name, "state": state.words}
            more = f"{state.cause}. {state.advice}".strip(". ") if state.cause else ""
            line = Line(state.kind, words, more, reverse("source", args=[one.id]), alike=_NOT_RECORDING)
            yield Trouble(line, partial(_may_know_source, source_id=one.id))
    pages_of = {kind: page for _, pages in PAGES.items() for kind, page in pages.alarms.items()}
    for alarm in retention.alarms():
        if alarm.kind == SLOT_TAKEN:
            title = gettext("Somebody who is not the program holds the recorder's place in the database")
            advice = gettext(
                "Recording goes on. On PostgreSQL, end session %(session)s of the role %(role)s, and let nobody but the program connect to its database."
            )
            holder = {name: alarm.facts.get(name) for name in ("session", "role")}
            yield Trouble(
                Line("stopped", title, advice % holder, reverse("sources")), whoever_may("see-status")
            )
        if alarm.kind in pages_of:
            route, said = pages_of[alarm.kind]
            more = gettext("Since %(moment)s.") % {"moment": moment_digits(alarm.raised_at)}
            line = Line("stopped", str(said), more, reverse(route))
            yield Trouble(line, whoever_may(route_permissions()[route]))


def _may_know_source(person: PersonView, source_id: str) -> bool:
    return may_administer(person.roles, "see-status").allowed and in_reach(person, source_id)


def _finds(sought: Sought) -> Iterator[Found]:
    for one in catalog.sources(removed=True):
        if sought.names(one.name) and _may_know_source(sought.person, one.id):
            words = PAGES.of(one.stream).words.source
            yield Found(gettext("Sources"), one.name, str(words), reverse("source", args=[one.id]))


DESK = Desk(wrong=_wrong, finds=_finds)
