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
from rejent.evidence.verifier.layout import (
    CHECKPOINT,
    CONTENTS,
    FORMAT,
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
_OWN_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,119}/)*[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
Stretch = Tuple[datetime, datetime]


@dataclass
class Verdict:
    """What was found.

    Attributes:
        findings: what is wrong; the package is intact where there is nothing.
        contents: the list of contents, where it could be read.
        key: the key that the package names, which is nobody's word but its own.
        origin: whether a key known from elsewhere is the one that signed; nothing where none was given.
        packed: the act that commits to the list of contents, proven to stand in the ledger of the key.
        unaccounted: time of which the package says nothing.
        stamp: the time stamp of the checkpoint, where there is one; its signature is not checked here.
    """

    findings: list[Finding] = field(default_factory=list)
    contents: dict[str, Any] | None = None
    key: OfficeKey | None = None
    origin: bool | None = None
    packed: ProvenAct | None = None
    unaccounted: list[Stretch] = field(default_factory=list)
    stamp: bytes | None = None
    checkpoint: str = ""

    @property
    def intact(self) -> bool:
        """Return whether every bit is the one that the office entered."""
        return not self.findings and self.packed is not None


def check_package(tree: Tree, *, stated_key: str = "", number: str = "") -> Verdict:
    """Check a package with its own files, and against a key or fingerprint and a number that were learnt elsewhere."""
    verdict = Verdict()
    digests: dict[str, Digests] = {}
    with ThreadPoolExecutor(len(ALGORITHMS)) as pool:

        def digest(name: str, algorithms: Sequence[str]) -> Digests:
            if name not in digests:
                hashing = Hashing(pool, sorted({*ALGORITHMS, *algorithms}))
                for block in tree.blocks(name):
                    hashing.update(block)
                digests[name] = hashing.digests()
            return digests[name]

        verdict.findings = check_bag(tree, digest)
        try:
            _check_contents(tree, verdict, digests)
        except UnreadableError as error:
            verdict.findings.append(error.finding)
        except (
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            OverflowError,
            RecursionError,
            StopIteration,
        ):
            verdict.findings.append(Finding("contents-form", CONTENTS))
    if stated_key.strip() and verdict.key is not None:
        verdict.origin = verdict.key.is_named_by(stated_key)
    if number and verdict.contents is not None and verdict.contents.get("number") != number:
        verdict.findings.append(Finding("other-number", str(verdict.contents.get("number"))[:80]))
    verdict.findings = list(dict.fromkeys(verdict.findings))
    return verdict


def _check_contents(tree: Tree, verdict: Verdict, digests: dict[str, Digests]) -> None:
    written = tree.text(CONTENTS)
    try:
        contents = json_object(written)
    except NoteError:
        raise UnreadableError("contents-form", CONTENTS) from None
    if contents.get("format") != FORMAT:
        raise UnreadableError("contents-form", CONTENTS)
    verdict.contents = contents
    ledger = _ledger_part(tree, contents)
    texts = bag_texts(contents, written, ledger)
    listed = {each["path"]: each for each in contents["files"]}
    if len(listed) != len(contents["files"]) or not all(map(_OWN_NAME.fullmatch, listed)):
        raise UnreadableError("contents-form", CONTENTS)
    for name in sorted(set(tree.sizes) - set(listed) - set(texts) - set(ledger.files()) - {CONTENTS}):
        verdict.findings.append(Finding("unexpected", name))
    for name, each in sorted(listed.items()):
        found = digests.get(name)
        if name not in tree.sizes:
            verdict.findings.append(Finding("missing", name))
        elif (
            found is None
            or tree.sizes[name] != each["bytes"]
            or any(found[one] != each[one] for one in ALGORITHMS)
        ):
            verdict.findings.append(Finding("changed", name))
    for name, text in sorted(texts.items()):
        if name not in tree.sizes or tree.text(name) != text:
            verdict.findings.append(Finding("changed" if name in tree.sizes else "missing", name))
    _check_ledger(verdict, ledger, contents, hashlib.sha256(written).hexdigest())
    verdict.unaccounted = unaccounted(contents)


def _ledger_part(tree: Tree, contents: dict[str, Any]) -> LedgerPart:
    found = (re.fullmatch(r"ledger/(\d{12})\.tlog-proof", name) for name in sorted(tree.sizes))
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
        raise UnreadableError("ledger-text", contents["number"]) from None


def _check_ledger(verdict: Verdict, ledger: LedgerPart, contents: dict[str, Any], digest: str) -> None:
    verdict.stamp, verdict.checkpoint = ledger.stamp, ledger.checkpoint
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
    for index, act in proven.items():
        record = act.record or {}
        facts = record.get("facts", {})
        if (
            record.get("act") == PACKED
            and facts.get("contents") == digest
            and facts.get("number") == contents["number"]
        ):
            verdict.packed = act
        elif index not in {each["index"] for each in contents["acts"]}:
            verdict.findings.append(Finding("other-act", proof_path(index)))
    if verdict.packed is None:
        verdict.findings.append(Finding("not-entered", CONTENTS))
    for each in contents["acts"]:
        if each["index"] not in proven:
            verdict.findings.append(Finding("missing", proof_path(each["index"])))
    for each in contents["recordings"]:
        naming = proven.get(each["act"])
        facts = _texts_of((naming.record or {}).get("facts")) if naming is not None else []
        if not {_sha256_of(contents, each), _digest_under(contents, each["act"])} & set(facts):
            verdict.findings.append(Finding("not-named", each["file"]))
        if naming is not None and contents["derived"] != _origin_in(naming):
            verdict.findings.append(Finding("other-origin", each["file"]))


def _origin_in(act: ProvenAct) -> dict[str, Any] | None:
    """Return what the act of making says that a recording was derived from, as the list of contents writes it; None of an original."""
    facts = (act.record or {}).get("facts") or {}
    if "origin" not in facts:
        return None
    return {"number": facts["origin"], "digest": facts["origin_digest"], "plan": facts["plan"]}


def _sha256_of(contents: dict[str, Any], recording: dict[str, Any]) -> str:
    found: str = next(each["sha256"] for each in contents["files"] if each["path"] == recording["file"])
    return found


def _digest_under(contents: dict[str, Any], act: int) -> str:
    """Return the digest by which an act names all its recordings at once: of a line each, ``SHA256 BYTES START END``."""
    lines = ""
    sizes = {each["path"]: each["bytes"] for each in contents["files"]}
    for each in contents["recordings"]:
        if each["act"] == act:
            times = (each[name].replace("Z", "+00:00") for name in ("start", "end"))
            lines += " ".join((_sha256_of(contents, each), str(sizes[each["file"]]), *times)) + "\n"
    return hashlib.sha256(lines.encode()).hexdigest()


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


def instant(text: str) -> datetime:
    """Read an instant as the list of contents writes it. Raises ValueError: it is written otherwise."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 - all are of UTC


def _stretch(part: dict[str, Any]) -> Stretch:
    return instant(part["start"]), instant(part["end"])


def _texts_of(value: Any) -> list[str]:
    """Return every text in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for each in value for text in _texts_of(each)]
    return [value] if isinstance(value, str) else []
