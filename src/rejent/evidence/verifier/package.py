"""The check of a package: whether it is intact, from the office, complete, and when it was made; each by itself, nothing taken on trust."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Sequence, Tuple

from rejent.evidence.verifier.archive import Finding, UnreadableError
from rejent.evidence.verifier.bag import ALGORITHMS, Digests, check_bag
from rejent.evidence.verifier.form import CONTENTS, CONTENTS_FORM, canonical, fits, instant, is_whole
from rejent.evidence.verifier.layout import (
    CHECKPOINT,
    KEY,
    PACKED,
    STAMP,
    Hashing,
    LedgerPart,
    bag_texts,
    proof_path,
)
from rejent.evidence.verifier.notes import (
    NoteError,
    OfficeKey,
    ProvenAct,
    State,
    json_object,
    opened_checkpoint,
    parsed_key,
    proven_act,
)
from rejent.evidence.verifier.trees import Tree

SEAM = timedelta(milliseconds=500)
"""The longest hole between two pieces that is no gap."""
STAMP_NO, STAMP_OPEN, STAMP_TOOL, STAMP_YES = "stamp-no", "stamp-open", "stamp-tool", "stamp-yes"
"""Of a time stamp: false; not checked; cannot be checked here; vouched for."""
Stretch = Tuple[datetime, datetime]


@dataclass
class Verdict:
    """What was found.

    Attributes:
        findings: what is wrong; the package is intact where there is nothing.
        contents: the list of contents, where it has the form that is demanded.
        key: the key that the package names, which is nobody's word but its own.
        origin: whether a key known from elsewhere is the one that signed; nothing where none was given.
        packed: the act that commits to the list of contents, proven to stand in the ledger of the key.
        unaccounted: time of which the package says nothing.
        stamp: the time stamp of the checkpoint, where there is one; its signature is not checked here.
        stamp_asked: whether the authority's certificate was given, so that nothing but its word counts.
        stamp_answer: what came of checking its signature, and when the authority says that the package existed.
    """

    findings: list[Finding] = field(default_factory=list)
    contents: dict[str, Any] | None = None
    key: OfficeKey | None = None
    origin: bool | None = None
    packed: ProvenAct | None = None
    unaccounted: list[Stretch] = field(default_factory=list)
    stamp: bytes | None = None
    checkpoint: str = ""
    stamp_asked: bool = False
    stamp_answer: tuple[str, datetime | None] = (STAMP_OPEN, None)

    @property
    def intact(self) -> bool:
        """Return whether every bit is the one that the office entered."""
        return not self.findings and self.packed is not None


def check_package(tree: Tree, *, stated_key: str = "", number: str = "") -> Verdict:
    """Check a package with its own files, and against a key or fingerprint and a number that were learnt elsewhere."""
    verdict = Verdict()
    with ThreadPoolExecutor(len(ALGORITHMS) + 1) as pool:
        hashed = _HashedFiles(tree, pool)
        verdict.findings = check_bag(tree, hashed.digests)
        try:
            _check_contents(tree, verdict, hashed)
        except UnreadableError as error:
            verdict.findings.append(error.finding)
    if stated_key.strip() and verdict.key is not None:
        verdict.origin = verdict.key.is_named_by(stated_key)
    if number and verdict.contents is not None and verdict.contents["number"] != number:
        verdict.findings.append(Finding("other-number", verdict.contents["number"]))
    verdict.findings = list(dict.fromkeys([*verdict.findings, *tree.findings]))
    return verdict


class _HashedFiles:
    """The digests of a package's files, each read once."""

    def __init__(self, tree: Tree, pool: ThreadPoolExecutor) -> None:
        self._tree, self._pool = tree, pool
        self._digests: dict[str, Digests] = {}
        self.chunks: dict[str, list[str]] = {}
        """SHA-256 of each chunk, by the file."""

    def digests(self, name: str, algorithms: Sequence[str] = ALGORITHMS) -> Digests:
        """Return a file's digests in hexadecimal digits. Raises OSError."""
        if name not in self._digests:
            hashing = Hashing(self._pool, sorted({*ALGORITHMS, *algorithms}), in_chunks=True)
            for block in self._tree.blocks(name):
                hashing.update(block)
            self._digests[name], self.chunks[name] = hashing.digests(), hashing.chunks
        return self._digests[name]


def read_contents(written: bytes) -> dict[str, Any]:
    """Read a list of contents, written in its one form. Raises UnreadableError: it is none."""
    try:
        contents = json_object(written)
        sound = (
            fits(contents, CONTENTS_FORM) and canonical(contents).encode() == written and is_whole(contents)
        )
    except (NoteError, ValueError):
        sound = False
    if not sound:
        raise UnreadableError("contents-form", CONTENTS)
    return contents


def _check_contents(tree: Tree, verdict: Verdict, hashed: _HashedFiles) -> None:
    written = tree.text(CONTENTS)
    contents = verdict.contents = read_contents(written)
    ledger = _ledger_part(tree)
    texts = bag_texts(contents, written, ledger)
    listed = {each["path"]: each for each in contents["files"]}
    for name in sorted(set(tree.sizes) - set(listed) - set(texts) - set(ledger.files()) - {CONTENTS}):
        verdict.findings.append(Finding("unexpected", name))
    for name, each in sorted(listed.items()):
        if name not in tree.sizes:
            verdict.findings.append(Finding("missing", name))
            continue
        try:
            found = {**hashed.digests(name), "bytes": tree.sizes[name], "chunks": hashed.chunks[name]}
        except OSError:
            verdict.findings.append(Finding("unreadable-file", name))
            continue
        if any(found[one] != each[one] for one in (*ALGORITHMS, "bytes", "chunks")):
            verdict.findings.append(Finding("changed", name))
    for name, text in sorted(texts.items()):
        if name not in tree.sizes or tree.text(name) != text:
            verdict.findings.append(Finding("changed" if name in tree.sizes else "missing", name))
    verdict.stamp, verdict.checkpoint = ledger.stamp, ledger.checkpoint
    _check_ledger(verdict, ledger, contents, hashlib.sha256(written).hexdigest())
    verdict.unaccounted = unaccounted(contents)


