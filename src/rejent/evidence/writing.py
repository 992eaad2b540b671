"""Writing a package: each file is hashed while it is written, then its list of contents enters the ledger, then the proofs go in."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import resources

from rejent.evidence.contents import (
    PackageContents,
    contents_list,
    demand_packable,
    playable_path,
    recording_path,
)
from rejent.evidence.crate import PATH as CRATE_PATH
from rejent.evidence.crate import crate
from rejent.evidence.errors import RecordingDiffersError
from rejent.evidence.single_file import single_file
from rejent.evidence.targets import Target
from rejent.evidence.verifier.bag import ALGORITHMS
from rejent.evidence.verifier.hashing import Hashing
from rejent.evidence.verifier.layout import CHUNK, CONTENTS, FORMAT, LedgerPart, bag_texts
from rejent.formats.source import BytesSource, Source
from rejent.ledger.canonical import canonical_json

Seal = Callable[[str], LedgerPart]
"""Enters the digest of a list of contents in the ledger and returns what the ledger adds to the package."""
_LABEL, _CUSTODY = "data/label.pdf", "data/custody.pdf"
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Packed:
    """A package that was written: the digest of its list of contents, and the bytes of its files."""

    contents: str
    size: int


def write_package(contents: PackageContents, target: Target, seal: Seal) -> Packed:
    """Write a package and enter it; on any failure nothing is left but, after a kill, a file or folder whose name says so.

    Raises PackageRefusedError: it cannot be made of these contents; RecordingDiffersError: a recording is not what its act
    names; OSError: it cannot be written.
    """
    try:
        demand_packable(contents)
        with ThreadPoolExecutor(len(ALGORITHMS) + 1) as pool:
            packed = _Writing(target, pool).package(contents, seal)
        target.finish()
    except BaseException:
        target.discard()
        raise
    return packed


@dataclass(slots=True)
class _Writing:
    """A package while it is written; ``files`` are those that its list of contents names."""

    target: Target
    pool: ThreadPoolExecutor
    files: list[dict[str, object]] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def package(self, contents: PackageContents, seal: Seal) -> Packed:
        """Write every file in order."""
        for recording in contents.recordings:
            path = recording_path(contents, recording)
            if self.add(path, recording.content, recording.media_type) != recording.sha256.hex():
                raise RecordingDiffersError(
                    "A recording is not the one that was entered: {name}.", name=recording.name
                )
        for playable in contents.playable:
            if playable.content is not None:
                self.add(playable_path(contents, playable), playable.content, playable.media_type)
        self.add(_LABEL, BytesSource(contents.label), _PDF)
        self.add(_CUSTODY, BytesSource(contents.custody), _PDF)
        described = [each | {"media_type": self.types[str(each["path"])]} for each in self.files]
        self.add(CRATE_PATH, BytesSource(crate(contents, described)), "application/ld+json")
        for name, content in _own_files():
            self.add(name, BytesSource(content))
        listed = contents_list(contents, self.files, FORMAT)
        written = canonical_json(listed).encode()
        digest = sha256(written).hexdigest()
        ledger = seal(digest)
        last = {CONTENTS: written, **ledger.files(), **bag_texts(listed, written, ledger)}
        for name, text in sorted(last.items()):
            self._write(name, iter((text,)))
        return Packed(digest, self.size)

    def add(self, path: str, content: Source, media_type: str = "") -> str:
        """Write a file, list it, return its SHA-256."""
        hashing = Hashing(self.pool, ALGORITHMS, in_chunks=True)
        self._write(path, _blocks(content), hashing)
        digests = hashing.digests()
        self.files.append({"path": path, "bytes": hashing.size, "chunks": hashing.chunks, **digests})
        self.types[path] = media_type
        return digests["sha256"]

    def _write(self, path: str, blocks: Iterator[bytes], hashing: Hashing | None = None) -> None:
        self.target.begin(path)
        for block in blocks:
            if hashing is not None:
                hashing.update(block)
            self.target.write(block)
            self.size += len(block)
        self.target.end()


def _blocks(content: Source) -> Iterator[bytes]:
    for offset in range(0, content.size, CHUNK):
        yield content.read(offset, min(CHUNK, content.size - offset))


def _own_files() -> Iterator[tuple[str, bytes]]:
    """Yield the page and the verifier that every package holds."""
    folder = resources.files("rejent.evidence") / "viewer"
    for each in sorted(folder.iterdir(), key=lambda file: file.name):
        name = each.name if each.name.endswith(".html") else f"viewer/{each.name}"
        yield name, each.read_bytes()
    yield "verify.py", single_file()
