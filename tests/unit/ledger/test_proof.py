"""Proof files: what they show, and that no changed bit goes unnoticed."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rejent.kernel.errors import RejentError
from rejent.ledger.commitment import commitment_of
from rejent.ledger.errors import NoteRefusedError, ProofInvalidError, SignatureInvalidError
from rejent.ledger.log import Log
from rejent.ledger.merkle import inclusion_proof
from rejent.ledger.proof import Proof, parse_proof, verify_proof, verify_proof_files
from rejent.ledger.signed.checkpoint import Checkpoint, cosign, sign_checkpoint
from rejent.ledger.signed.note import COSIGNATURE, SignerKey, parse

KEY = SignerKey.generate("office/log")
RECORD = '{"act":"source.added"}'
SALT = b"s" * 32
INDEX, SIZE = 2, 5


@pytest.fixture
def proof(tmp_path):
    """A proof of one entry among five, with its record."""
    log = Log(tmp_path / "log")
    edge = log.extend(0, [commitment_of(SALT, RECORD if number == INDEX else "{}") for number in range(SIZE)])
    return Proof(
        index=INDEX,
        leaf=commitment_of(SALT, RECORD),
        record=RECORD,
        salt=SALT,
        path=tuple(inclusion_proof(INDEX, SIZE, log.nodes(SIZE))),
        checkpoint=sign_checkpoint(Checkpoint(KEY.name, SIZE, edge.root()), KEY),
        key=str(KEY.verifier),
    )


def test_proof_is_read_back_and_verifies(proof):
    """What was written is what is read, and it shows entry, record and state."""
    assert parse_proof(proof.text()) == proof
    read = parse_proof(proof.text())
    assert (read.index, read.record, verify_proof(read, KEY.verifier).size) == (INDEX, RECORD, SIZE)


def test_layout_is_that_of_the_specification(proof):
    """First line, extra, index, the path, an empty line, the checkpoint as it was signed (C2SP tlog-proof)."""
    lines = proof.text().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 2"
    assert [base64.b64decode(line) for line in lines[3:6]] == list(proof.path)
    assert "\n".join(lines[7:]) == proof.checkpoint


def test_erased_record_leaves_a_proof_of_the_commitment(proof):
    """Without record and salt the proof still shows that the commitment was entered."""
    bare = parse_proof(replace(proof, record=None, salt=None).text())
    assert (bare.record, verify_proof(bare, KEY.verifier).size) == (None, SIZE)


def test_changed_record_or_leaf_is_refused(proof):
    """The record must be the one committed to, and the commitment the one in the tree."""
    for forged in (
        replace(proof, record="{}"),
        replace(proof, salt=bytes(32)),
        replace(proof, leaf=commitment_of(SALT, "{}")),
    ):
        with pytest.raises(ProofInvalidError):
            verify_proof(forged, KEY.verifier)


def test_no_changed_byte_goes_unnoticed(proof):
    """Each byte of the file is flipped in turn; each time the proof is refused or shows exactly the same."""
    data, truth = bytearray(proof.text().encode()), (verify_proof(proof, KEY.verifier), INDEX, RECORD)
    unnoticed = []
    for at in range(len(data)):
        data[at] ^= 1
        try:
            read = parse_proof(data.decode())
            if (verify_proof(read, KEY.verifier), read.index, read.record) != truth:
                unnoticed.append(at)
        except (RejentError, UnicodeDecodeError):
            pass
        data[at] ^= 1
    assert unnoticed == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda text: text.replace("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("extra ", "more "),
        lambda text: text.replace("index 2", "index 02"),
        lambda text: text.replace("index 2", "index -2"),
        lambda text: text.replace("index 2\n", "index 2\n" + "AAAA\n" * 70),
        lambda text: with_extra(text, b"no json"),
        lambda text: with_extra(text, b"[]"),
        lambda text: with_extra(text, b'{"key":"x"}'),
        lambda text: with_extra(text, b'{"key":"x","leaf":1}'),
        lambda text: with_extra(text, b'{"key":"x","leaf":"AAAA","record":"{}"}'),
    ],
)
def test_badly_written_proof_is_refused(proof, spoil):
    """What is not written as a proof is not read as one."""
    with pytest.raises(NoteRefusedError):
        parse_proof(spoil(proof.text()))


def with_extra(text, extra):
    """The proof with other extra data."""
    lines = text.split("\n")
    return "\n".join([lines[0], "extra " + base64.b64encode(extra).decode(), *lines[2:]])


@pytest.fixture
def files(proof, tmp_path):
    """A checkpoint file and a proof file."""
    checkpoint, written = tmp_path / "checkpoint", tmp_path / "entry.tlog-proof"
    checkpoint.write_text(proof.checkpoint, encoding="utf-8")
    written.write_text(proof.text(), encoding="utf-8")
    return checkpoint, written


def test_files_verify_alone(files):
    """Two files suffice; the line names the key that had to be taken on trust."""
    shown = verify_proof_files(*files)
    assert "Entry 2 is in the ledger office/log of 5 entries" in shown
    assert str(KEY.verifier) in shown
    assert str(KEY.verifier) not in verify_proof_files(*files, str(KEY.verifier))


def test_a_witness_is_named_with_its_time(files):
    """Who cosigned the checkpoint is told with the instant; one who did not, or signed another, is refused."""
    witness = SignerKey.generate("witness.example/w1", COSIGNATURE)
    other = SignerKey.generate("witness.example/w2", COSIGNATURE)
    at = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    signed = cosign(parse(files[0].read_text(encoding="utf-8")), witness, at)
    files[0].write_text(str(signed), encoding="utf-8")
    shown = verify_proof_files(*files, witnesses=[str(witness.verifier)])
    assert "Cosigned by witness.example/w1 at 2026-11-21T12:00:00+00:00." in shown
    with pytest.raises(SignatureInvalidError, match="not cosigned by"):
        verify_proof_files(*files, witnesses=[str(witness.verifier), str(other.verifier)])
    state = Checkpoint(KEY.name, SIZE + 1, b"x" * 32)
    elsewhere = cosign(parse(sign_checkpoint(state, KEY)), witness, at).signatures[-1]
    forged = replace(signed, signatures=(*signed.signatures[:-1], elsewhere))
    files[0].write_text(str(forged), encoding="utf-8")
    with pytest.raises(SignatureInvalidError):
        verify_proof_files(*files, witnesses=[str(witness.verifier)])


def test_files_do_not_verify_under_another_key(files):
    """Who knows the key is not deceived by one that the proof brings along."""
    with pytest.raises(SignatureInvalidError):
        verify_proof_files(*files, str(SignerKey.generate("office/log").verifier))


def test_proof_for_another_checkpoint_is_refused(files, tmp_path):
    """A proof shows inclusion in its own checkpoint's tree alone."""
    other = Log(tmp_path / "other")
    edge = other.extend(0, [b"x"] * SIZE)
    files[0].write_text(sign_checkpoint(Checkpoint(KEY.name, SIZE, edge.root()), KEY), encoding="utf-8")
    with pytest.raises(ProofInvalidError):
        verify_proof_files(*files)


def test_unreadable_files_are_refused(files, tmp_path):
    """A missing or binary file gives one clear line, not a traceback."""
    with pytest.raises(NoteRefusedError):
        verify_proof_files(tmp_path / "missing", files[1])
    files[1].write_bytes(b"\xff\xfe")
    with pytest.raises(NoteRefusedError):
        verify_proof_files(*files)


def test_extra_carries_no_more_than_it_says(proof):
    """The extra line holds the key, the commitment, the record and its salt."""
    extra = json.loads(base64.b64decode(proof.text().split("\n")[1].removeprefix("extra ")))
    assert set(extra) == {"key", "leaf", "record", "salt"}
