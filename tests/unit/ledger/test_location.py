"""The ledger of an installation: its key, its folder, its lock."""

import multiprocessing
import stat

import pytest

from rejent.ledger.errors import LedgerForkedError
from rejent.ledger.location import LedgerLocation
from rejent.ledger.signed.note import SignerKey
from tests.waiting import CEILING_S


@pytest.fixture
def place(tmp_path):
    """A ledger that has never signed."""
    return LedgerLocation(
        tmp_path / "ledger", tmp_path / "keys" / "ledger.key", "office", witness=tmp_path / "witness"
    )


def test_key_is_made_once_and_kept_private(place):
    """The first use makes the key, readable by its owner alone; the public half stands in the folder."""
    assert place.verifier() is None
    assert place.open_witness() is None
    made = place.signer()
    assert place.signer() == made
    assert stat.S_IMODE(place.key.stat().st_mode) == 0o600
    assert place.verifier() == made.verifier
    assert place.open_witness().key == made.verifier


def test_public_key_is_written_again_from_the_private_one(place):
    """A folder that lost its public key gets it back."""
    made = place.signer()
    (place.folder / "public-key").unlink()
    assert place.signer() == made
    assert place.verifier() == made.verifier


def test_lost_signing_key_is_not_replaced(place):
    """A ledger that has a key never gets another one by itself."""
    place.signer()
    place.key.unlink()
    with pytest.raises(LedgerForkedError):
        place.signer()


def test_signing_key_of_another_ledger_is_refused(place):
    """A swapped folder or key is noticed before anything is signed."""
    place.signer()
    place.key.write_text(SignerKey.generate("office").secret_text(), encoding="utf-8")
    with pytest.raises(LedgerForkedError):
        place.signer()


def hold(place, held, leave):
    """Hold the ledger's lock until told to leave."""
    with place.locked():
        held.set()
        leave.wait()


def test_only_one_process_writes_the_folder(place):
    """A second process waits until the first one is done."""
    context = multiprocessing.get_context("spawn")
    first, leave, second = context.Event(), context.Event(), context.Event()
    processes = [context.Process(target=hold, args=(place, event, leave)) for event in (first, second)]
    processes[0].start()
    assert first.wait(CEILING_S)
    processes[1].start()
    assert not second.wait(0.5)
    leave.set()
    assert second.wait(CEILING_S)
    for process in processes:
        process.join()
