"""The companion that keeps the unfinished tail of an object which fills slowly.

A chunk of 64 KiB is eight seconds of a telephone call. Until it is full the recorder writes anew, as often as it likes, a small
object beside the growing one; a store may keep the last two, of which the newer may be torn. The companion is an age file in its own right: the same recipients and file key, a payload
nonce of its own, and one more stanza, ``-> rejent-tail NUMBER``, that says which chunk it stands for. Every age reader skips
a stanza it does not know, so the stock program opens the companion as it opens the object; the MAC covers the number; and
a recorder without any private key can still tell a companion that fits from one that is out of date.
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
    """The head of every companion for the chunk numbered ``chunk``."""
    return render([*stanzas, Stanza((TAIL_STANZA, str(chunk)), b"")], file_key)


def seal_tail(head: bytes, file_key: bytes, content: Buffer) -> bytes:
    """The companion that holds ``content``, the beginning of the chunk that the head names, at most 64 KiB."""
    if len(content) > CHUNK:
        raise ValueError("a tail is no longer than one chunk")
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return head + nonce + payload_cipher(file_key, nonce).encrypt(chunk_nonce(0, last=True), content, None)


def tail_chunk(header: Header) -> int:
    """The number of the chunk a companion stands for, as its head says; needs no key.

    Raises:
        HeaderError: the head is not that of a companion.
    """
    for stanza in header.stanzas:
        if stanza.type == TAIL_STANZA and len(stanza.arguments) == 2:
            number = stanza.arguments[1]
            if re.fullmatch("0|[1-9][0-9]{0,17}", number):
                return int(number)
    raise HeaderError(
        "The object is not the companion of an unfinished one.", advice="Restore the object from a copy."
    )
