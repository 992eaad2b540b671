"""Going on after an older database was put back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction

from rejent.kernel.clock import ManualClock
from rejent.ledger.errors import LedgerShortenedError
from rejent.ledger.place import LedgerPlace
from rejent.registers import checks, services
from rejent.registers.acts import ENTRY_ERASED
from rejent.registers.checkpoints import demand_continuation
from rejent.registers.models import Entry, TreeHead
from rejent.registers.queries import continued, tree_head
from rejent.registers.restoring import continue_published
from tests.guarded_rows import unguarded

CLOCK = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))


def entered(count: int) -> None:
    """Enter so many acts."""
    for number in range(count):
        with transaction.atomic():
            services.enter(
                ENTRY_ERASED,
                actor="",
                subject=f"s:{number}",
                record={"index": 0, "reason": ""},
                at=CLOCK.now(),
            )


@pytest.mark.django_db(transaction=True)
def test_an_older_database_destroys_nothing_until_a_person_accepts_it(tmp_path: Path) -> None:
    """Before the acceptance the continuation is refused; after it the ledger goes on and every check is clean."""
    place = LedgerPlace(tmp_path / "ledger", tmp_path / "key", "rejent/test")
    entered(3)
    head = tree_head()
    older = TreeHead.objects.get(pk=1)
    size, edge = older.size, bytes(older.edge)
    entered(4)
    services.checkpoint(place, clock=CLOCK)
    kept = services.checkpoint(place, clock=CLOCK)
    with unguarded():
        Entry.objects.filter(pk__gte=size).delete()
        TreeHead.objects.filter(pk=1).update(size=size, edge=edge)
    assert tree_head() == head
    with pytest.raises(LedgerShortenedError):
        demand_continuation(place)
    assert continue_published(place, reason="disk", clock=CLOCK, actor="") == 4
    demand_continuation(place)
    services.checkpoint(place, clock=CLOCK)
    assert tree_head().size == 8
    assert continued(place, kept) == 1
    assert [finding.code for finding in checks.findings(place)] == []
