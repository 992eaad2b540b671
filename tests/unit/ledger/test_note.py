"""Signed notes against an example of Go's sumdb/note, and against bad spelling."""

import pytest

from rejent.ledger.errors import NoteRefusedError, SignatureInvalidError
from rejent.ledger.signed import note
from rejent.ledger.signed.note import COSIGNATURE, Note, SignerKey, VerifierKey

# The published example of golang.org/x/mod/sumdb/note.
SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNED = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_published_example_verifies():
    """A note signed by another implementation verifies under its key."""
    read = note.parse(SIGNED)
    note.verify(read, VerifierKey.parse(PUBLIC))
    assert str(read) == SIGNED


def test_signing_gives_the_published_example():
    """Ed25519 is deterministic, so the same key gives the same note."""
    assert str(note.sign(SIGNED.partition("\n\n")[0] + "\n", SignerKey.parse(SECRET))) == SIGNED


def test_keys_are_read_back_as_written():
    """A new key survives its text form, and its secret does not show in its representation."""
    key = SignerKey.generate("office/1", COSIGNATURE)
    assert SignerKey.parse(key.secret_text()) == key
    assert VerifierKey.parse(str(key.verifier)) == key.verifier
    assert repr(key) == "SignerKey('office/1')"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no signatures\n",
        SIGNED[:-1],
        SIGNED.replace("\n\n", "\n"),
        SIGNED.replace("— ", "- "),
        SIGNED.replace("PeterNeumann x08", "PeterNeumann  x08"),
        SIGNED.replace("PeterNeumann x08", "x08"),
        SIGNED.replace("— Peter", "— Pe+ter"),
        SIGNED.replace("BwJnAM=", "BwJnAN="),
        SIGNED.replace("BwJnAM=", "BwJnAM"),
        SIGNED.replace("problem is", "problem\tis"),
        SIGNED.replace(
            "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
            "x08goA==",
        ),
        SIGNED + SIGNED.split("\n\n")[1] * 100,
        "x" * (note.LARGEST_NOTE + 1),
        b"\xff\n\n" + SIGNED.split("\n\n")[1].encode(),
    ],
)
def test_badly_written_note_is_refused(text):
    """A note is taken only exactly as the format demands."""
    with pytest.raises(NoteRefusedError):
        note.parse(text)


def test_text_may_hold_empty_lines():
    """The signatures stand after the last empty line."""
    key = SignerKey.generate("a")
    made = note.sign("one\n\ntwo\n", key)
    assert note.parse(str(made)).text == "one\n\ntwo\n"


@pytest.mark.parametrize("text", ["no newline", "tab\t\n"])
def test_text_that_is_no_note_is_not_signed(text):
    """What could not be read back is not signed."""
    with pytest.raises(NoteRefusedError):
        note.sign(text, SignerKey.generate("a"))


def test_changed_text_does_not_verify():
    """One changed letter makes the signature wrong."""
    changed = note.parse(SIGNED.replace("answer", "anzwer"))
    with pytest.raises(SignatureInvalidError):
        note.verify(changed, VerifierKey.parse(PUBLIC))


def test_note_without_the_known_key_does_not_verify():
    """A signature by somebody else is no signature."""
    with pytest.raises(SignatureInvalidError):
        note.verify(note.parse(SIGNED), SignerKey.generate("PeterNeumann").verifier)


def test_unknown_signatures_are_passed_over():
    """A further signature by an unknown key does not spoil the known one."""
    known, other = SignerKey.generate("known"), SignerKey.generate("other")
    signed = note.sign("text\n", known)
    both = Note(signed.text, (*note.sign("text\n", other).signatures, *signed.signatures))
    note.verify(note.parse(str(both)), known.verifier)
    assert len(both.by(known.verifier)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        PUBLIC.replace("c74f20a3", "c74f20a4"),
        PUBLIC.replace("PeterNeumann", "Peter Neumann"),
        PUBLIC.replace("+ARpc", "+AxpcB"),
        PUBLIC[:-4],
        "+" + PUBLIC,
    ],
)
def test_badly_written_public_key_is_refused(text):
    """A key that contradicts its identifier or is malformed is not taken."""
    with pytest.raises(NoteRefusedError):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "text", [PUBLIC, SECRET.replace("c74f20a3", "c74f20a4"), SECRET[:-4], "PRIVATE+KEY+"]
)
def test_badly_written_private_key_is_refused(text):
    """What is no private key is not taken for one."""
    with pytest.raises(NoteRefusedError):
        SignerKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\x00"])
def test_names_of_keys_are_plain(name):
    """A name with a space, a plus sign or nothing in it would make notes ambiguous."""
    with pytest.raises(NoteRefusedError):
        SignerKey.generate(name)
