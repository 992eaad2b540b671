"""What the keepers do about viewings that ended and attempts that were refused."""

from pathlib import Path
from typing import Any

import pytest

from rejent.access import services
from rejent.access.errors import AccessRefusedError
from rejent.access.services.viewings import LONGEST
from rejent.cli.storage.rounds import keep_round
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from rejent.registers.repetition import WINDOW, enter_counts
from rejent.retention.rounds.round import Keeping
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from rejent.vault.store.disk import DiskStore
from tests.unit.access.conftest import Issue, People
from tests.unit.access.test_viewings import open_viewing


def test_one_round_closes_the_viewings_that_have_ended(
    person: People, issue: Issue, source: str, clock: ManualClock, *, settings: Any, tmp_path: Path
) -> None:
    """`keep --once` does what the running keeper does: a viewing past its time is closed and entered."""
    (tmp_path / "vault").mkdir()
    keys = KeyStore.create(tmp_path / "keys", FileRoot(), clock)
    keeping = Keeping(clock=clock, store=DiskStore(tmp_path / "vault"), keys=keys, boot="one")
    settings.KEEPING = lambda: keeping
    viewer = person("viewer")
    issue(viewer)
    open_viewing(viewer, source, clock)
    assert keep_round(clock).failed == []
    assert registers.acts(names=["viewing.closed"]).acts == []
    clock.advance(LONGEST)
    assert keep_round(clock).failed == []
    assert len(registers.acts(names=["viewing.closed"]).acts) == 1


def test_asking_again_and_again_does_not_fill_the_ledger(
    person: People, source: str, clock: ManualClock
) -> None:
    """A hundred refused attempts at a live picture are one entry and one count; another person's has its own."""
    guard, other = person("guard"), person("guard")
    for _ in range(100):
        with pytest.raises(AccessRefusedError):
            services.watch_live(guard, [source], "session", clock=clock)
    with pytest.raises(AccessRefusedError):
        services.watch_live(other, [source], "session", clock=clock)
    assert len(registers.acts(names=["access.refused"]).acts) == 2
    clock.advance(WINDOW)
    enter_counts(clock=clock)
    (told, *_) = registers.acts(names=["access.refused"]).acts
    assert (told.actor, told.facts and told.facts["again"]) == (str(guard.id), 99)
