"""What somebody can bring about at will does not fill the ledger, and no part of it is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from rejent.access.acts import REFUSED
from rejent.kernel.clock import ManualClock
from rejent.registers.acts import ENTRIES_ACCEPTED
from rejent.registers.models import Repetition
from rejent.registers.queries import acts, tree_head
from rejent.registers.repetition import WINDOW, enter_counts, enter_or_count
from rejent.registers.services import enter

pytestmark = pytest.mark.django_db


def again(clock: ManualClock, subject: str = "source:1") -> int | None:
    """The act once more."""
    record = {"person": "p", "rule": "expired", "page": "/find"}
    return enter_or_count(REFUSED, actor="p", subject=subject, record=record, at=clock.now())


def test_a_thousand_in_ten_minutes_are_two_entries() -> None:
    """The first stands there at once; the others are one act of its name that tells how many, entered by the next keeper."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    first = again(clock)
    assert first is not None
    for _ in range(999):
        clock.advance(timedelta(milliseconds=500))
        assert again(clock) is None
    assert tree_head().size == first + 1
    assert enter_counts(clock=clock) == 0
    clock.advance(WINDOW)
    assert enter_counts(clock=clock) == 1
    (told, _) = acts(names=["access.refused"]).acts
    assert told.facts == {"person": "p", "rule": "expired", "page": "/find", "index": first, "again": 999}
    assert (told.actor, told.subject) == ("p", "source:1")
    assert tree_head().size == first + 2
    assert not Repetition.objects.exists()


def test_what_differs_is_entered_on_its_own() -> None:
    """Another subject is another row; the same ten minutes later is entered again, after the count of those between."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    assert [again(clock), again(clock, "source:2"), again(clock)] == [0, 1, None]
    clock.advance(WINDOW)
    assert again(clock) == 3
    assert ["again" in (entry.facts or {}) for entry in acts().acts][:2] == [False, True]


def test_acts_that_are_alike_in_what_is_named_are_counted_together() -> None:
    """What was asked for differs, the rule is the same: one entry, and a count that another rule has no part in."""
    now = datetime(2026, 11, 21, tzinfo=UTC)

    def refused(page: str, rule: str) -> int | None:
        record = {"person": "p", "rule": rule, "page": page}
        return enter_or_count(
            REFUSED, actor="p", subject="person:p", record=record, at=now, alike={"rule": rule}
        )

    assert [refused("/live", "expired"), refused("/find", "expired"), refused("/find", "revoked")] == [
        0,
        None,
        1,
    ]


def test_a_row_put_there_by_hand_enters_no_act_of_power() -> None:
    """Whoever writes the table cannot have the keeper enter what the program counts nothing of."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    with transaction.atomic():
        index = enter(ENTRIES_ACCEPTED, actor="p", subject="ledger", record={"reason": "x"}, at=clock.now())
    Repetition.objects.create(tag=b"", key="planted", entry=index, at=clock.now() - WINDOW, count=3)
    assert enter_counts(clock=clock) == 1
    assert tree_head().size == index + 1


def test_a_row_that_was_altered_hides_nothing_and_tells_of_nothing() -> None:
    """Whoever writes the table neither silences what comes next nor has the keeper say that it came more often."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    first = again(clock)
    assert again(clock) is None
    Repetition.objects.update(entry=999_999)
    assert again(clock) is not None
    Repetition.objects.update(count=5000)
    clock.advance(WINDOW)
    assert enter_counts(clock=clock) == 1
    assert first == 0
    assert tree_head().size == 2


def test_a_clock_set_back_counts_nothing_for_ever() -> None:
    """An instant before the entry's own is entered, not counted."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    again(clock)
    assert again(ManualClock(clock.now() - timedelta(hours=1))) is not None


def test_nothing_repeated_leaves_no_second_entry() -> None:
    """A single act is entered once and its row forgotten."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    again(clock)
    clock.advance(WINDOW)
    assert enter_counts(clock=clock) == 1
    assert tree_head().size == 1
