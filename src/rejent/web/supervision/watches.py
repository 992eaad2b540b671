"""Lists of viewings and of live watching, for supervision and without any picture."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext

from rejent.access.presence import queries as presence_queries
from rejent.access.viewings import paging, protocols
from rejent.access.views import WatchView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.web.requests.visitor import PersonRequest
from rejent.web.supervision.viewings_by_week import viewings_by_week
from rejent.web.supervision.week_choice import Narrowed, read_narrowed
from rejent.web.words.acts import Names
from rejent.web.words.recordings import pages_of, recording_words
from rejent.web.words.wording import day_digits, week_digits

SHOWN = 200


def viewings(request: PersonRequest) -> HttpResponse:
    """List viewings, the newest first; of a week, a person or a source on demand."""
    narrowed, names = read_narrowed(request), Names()
    page = paging.viewings(
        person_id=narrowed.person or None,
        source_id=narrowed.source,
        since=narrowed.since,
        until=narrowed.until,
        place=_place(request),
        limit=SHOWN,
    )
    sources = {source.id: source.name for source in catalog.sources(removed=True)}
    guests = presence_queries.guests_of(one.id for one in page.rows)
    with_protocol = protocols.left_by(one.id for one in page.rows)
    named = recording_words(page.rows)
    rows = [
        {
            "viewing": one,
            "who": names.person(str(one.person_id)),
            "second": names.person(str(one.second_id)) if one.second_id else "",
            "guests": guests.get(one.id, []),
            "recording": named(", ".join(sources.get(each, "") for each in one.source_ids), one),
            "purpose": names.purpose(one.purpose),
            "protocol": one.id in with_protocol,
            "lasting": pages_of(one.source_id).sources.lasting,
        }
        for one in page.rows
    ]
    context = {"rows": rows, **_narrowing(narrowed, names), **_further(page, narrowed)}
    if not narrowed.chosen and not context["newer"]:
        context["by_week"] = viewings_by_week(settings.CLOCK.now(), names)
    return render(request, "supervision/viewings.html", context)


def watches(request: PersonRequest) -> HttpResponse:
    """List live watching, the newest first; of a day, a week or a person on demand."""
    now, narrowed = settings.CLOCK.now(), read_narrowed(request)
    page = paging.live_watches(
        person_id=narrowed.person or None,
        since=narrowed.since,
        until=narrowed.until,
        place=_place(request),
        limit=SHOWN,
    )
    context = {
        "rows": list(_rows(page.rows, now)),
        **_narrowing(narrowed, Names()),
        **_further(page, narrowed),
    }
    return render(request, "supervision/watches.html", context)


def _narrowing(narrowed: Narrowed, names: Names) -> dict[str, Any]:
    words = {
        "week": gettext("week %(week)s") % {"week": week_digits(narrowed.week.first, narrowed.week.last)}
        if narrowed.week
        else "",
        "day": _kept(narrowed)["day"],
        "person": names.person(narrowed.person) if narrowed.person else "",
        "source": names.source(narrowed.source) if narrowed.source else "",
    }
    kept = _kept(narrowed)
    chips = [
        (label, urlencode({name: value for name, value in kept.items() if value and name != without}))
        for without, label in words.items()
        if label
    ]
    return {"narrowed": narrowed, "chips": chips, "wrong": narrowed.wrong, "day": words["day"]}


def _kept(narrowed: Narrowed) -> dict[str, str]:
    day = day_digits(civil_date(narrowed.since)) if narrowed.since and not narrowed.week else ""
    return {
        "week": str(narrowed.week or ""),
        "person": narrowed.person,
        "source": narrowed.source,
        "day": day,
    }


def _place(request: PersonRequest) -> paging.Place:
    return paging.Place(request.GET.get("before", ""), request.GET.get("after", ""))


def _further(page: paging.Page[Any], narrowed: Narrowed) -> dict[str, str]:
    kept = {name: value for name, value in _kept(narrowed).items() if value}
    return {
        "older": f"?{urlencode({**kept, 'before': page.before})}" if page.before else "",
        "newer": f"?{urlencode({**kept, 'after': page.after})}" if page.after else "",
        "newest": f"?{urlencode(kept)}" if page.after else "",
    }


def _rows(found: list[WatchView], now: datetime) -> Iterator[dict[str, Any]]:
    people = {one.id: one.name for one in office.people(left=True)}
    names = {source.id: source.name for source in catalog.sources(removed=True)}
    for one in found:
        sources = [(source, names.get(source, source)) for source in one.source_ids]
        yield {
            "who": people.get(one.person_id, ""),
            "sources": sources,
            "started_at": one.started_at,
            "stopped_at": one.stopped_at,
            "length_s": ((one.stopped_at or now) - one.started_at).total_seconds(),
        }
