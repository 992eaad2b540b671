"""The payload of an age file: chunks of 64 KiB, each sealed for its position (C2SP age v1, "Payload"; the STREAM construction).

A chunk's nonce is its number, eleven bytes big-endian, and one byte that marks the last. The last chunk may be short, and
is empty only if the whole payload is.

A chunk is eight seconds of a telephone call; until it is full the recorder rewrites a companion beside the object: a small age file
with the unfinished chunk, the same recipients and file key, and one more stanza, ``-> rejent-tail NUMBER``, the chunk it stands for.
Every age reader skips unknown stanzas; the MAC covers the number; no private key is needed to see whether it fits.
"""

import re
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rejent.vault.age.header import Header, Stanza, derive_key, render
from rejent.vault.age.random_access import Buffer
from rejent.vault.errors import HeaderError, PayloadError

CHUNK = 64 * 1024
"""Bytes of content in a chunk."""
TAG = 16
SEALED_CHUNK = CHUNK + TAG
NONCE_LENGTH = 16


def payload_cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    """Return the cipher of a payload, from the file key and the 16 random bytes that follow the header."""
    return ChaCha20Poly1305(derive_key(file_key, nonce, b"payload"))


def content_secret(file_key: bytes) -> bytes:
    """Return the secret of an object's content, 32 bytes, which whoever opens the object has, and nobody else (docs/design/0031)."""
    return derive_key(file_key, b"", b"rejent content")


def chunk_nonce(number: int, *, last: bool) -> bytes:
    """Return the 12-byte nonce of a chunk, numbered from 0."""
    return (number << 8 | last).to_bytes(12, "big")


def open_chunk(cipher: ChaCha20Poly1305, number: int, sealed: bytes | memoryview, *, last: bool) -> bytes:
    """Return the content of one chunk. Raises PayloadError: damaged, out of place, or not the last (or the last) as claimed."""
    try:
        return cipher.decrypt(chunk_nonce(number, last=last), sealed, None)
    except InvalidTag:
        raise _damaged(number) from None


def open_chunk_into(cipher: ChaCha20Poly1305, number: int, sealed: memoryview, content: memoryview) -> None:
    """Open a chunk that is not the last into 64 KiB of existing memory; errors as `open_chunk`."""
    try:
        cipher.decrypt_into(chunk_nonce(number, last=False), sealed, None, content)
    except InvalidTag:
        raise _damaged(number) from None


def chunk_count(sealed_length: int) -> int:
    """Return the number of chunks, the short one included, in so many sealed bytes."""
    return -(-sealed_length // SEALED_CHUNK)


def _damaged(number: int) -> PayloadError:
    return PayloadError(
        "Chunk {number} of the sealed object is damaged or out of place.",
        advice="Restore the object from a copy; enter the finding in the record of incidents.",
        number=number,
    )


TAIL_STANZA = "rejent-tail"


def tail_head(stanzas: Sequence[Stanza], file_key: bytes, chunk: int) -> bytes:
    """Return the head of every companion for the chunk numbered ``chunk``."""
    return render([*stanzas, Stanza((TAIL_STANZA, str(chunk)), b"")], file_key)


def seal_tail(head: bytes, file_key: bytes, content: Buffer) -> bytes:
    """Seal ``content``, the beginning of the chunk that the head names and at most 64 KiB, into a companion."""
    if len(content) > CHUNK:
        raise ValueError("a tail is no longer than one chunk")
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return head + nonce + payload_cipher(file_key, nonce).encrypt(chunk_nonce(0, last=True), content, None)


def tail_chunk(header: Header) -> int:
    """Return the number of the chunk a companion stands for; needs no key. Raises HeaderError: it is no companion's head."""
    for stanza in header.stanzas:
        if stanza.type == TAIL_STANZA and len(stanza.arguments) == 2:
            number = stanza.arguments[1]
            if re.fullmatch("0|[1-9][0-9]{0,17}", number):
                return int(number)  # type: ignore[outside-number]  # 18 digits, above
    raise HeaderError(
        "The object is not the companion of an unfinished one.", advice="Restore the object from a copy."
    )
