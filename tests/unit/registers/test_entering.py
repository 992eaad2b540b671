"""Entering acts and taking numbers."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from rejent.kernel.clock import OFFICE_ZONE
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import commitment_of
from rejent.ledger.errors import RecordRefusedError
from rejent.ledger.merkle import EMPTY_ROOT, RightEdge, leaf_hash
from rejent.registers import queries, services
from rejent.registers.errors import AlreadyErasedError, NoSuchEntryError, NotInTransactionError
from rejent.registers.models import Entry
from rejent.registers.services import PendingEntry
from tests.unit.registers.conftest import HAPPENED, START, happen

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)


def test_indexes_run_from_zero_without_gaps():
    """One act or many, the next index is the next number."""
    assert queries.tree_head() == queries.LedgerHead(0, EMPTY_ROOT)
    assert happen("one") == 0
    assert services.enter_many(
        [PendingEntry(HAPPENED, "", "", {"what": what}, START) for what in "abc"]
    ) == range(1, 4)
    assert happen("five") == 4
    assert queries.tree_head().size == 5


def test_entering_nothing_changes_nothing():
    """An empty batch takes no index."""
    assert len(services.enter_many([])) == 0
    assert queries.tree_head().size == 0


def test_leaf_commits_to_everything_that_is_told():
    """The leaf is the commitment to act, person, subject, instant and facts; the root is that of the leaves."""
    happen("żółć")
    row = Entry.objects.get()
    record = {
        "act": "test.happened",
        "actor": "p1",
        "at": "2026-11-21T12:00:00.000000Z",
        "digest": None,
        "facts": {"what": "żółć"},
        "subject": "thing:1",
        "thing": None,
    }
    assert bytes(row.leaf) == commitment_of(bytes(row.salt), canonical_json(record))
    assert queries.tree_head().root == RightEdge().appended([leaf_hash(bytes(row.leaf))]).root()


def test_equal_acts_have_different_leaves():
    """The salt keeps anyone from guessing a record by trying."""
    happen("same")
    happen("same")
    assert len({bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True)}) == 2


def test_record_that_is_no_json_is_refused():
    """What has no canonical form cannot be entered, and takes no index."""
    with pytest.raises(RecordRefusedError):
        happen(b"bytes")
    assert queries.tree_head().size == 0


def test_repeated_autumn_hour_is_kept_apart():
    """02:30 comes twice on 25 October; two acts entered together keep their own instants."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=OFFICE_ZONE)
    services.enter_many([PendingEntry(HAPPENED, "", "", {}, at) for at in (first, first.replace(fold=1))])
    assert queries.act(1).at - queries.act(0).at == timedelta(hours=1)


def test_instant_without_offset_is_refused():
    """Nobody could say later when the act was."""
    with pytest.raises(RecordRefusedError):
        services.enter_many([PendingEntry(HAPPENED, "", "", {}, START.replace(tzinfo=None))])


@commits
def test_outside_a_transaction_nothing_is_entered():
    """An act without the transaction of its change is refused, and so is a number or an erasure."""
    with pytest.raises(NotInTransactionError):
        happen("apart")
    with pytest.raises(NotInTransactionError):
        services.take_number("protocols", 2026)
    with pytest.raises(NotInTransactionError):
        services.erase(0, actor="", reason="", at=START)


@commits
def test_act_vanishes_with_its_transaction():
    """What is rolled back was never entered; the index and the number are given to the next."""
    with transaction.atomic():
        happen("undone")
        services.take_number("protocols", 2026)
        transaction.set_rollback(True)
    with transaction.atomic():
        assert happen("done") == 0
        assert services.take_number("protocols", 2026) == 1
    assert queries.act(0).facts == {"what": "done"}


def test_numbers_run_by_book_and_year():
    """Each book counts from 1 in each year."""
    taken = [
        services.take_number(book, year)
        for book, year in (("a", 2026), ("a", 2026), ("b", 2026), ("a", 2027))
    ]
    assert taken == [1, 2, 1, 1]


def test_erased_record_is_gone_and_told_of():
    """Record and salt are gone, the leaf stays, and an act says who erased it and why."""
    index = happen("private")
    leaf = queries.act(index).leaf
    told = services.erase(index, actor="p2", reason="request of 3 November", at=START)
    erased = queries.act(index)
    assert (erased.facts, erased.leaf, Entry.objects.get(pk=index).salt) == (None, leaf, None)
    assert queries.act(told).facts == {"index": index, "reason": "request of 3 November"}
    assert queries.act(told).subject == f"entry:{index}"


def test_erasing_twice_or_nothing_is_refused():
    """There must be a record to erase."""
    index = happen("private")
    services.erase(index, actor="", reason="r", at=START)
    with pytest.raises(AlreadyErasedError):
        services.erase(index, actor="", reason="r", at=START)
    with pytest.raises(NoSuchEntryError):
        services.erase(99, actor="", reason="r", at=START)


FORBIDDEN = [
    "DELETE FROM registers_entry",
    "UPDATE registers_entry SET actor = 'somebody'",
    "UPDATE registers_entry SET facts = '{}'",
    "UPDATE registers_entry SET facts = NULL",
    "UPDATE registers_entry SET leaf = salt, facts = NULL, salt = NULL",
    'UPDATE registers_entry SET "index" = "index" + 1000, facts = NULL, salt = NULL',
    "DELETE FROM registers_treehead",
    "UPDATE registers_treehead SET size = 0",
    "UPDATE registers_treehead SET edge = edge",
    "UPDATE registers_checkpoint SET note = 'forged'",
    "DELETE FROM registers_checkpoint",
    "DELETE FROM registers_series",
    "UPDATE registers_series SET last = last + 2",
    "UPDATE registers_series SET last = last - 1",
    "INSERT INTO registers_series (name, year, last) VALUES ('b', 2026, 7)",
]
REPLACING = [
    "INSERT OR REPLACE INTO registers_entry SELECT * FROM registers_entry",
    "INSERT OR REPLACE INTO registers_treehead SELECT * FROM registers_treehead",
    "INSERT OR REPLACE INTO registers_series (name, year, last) VALUES ('a', 2026, 1)",
]


@pytest.mark.parametrize("statement", [*FORBIDDEN, *REPLACING, "TRUNCATE registers_entry"])
def test_database_refuses_to_change_what_was_entered(statement, place, clock):
    """Whoever holds the connection cannot change, replace or delete by mistake what stands in the ledger."""
    if (statement in REPLACING) != (connection.vendor == "sqlite") and statement not in FORBIDDEN:
        pytest.skip("a statement of the other database")
    happen("one")
    services.take_number("a", 2026)
    services.checkpoint(place, clock=clock)
    before = list(Entry.objects.values_list())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Entry.objects.values_list()) == before
