"""Going on after an older database was put back."""

import contextlib
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, transaction

from rejent.kernel.clock import ManualClock
from rejent.ledger.errors import LedgerForkedError, LedgerShortenedError, SignatureInvalidError
from rejent.ledger.location import LedgerLocation
from rejent.ops.process import published_size
from rejent.registers import checks, services
from rejent.registers.acts import ENTRIES_LOST, ENTRY_ERASED, ROLLBACK_ACCEPTED
from rejent.registers.errors import OlderDatabaseError, ReasonMissingError, RollbackRefusedError
from rejent.registers.guard.rollback import RollbackGuard
from rejent.registers.models import Checkpoint, Entry, TreeHead
from rejent.registers.queries import lost as lost_stretches
from rejent.registers.queries import tree_head
from rejent.registers.signing.checkpoints import continued
from rejent.registers.signing.restoring import (
    accept_lost,
    accept_rollback,
    continue_published,
    require_continuation,
)
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


def put_back(place: LedgerLocation, *, lost: int = 4) -> str:
    """Put a database back from before so many entries; the checkpoint over all of them."""
    entered(3)
    older = TreeHead.objects.get(pk=1)
    size, edge = older.size, bytes(older.edge)
    entered(lost)
    kept = services.checkpoint(place, clock=CLOCK)
    with unguarded():
        Checkpoint.objects.all().delete()
        Entry.objects.filter(pk__gte=size).delete()
        TreeHead.objects.filter(pk=1).update(size=size, edge=edge)
    return kept


@pytest.mark.django_db(transaction=True)
def test_an_older_database_destroys_nothing_until_a_person_accepts_it(tmp_path: Path) -> None:
    """Acts go on at once; what is irreversible is refused until the acceptance, which needs a reason; then every check is clean."""
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test")
    kept = put_back(place)
    with pytest.raises(LedgerShortenedError):
        require_continuation(place)
    assert continue_published(place, clock=CLOCK) == 4
    assert continue_published(place, clock=CLOCK) == 0
    entered(1)
    services.checkpoint(place, clock=CLOCK)
    assert [finding.code for finding in checks.findings(place)] == ["registers.older-database"]
    with pytest.raises(OlderDatabaseError):
        require_continuation(place)
    with pytest.raises(ReasonMissingError):
        accept_lost(reason=" ", clock=CLOCK, actor="")
    assert accept_lost(reason="disk", clock=CLOCK, actor="") == 4
    assert accept_lost(reason="disk", clock=CLOCK, actor="") == 0
    require_continuation(place)
    services.checkpoint(place, clock=CLOCK)
    assert tree_head().size == 10
    assert continued(place, kept) == 3
    assert [finding.code for finding in checks.findings(place)] == []


@pytest.mark.django_db(transaction=True)
def test_damaged_files_of_the_ledger_are_not_taken_back(tmp_path: Path) -> None:
    """One wrong bit in an entry that the database lacks is noticed before anything is entered."""
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test")
    put_back(place)
    (bundle,) = [path for path in (place.folder / "tile" / "entries").rglob("*") if path.is_file()]
    content = bytearray(bundle.read_bytes())
    content[-1] ^= 1
    bundle.write_bytes(content)
    with pytest.raises(LedgerForkedError, match="their own checkpoint"):
        continue_published(place, clock=CLOCK)
    assert tree_head().size == 3
    content[-1] ^= 1
    bundle.write_bytes(content)
    assert continue_published(place, clock=CLOCK) == 4


@pytest.mark.django_db(transaction=True)
def test_a_made_up_loss_excuses_no_erased_record(tmp_path: Path) -> None:
    """An act that tells of entries which this database once signed, or which are not lost, stands for itself alone."""
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test")
    entered(5)
    services.checkpoint(place, clock=CLOCK)
    with transaction.atomic():
        services.enter(
            ENTRIES_LOST,
            actor="",
            subject="ledger",
            record={"first": 4, "last": 4, "count": 1},
            at=CLOCK.now(),
        )
    with unguarded():
        Entry.objects.filter(pk=4).update(facts=None, salt=None, act="registers.entry-lost")
    assert lost_stretches() == [range(5, 6)]
    accept_lost(reason="disk", clock=CLOCK, actor="")
    assert "registers.entry-erased" in {finding.code for finding in checks.findings(place)}


