"""Content of a message while it is received: a long one lies in a file without a name, sealed under a key that is in memory alone."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rejent.streams.mail.messages.content import Content
from rejent.vault.age.payload import CHUNK, SEALED_CHUNK, chunk_nonce, open_chunk

LONG = 1 << 18
"""Bytes from which a message lies on disk: 200 connections hold no more than 50 MiB in memory."""


class LongContent:
    """Content that grows, and is read by slices, as `bytes` are; nobody opens it once this process has forgotten it.

    Raises OSError: there is no room, or the folder takes no files.
    """

    def __init__(self, folder: Path, begun: bytes) -> None:
        self._file = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        self._cipher = ChaCha20Poly1305(ChaCha20Poly1305.generate_key())
        self._chunks = 0
        self._tail = bytearray()
        self.append(begun)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def append(self, piece: bytes) -> None:
        """Add bytes at its end."""
        self._tail += piece
        whole = len(self._tail) // CHUNK
        for number in range(whole):
            chunk = bytes(self._tail[number * CHUNK : (number + 1) * CHUNK])
            sealed = self._cipher.encrypt(chunk_nonce(self._chunks, last=False), chunk, None)
            if os.pwrite(self._file, sealed, self._chunks * SEALED_CHUNK) != SEALED_CHUNK:
                raise OSError(0, "a file of a message was written in part")
            self._chunks += 1
        del self._tail[: whole * CHUNK]

    def __len__(self) -> int:
        return self._chunks * CHUNK + len(self._tail)

    def __getitem__(self, wanted: slice) -> bytes:
        start, stop, step = wanted.indices(len(self))
        if step != 1:
            raise ValueError(step)
        whole = BytesIO()  # hands out what it holds without a copy
        whole.writelines(self._pieces(start, stop))
        return whole.getvalue()

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        for number in range(start // CHUNK, -(-max(stop, start) // CHUNK)):
            first = number * CHUNK
            if number == self._chunks:
                chunk = bytes(self._tail)
            else:
                sealed = os.pread(self._file, SEALED_CHUNK, number * SEALED_CHUNK)
                chunk = open_chunk(self._cipher, number, sealed, last=False)
            yield chunk[max(start - first, 0) : stop - first]


class Incoming:
    """Content that is being received, in memory until it is long; in memory alone without a ``folder``."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._content: bytearray | LongContent = bytearray()

    def __len__(self) -> int:
        return len(self._content)

    def append(self, piece: bytes) -> None:
        """Add bytes at its end. Raises OSError: it is long, and cannot lie on disk."""
        if isinstance(self._content, LongContent):
            self._content.append(piece)
            return
        self._content += piece
        if self._folder is not None and len(self._content) >= LONG:
            self._content = LongContent(self._folder, bytes(self._content))

    def taken(self) -> Content:
        """Return what was received."""
        return self._content if isinstance(self._content, LongContent) else bytes(self._content)