def _ledger_part(tree: Tree) -> LedgerPart:
    found = (re.fullmatch(r"ledger/([0-9]{12})\.tlog-proof", name) for name in sorted(tree.sizes))
    try:
        return LedgerPart(
            checkpoint=tree.text(CHECKPOINT).decode(),
            key=tree.text(KEY).decode().rstrip("\n"),
            proofs={
                int(each.group(1)): tree.text(each.group(0)).decode() for each in found if each is not None
            },
            stamp=tree.text(STAMP) if STAMP in tree.sizes else None,
        )
    except UnicodeDecodeError:
        raise UnreadableError("ledger-text", "ledger") from None


def _check_ledger(verdict: Verdict, ledger: LedgerPart, contents: dict[str, Any], digest: str) -> None:
    if ledger.stamp is not None and hashlib.sha512(ledger.checkpoint.encode()).digest() not in ledger.stamp:
        verdict.findings.append(Finding("stamp", STAMP))
    try:
        key = verdict.key = parsed_key(ledger.key)
    except NoteError:
        raise UnreadableError("key", KEY) from None
    try:
        state = opened_checkpoint(ledger.checkpoint, key)
    except NoteError as error:
        raise UnreadableError(str(error), CHECKPOINT) from None
    proven: dict[int, ProvenAct] = {}
    for index, text in ledger.proofs.items():
        found = _shown(index, text, ledger.checkpoint, key, state)
        if isinstance(found, Finding):
            verdict.findings.append(found)
        else:
            proven[index] = found
    for index in sorted({each["index"] for each in contents["acts"]} - set(ledger.proofs)):
        verdict.findings.append(Finding("missing", proof_path(index)))
    _check_acts(verdict, contents, proven, digest)


def _shown(index: int, text: str, checkpoint: str, key: OfficeKey, state: State) -> ProvenAct | Finding:
    """Return the act that a proof shows, or why it shows none."""
    try:
        found = proven_act(text, checkpoint, key, state)
    except NoteError as error:
        return Finding(str(error), proof_path(index))
    return found if found.index == index else Finding("other-act", proof_path(index))


def _check_acts(
    verdict: Verdict, contents: dict[str, Any], proven: dict[int, ProvenAct], digest: str
) -> None:
    """See that one act commits to the list of contents, and each other to what the list says it is about."""
    told = {each["index"] for each in contents["acts"]}
    for index, act in proven.items():
        record = act.record or {}
        commits = {"contents": digest, "number": contents["number"]}
        if verdict.packed is None and record.get("act") == PACKED and record.get("facts") == commits:
            verdict.packed = act
        elif index not in told:
            verdict.findings.append(Finding("other-act", proof_path(index)))
        elif (act.record is None) != (index in contents["erased"]):
            verdict.findings.append(Finding("withheld", proof_path(index)))
    if verdict.packed is None:
        verdict.findings.append(Finding("not-entered", CONTENTS))
    named = {index: set(_names_of(contents, act)) for index, act in proven.items()}
    for each in contents["recordings"]:
        if each["file"] not in named.get(each["act"], ()):
            verdict.findings.append(Finding("not-named", each["file"]))
        naming = proven.get(each["act"])
        if naming is not None and contents["derived"] != _origin_in(naming):
            verdict.findings.append(Finding("other-origin", each["file"]))


def _names_of(contents: dict[str, Any], act: ProvenAct) -> list[str]:
    """Return the recordings under an act that it names: each by its SHA-256, or all at once.

    All at once by the SHA-256 of a line each, ``SHA256 BYTES START END``.
    """
    texts = set(_texts_of((act.record or {}).get("facts")))
    files = {each["path"]: each for each in contents["files"]}
    under = [each for each in contents["recordings"] if each["act"] == act.index]
    lines = ""
    for each in under:
        times = (each[name].replace("Z", "+00:00") for name in ("start", "end"))
        lines += " ".join((files[each["file"]]["sha256"], str(files[each["file"]]["bytes"]), *times)) + "\n"
    together = hashlib.sha256(lines.encode()).hexdigest() in texts
    return [each["file"] for each in under if together or files[each["file"]]["sha256"] in texts]


def _origin_in(act: ProvenAct) -> dict[str, Any] | None:
    """Return what the act of making says that a recording was derived from, as the list of contents writes it; None of an original."""
    facts = (act.record or {}).get("facts") or {}
    if "origin" not in facts:
        return None
    return {"number": facts["origin"], "digest": facts.get("origin_digest"), "plan": facts.get("plan")}


def unaccounted(contents: dict[str, Any]) -> list[Stretch]:
    """Return the parts of the stated time that are neither recorded nor named as missing."""
    start, end = _stretch(contents["interval"])
    accounted = [each for part in ("recordings", "gaps", "gone") for each in contents[part]]
    reached, left = start, []
    for begin, until in sorted(map(_stretch, accounted)):
        if min(begin, end) - reached > SEAM:
            left.append((reached, min(begin, end)))
        reached = max(reached, until)
    if end - reached > SEAM:
        left.append((reached, end))
    return left


def _stretch(part: dict[str, Any]) -> Stretch:
    return instant(part["start"]), instant(part["end"])


def _texts_of(value: Any) -> list[str]:
    """Return every text in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for each in value for text in _texts_of(each)]
    return [value] if isinstance(value, str) else []
