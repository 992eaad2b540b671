"""Viewings and watchings a page at a time: from a row on, never by counting, so that the last ones are found as fast as the first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from rejent.access.models import LiveWatch, Viewing
from rejent.access.queries import counted_view, watch_view
from rejent.access.views import ViewingView, WatchView
from rejent.office import queries as office

_Row = TypeVar("_Row", bound=Model)
_View = TypeVar("_View")


@dataclass(frozen=True, slots=True)
class Page(Generic[_View]):
    """Some rows, the newest first."""

    rows: list[_View]
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A page's place: right before or right after a row, else at the newest."""

    before: str = ""
    after: str = ""


def viewings(
    *,
    person_id: UUID | str | None = None,
    source_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    place: Place = Place(),
    limit: int = 200,
) -> Page[ViewingView]:
    """Return a page of viewings by when they were opened; the number tells those of the same instant apart."""
    rows = Viewing.objects.all()
    if source_id:
        rows = rows.filter(Q(source=source_id) | Q(further__icontains=f'"{source_id}"'))
    if person_id is not None:
        rows = rows.filter(person_id=office.person_key(person_id))
    return _page(
        _within(rows, "opened_at", since, until), ("opened_at", "number"), place, limit, counted_view
    )


def live_watches(
    *,
    person_id: UUID | str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    place: Place = Place(),
    limit: int = 200,
) -> Page[WatchView]:
    """Return a page of who looked at live pictures, by when they began."""
    rows = LiveWatch.objects.all()
    if person_id is not None:
        rows = rows.filter(person_id=office.person_key(person_id))
    return _page(_within(rows, "started_at", since, until), ("started_at", "id"), place, limit, watch_view)


def _within(
    rows: QuerySet[_Row], column: str, since: datetime | None, until: datetime | None
) -> QuerySet[_Row]:
    if since is not None:
        rows = rows.filter(**{f"{column}__gte": since})
    return rows if until is None else rows.filter(**{f"{column}__lt": until})


def _page(
    rows: QuerySet[_Row],
    columns: tuple[str, str],
    place: Place,
    limit: int,
    view: Callable[[_Row], _View],
) -> Page[_View]:
    """Return the rows from a place on, and whether there are any beyond either end."""
    older, newer = (_row(rows, columns[1], written) for written in (place.before, place.after))
    if older is None and newer is not None:
        later = list(_beyond(rows, columns, newer, "gt").order_by(*columns)[: limit + 1])
        found, goes_on, goes_back = later[:limit][::-1], True, len(later) > limit
    else:
        from_there = rows if older is None else _beyond(rows, columns, older, "lt")
        earlier = list(from_there.order_by(*(f"-{column}" for column in columns))[: limit + 1])
        found, goes_on, goes_back = earlier[:limit], len(earlier) > limit, older is not None
    return Page(
        [view(row) for row in found],
        before=str(getattr(found[-1], columns[1])) if found and goes_on else "",
        after=str(getattr(found[0], columns[1])) if found and goes_back else "",
    )


def _row(rows: QuerySet[_Row], column: str, written: str) -> _Row | None:
    """Return the row that somebody names; nothing where they name none."""
    try:
        return rows.filter(**{column: written}).first() if written else None
    except ValidationError:
        return None


def _beyond(rows: QuerySet[_Row], columns: tuple[str, str], row: _Row, side: str) -> QuerySet[_Row]:
    """Return the rows on one side of a row; the first column bounds them alone, too, so that its index leads there."""
    first, second = columns
    at, own = getattr(row, first), getattr(row, second)
    further = Q(**{f"{first}__{side}": at}) | Q(**{f"{second}__{side}": own})
    return rows.filter(**{f"{first}__{side}e": at}).filter(further)
