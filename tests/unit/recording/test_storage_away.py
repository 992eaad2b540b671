"""Nothing is recorded into the empty folder of a disk that is not mounted, nor onto another disk."""

from pathlib import Path
from typing import Any

import pytest

from rejent.catalog import services
from rejent.kernel.clock import ManualClock, civil_date
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.contract import GeneralCause, SegmentOpening
from rejent.recording.day_keys import DayKeys
from rejent.recording.errors import StorageError
from rejent.recording.main_loop import own_volume, storage_cause
from rejent.recording.sink import SealingSink
from rejent.recording.steady_time import SteadyTime
from rejent.streams.cameras.recorder.process import Roster
from rejent.vault.age import Identity
from rejent.vault.context import VaultContext
from rejent.vault.store import volume_identity as identity
from tests.unit.recording.conftest import NOON


def test_calls_are_taken_only_while_our_disk_is_there(house: VaultContext, tmp_path: Path) -> None:
    """What would be put there were hidden once the disk is back; it goes on by itself then."""
    mark = identity.read_identity(house.store)
    assert mark is not None
    services.adopt_volume(mark)
    volume = own_volume()
    assert storage_cause(house.store, volume) is GeneralCause.NONE
    (tmp_path / "vault").rename(tmp_path / "disk")
    (tmp_path / "vault").mkdir()
    assert storage_cause(house.store, volume) is GeneralCause.STORAGE_FAILED
    identity.adopt(house.store, mark.installation)
    assert storage_cause(house.store, volume) is GeneralCause.STORAGE_FAILED
    house.store.write_mark((tmp_path / "disk" / "identity.json").read_bytes())
    assert storage_cause(house.store, volume) is GeneralCause.NONE


@pytest.mark.usefixtures("db")
def test_a_database_that_knows_no_disk_compares_none(house: VaultContext) -> None:
    """As of tests, and of installations that were made by hand."""
    assert own_volume() == ""
    assert storage_cause(house.store, own_volume()) is GeneralCause.NONE


def test_cameras_are_recorded_only_while_our_disk_is_there(
    house: VaultContext, tmp_path: Path, clock: ManualClock
) -> None:
    """No segment begins on another disk, with the cause why; one that was begun stays, and the next begins by itself."""
    mark = identity.read_identity(house.store)
    assert mark is not None
    services.adopt_volume(mark)
    key = Identity.generate()
    sink = SealingSink(house.store, lambda _source, _day: key.recipient, CatalogueBooks(clock))
    steady = SteadyTime(clock)
    nobody: Any = None
    roster = Roster(nobody, sink, DayKeys(steady.now), CatalogueBooks(clock), 0, clock, steady, nobody)
    opening = SegmentOpening("hall", civil_date(NOON), NOON, b"", "video/mp4", 90_000, "run.1")
    roster.look()
    sink.open_segment(opening).discard()
    (tmp_path / "vault").rename(tmp_path / "disk")
    (tmp_path / "vault").mkdir()
    roster.look()
    with pytest.raises(StorageError) as refused:
        sink.open_segment(opening)
    assert refused.value.cause is GeneralCause.STORAGE_FAILED
    (tmp_path / "vault").rmdir()
    (tmp_path / "disk").rename(tmp_path / "vault")
    roster.look()
    sink.open_segment(opening).discard()
    sink.close()
    assert not list((tmp_path / "vault" / "hall").rglob("*.age"))
