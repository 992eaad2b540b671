"""Storage, what is due to be destroyed, what was destroyed, and the clock that decides it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.explanations import explain_retention
from rejent.retention import queries, services
from rejent.retention.queries import DueView
from rejent.web.people.contractor import in_reach
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.stream_parts import PAGES
from rejent.web.words.identifiers import in_words
from rejent.web.words.when import WithoutYear, read_day

SHOWN = 200


def storage(request: PersonRequest) -> HttpResponse:
    """Show how long the storage lasts, and whether the regulation's periods fit."""
    forecast = catalog.storage_forecast(clock=settings.CLOCK)
    names = {source.id: source.name for source in catalog.sources(removed=True)}
    total = (forecast.used or 0) + (forecast.free or 0)
    by_source = sorted(forecast.by_source.items(), key=lambda item: -item[1])
    context = {
        "forecast": forecast,
        "total": total,
        "share": round(100 * (forecast.used or 0) / total, 1) if total else 0,
        "days_left": int(forecast.days_left) if forecast.days_left is not None else None,
        "by_source": [
            (names.get(source_id, source_id), round(size))
            for source_id, size in by_source
            if in_reach(request.person, source_id)
        ],
    }
    return render(request, "pages/storage.html", context)


def due(request: PersonRequest) -> HttpResponse:
    """List what can be used through a day at the longest, with the count of each term."""
    now = settings.CLOCK.now()
    today = civil_date(now)
    until = read_day(request.GET["until"], today, WithoutYear.COMING) if request.GET.get("until") else today
    items = queries.due(local_midnight(until + timedelta(days=1)), clock=settings.CLOCK)
    context = {
        "until": until,
        "today": today,
        "ahead": [today + timedelta(days=number) for number in (0, 1, 7)],
        "groups": list(_endings(items[:SHOWN], now)),
        "count": len(items),
        "shown": SHOWN,
        "clock_state": queries.clock_state(),
        "may_confirm": may(request, "confirm-clock"),
    }
    return render(request, "pages/due.html", context)


def _endings(items: Iterable[DueView], now: datetime) -> Iterator[dict[str, Any]]:
    ordered = sorted(items, key=lambda item: (item.term.purge_opens, item.day, item.rule, item.source_name))
    for term, of_term in groupby(ordered, key=lambda item: item.term):
        yield {
            "recorded": term.day,
            "at": term.purge_opens,
            "waits": term.purge_opens > now,
            "explanation": explain_retention(term, now),
            "items": list(of_term),
        }


def destructions(request: PersonRequest) -> HttpResponse:
    """List destructions with their time, rule and entry in the ledger, what they removed and what holds kept of it."""
    found = queries.destructions()
    shown = found[:SHOWN]
    names = {source.id: source.name for source in catalog.sources(removed=True)}
    streams = catalog.streams(removed=True)
    lengths = queries.destroyed_lengths(shown)
    items = [
        {
            "view": one,
            "source": names.get(one.source_id, one.source_id),
            "rule": in_words("rule", one.rule) or one.rule,
            "length": lengths.get(one.number) if PAGES.of(streams[one.source_id]).sources.lasting else None,
        }
        for one in shown
    ]
    return render(request, "pages/destructions.html", {"items": items, "count": len(found)})


def clock_confirm(request: PersonRequest) -> HttpResponse:
    """Vouch for the clock after a jump; destruction goes on."""
    services.confirm_clock(**acting(request))
    return done(request, gettext("The clock is confirmed. Destruction goes on."), "due")
