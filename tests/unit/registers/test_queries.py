"""Listing acts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import translation

from rejent.kernel.acts import Act, all_acts
from rejent.registers import queries, services
from rejent.registers.acts import ENTRIES_LOST
from rejent.registers.errors import NoSuchEntryError
from rejent.registers.services import PendingEntry
from tests.guarded_rows import unguarded
from tests.unit.registers.conftest import HAPPENED, OTHER, START, happen

pytestmark = pytest.mark.django_db


def indexes(**filters):
    """The indexes of all acts found, page by page of three."""
    found, before = [], None
    while True:
        page = queries.acts(limit=3, before=before, **filters)
        found += [act.index for act in page.acts]
        before = page.before
        if before is None:
            return found


@pytest.fixture
def _acts():
    for number in range(10):
        happen(
            str(number),
            actor=f"p{number % 2}" if number else "",
            subject=f"thing:{number % 3}",
            act=OTHER if number == 7 else HAPPENED,
            after=number,
        )


@pytest.mark.usefixtures("_acts")
@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ({"names": ["test.other"]}, [7]),
        ({"names": ["test.other", "test.happened"], "actor": "p1"}, [9, 7, 5, 3, 1]),
        ({"actor": ""}, [0]),
        ({"subject": "thing:2"}, [8, 5, 2]),
        ({"since": START + timedelta(seconds=4), "until": START + timedelta(seconds=6)}, [5, 4]),
        ({"subject": "nothing"}, []),
    ],
)
def test_filters_and_pages(filters, wanted):
    """Pages put together give every act that passes the filters, once, newest first."""
    assert indexes(**filters) == wanted


def test_acts_of_one_instant_are_all_paged():
    """A hundred acts at the same instant are neither lost nor doubled at the page's end."""
    services.enter_many(
        [PendingEntry(HAPPENED, "", "", {"what": str(number)}, START) for number in range(100)]
    )
    assert indexes() == list(range(99, -1, -1))


def test_clock_set_back_hides_nothing():
    """Acts are listed by their own instants even when the clock was stepped back."""
    for after in (0, 10, 5, 20):
        happen("x", after=after)
    assert indexes() == [3, 1, 2, 0]


def test_act_is_told_in_a_sentence():
    """An act with its record is told in words; an erased one by its name; an unknown place stays visible."""
    index = happen("Rain")
    assert queries.act(index).sentence() == "Rain happened"
    assert all_acts()["test.happened"].describe({}) == "{what} happened"
    services.erase(index, actor="", reason="r", at=START)
    assert queries.act(index).sentence() == "test.happened"


@pytest.mark.parametrize("facts", ["no record", "[1]", "null", '{"what":"Sun"}', "[" * 100_000])
def test_changed_record_is_said_to_be_changed(facts):
    """Whatever somebody put in a record's place is not told, and stops neither the list nor the act's own page."""
    index = happen("Rain")
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE registers_entry SET facts = %s", [facts])
    told = [queries.act(index), *queries.acts().acts]
    for act in told:
        assert (act.changed, act.facts) == (True, None)
        with translation.override("en"):
            assert "not the one that was entered" in act.sentence()


def test_lost_entries_wait_for_a_person_though_their_record_was_changed():
    """An unreadable word on lost entries does not make them found."""
    index = happen("x", act=ENTRIES_LOST)
    assert queries.not_accepted() == [range(index, index + 1)]
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE registers_entry SET facts = 'no record'")
    assert queries.not_accepted() == [range(index, index + 1)]


def test_a_name_is_given_once():
    """Two acts of one name would make the ledger ambiguous."""
    with pytest.raises(ValueError, match="two acts"):
        Act("test.happened", "another")
    assert repr(all_acts()["test.happened"]) == "Act('test.happened')"


def test_missing_act_is_said_to_be_missing():
    """There is nothing to show at an index that was never given."""
    with pytest.raises(NoSuchEntryError):
        queries.act(0)
    with pytest.raises(NoSuchEntryError):
        queries.acts(before=5)
