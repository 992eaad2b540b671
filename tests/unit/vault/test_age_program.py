"""Our sealed objects and those of Debian's ``age`` program open each other's way round."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rejent.vault.age import CHUNK, Identity, Recipient, SealWriter, rewrap, seal, unseal

pytestmark = pytest.mark.skipif(shutil.which("age") is None, reason="Debian's age program is not installed")

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 9 * CHUNK + 5]


def content_of(size: int) -> bytes:
    """Some bytes of that length."""
    return bytes(range(256)) * (size // 256) + bytes(size % 256)


def opened_by_age(sealed: bytes, identity: Identity, folder: Path) -> bytes:
    """What the stock program prints."""
    key = folder / "key.txt"
    key.write_text(identity.text + "\n")
    return subprocess.run(["age", "-d", "-i", str(key)], input=sealed, capture_output=True, check=True).stdout


@pytest.mark.parametrize("size", SIZES)
def test_the_age_program_opens_what_we_seal(size: int, tmp_path: Path) -> None:
    """The stock program opens an object of any length sealed to one of two recipients."""
    identity, other = Identity.generate(), Identity.generate()
    sealed = seal(content_of(size), [other.recipient, identity.recipient])
    assert opened_by_age(sealed, identity, tmp_path) == content_of(size)


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_the_age_program_seals(size: int, tmp_path: Path) -> None:
    """We open a file of any length that the stock program sealed to two recipients."""
    identity, other = Identity.generate(), Identity.generate()
    command = ["age", "-r", other.recipient.text, "-r", identity.recipient.text]
    sealed = subprocess.run(
        command, input=content_of(size), capture_output=True, check=True, cwd=tmp_path
    ).stdout
    assert unseal(sealed, [identity]) == content_of(size)


def test_the_age_program_opens_a_rewrapped_object_with_the_new_key_only(tmp_path: Path) -> None:
    """After the head is replaced the stock program opens the object with the new key and refuses the old one."""
    old, new = Identity.generate(), Identity.generate()
    sealed = seal(content_of(2 * CHUNK + 7), [old.recipient])
    head = sealed[: sealed.index(b"\n", sealed.index(b"\n---") + 1) + 1]
    rewrapped = rewrap(head, [old], [new.recipient]) + sealed[len(head) :]
    assert opened_by_age(rewrapped, new, tmp_path) == content_of(2 * CHUNK + 7)
    with pytest.raises(subprocess.CalledProcessError):
        opened_by_age(rewrapped, old, tmp_path)


def test_the_age_program_opens_a_companion(tmp_path: Path) -> None:
    """The stock program skips the companion's own stanza and shows the unfinished tail."""
    identity = Identity.generate()
    writer = SealWriter(lambda _sealed: None, [identity.recipient])
    writer.write(bytes(CHUNK) + b"the unfinished part")
    assert opened_by_age(writer.companion(), identity, tmp_path) == b"the unfinished part"


@pytest.mark.skipif(shutil.which("age-keygen") is None, reason="Debian's age-keygen is not installed")
def test_key_texts_agree_with_age_keygen() -> None:
    """The public half of a key made by the stock program is the one it prints."""
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    public = next(line.split()[-1] for line in made.splitlines() if "public key" in line)
    identity = Identity.parse(made.splitlines()[-1])
    assert identity.recipient == Recipient.parse(public)
    assert identity.recipient.text == public
