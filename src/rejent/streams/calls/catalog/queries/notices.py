"""Announcements, the evidence that they were heard, and calls that lack it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from operator import attrgetter

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from rejent.kernel.views import view_of
from rejent.office import queries as office
from rejent.registers.guard.rows import matching
from rejent.streams.calls.catalog.errors import NoSuchAnnouncementError
from rejent.streams.calls.catalog.models import Announcement, Announcer, Call, CallNotice
from rejent.streams.calls.catalog.queries.calls import call_view
from rejent.streams.calls.catalog.queries.lines import drill_lines
from rejent.streams.calls.catalog.views import (
    HUNG_UP,
    NOT_ANNOUNCED,
    NOT_SEARCHED,
    AnnouncementView,
    CallToSearch,
    CallView,
    Notice,
    NoticeKind,
)

_HEARD = Q(completed=True) | Q(outcome=HUNG_UP)
SETTLED = timedelta(minutes=1)
"""After its end a call is left alone so long, for its announcement may still be reported by others."""


def announcements(source_id: str) -> list[AnnouncementView]:
    """Return every version of every announcement of a line, the oldest first."""
    return [_view(row) for row in Announcement.objects.filter(source=source_id).order_by("valid_from", "pk")]


def announcement_at(source_id: str, kind: str, at: datetime) -> AnnouncementView | None:
    """Return what callers of a line hear at an instant."""
    rows = Announcement.objects.filter(source=source_id, kind=kind, valid_from__lte=at)
    row = rows.order_by("-valid_from", "-version").first()
    return _view(row) if row else None


def announcement_version(source_id: str, kind: str, version: int) -> AnnouncementView:
    """Return one version; NoSuchAnnouncementError: there is none."""
    row = Announcement.objects.filter(source=source_id, kind=kind, version=version).first()
    if row is None:
        raise NoSuchAnnouncementError(
            "The line has no such announcement.", advice="See what it has: calls announcement list"
        )
    return _view(row)


def announcers() -> dict[str, str]:
    """Return the address at which each present line's calls are answered, by line, where it is as it was entered."""
    rows = Announcer.objects.filter(source__removed_at__isnull=True, source__switched_on=True)
    return {row.source_id: row.address for row in matching(rows.order_by("pk"))}


def notices(call_ids: Collection[str]) -> dict[str, list[Notice]]:
    """Return the evidence of each call, in order."""
    found: dict[str, list[Notice]] = defaultdict(list)
    for row in (
        CallNotice.objects.filter(call__in=call_ids).select_related("announcement").order_by("start", "pk")
    ):
        found[str(row.call_id)].append(_notice(row))
    return found


def announced(calls: Iterable[CallView]) -> dict[str, str]:
    """Return how it is known of each call that its announcement was heard, as `KnownBy` has it.

    `NOT_ANNOUNCED` where it should have been heard and nothing shows it, `NOT_SEARCHED` while its sound is still to be searched; empty where nothing has to be announced, or the call
    goes on.
    """
    known = {call.id: call for call in calls}
    rows = CallNotice.objects.filter(_HEARD, call__in=known, kind=F("call__direction"))
    found = {str(call): known_by for call, known_by in rows.order_by("-pk").values_list("call", "known_by")}
    demands = {
        day: office.announced_directions("calls", day) for day in {call.day for call in known.values()}
    }
    waiting = set(_to_be_searched().filter(pk__in=known).values_list("pk", flat=True))
    for call in known.values():
        owed = call.end is not None and not call.destroyed and call.direction in demands[call.day]
        lacking = NOT_SEARCHED if call.id in waiting else NOT_ANNOUNCED
        found.setdefault(call.id, lacking if owed else "")
    return found


def unannounced(start: datetime, end: datetime) -> int:
    """Return how many calls that began in an interval should have been announced, and nothing shows that they were.

    Each by what was in force on its day; calls of drills are none of the office's, and one whose sound is still to be searched is not counted yet.
    """
    return sum(rows.count() for rows in _unannounced(start, end))


def unannounced_calls(start: datetime, end: datetime, most: int) -> list[CallView]:
    """Return the first of the calls that `unannounced` counts, in order."""
    found = [row for rows in _unannounced(start, end) for row in rows.order_by("start", "pk")[:most]]
    return [call_view(row) for row in sorted(found, key=attrgetter("start"))[:most]]


def _unannounced(start: datetime, end: datetime) -> Iterator[QuerySet[Call]]:
    """Yield the calls of each day of an interval of which nothing shows that they were announced as they should have been."""
    evidence = CallNotice.objects.filter(_HEARD, call=OuterRef("pk"), kind=OuterRef("direction"))
    ended = Call.objects.filter(end__isnull=False, destroyed=False, start__gte=start, start__lt=end)
    ended = ended.exclude(source__in=drill_lines())
    lacking = ended.filter(~Exists(evidence)).exclude(pk__in=_to_be_searched().values("pk"))
    days = lacking.order_by("day").values_list("day", flat=True).distinct()
    for day in list(days):
        yield lacking.filter(day=day, direction__in=office.announced_directions("calls", day))


def calls_to_search(now: datetime, most: int) -> list[CallToSearch]:
    """Return ended calls without evidence whose sound was not searched yet; half the oldest, so that none keeps all others waiting."""
    firsts = list(Announcement.objects.order_by("valid_from").values_list("source", "valid_from"))
    if not firsts:
        return []
    rows = _to_be_searched().filter(end__lt=now - SETTLED, start__gte=firsts[0][1])
    rows = rows.filter(source__in={line for line, _ in firsts})
    oldest = list(rows.order_by("start", "pk")[: most - most // 2])
    newest = rows.exclude(pk__in=[row.pk for row in oldest]).order_by("-start", "-pk")[: most // 2]
    found = []
    for row in (*oldest, *newest):
        kinds = (NoticeKind.INCOMING, NoticeKind.CLAUSE)
        versions = (announcement_at(row.source_id, kind, row.start) for kind in kinds)
        found.append(CallToSearch(row.pk, row.source_id, row.start, tuple(one for one in versions if one)))
    return found


def _to_be_searched() -> QuerySet[Call]:
    """Return calls from outside without evidence, not searched yet, since something is announced on their line."""
    in_force = Announcement.objects.filter(source=OuterRef("source"), valid_from__lte=OuterRef("start"))
    rows = Call.objects.filter(
        notice_sought_at__isnull=True, destroyed=False, direction__in=("incoming", "undecided")
    )
    heard = CallNotice.objects.filter(_HEARD, call=OuterRef("pk"), kind=NoticeKind.INCOMING)
    return rows.filter(Exists(in_force)).exclude(Exists(heard))


def _view(row: Announcement) -> AnnouncementView:
    return view_of(AnnouncementView, row, sound=bytes(row.sound))


def _notice(row: CallNotice) -> Notice:
    version = row.announcement.version if row.announcement else None
    return view_of(Notice, row, announcement=row.announcement_id, version=version)
