"""Nothing is recorded into the empty folder of a disk that is not mounted, nor onto another disk."""

from pathlib import Path

import pytest

from rejent.catalog import services
from rejent.recording.contract import GeneralCause
from rejent.recording.storage import own_volume, storage_cause
from rejent.vault.context import VaultContext
from rejent.vault.store import volume_identity as identity


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