def put_everything_back(place: LedgerLocation, aside: Path) -> str:
    """Database and ledger's files of before, which agree with each other; the checkpoint over what is gone."""
    entered(3)
    services.checkpoint(place, clock=CLOCK)
    older = TreeHead.objects.get(pk=1)
    size, edge = older.size, bytes(older.edge)
    shutil.copytree(place.folder, aside)
    entered(4)
    kept = services.checkpoint(place, clock=CLOCK)
    require_continuation(place)
    shutil.rmtree(place.folder)
    shutil.copytree(aside, place.folder)
    with unguarded():
        Checkpoint.objects.filter(size__gt=size).delete()
        Entry.objects.filter(pk__gte=size).delete()
        TreeHead.objects.filter(pk=1).update(size=size, edge=edge)
    return kept


@pytest.mark.django_db(transaction=True)
def test_everything_put_back_at_once_is_noticed_by_what_the_witness_saw(tmp_path: Path) -> None:
    """The witness knows better than files that agree with each other, and nothing irreversible is done."""
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test", witness=tmp_path / "witness")
    put_everything_back(place, tmp_path / "kept")
    with pytest.raises(LedgerShortenedError, match="witness"):
        require_continuation(place)


@pytest.mark.django_db(transaction=True)
def test_a_person_accepts_that_everything_was_put_back(tmp_path: Path) -> None:
    """With the witness's file taken away and a reason, the ledger goes on and keeps what the witness saw; not before."""
    file = tmp_path / "witness"
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test", witness=file)
    kept = put_everything_back(place, tmp_path / "kept")
    entered(1)
    with pytest.raises(LedgerShortenedError):
        services.checkpoint(place, clock=CLOCK)
    with pytest.raises(RollbackRefusedError, match="still keeps"):
        accept_rollback(place, kept, reason="disk", clock=CLOCK, actor="")
    file.rename(tmp_path / "taken-away")
    with pytest.raises(ReasonMissingError):
        accept_rollback(place, kept, reason="", clock=CLOCK, actor="")
    with pytest.raises(SignatureInvalidError):
        accept_rollback(
            place, kept.replace("rejent/test", "rejent/other", 1), reason="x", clock=CLOCK, actor=""
        )
    assert accept_rollback(place, kept, reason="disk", clock=CLOCK, actor="") == 7
    assert '"witnessed":7' in Entry.objects.get(act=ROLLBACK_ACCEPTED.name).facts
    checkpoint = services.checkpoint(place, clock=CLOCK)
    assert file.read_text(encoding="utf-8") == checkpoint
    require_continuation(place)
    assert list(checks.findings(place)) == []
    with pytest.raises(RollbackRefusedError, match="continues"):
        accept_rollback(place, checkpoint, reason="disk", clock=CLOCK, actor="")


@pytest.mark.django_db(transaction=True)
def test_a_database_put_back_under_a_running_program_takes_no_act(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watching process is told and refuses, so that the ledger does not fork; what was rolled back counts for nothing."""
    told: list[int] = []
    guard = RollbackGuard()
    monkeypatch.setattr(services, "rollback_guard", guard)
    guard.on_shrunk = lambda: told.append(1)
    entered(1)
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        entered(1)
        raise ZeroDivisionError
    entered(1)
    assert told == []
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test")
    put_back(place)
    with pytest.raises(OperationalError):
        entered(1)
    assert told == [1]
    assert tree_head().size == 5
    assert continue_published(place, clock=CLOCK) == 4
    entered(1)


@pytest.mark.django_db(transaction=True)
def test_a_database_put_back_under_a_process_that_only_read_takes_no_act(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A process that committed nothing since it began goes by what is published, whoever entered it."""
    told: list[int] = []
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "key", "rejent/test")
    settings.LEDGER = place
    guard = RollbackGuard()
    put_back(place)
    monkeypatch.setattr(services, "rollback_guard", guard)
    guard.on_shrunk, guard.published = (lambda: told.append(1)), published_size
    with pytest.raises(OperationalError):
        entered(1)
    assert (told, tree_head().size) == ([1], 3)
    assert continue_published(place, clock=ManualClock(CLOCK.now())) == 4
    entered(1)
    (place.folder / "checkpoint").unlink()
    assert published_size() == 0
