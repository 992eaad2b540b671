"""The companion: a small age file that holds the unfinished chunk of an object which fills slowly.

A chunk of 64 KiB is eight seconds of a telephone call; until it is full the recorder rewrites a companion beside the
object. It has the same recipients and file key, and one more stanza, ``-> rejent-tail NUMBER``, the chunk it stands for.
Every age reader skips unknown stanzas; the MAC covers the number; no private key is needed to see whether it fits.
"""

import re
import secrets
from collections.abc import Sequence

from rejent.vault.age.header import Header, Stanza, render
from rejent.vault.age.payload import CHUNK, NONCE_LENGTH, chunk_nonce, payload_cipher
from rejent.vault.age.random_access import Buffer
from rejent.vault.errors import HeaderError

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
                return int(number)
    raise HeaderError(
        "The object is not the companion of an unfinished one.", advice="Restore the object from a copy."
    )
