"""What the command's one round does about viewings."""

from pathlib import Path
from typing import Any

from rejent.access.services.viewings import LONGEST
from rejent.cli.keeping import keep_round
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from rejent.retention.keeping import Keeping
from rejent.vault.keys import KeyStore
from rejent.vault.root import FileRoot
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
