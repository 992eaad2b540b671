"""The rows of viewings and watchings: a page of two hundred, and the way to all others."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from rejent.access.models import LiveWatch, Viewing
from rejent.access.supervision.weeks import Week
from rejent.kernel.clock import ManualClock
from rejent.office.views import PersonView
from rejent.web.supervision.watches import SHOWN
from rejent.web.words.wording import week_digits
from tests.unit.web.conftest import NOON, Browser

MANY = 2 * SHOWN + 9
ROW = '<th scope="row"'


@pytest.fixture
def many(people: dict[str, PersonView], source: str, clock: ManualClock) -> None:
    """More viewings and watchings in one week than two pages hold."""
    now = clock.now()
    Viewing.objects.bulk_create(
        Viewing(
            number=f"O-2026-{place}", person_id=people["viewer"].id, source_id=source, start=now - timedelta(hours=1),
            end=now, purpose="bhp", case="OR.1", session="s", opened_at=now, closed_at=now, expires_at=now,
        )
        for place in range(MANY)
    )  # fmt: skip
    LiveWatch.objects.bulk_create(
        LiveWatch(person_id=people["guard"].id, sources=[source], started_at=now, stopped_at=now)
        for _ in range(MANY)
    )


def followed(client: Client, address: str, way: str) -> list[str]:
    """The pages from an address on, as its links lead one way."""
    pages = [client.get(address).content.decode()]
    while found := re.search(rf'href="([^"]*)" rel="{way}"', pages[-1]):
        pages.append(
            client.get(address.partition("?")[0] + unquote(found[1]).replace("&amp;", "&")).content.decode()
        )
    return pages


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(("page", "person"), [("viewings", "viewer"), ("watches", "guard")])
def test_every_row_of_a_week_is_reached(
    browser: Browser, people: dict[str, PersonView], page: str, person: str
) -> None:
    """The links keep to the week and the person, hold every row once, and lead back to the first page."""
    client, week = browser("iod"), Week.at(NOON)
    address = f"{reverse(page)}?week={week}&person={people[person].id}"
    pages = followed(client, address, "next")
    assert [shown.count(ROW) for shown in pages] == [SHOWN, SHOWN, 9]
    assert all(
        f"tydzień {week_digits(week.first, week.last)}" in shown and people[person].name in shown
        for shown in pages
    )
    (last,) = re.findall(r'href="([^"]*)" rel="prev"', pages[2])
    back = followed(client, reverse(page) + last.replace("&amp;", "&"), "prev")
    assert [shown.count(ROW) for shown in back] == [SHOWN, SHOWN]
    assert 'rel="prev"' not in pages[0]
    if page == "viewings":
        numbers = [set(re.findall(r"O-2026-\d+", shown)) for shown in pages]
        assert len(set.union(*numbers)) == MANY
