"""Writing a package: each file is hashed while it is written, then its list of contents enters the ledger, then the proofs go in."""

import ast
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources

from rejent.evidence.contents import (
    PackageContents,
    PlayableFile,
    contents_list,
    playable_path,
    recording_path,
    require_packable,
    written_instant,
)
from rejent.evidence.errors import RecordingDiffersError
from rejent.evidence.targets import Target
from rejent.evidence.verifier.bag import ALGORITHMS
from rejent.evidence.verifier.form import CHUNK, CONTENTS, CUSTODY, LABEL, form_script
from rejent.evidence.verifier.layout import Hashing, LedgerPart, bag_texts
from rejent.formats.source import BytesSource, Source
from rejent.ledger.canonical import canonical_json

Seal = Callable[[str], LedgerPart]
"""Enters the digest of a list of contents in the ledger and returns what the ledger adds to the package."""
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
        require_packable(contents)
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
        self.add(LABEL, BytesSource(contents.label), _PDF)
        self.add(CUSTODY, BytesSource(contents.custody), _PDF)
        described = [each | {"media_type": self.types[str(each["path"])]} for each in self.files]
        self.add(CRATE_PATH, BytesSource(crate(contents, described)), "application/ld+json")
        for name, content in _own_files():
            self.add(name, BytesSource(content))
        listed = contents_list(contents, self.files)
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
    yield "viewer/table.js", form_script().encode()
    yield "verify.py", single_file()


CRATE_PATH = "data/ro-crate-metadata.json"


def crate(contents: PackageContents, files: Sequence[Mapping[str, object]]) -> bytes:
    """Return the description (RO-Crate 1.1); ``files`` are those below ``data/`` that were written so far, with media types.

    The list of contents holds its digest, so that it names that list as a part and tells no digest of it.
    """
    based = {playable_path(contents, each): _based_on(contents, each) for each in contents.playable}
    based |= {recording_path(contents, each): _origin_of(contents) for each in contents.recordings}
    parts = [
        {
            "@id": str(each["path"]).removeprefix("data/"),
            "@type": "File",
            "name": str(each["path"]).rpartition("/")[2],
            "contentSize": str(each["bytes"]),
            "encodingFormat": each["media_type"],
            "sha256": each["sha256"],
            **based.get(str(each["path"]), {}),
        }
        for each in files
    ]
    listed: dict[str, object] = {"@id": CONTENTS.removeprefix("data/"), "@type": "File", "name": "List of contents", "encodingFormat": "application/json"}  # fmt: skip
    described: list[dict[str, object]] = [*parts, listed]
    kind, clock = contents.kind[contents.language], contents.clock.sentence[contents.language]
    root: dict[str, object] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{contents.number}: {contents.source}",
        "description": f"{kind}: {contents.source}. {clock}",
        "identifier": contents.number,
        "datePublished": written_instant(contents.made_at),
        "temporalCoverage": f"{written_instant(contents.interval.start)}/{written_instant(contents.interval.end)}",
        "license": {"@id": "#terms"},
        "author": {"@id": "#office"},
        "publisher": {"@id": "#office"},
        "hasPart": [{"@id": each["@id"]} for each in described],
        **_origin_of(contents),
    }
    metadata = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    office = {"@id": "#office", "@type": "Organization", "name": contents.office}
    terms = {
        "@id": "#terms",
        "@type": "CreativeWork",
        "name": "Terms of use",
        "description": "Only for the purpose for which the office disclosed it.",
    }
    graph = {
        "@context": ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}],
        "@graph": [metadata, root, office, terms, *described, *_origin_described(contents)],
    }
    return (json.dumps(graph, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _based_on(contents: PackageContents, playable: PlayableFile) -> dict[str, object]:
    """Return from which recording of the package a form to play was made; nothing where it is one of them."""
    for each in contents.recordings:
        if playable.content is not None and each.name == playable.made_of:
            return {"isBasedOn": {"@id": recording_path(contents, each).removeprefix("data/")}}
    return {}


def _origin_of(contents: PackageContents) -> dict[str, object]:
    return {} if contents.derived is None else {"isBasedOn": {"@id": "#original"}}


def _origin_described(contents: PackageContents) -> list[dict[str, object]]:
    """Return what a derived copy says of the copy that it was derived from, which is not in the package."""
    if contents.derived is None:
        return []
    return [
        {
            "@id": "#original",
            "@type": "CreativeWork",
            "name": f"Copy {contents.derived.number}",
            "identifier": contents.derived.number,
            "sha256": contents.derived.digest,
        }
    ]


MODULES = ("ed25519", "form", "notes", "archive", "trees", "bag", "layout", "package", "words", "command")
"""Each behind those that it imports."""
_OWN = "rejent.evidence.verifier"
_HEAD = '''#!/usr/bin/env python3
"""Checks the evidence package in whose folder it lies: python3 verify.py --help. Python 3.8 or newer, nothing else.

A package can be changed together with what lies in it. Take this file from the office, not from the package, where that matters.
"""

from __future__ import annotations

'''


@cache
def single_file() -> bytes:
    """Return the verifier as one file."""
    names: dict[str, set[str]] = {}
    bodies = []
    for module in MODULES:
        lines = resources.files(_OWN).joinpath(f"{module}.py").read_text(encoding="utf-8").splitlines()
        tree = ast.parse("\n".join(lines))
        for node in (
            tree.body[0],
            *(each for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom)),
        ):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or 0) - node.lineno + 1)
            if isinstance(node, ast.Import):
                names |= {alias.name: set() for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(
                (_OWN, "__future__")
            ):
                names.setdefault(f"from {node.module}", set()).update(alias.name for alias in node.names)
        bodies.append("\n".join(lines).strip())
    imports = [
        f"{module} import {', '.join(sorted(taken))}" if taken else f"import {module}"
        for module, taken in sorted(names.items())
    ]
    return (_HEAD + "\n".join(imports) + "\n\n\n" + "\n\n\n".join(bodies) + "\n").encode()
