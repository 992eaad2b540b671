"""Files of the ledger that come from elsewhere: notes, checkpoints, proofs, bundles, keys – read, or refused as such."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from rejent.kernel.errors import RejentError
from rejent.ledger.log import pack_bundle, unpack_bundle
from rejent.ledger.merkle import leaf_hash
from rejent.ledger.proof import Proof, parse_proof, verify_proof
from rejent.ledger.signed import note
from rejent.ledger.signed.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from rejent.ledger.signed.note import SignerKey, VerifierKey

KEY = SignerKey.generate("rejent.example/office")
CHECKPOINT = sign_checkpoint(Checkpoint("rejent.example/office", 1, leaf_hash(b"leaf" * 8)), KEY)
PROOF = Proof(0, b"leaf" * 8, None, None, (), CHECKPOINT, str(KEY.verifier)).text()


def spoilt(sound: str) -> st.SearchStrategy[str]:
    """A file with a stretch cut out, doubled, or written over."""
    place, length = st.integers(0, len(sound)), st.integers(0, 30)
    return st.builds(
        lambda at, long, put: sound[:at] + put + sound[at + long :], place, length, st.text(max_size=12)
    )


@given(st.one_of(st.text(max_size=200), spoilt(CHECKPOINT), st.binary(max_size=200)))
def test_notes_and_checkpoints(given_: str | bytes) -> None:
    """Any text is a note or refused; whatever opens under the key is the text that was signed."""
    with contextlib.suppress(RejentError):
        read = note.parse(given_)
        assert note.parse(str(read)) == read
        with contextlib.suppress(RejentError):
            assert parse_checkpoint(read).size >= 0
    with contextlib.suppress(RejentError):
        assert open_checkpoint(given_, KEY.verifier) == open_checkpoint(CHECKPOINT, KEY.verifier)


def test_the_files_that_are_spoilt_here_are_sound() -> None:
    """As they were written they open and verify."""
    assert open_checkpoint(CHECKPOINT, KEY.verifier).size == 1
    assert verify_proof(parse_proof(PROOF), KEY.verifier)


@given(st.one_of(st.text(max_size=200), spoilt(PROOF)))
def test_proofs(text: str) -> None:
    """Any text is a proof or refused; what verifies proves the leaf that was entered."""
    with contextlib.suppress(RejentError):
        proof = parse_proof(text)
        verify_proof(proof, KEY.verifier)
        assert (proof.index, proof.leaf) == (0, b"leaf" * 8)


@given(st.one_of(st.text(max_size=120), spoilt(str(KEY.verifier)), spoilt(KEY.secret_text())))
def test_keys(text: str) -> None:
    """Any text is a key or refused."""
    with contextlib.suppress(RejentError):
        assert VerifierKey.parse(text).name
    with contextlib.suppress(RejentError):
        assert SignerKey.parse(text).verifier


@given(st.one_of(st.binary(max_size=300), st.lists(st.binary(max_size=40), max_size=6).map(pack_bundle)))
def test_bundles(data: bytes) -> None:
    """Any bytes are a bundle of entries or refused; what is read is what the bytes say, all of them."""
    with contextlib.suppress(RejentError):
        assert pack_bundle(unpack_bundle(data)) == data
