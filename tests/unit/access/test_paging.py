"""Every viewing and every watching is reached a page at a time, forwards and back, however many begin in one instant."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from rejent.access.models import LiveWatch, Viewing
from rejent.access.viewings import paging
from rejent.access.viewings.paging import Place
from rejent.kernel.clock import ManualClock
from tests.unit.access.conftest import People

MANY = 437
LIMIT = 200
AT_ONCE = 7
"""So many begin in the same instant."""


@pytest.fixture
def many(source: str, person: People, clock: ManualClock) -> list[str]:
    """The numbers of more viewings than two pages hold, by two people, as they are listed: the newest first."""
    people, now = (person("viewer"), person("viewer")), clock.now()
    rows = [
        Viewing(
            number=f"O-2026-{place:04d}", person_id=people[place % 2].id, source_id=source, start=now - timedelta(hours=1),
            end=now, purpose="p", case="c", session="s", opened_at=now + timedelta(minutes=place // AT_ONCE),
            closed_at=now, expires_at=now,
        )
        for place in range(MANY)
    ]  # fmt: skip
    Viewing.objects.bulk_create(rows)
    return [row.number for row in reversed(rows)]


def test_every_viewing_is_reached_forwards_and_back(many: list[str]) -> None:
    """The pages hold each row once, in one order, and the way back shows the same pages."""
    pages = [paging.viewings(limit=LIMIT)]
    while pages[-1].before:
        pages.append(paging.viewings(place=Place(before=pages[-1].before), limit=LIMIT))
    assert [len(page.rows) for page in pages] == [200, 200, 37]
    assert [view.number for page in pages for view in page.rows] == many
    assert [bool(page.after) for page in pages] == [False, True, True]
    back = pages[-1]
    for page in reversed(pages[:-1]):
        back = paging.viewings(place=Place(after=back.after), limit=LIMIT)
        assert back.rows == page.rows
        assert back.before == page.before
    assert back.after == ""


def test_pages_keep_to_what_was_asked_for(many: list[str], source: str, clock: ManualClock) -> None:
    """A person's own rows alone, within a time; what names no row begins at the newest one."""
    whose = Viewing.objects.get(number=many[0]).person_id
    since = clock.now() + timedelta(minutes=1)
    asked = partial(paging.viewings, person_id=whose, source_id=source, since=since, limit=LIMIT)
    first = asked()
    second = asked(place=Place(before=first.before))
    wanted = [number for place, number in enumerate(many) if place % 2 == 0][: (MANY - AT_ONCE + 1) // 2]
    assert [view.number for page in (first, second) for view in page.rows] == wanted
    assert second.before == ""
    assert paging.viewings(place=Place(before="O-1999-1"), limit=LIMIT).rows[0].number == many[0]


def test_every_watching_is_reached(person: People, clock: ManualClock) -> None:
    """Those of one instant are told apart; what is no identifier at all begins at the newest one."""
    viewer, now = person("viewer"), clock.now()
    rows = [
        LiveWatch(id=uuid4(), person_id=viewer.id, sources=[], started_at=now + timedelta(minutes=place // AT_ONCE))
        for place in range(30)
    ]  # fmt: skip
    LiveWatch.objects.bulk_create(rows)
    pages = [paging.live_watches(limit=8)]
    while pages[-1].before:
        pages.append(paging.live_watches(place=Place(before=pages[-1].before), limit=8))
    found = [view for page in pages for view in page.rows]
    assert {view.id for view in found} == {row.pk for row in rows}
    assert [view.started_at for view in found] == sorted((row.started_at for row in rows), reverse=True)
    again = paging.live_watches(place=Place(after=pages[1].after), limit=8)
    assert again.rows == pages[0].rows
    assert paging.live_watches(place=Place(before="none"), limit=8).rows == pages[0].rows
