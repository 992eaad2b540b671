"""Paging through the register either way, from a number on, with and without the machinery's acts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rejent.access.acts import REFUSED
from rejent.catalog.acts import SEGMENT_SEALED
from rejent.registers import queries
from rejent.registers.errors import NoSuchEntryError
from rejent.registers.services import PendingEntry, enter_many

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def entries(db: None) -> list[int]:  # noqa: ARG001 - asked for its effect
    """Sixty acts, each third a person's, pairs of them at one instant, one instant set back; newest first as read."""
    deeds = []
    for number in range(60):
        at = BEGUN + timedelta(minutes=number // 2 if number != 40 else 5)
        act = REFUSED if number % 3 == 0 else SEGMENT_SEALED
        deeds.append(PendingEntry(act, "p" if number % 6 == 0 else "", "source:s", {"n": number}, at))
    with transaction.atomic():
        indexes = enter_many(deeds)
    order = sorted(range(60), key=lambda number: (deeds[number].at, number), reverse=True)
    return [indexes[number] for number in order]


def read(**asked: object) -> tuple[list[int], queries.ActsPage]:
    """The indexes of a page, and the page."""
    page = queries.acts(**asked)  # type: ignore[arg-type]  # each value has its parameter's type
    return [act.index for act in page.acts], page


@pytest.mark.parametrize("limit", [1, 7, 59, 60, 61])
def test_older_pages_and_newer_pages_tell_each_act_once(limit: int, entries: list[int]) -> None:
    """Going on to the end and all the way back gives the same acts in the same order."""
    pages, (indexes, page) = [], read(limit=limit)
    pages.append(indexes)
    while page.before is not None:
        indexes, page = read(before=page.before, limit=limit)
        pages.append(indexes)
    assert [index for part in pages for index in part] == entries
    back = [pages[-1]]
    while page.after is not None:
        indexes, page = read(after=page.after, limit=limit)
        back.append(indexes)
    assert [index for part in reversed(back) for index in part][-len(entries) :] == entries
    assert page.acts[0].index == entries[0]


def test_a_page_begins_with_the_number_that_is_asked_for(entries: list[int]) -> None:
    """From a number on means that entry first; where it is not wanted, the next older one that is."""
    for index in entries:
        indexes, _ = read(begin=index, limit=3)
        place = entries.index(index)
        assert indexes == entries[place : place + 3]
    sealed = next(index for index in entries if (index - entries[-1]) % 3 == 1)
    indexes, page = read(begin=sealed, machinery=False, limit=2)
    assert indexes[0] in entries[entries.index(sealed) :]
    assert all(act.act == REFUSED.name for act in page.acts)
    with pytest.raises(NoSuchEntryError):
        read(begin=10_000)


def test_the_machinery_is_left_out_by_what_it_does(entries: list[int]) -> None:
    """Without it only what people did is told, whoever is asked for, and counted so."""
    everyone, _ = read(machinery=False, limit=100)
    assert len(everyone) == 20 == queries.count_acts(machinery=False)
    assert everyone == [index for index in entries if index in set(everyone)]
    theirs, _ = read(machinery=False, actor="p", limit=100)
    assert len(theirs) == 10
    assert queries.count_acts() == len(entries)


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"actor": "p", "machinery": False}, "told_by_actor"),
        ({"subject": "source:s", "machinery": False}, "told_by_subject"),
        ({"names": ("access.refused",), "actor": "p", "machinery": False}, "told_by_actor_and_act"),
        ({"names": ("access.refused",)}, "entry_by_act"),
        ({"actor": ""}, "entry_by_actor"),
    ],
)
def test_an_index_leads_to_what_is_asked_for(asked: dict[str, object], index: str) -> None:
    """No page reads the acts of others to leave them out: the index of what narrows most gives rows and order."""
    with CaptureQueriesContext(connection) as asked_of_database, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
            )
        read(**asked, before=None, limit=5)
        plan = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        question = next(one["sql"] for one in asked_of_database if "ORDER BY" in one["sql"])
        cursor.execute(f"{plan} {question}".replace("%", "%%"))
        assert index in str(cursor.fetchall())
