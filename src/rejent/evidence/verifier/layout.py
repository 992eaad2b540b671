"""Where things stand in a package, and the texts in it that follow from the list of contents and the ledger's proofs alone."""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from rejent.evidence.verifier.bag import ALGORITHMS, DECLARATION, manifest
from rejent.evidence.verifier.form import CHUNK, CONTENTS, EMBEDDED

CHECKPOINT, KEY, STAMP = "ledger/checkpoint", "ledger/public-key", "ledger/stamp.tsr"
PACKED = "evidence.packed"
"""Name of the act that commits to the list of contents."""


@dataclass(frozen=True)
class LedgerPart:
    """What the ledger adds once the list of contents is entered in it.

    ``proofs``: proof files by the index of their act; ``stamp``: the answer of a time-stamping authority for the checkpoint, in DER.
    """

    checkpoint: str
    key: str
    proofs: Mapping[int, str]
    stamp: bytes | None = None

    def files(self) -> dict[str, bytes]:
        """Return the files that hold it."""
        files = {CHECKPOINT: self.checkpoint.encode(), KEY: f"{self.key}\n".encode()}
        files.update((proof_path(index), text.encode()) for index, text in self.proofs.items())
        if self.stamp is not None:
            files[STAMP] = self.stamp
        return files


def proof_path(index: int) -> str:
    """Return where the proof of an act stands."""
    return f"ledger/{index:012}.tlog-proof"


def bag_texts(contents: Mapping[str, Any], written: bytes, ledger: LedgerPart) -> dict[str, bytes]:
    """Return every file that says nothing of its own: the bag's lists, and the texts again for the page in the package.

    Args:
        contents: the list of contents.
        written: the same as it is written.
        ledger: what the ledger adds.
    """
    files = {each["path"]: each for each in contents["files"]}
    payload = {path: each for path, each in files.items() if path.startswith("data/")}
    size = sum(each["bytes"] for each in payload.values()) + len(written)
    texts = {
        "bagit.txt": DECLARATION.encode(),
        "bag-info.txt": _bag_info(contents, f"{size}.{len(payload) + 1}").encode(),
        EMBEDDED: _embedded(written, ledger),
    }
    for algorithm in ALGORITHMS:
        listed = {path: each[algorithm] for path, each in payload.items()}
        listed[CONTENTS] = hashlib.new(algorithm, written).hexdigest()
        texts[f"manifest-{algorithm}.txt"] = manifest(listed.items()).encode()
    tags = {**texts, **ledger.files()}
    for algorithm in ALGORITHMS:
        listed = {path: each[algorithm] for path, each in files.items() if path not in payload}
        listed.update((path, hashlib.new(algorithm, text).hexdigest()) for path, text in tags.items())
        texts[f"tagmanifest-{algorithm}.txt"] = manifest(listed.items()).encode()
    return texts


def _bag_info(contents: Mapping[str, Any], oxum: str) -> str:
    return (
        f"Source-Organization: {contents['office']}\nExternal-Identifier: {contents['number']}\n"
        f"Bagging-Date: {contents['made_at'][:10]}\nBag-Software-Agent: Rejent\nPayload-Oxum: {oxum}\n"
    )


def _embedded(written: bytes, ledger: LedgerPart) -> bytes:
    """Return a script that hands the texts to the page: from a file's address a page may load scripts, and nothing else."""
    value = {
        "contents": written.decode(),
        "checkpoint": ledger.checkpoint,
        "key": ledger.key,
        "proofs": {str(index): text for index, text in ledger.proofs.items()},
        "stamp": None if ledger.stamp is None else base64.b64encode(ledger.stamp).decode(),
    }
    text = json.dumps(value, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
    return f'"use strict";\nglobalThis.REJENT_EVIDENCE = {text};\n'.encode()


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
