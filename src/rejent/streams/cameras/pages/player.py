"""The player's page: one camera, one day, one open viewing."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from rejent.access import queries as access
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.kernel.numbers import read_decimal
from rejent.retention import queries as retention
from rejent.web.player.timeline import DayAxis, Timeline, lifetime, timeline
from rejent.web.player.viewing import viewing_context
from rejent.web.requests.client_station import client_station, station_words
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.script_words import player_words


def player_page(request: PersonRequest, opened: ViewingView) -> HttpResponse:
    """Show the day drawn by the server; the scripts add the picture."""
    line = timeline_of(opened)
    source = catalog.source(opened.source_id)
    now = settings.CLOCK.now()
    living = [Interval(span.start, span.end) for span in line.of("recorded", "recovered")]
    day = line.axis.interval
    holds = retention.holds_over(opened.source_id, day.start, day.end)
    context: dict[str, Any] = {
        **viewing_context(request, opened, source),
        "line": line,
        "hours": _hours(line.axis),
        "explanation": lifetime(source.stream, line.axis.day, living, holds, now),
        "station": station_words(client_station(request)),
        "at_s": _seconds(request.GET.get("t"), line.axis.length_s),
        "words": player_words(),
    }
    return render(request, "cameras/player.html", context)


def timeline_of(opened: ViewingView) -> Timeline:
    """Return the timeline of a viewing's day."""
    axis = DayAxis(civil_date(opened.start))
    day = axis.interval
    return timeline(
        axis,
        segments=catalog.segments(opened.source_id, day.start, day.end, destroyed=True),
        gaps=catalog.gaps(opened.source_id, day.start, day.end, clock=settings.CLOCK),
        holds=retention.holds_over(opened.source_id, day.start, day.end),
        seen=access.presented_stretches(opened.id) or (),
        now=settings.CLOCK.now(),
    )


def _hours(axis: DayAxis) -> list[dict[str, Any]]:
    return [
        {"label": mark.label, "at": f"{100 * mark.at_s / axis.length_s:.4f}", "named": number % 2 == 0}
        for number, mark in enumerate(axis.hours())
    ]


def _seconds(written: str | None, length_s: int) -> float:
    return read_decimal(written or "", most=length_s) or 0.0
