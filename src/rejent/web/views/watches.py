"""Who watched live pictures: for supervision, without any picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from rejent.access import queries as access
from rejent.access.views import WatchView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.office import queries as office
from rejent.web.visitor import PersonRequest
from rejent.web.when import read_day

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Watch:
    """One person's watching.

    Attributes:
        stopped_at: when it ended; None while it goes on.
    """

    who: str
    sources: list[tuple[str, str]]
    started_at: datetime
    stopped_at: datetime | None
    length_s: float


@require_GET
def watches(request: PersonRequest) -> HttpResponse:
    """Who watched which sources from when until when, the newest first; with ``?day=`` of one day."""
    now = settings.CLOCK.now()
    day, wrong = None, ""
    if written := request.GET.get("day", "").strip():
        try:
            day = read_day(written, civil_date(now))
        except InputRefusedError as error:
            wrong = error.sentence(gettext)
    found = access.live_watches(
        since=local_midnight(day) if day else None,
        until=local_midnight(day + timedelta(days=1)) if day else None,
        limit=SHOWN + 1,
    )
    context = {
        "rows": list(_told(found[:SHOWN], now)),
        "more": len(found) > SHOWN,
        "shown": SHOWN,
        "day": day,
        "wrong": wrong,
    }
    return render(request, "pages/watches.html", context)


def _told(found: list[WatchView], now: datetime) -> Iterator[Watch]:
    people = {one.id: one.name for one in office.people(left=True)}
    names = {source.id: source.name for source in catalog.sources(removed=True)}
    for one in found:
        sources = [(source, names.get(source, source)) for source in one.source_ids]
        length = ((one.stopped_at or now) - one.started_at).total_seconds()
        yield Watch(people.get(one.person_id, ""), sources, one.started_at, one.stopped_at, length)
