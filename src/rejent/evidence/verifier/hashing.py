"""Hashing a file with several algorithms at once: each in a thread of its own, for the standard library hashes without its lock."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Sequence

from rejent.evidence.verifier.layout import CHUNK


class Hashing:
    """The digests of one file, taken block by block; only the last block may be shorter than `CHUNK`."""

    def __init__(
        self, pool: ThreadPoolExecutor, algorithms: Sequence[str], *, in_chunks: bool = False
    ) -> None:
        self._pool = pool
        self._hashes: dict[str, Any] = {each: hashlib.new(each) for each in algorithms}
        self._in_chunks = in_chunks
        self._running: list[Any] = []
        self.size = 0
        self.chunks: list[str] = []
        """SHA-256 of each block, where asked for."""

    def update(self, block: bytes) -> None:
        """Begin to hash a block, once the one before it is done."""
        self.wait()
        self.size += len(block)
        self._running = [self._pool.submit(each.update, block) for each in self._hashes.values()]
        if self._in_chunks:
            self._running.append(self._pool.submit(self._hash_chunk, block))

    def wait(self) -> None:
        """Wait until all blocks are hashed."""
        for each in self._running:
            each.result()
        self._running = []

    def digests(self) -> dict[str, str]:
        """Return the digests in hexadecimal digits."""
        self.wait()
        return {name: each.hexdigest() for name, each in self._hashes.items()}

    def _hash_chunk(self, block: bytes) -> None:
        if len(block) > CHUNK:
            raise ValueError("a block is longer than a chunk")
        self.chunks.append(hashlib.sha256(block).hexdigest())
