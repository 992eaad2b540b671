"""The payload of an age file: chunks of 64 KiB, each sealed for its position (C2SP age v1, "Payload"; the STREAM construction).

A chunk's nonce is its number, eleven bytes big-endian, and one byte that marks the last. The last chunk may be short, and
is empty only if the whole payload is.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rejent.vault.age.header import derive_key
from rejent.vault.errors import PayloadError

CHUNK = 64 * 1024
"""Bytes of content in a chunk."""
TAG = 16
SEALED_CHUNK = CHUNK + TAG
NONCE_LENGTH = 16


def payload_cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    """Return the cipher of a payload, from the file key and the 16 random bytes that follow the header."""
    return ChaCha20Poly1305(derive_key(file_key, nonce, b"payload"))


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
