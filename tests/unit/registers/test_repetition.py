"""What somebody can bring about at will does not fill the ledger, and no part of it is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.registers.acts import ENTRY_ERASED
from rejent.registers.models import Repetition
from rejent.registers.queries import acts, tree_head
from rejent.registers.repetition import enter_counts, enter_or_count

pytestmark = pytest.mark.django_db


def again(clock: ManualClock, subject: str = "source:1") -> int | None:
    """The act once more."""
    return enter_or_count(
        ENTRY_ERASED, actor="p", subject=subject, record={"index": 0, "reason": ""}, at=clock.now()
    )


def test_a_thousand_in_a_minute_are_two_entries() -> None:
    """The first stands there at once; the others are one entry that names it and tells how many, entered by the next keeper."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    first = again(clock)
    assert first is not None
    for _ in range(999):
        clock.advance(timedelta(milliseconds=50))
        assert again(clock) is None
    assert tree_head().size == first + 1
    assert enter_counts(clock=clock) == 0
    clock.advance(timedelta(minutes=1))
    assert enter_counts(clock=clock) == 1
    (told,) = acts(names=["registers.entry-repeated"]).acts
    assert told.facts == {"index": first, "count": 999, "seconds": 60}
    assert told.subject == "source:1"
    assert tree_head().size == first + 2
    assert not Repetition.objects.exists()


def test_what_differs_is_entered_on_its_own() -> None:
    """Another subject is another row; the same a minute later is entered again, after the count of those between."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    assert [again(clock), again(clock, "source:2"), again(clock)] == [0, 1, None]
    clock.advance(timedelta(minutes=1))
    assert again(clock) == 3
    assert [entry.act for entry in acts().acts][0:2] == ["registers.entry-erased", "registers.entry-repeated"]


def test_a_clock_set_back_counts_nothing_for_ever() -> None:
    """An instant before the entry's own is entered, not counted."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    again(clock)
    assert again(ManualClock(clock.now() - timedelta(hours=1))) is not None


def test_nothing_repeated_leaves_no_second_entry() -> None:
    """A single act is entered once and its row forgotten."""
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    again(clock)
    clock.advance(timedelta(minutes=1))
    assert enter_counts(clock=clock) == 1
    assert tree_head().size == 1
