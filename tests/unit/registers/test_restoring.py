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
from rejent.registers.errors import OlderDatabaseError, ReasonMissingError
from rejent.registers.models import Entry, TreeHead
from rejent.registers.queries import continued, tree_head
from rejent.registers.restoring import accept_lost, continue_published, demand_continuation
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
    """Acts go on at once; what is irreversible is refused until the acceptance, which needs a reason; then every check is clean."""
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
    assert continue_published(place, clock=CLOCK) == 4
    assert continue_published(place, clock=CLOCK) == 0
    entered(1)
    services.checkpoint(place, clock=CLOCK)
    assert [finding.code for finding in checks.findings(place)] == ["registers.older-database"]
    with pytest.raises(OlderDatabaseError):
        demand_continuation(place)
    with pytest.raises(ReasonMissingError):
        accept_lost(reason=" ", clock=CLOCK, actor="")
    assert accept_lost(reason="disk", clock=CLOCK, actor="") == 4
    assert accept_lost(reason="disk", clock=CLOCK, actor="") == 0
    demand_continuation(place)
    services.checkpoint(place, clock=CLOCK)
    assert tree_head().size == 10
    assert continued(place, kept) == 3
    assert [finding.code for finding in checks.findings(place)] == []
