"""What a witness accepts and what it does not."""

from datetime import UTC, datetime

import pytest

from rejent.ledger.errors import (
    LedgerForkedError,
    LedgerShortenedError,
    NoteRefusedError,
    SignatureInvalidError,
)
from rejent.ledger.log import Log
from rejent.ledger.merkle import consistency_proof
from rejent.ledger.signed import note
from rejent.ledger.signed.checkpoint import Checkpoint, sign_checkpoint, verify_cosignature
from rejent.ledger.signed.note import COSIGNATURE, SignerKey
from rejent.ledger.signed.witness import Witness

KEY = SignerKey.generate("office/log")


def entries(begin, end, mark=0):
    """Entries that tell their index and which history they belong to."""
    return [bytes([mark]) + number.to_bytes(31, "big") for number in range(begin, end)]


def grown(log, begin, end, mark=0):
    """Grow a log and sign its head."""
    edge = log.extend(begin, entries(begin, end, mark))
    return sign_checkpoint(Checkpoint(KEY.name, edge.size, edge.root()), KEY)


def proof(log, old, new):
    """A consistency proof from tiles."""
    return consistency_proof(old, new, log.nodes(new))


@pytest.fixture
def witness(tmp_path):
    """A witness that has seen nothing yet."""
    return Witness(tmp_path / "witness", KEY.verifier)


@pytest.fixture
def log(tmp_path):
    """An empty log."""
    return Log(tmp_path / "log")


def test_first_checkpoint_is_taken_on_trust(witness, log):
    """Before the first checkpoint a witness knows nothing to compare with."""
    assert witness.last_checkpoint() is None
    witness.accept(grown(log, 0, 5), [])
    assert witness.last_checkpoint().size == 5


def test_consistent_growth_is_accepted(witness, log):
    """Growth with its proof replaces what was kept, out of the empty ledger too."""
    witness.accept(grown(log, 0, 0), [])
    witness.accept(grown(log, 0, 5), [])
    witness.accept(grown(log, 5, 300), proof(log, 5, 300))
    assert witness.last_checkpoint().size == 300


def test_shortened_ledger_is_refused(witness, log, tmp_path):
    """A ledger with fewer entries than the witness saw is refused, and the witness keeps what it had."""
    witness.accept(grown(log, 0, 300), [])
    with pytest.raises(LedgerShortenedError):
        witness.accept(grown(Log(tmp_path / "short"), 0, 299), [])
    assert witness.last_checkpoint().size == 300


def test_edited_and_forked_ledgers_are_refused(witness, log, tmp_path):
    """Another history of the same or of a larger size has no proof that would do."""
    witness.accept(grown(log, 0, 300), [])
    other = Log(tmp_path / "other")
    same_size = grown(other, 0, 300, mark=1)
    with pytest.raises(LedgerForkedError):
        witness.accept(same_size, [])
    larger = grown(other, 300, 400, mark=1)
    for attempt in (proof(other, 300, 400), []):
        with pytest.raises(LedgerForkedError):
            witness.accept(larger, attempt)
    assert witness.last_checkpoint().size == 300


def test_ledger_under_another_key_is_refused(witness, log):
    """Whoever replaces the whole ledger replaces its key, which the witness notices."""
    witness.accept(grown(log, 0, 5), [])
    stranger = SignerKey.generate(KEY.name)
    with pytest.raises(LedgerForkedError):
        Witness(witness.file, stranger.verifier).last_checkpoint()
    with pytest.raises(SignatureInvalidError):
        witness.accept(sign_checkpoint(Checkpoint(KEY.name, 9, bytes(32)), stranger), [])


def test_damaged_file_of_the_witness_is_noticed(witness, log):
    """A damaged file is neither taken for an empty one nor for a checkpoint."""
    witness.accept(grown(log, 0, 5), [])
    witness.file.write_bytes(witness.file.read_bytes()[:-3])
    with pytest.raises(NoteRefusedError):
        witness.last_checkpoint()


def test_witness_with_a_key_cosigns(witness, log):
    """A witness with a key of its own puts its signature and the time under the checkpoint."""
    own, at = SignerKey.generate("witness", COSIGNATURE), datetime(2026, 11, 23, 12, tzinfo=UTC)
    signed = witness.accept(grown(log, 0, 5), [], cosigner=own, at=at)
    assert verify_cosignature(note.parse(signed), own.verifier) == at
    assert witness.file.read_text(encoding="utf-8") == signed
