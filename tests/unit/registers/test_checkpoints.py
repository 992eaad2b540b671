"""Signing, proving, witnessing and stamping."""

import shutil

import pytest
from django.db import transaction

from rejent.ledger.errors import LedgerForkedError, LedgerShortenedError
from rejent.ledger.location import LedgerLocation
from rejent.ledger.proof import parse_proof, verify_proof, verify_proof_files
from rejent.ledger.signed.checkpoint import open_checkpoint
from rejent.ledger.signed.timestamp import verify_stamp
from rejent.registers import queries, services
from rejent.registers.errors import NoSuchEntryError, NotYetCheckpointedError
from rejent.registers.models import Checkpoint
from rejent.registers.signing import checkpoints
from tests.authority import made, running
from tests.unit.registers.conftest import happen

pytestmark = pytest.mark.django_db


def test_checkpoint_states_the_head(place, clock):
    """The signed note says the ledger's size and root; it stands in the folder and in its row."""
    happen("one")
    text = services.checkpoint(place, clock=clock)
    head, state = queries.tree_head(), open_checkpoint(text, place.verifier())
    assert (state.origin, state.size, state.root) == ("rejent/test", head.size, head.root)
    assert place.log.checkpoint() == text
    assert Checkpoint.objects.get().note == text


def test_checkpoint_of_an_empty_ledger(place, clock):
    """An office that has done nothing yet can sign that."""
    services.checkpoint(place, clock=clock)
    happen("one")
    services.checkpoint(place, clock=clock)
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [0, 1]


def test_checkpoint_without_a_new_act_is_the_same(place, clock, stick):
    """Signing again is free of effect."""
    happen("one")
    first = services.checkpoint(place, clock=clock)
    written = stick.stat().st_mtime_ns, (place.folder / "checkpoint").stat().st_mtime_ns
    assert services.checkpoint(place, clock=clock) == first
    assert (stick.stat().st_mtime_ns, (place.folder / "checkpoint").stat().st_mtime_ns) == written


@pytest.mark.django_db(transaction=True)
def test_checkpoint_inside_a_transaction_is_refused(place, clock):
    """What may still be rolled back must not be signed."""
    with pytest.raises(RuntimeError), transaction.atomic():
        services.checkpoint(place, clock=clock)
    assert not Checkpoint.objects.exists()


def test_proof_verifies_with_files_alone(place, clock, tmp_path):
    """The proof of any act verifies against the published checkpoint and shows the record."""
    for number in range(300):
        happen(str(number))
    services.checkpoint(place, clock=clock)
    for index in (0, 255, 256, 299):
        (tmp_path / "proof").write_text(checkpoints.prove(place, index), encoding="utf-8")
        shown = verify_proof_files(place.folder / "checkpoint", tmp_path / "proof", str(place.verifier()))
        assert f'"what":"{index}"' in shown


def test_proof_of_an_erased_act_shows_the_commitment_alone(place, clock):
    """Erasure breaks no proof."""
    index = happen("private")
    services.erase(index, actor="", reason="r", at=clock.now())
    services.checkpoint(place, clock=clock)
    proof = parse_proof(checkpoints.prove(place, index))
    verify_proof(proof, place.verifier())
    assert (proof.index, proof.record) == (index, None)


def test_act_younger_than_the_checkpoint_has_no_proof_yet(place, clock):
    """The reader is told to sign first."""
    happen("one")
    with pytest.raises(NotYetCheckpointedError):
        checkpoints.prove(place, 0)
    services.checkpoint(place, clock=clock)
    happen("two")
    with pytest.raises(NotYetCheckpointedError):
        checkpoints.prove(place, 1)
    with pytest.raises(NoSuchEntryError):
        checkpoints.prove(place, 2)


def test_older_database_put_back_is_refused(place, clock):
    """Under newer tiles an older database can neither be signed as it is nor after it has grown again."""
    happen("one")
    yesterday = transaction.savepoint()
    for what in ("two", "three"):
        happen(what)
    services.checkpoint(place, clock=clock)
    tiles = (place.folder / "tile/0/000.p/3").read_bytes()
    transaction.savepoint_rollback(yesterday)
    with pytest.raises(LedgerShortenedError):
        services.checkpoint(place, clock=clock)
    for what in ("other", "history", "longer"):
        happen(what)
    with pytest.raises(LedgerForkedError):
        services.checkpoint(place, clock=clock)
    assert (place.folder / "tile/0/000.p/3").read_bytes() == tiles
    assert not (place.folder / "tile/0/000.p/4").exists()


def test_lost_folder_is_rebuilt_but_the_witness_is_asked(place, clock, stick):
    """Tiles are made again from the database; a database that does not continue what the witness saw is not signed."""
    happen("one")
    yesterday = transaction.savepoint()
    happen("two")
    text = services.checkpoint(place, clock=clock)
    shutil.rmtree(place.folder)
    assert services.checkpoint(place, clock=clock) == text
    shutil.rmtree(place.folder)
    transaction.savepoint_rollback(yesterday)
    with pytest.raises(LedgerShortenedError):
        services.checkpoint(place, clock=clock)
    for what in ("other", "history"):
        happen(what)
    with pytest.raises(LedgerForkedError):
        services.checkpoint(place, clock=clock)
    assert stick.read_text(encoding="utf-8") == text
    assert place.log.checkpoint() is None


def test_witness_that_is_away_stops_nothing(place, clock, stick):
    """An unplugged stick is no reason not to sign; once back it catches up."""
    happen("one")
    services.checkpoint(place, clock=clock)
    stick.rename(stick.with_name("elsewhere"))
    stick.parent.rename(stick.parent.with_name("away"))
    happen("two")
    newer = services.checkpoint(place, clock=clock)
    stick.parent.with_name("away").rename(stick.parent)
    stick.with_name("elsewhere").rename(stick)
    assert services.checkpoint(place, clock=clock) == newer
    assert stick.read_text(encoding="utf-8") == newer


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl program is not installed")
def test_newest_checkpoint_is_stamped_once(place, clock, tmp_path):
    """The authority vouches for the signed note; nothing is asked without an authority, a checkpoint, or twice."""
    folder = tmp_path / "authority"
    folder.mkdir()
    root = made(folder)
    assert not services.stamp(place)
    with running(folder) as address:
        stamped = LedgerLocation(place.folder, place.key, place.origin, authority=address)
        assert not services.stamp(stamped)
        happen("one")
        text = services.checkpoint(stamped, clock=clock)
        assert services.stamp(stamped)
        assert not services.stamp(stamped)
    assert verify_stamp(bytes(Checkpoint.objects.get().token), text.encode(), [root])
