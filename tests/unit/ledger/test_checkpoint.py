"""Checkpoints and cosignatures."""

from datetime import UTC, datetime

import pytest

from rejent.ledger.errors import NoteRefusedError, SignatureInvalidError
from rejent.ledger.signed import note
from rejent.ledger.signed.checkpoint import (
    Checkpoint,
    cosign,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from rejent.ledger.signed.note import COSIGNATURE, Note, SignerKey

KEY = SignerKey.generate("office.example/log")
STATE = Checkpoint("office.example/log", 20852163, bytes(range(32)))
WITNESS = SignerKey.generate("witness.example", COSIGNATURE)
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)

# The example of tlog-cosignature; its checkpoint is also that of tlog-checkpoint.
PUBLISHED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_published_checkpoint_is_read():
    """The example of the specification says what the specification says it says."""
    state = parse_checkpoint(note.parse(PUBLISHED))
    assert (state.origin, state.size, len(state.root)) == ("example.com/behind-the-sofa", 20852163, 32)
    assert PUBLISHED.startswith(state.text())


def test_signed_checkpoint_opens_under_its_key():
    """What was signed is what is read."""
    assert open_checkpoint(sign_checkpoint(STATE, KEY), KEY.verifier) == STATE


def test_key_signs_only_for_its_own_ledger():
    """The key's name is the ledger's."""
    with pytest.raises(NoteRefusedError):
        sign_checkpoint(STATE, SignerKey.generate("another"))


def test_checkpoint_of_another_ledger_is_refused():
    """A checkpoint signed with the key but naming another ledger is not ours."""
    text = Checkpoint("another", 1, bytes(32)).text()
    with pytest.raises(SignatureInvalidError):
        open_checkpoint(str(note.sign(text, KEY)), KEY.verifier)


@pytest.mark.parametrize(
    "body",
    [
        "office.example/log\n1\n",
        "office.example/log\n\nAAAA\n",
        "office.example/log\n01\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "office.example/log\n-1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "office.example/log\n٣\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "office.example/log\n" + "9" * 5000 + "\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "office.example/log\n1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
    ],
)
def test_signed_text_that_is_no_checkpoint_is_refused(body):
    """A valid signature does not make any text a checkpoint."""
    with pytest.raises(NoteRefusedError):
        open_checkpoint(str(note.sign(body, KEY)), KEY.verifier)


def test_extension_lines_are_passed_over():
    """A checkpoint may say more; what it must say is still read."""
    assert open_checkpoint(str(note.sign(STATE.text() + "more\n", KEY)), KEY.verifier) == STATE


def test_cosignature_tells_when():
    """A witness's signature verifies and carries its time."""
    signed = cosign(note.parse(sign_checkpoint(STATE, KEY)), WITNESS, AT)
    assert verify_cosignature(note.parse(str(signed)), WITNESS.verifier) == AT
    assert open_checkpoint(str(signed), KEY.verifier) == STATE


def test_cosigning_again_replaces_the_earlier_signature():
    """A note carries one signature of each witness."""
    first = cosign(note.parse(sign_checkpoint(STATE, KEY)), WITNESS, AT)
    again = cosign(first, WITNESS, AT.replace(hour=13))
    assert verify_cosignature(again, WITNESS.verifier) == AT.replace(hour=13)
    assert len(again.signatures) == 2


def test_moved_cosignature_is_refused():
    """A cosignature holds for its checkpoint and its time alone."""
    signed = cosign(note.parse(sign_checkpoint(STATE, KEY)), WITNESS, AT)
    moved = Note(Checkpoint(STATE.origin, 1, STATE.root).text(), signed.signatures)
    with pytest.raises(SignatureInvalidError):
        verify_cosignature(moved, WITNESS.verifier)
    with pytest.raises(SignatureInvalidError):
        verify_cosignature(note.parse(sign_checkpoint(STATE, KEY)), WITNESS.verifier)
    with pytest.raises(SignatureInvalidError):
        verify_cosignature(signed, KEY.verifier)
