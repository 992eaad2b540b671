"""Storage, what is due to be destroyed, what was destroyed, and the clock that decides it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.explanations import explain_retention
from rejent.office.installation import Installation
from rejent.retention import queries, services
from rejent.retention.queries import DueView
from rejent.web.desk import Desk, Line, Reader, Trouble, whoever_may
from rejent.web.pages.storage_curve import storage_curve
from rejent.web.people.reach import in_reach
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.stream_parts import PAGES
from rejent.web.words import wording
from rejent.web.words.identifiers import in_words
from rejent.web.words.when import WithoutYear, read_day

SHOWN = 200


def storage(request: PersonRequest) -> HttpResponse:
    """Show how long the storage lasts, and whether the regulation's periods fit."""
    forecast = catalog.storage_forecast(clock=settings.CLOCK)
    names = {source.id: source.name for source in catalog.sources(removed=True)}
    used, total = forecast.used or 0, (forecast.used or 0) + (forecast.free or 0)
    others = max(0, used - forecast.kept)
    today = civil_date(settings.CLOCK.now())
    full = forecast.full_in_days
    by_source = sorted(forecast.by_source.items(), key=lambda item: -item[1])
    context = {
        "forecast": forecast,
        "place": storage_place(settings.INSTALLATION),
        "total": total,
        "others": others,
        "full_on": None if full is None else today + timedelta(days=full),
        "runs_in_on": today + timedelta(days=len(forecast.growth)),
        "parts": _parts(forecast.kept, others, total),
        "curve": storage_curve(forecast, others, total, today) if forecast.free is not None else None,
        "by_source": [
            (names.get(source_id, source_id), round(size))
            for source_id, size in by_source
            if in_reach(request.person, source_id)
        ],
    }
    return render(request, "pages/storage.html", context)


def storage_place(installation: Installation) -> str:
    """Return where recordings lie: a folder of the server, or the address of a bucket without who opens it."""
    if not installation.storage:
        return str(installation.vault)
    scheme, _, rest = installation.storage.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _parts(kept: int, others: int, total: int) -> list[tuple[str, float, float]]:
    """Return what takes how much of the disk, as shares of a hundred: name, begin and width."""
    if not total:
        return []
    recordings, rest = (round(100 * size / total, 2) for size in (kept, others))
    return [("recordings", 0.0, recordings), ("others", recordings, rest)]


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


def _wrong(now: datetime) -> Iterator[Trouble]:
    """Yield a disk that will be full, a clock that stops destruction, what is overdue, and failures that no page but this tells."""
    forecast = catalog.storage_forecast(clock=settings.CLOCK)
    if forecast.full_in_days is not None:
        day = civil_date(now) + timedelta(days=forecast.full_in_days)
        words = gettext("The disk will be full on %(day)s") % {"day": wording.day_words(day)}
        more = gettext("Nothing will be deleted before its time; on a full disk recording stops.")
        yield Trouble(Line("attention", words, more, reverse("storage")), whoever_may("see-storage"))
    clock = queries.clock_state()
    if clock is not None and clock.blocks:
        words = gettext("The clock jumped ahead; nothing is destroyed until it is confirmed")
        line = Line("stopped", words, wording.duration_words(clock.off_by_s), reverse("due"))
        yield Trouble(line, whoever_may("see-due"))
    if overdue := len(queries.overdue(clock=settings.CLOCK)):
        words = ngettext(
            "%(n)s day of recordings is overdue for destruction",
            "%(n)s days of recordings are overdue for destruction",
            overdue,
        )
        line = Line("stopped", words % {"n": overdue}, "", reverse("due"))
        yield Trouble(line, whoever_may("see-due"))
    for alarm in queries.alarms():
        if alarm.kind in _MACHINERY:
            route, act = _MACHINERY[alarm.kind]
            words = gettext("Alarm: %(what)s") % {"what": in_words("kind", alarm.kind)}
            more = gettext("Since %(moment)s.") % {"moment": wording.moment_digits(alarm.raised_at)}
            yield Trouble(Line("stopped", words, more, reverse(route)), whoever_may(act))


_MACHINERY = {
    "older-database": ("promises", "check-promises"),
    "mail-fails": ("missing", "enter-gate"),
}
"""Alarms of what no subject's page shows: where its reader goes, and who is told."""


def _notes(reader: Reader) -> Iterator[Line]:
    """Yield what can be used for the last time today."""
    midnight = local_midnight(reader.today + timedelta(days=1))
    due = queries.due(midnight, clock=settings.CLOCK) if reader.may("see-due") else []
    terms = [one.term for one in due if one.term.readable_until > reader.now]
    if terms:
        words = ngettext(
            "Today is the last day of %(n)s day of recordings",
            "Today is the last day of %(n)s days of recordings",
            len(terms),
        )
        more = " ".join(map(wording.sentence_words, explain_retention(terms[0], reader.now).result))
        yield Line("plain", words % {"n": len(terms)}, more, reverse("due"))


DESK = Desk(wrong=_wrong, notes=_notes)
