"""Sealing: an age v1 file written while its content arrives."""

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from rejent.vault.age.header import FILE_KEY_LENGTH, render
from rejent.vault.age.payload import (
    CHUNK,
    NONCE_LENGTH,
    SEALED_CHUNK,
    TAG,
    chunk_nonce,
    content_secret,
    payload_cipher,
    seal_tail,
    tail_head,
)
from rejent.vault.age.random_access import Buffer
from rejent.vault.age.recipients import Sealer
from rejent.vault.errors import SealingStoppedError

Sink = Callable[[Buffer], object]
"""Takes sealed bytes in order; the buffer may be reused once the call returns."""

_BATCH: Final = 8
"""Chunks per call of the sink: half a megabyte, one write call."""


class _Workspace(threading.local):
    def __init__(self) -> None:
        self.whole = memoryview(bytearray(_BATCH * SEALED_CHUNK))
        self.slots = [self.whole[n * SEALED_CHUNK : (n + 1) * SEALED_CHUNK] for n in range(_BATCH)]


_workspace = _Workspace()


class SealWriter:
    """Seals content to at least one recipient while it arrives.

    The header goes to the sink at once; a chunk goes when it is full and a further byte has arrived, since only then is it
    known not to be the last. If the sink raises, the writer is stopped for good: sealing other content under the same chunk
    number would disclose both.
    """

    def __init__(self, sink: Sink, recipients: Sequence[Sealer]) -> None:
        if not recipients:
            raise ValueError("an object is sealed to at least one recipient")
        self._sink = sink
        self._file_key = secrets.token_bytes(FILE_KEY_LENGTH)
        self._stanzas = [recipient.wrap(self._file_key) for recipient in recipients]
        nonce = secrets.token_bytes(NONCE_LENGTH)
        self._cipher = payload_cipher(self._file_key, nonce)
        self._hash = hashlib.sha256()
        self._tail = bytearray(CHUNK)
        self._filled = 0
        self._open = True
        self._tail_head = -1, b""
        """The chunk that the last companion stands for, and its head."""
        self.chunks = 0
        """Whole chunks handed to the sink so far."""
        self.size = 0
        """Sealed bytes handed to the sink so far, header included."""
        head = render(self._stanzas, self._file_key)
        self.head_sha256: Final = hashlib.sha256(head).digest()
        """SHA-256 of the head, which is unique: without a key nobody makes the same one for other content."""
        self._emit(head + nonce)

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the sealed bytes handed to the sink so far, header included."""
        return self._hash.digest()

    @property
    def content_size(self) -> int:
        """Bytes of content taken so far, pending ones included."""
        return self.chunks * CHUNK + self._filled

    @property
    def content_secret(self) -> bytes:
        """The secret of the content, as `SealedReader` has it."""
        return content_secret(self._file_key)

    def write(self, content: Buffer) -> None:
        """Append content; full chunks are sealed straight from the caller's buffer. Raises SealingStoppedError."""
        self.write_all((content,))

    def write_all(self, parts: Iterable[Buffer]) -> None:
        """Append several pieces of content with one call of the sink per half megabyte. Raises SealingStoppedError."""
        if not self._open:
            raise _stopped()
        self._open = False
        held = 0
        for content in parts:
            view = memoryview(content).cast("B")
            end = self._filled + len(view)
            if end <= CHUNK:
                self._tail[self._filled : end] = view
                self._filled = end
            else:
                held = self._seal_full(view, held)
        if held:
            self._emit(_workspace.whole[: held * SEALED_CHUNK])
        self._open = True

    def companion(self) -> bytes:
        """Return a small age file with the unfinished chunk, to be kept beside the object until the chunk is sealed."""
        if not self._open:
            raise _stopped()
        number, head = self._tail_head
        if number != self.chunks:
            number, head = self.chunks, tail_head(self._stanzas, self._file_key, self.chunks)
            self._tail_head = number, head
        return seal_tail(head, self._file_key, memoryview(self._tail)[: self._filled])

    def finish(self) -> None:
        """Seal the last chunk; nothing more can be written."""
        if not self._open:
            raise _stopped()
        self._open = False
        content = memoryview(self._tail)[: self._filled]
        self._emit(self._cipher.encrypt(chunk_nonce(self.chunks, last=True), content, None))
        self.chunks += 1
        self._filled = 0

    def _seal_full(self, view: memoryview, held: int) -> int:
        """Seal every chunk of ``view`` that is not the last, keep the rest; return the number of chunks that wait for the sink."""
        position = 0
        if self._filled:
            position = CHUNK - self._filled
            self._tail[self._filled :] = view[:position]
            held = self._seal_chunk(self._tail, held)
        last = len(view) - CHUNK
        while position < last:
            held = self._seal_chunk(view[position : position + CHUNK], held)
            position += CHUNK
        self._filled = len(view) - position
        self._tail[: self._filled] = view[position:]
        return held

    def _seal_chunk(self, content: Buffer, held: int) -> int:
        if held == _BATCH:
            self._emit(_workspace.whole)
            held = 0
        self._cipher.encrypt_into(chunk_nonce(self.chunks, last=False), content, None, _workspace.slots[held])
        self.chunks += 1
        return held + 1

    def _emit(self, sealed: Buffer) -> None:
        self._hash.update(sealed)
        self._sink(sealed)
        self.size += len(sealed)


class SharedHead:
    """Seals several small contents under one head; each is a whole age file, whose random nonce derives a payload key of its own."""

    def __init__(self, recipients: Sequence[Sealer]) -> None:
        if not recipients:
            raise ValueError("an object is sealed to at least one recipient")
        self._file_key = secrets.token_bytes(FILE_KEY_LENGTH)
        self._head = render([recipient.wrap(self._file_key) for recipient in recipients], self._file_key)

    def seal(self, content: Buffer) -> bytes:
        """Seal content that fits in memory."""
        return b"".join(self.seal_parts((content,)))

    def seal_parts(self, parts: Iterable[Buffer]) -> Iterator[bytes]:
        """Yield the sealed file while its content is made, chunk by chunk, so that neither is ever whole in memory."""
        nonce = secrets.token_bytes(NONCE_LENGTH)
        yield self._head + nonce
        cipher, number, waiting = payload_cipher(self._file_key, nonce), 0, bytearray()
        for part in parts:
            view = memoryview(part).cast("B")
            position = min(CHUNK - len(waiting), len(view)) if waiting else 0
            waiting += view[:position]
            while position < len(
                view
            ):  # another byte has come: what waits, or comes first, is not the last chunk
                chunk: Buffer = waiting
                if not waiting:
                    if len(view) - position <= CHUNK:
                        break
                    chunk = view[position : position + CHUNK]
                    position += CHUNK
                yield cipher.encrypt(chunk_nonce(number, last=False), chunk, None)
                number, waiting = number + 1, bytearray()
            waiting += view[position:]
        yield cipher.encrypt(chunk_nonce(number, last=True), waiting, None)

    def sealed_length(self, length: int) -> int:
        """Return the bytes of the sealed file of so many bytes of content."""
        return len(self._head) + NONCE_LENGTH + length + TAG * max(-(-length // CHUNK), 1)


def seal(content: Buffer, recipients: Sequence[Sealer]) -> bytes:
    """Seal content that fits in memory."""
    return SharedHead(recipients).seal(content)


def _stopped() -> SealingStoppedError:
    return SealingStoppedError(
        "The sealed object has ended or could not be written, and takes nothing more.",
        advice="Begin a new object.",
    )
